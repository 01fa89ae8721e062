#pragma once
#include "http/call.h"

struct next import_post(struct call *call); /* POST /api/v1/avatars/import */
