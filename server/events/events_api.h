#pragma once
#include "http/call.h"

enum { EVENTS_MAX_STREAMS = 5 }; /* of one user in one process */

/* GET /api/v1/events */
struct next events_stream(struct call *call);
