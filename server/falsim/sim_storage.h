#pragma once
/* Uploads: initiate, PUT of the bytes, or parts and their completion. */
#include "falsim/sim_call.h"

/* rest: the path behind "/storage/". */
struct next sim_storage(struct call *call, struct text rest);
