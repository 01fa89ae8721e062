#pragma once
#include "http/call.h"

struct next tally_show(struct call *call); /* GET /api/v1/me/stats */
