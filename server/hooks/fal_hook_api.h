#pragma once
/* What the provider calls when a job has ended. */
#include "http/call.h"

enum { FAL_HOOK_MAX_BODY = 256 * 1024 };

struct next fal_hook_receive(struct call *call);       /* POST /api/v1/webhooks/fal/{token} */
struct next fal_hook_status_update(struct call *call); /* POST /api/avatar/status_update */
