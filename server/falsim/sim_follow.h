#pragma once
/* What becomes of an accepted request: its status, its result, its cancelling. */
#include "falsim/sim_call.h"

/* {base}/requests/{id}, or with a verb behind it: "response", "status", "status/stream", "cancel". */
struct next sim_follow(struct call *call, struct text base, struct text id, struct text verb);
