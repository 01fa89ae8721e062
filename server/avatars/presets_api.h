#pragma once
#include "http/call.h"

struct next presets_show(struct call *call); /* GET /api/v1/presets */
