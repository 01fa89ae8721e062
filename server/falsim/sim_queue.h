#pragma once
/* The queue API: submit, status, result, cancel. */
#include "falsim/sim_call.h"

/* endpoint_id: the whole path of the POST. */
struct next sim_queue_submit(struct call *call, struct text endpoint_id);
/* What follows a submission: base is what stands before /requests/, verb what stands behind the id ("" for the
   result). */
struct next sim_queue_follow(struct call *call, struct text base, struct text id, struct text verb);
