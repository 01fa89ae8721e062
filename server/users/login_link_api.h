#pragma once
/* POST /api/v1/auth/links, for the service token. */
#include "http/call.h"

struct next login_link_create(struct call *call);
