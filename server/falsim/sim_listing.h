#pragma once
/* fal.ai's platform API as far as somebody needs it who lost an answer: finished requests of an endpoint. */
#include "falsim/sim_call.h"

/* GET /v1/models/requests/by-endpoint?endpoint_id=…&start=…&end=…&limit=…&cursor=…&expand=payloads, newest first. */
struct next sim_listing(struct call *call);
