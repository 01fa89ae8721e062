#pragma once
#include "http/call.h"

struct next style_results_api_show(struct call *call); /* GET /api/v1/analytics/templates */
