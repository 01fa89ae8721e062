#pragma once
#include "db/pg.h"
#include "storage/spool.h"

enum { SPOOL_SWEEP_S = 3600 }; /* how often */

/* Throws away what waits for nobody: the generation has ended in another way, or was delivered by another machine. What
   a job, even a dead one, still works on stays. */
void spool_sweep(struct spool *spool, struct pg *pg);
