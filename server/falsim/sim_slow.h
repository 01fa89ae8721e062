#pragma once
/* Addresses of files, and files that come slowly to order. */
#include <stdint.h>

#include "falsim/sim_call.h"

/* Where a file of sim_files is served; ms > 0: so that it drips over that time. */
void sim_slow_url(const struct sim *sim, const char *name, int64_t ms, char *to, size_t room);
/* rest: what stands behind "/_sim/slow/". */
struct next sim_slow_serve(struct call *call, struct text rest);
