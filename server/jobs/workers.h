#pragma once
/* The worker threads: each claims a job, runs one step of it, and writes down what is next. Steps are short, blocking
   and repeatable; what they need is theirs alone, so nothing is shared between threads. */
#include <stdatomic.h>

#include "jobs/job.h"

struct catalog;
struct config;
struct event_bell;
struct fal;
struct jobs_bell;
struct journal;
struct mac;
struct object_links;
struct spool;
struct store;

/* What one worker thread has for its steps. */
struct job_tools {
    const struct config *config;
    const struct catalog *catalog;
    struct pg *pg;
    struct fal *fal;          /* where generations go; NULL: no key is configured */
    struct fal *training_fal; /* where trainings go: the same handle unless their test modes differ. NULL: as above */
    struct store *store;
    struct object_links *links;
    struct spool *spool; /* where results wait while the store is away; shared. NULL: nowhere */
    struct mac *hook_mac;
    struct journal *journal;    /* of this process; shared by its threads */
    const char *journal_folder; /* where those of earlier ones are, too */
    const atomic_bool *stop;
    struct event_bell *event_bell; /* rung when something was written that users' open pages wait for */
};

struct job_next {
    bool done;
    bool parked; /* the step has taken the job's row away, or handed it on: nothing is written down after it */
    bool freed;  /* room for others may have become free (also after a failed one): admit runs before the next claim */
    int64_t delay_ms; /* until the next step; after a failed one: at least that long */
};

/* One step. False: *reterr; the runner tries again later (ERR_CONFLICT "job_lost": the claim
   is gone, or somebody else moved what the job works on; if it still holds, the step is run again at once). */
typedef bool (*job_step_fn)(const struct job_tools *tools, const struct job *job, struct job_next *ret,
                            struct err *reterr);

struct job_kind {
    const char *name;
    job_step_fn step;
    int max_attempts; /* failures in a row; then give_up, and the job is dead */
    /* Brings what the job works on to an end that its user sees. */
    bool (*give_up)(const struct job_tools *tools, const struct job *job, const struct err *why, struct err *reterr);
};

struct workers_config {
    const struct config *config;
    const struct catalog *catalog;
    const struct job_kind *kinds; /* ends with an all-zero entry; jobs of other kinds are left alone */
    struct jobs_bell *bell;
    struct event_bell *event_bell;
    struct spool *spool; /* NULL: none */
    /* Makes jobs of what waits for room, and says in its single integer column of how many. Run by a worker that was
       woken or has nothing to do, and after a step that has freed something. NULL: nothing waits. */
    struct query (*admit)(const struct config *config);
};

enum { WORKERS_KINDS_ROOM = 256 };
/* Their names as a text[] literal. */
void workers_name_kinds(const struct job_kind *kinds, char to[WORKERS_KINDS_ROOM]);

struct workers;
struct workers *workers_start(const struct workers_config *config, struct err *reterr);
/* No more is claimed; what runs goes on, with its heartbeat. */
void workers_quiet(struct workers *workers);
/* No more is begun; running steps may end until deadline_ms, then their outbound calls are cut short. What was not
   finished is given back. */
void workers_stop(struct workers *workers, int deadline_ms);
