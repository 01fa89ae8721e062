#pragma once
/* Addresses of files, also of those that come badly to order. */
#include <stdint.h>

#include "falsim/sim_call.h"

struct sim_fault;

/* Where a file of sim_files is served. A fault "slow" has it drip, "cut" ends its first downloads in the middle; any
   other one, or NULL, changes nothing. */
void sim_slow_url(const struct sim *sim, const char *name, const struct sim_fault *fault, char *to, size_t room);

/* GET of such an address; rest: what stands behind "/_sim/bad/". */
struct next sim_slow_serve(struct call *call, struct text rest);
