#pragma once
/* Where in the queue the next claim begins to look. Jobs that are gone leave dead entries in the index until nobody can
   see them any more; under a snapshot that stays open they are hundreds of thousands, and a claim that begins at the
   oldest time walks all of them. So the workers of a process begin where the last one found something, and look again
   for what came late (a transaction that took long, a job that somebody had locked for a moment):
   - a little further back (5 s) when there was nothing, and every 200 ms in any case;
   - at everything every 10 s, and when somebody says so.
   Times are PostgreSQL's. */
#include <stdbool.h>
#include <stdint.h>

struct low_water;

struct low_bound {
    int64_t us; /* for job_claim_from; 0: everything */
    bool near;  /* only from the last place on: finding nothing there does not mean that there is nothing */
    unsigned turn;
};

struct low_water *low_water_open(void);
void low_water_close(struct low_water *low);

struct low_bound low_water_ask(struct low_water *low);
/* What came of it: a job that was due at found_us, or nothing. */
void low_water_found(struct low_water *low, struct low_bound asked, int64_t found_us);
void low_water_nothing(struct low_water *low, struct low_bound asked, int64_t now_us);
/* The next claim looks at everything. */
void low_water_forget(struct low_water *low);
