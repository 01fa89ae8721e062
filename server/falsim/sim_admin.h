#pragma once
/* What the simulator adds to fal.ai's protocol, for tests and the curious: GET /_sim/requests, GET and POST
   /_sim/faults, POST /_sim/webhooks, GET /health; and the webhook keys. */
#include "falsim/sim_call.h"

struct next sim_admin_health(struct call *call);
struct next sim_admin_requests(struct call *call);
struct next sim_admin_webhooks(struct call *call);
struct next sim_admin_faults(struct call *call);
struct next sim_admin_keys(struct call *call);
