#pragma once
/* From a path to its answer. fal.ai's paths carry endpoint ids of any depth, so one route takes them all. */
#include "falsim/sim_call.h"

enum { SIM_MAX_BODY = 110 << 20 }; /* one PUT of the official client: at most 90 MiB */

extern const struct route SIM_ROUTES[];
/* For the server's file handler: is it a name of ours? */
bool sim_serve_may(struct local *local, struct text path, struct text query);
