#pragma once
/* POST /auth/logout: the session is over, here and in the browser. */
#include "http/call.h"

struct next logout_page_use(struct call *call);
