#pragma once
#include "http/call.h"

struct next health_live(struct call *call);  /* GET /health/live: the process answers; asks nobody */
struct next health_show(struct call *call);  /* GET /health and /health/ready: 503 when something needed is down */
struct next service_show(struct call *call); /* GET /api/v1/service */
