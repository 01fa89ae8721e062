#pragma once
/* Sequential batches of which something waits although their job is gone or dead. */
#include "jobs/sweep.h"

extern const struct sweep BATCH_LOST;
