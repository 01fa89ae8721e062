#pragma once
/* The queue's door: what is submitted. */
#include "falsim/sim_call.h"

/* endpoint_id: the whole path of the POST. */
struct next sim_queue_submit(struct call *call, struct text endpoint_id);
