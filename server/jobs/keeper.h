#pragma once
/* Keeps the leases of a process by its heartbeat, and gives back the jobs of processes that have none any more: within
   twenty seconds of their death; also those of this process whose claim nobody heard of. Its own thread and connection,
   so that nothing a step does can hold it up. */
#include "jobs/job.h"

struct jobs_bell;
struct low_water;

enum { KEEPER_HELD_ROOM = 256 * 21 + 3 };

struct keeper_config {
    const char *database_url;
    struct worker worker;   /* registered */
    const char *kinds;      /* what this program knows, a text[] literal: others are reported, and left alone */
    struct jobs_bell *bell; /* rung when jobs were given back */
    struct low_water *low;  /* which are then looked for everywhere */
    /* Writes the jobs that threads of this process have at the moment, as a bigint[] literal. From the keeper's thread.
     */
    void (*held)(void *owner, char to[KEEPER_HELD_ROOM]);
    void *owner;
};

struct keeper;
/* What config points to is borrowed until keeper_stop. */
struct keeper *keeper_start(const struct keeper_config *config);
/* The heart stops; the worker's row stays (worker_retire). */
void keeper_stop(struct keeper *keeper);
