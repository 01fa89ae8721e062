#pragma once
#include "db/pg.h"
#include "storage/spool.h"

enum { SPOOL_SWEEP_S = 3600 }; /* how often */

/* Throws away what waits for nobody: the generation has ended in another way, or was delivered by another machine. What
   a job, even a dead one, still works on stays. What this database does not know at all (its user was deleted, or it is
   another installation's) goes when nobody can be waiting for it any more, after eight days. */
void spool_sweep(struct spool *spool, struct pg *pg);
