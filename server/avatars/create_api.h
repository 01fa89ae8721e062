#pragma once
#include "http/call.h"

struct next create_post(struct call *call); /* POST /api/v1/avatars */
