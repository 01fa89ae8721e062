#pragma once
/* Everything that is swept, for sweeper_start. Ends with NULL. */
#include "jobs/sweep.h"

extern const struct sweep *const SWEEPS[];
