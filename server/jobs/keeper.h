#pragma once
/* Keeps the leases of a process by its heartbeat, and gives back the jobs of processes that have none any more: within
   twenty seconds of their death. Its own thread and connection, so that nothing a step does can hold it up. */
#include "jobs/job.h"

struct jobs_bell;
struct low_water;

struct keeper_config {
    const char *database_url;
    struct worker worker;   /* registered */
    const char *kinds;      /* what this program knows, a text[] literal: others are reported, and left alone */
    struct jobs_bell *bell; /* rung when jobs were given back */
    struct low_water *low;  /* which are then looked for everywhere */
};

struct keeper;
/* What config points to is borrowed until keeper_stop. */
struct keeper *keeper_start(const struct keeper_config *config);
/* The heart stops; the worker's row stays (worker_retire). */
void keeper_stop(struct keeper *keeper);
