#pragma once
/* The thread that sweeps, with a connection of its own: in one process at a time. The others wait for it to go. */
#include "jobs/sweep.h"

struct sweeper_config {
    const struct config *config;
    const struct sweep *const *sweeps; /* ends with NULL */
    void (*mended)(void *owner);       /* on its thread, when something may have become due; may be NULL */
    void *owner;
};

struct sweeper;
struct sweeper *sweeper_start(const struct sweeper_config *config, struct err *reterr);
/* Begins nothing more. */
void sweeper_quiet(struct sweeper *sweeper);
/* Waits for the statement that runs, gives the lead to another, and frees it. */
void sweeper_stop(struct sweeper *sweeper);
