#pragma once
/* The status of a request as server-sent events, until it has ended. */
#include "falsim/sim_call.h"

struct next sim_stream_status(struct call *call, struct text base, struct text id);
