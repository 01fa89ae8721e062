#pragma once
/* A job is a row: work that must happen, however often processes die. A worker holds it by a lease; every claim raises
   its epoch, and every effect is guarded by the epoch in the same transaction (job_hold), so that a worker that was
   paused, cut off or presumed dead can do no harm when it wakes. */
#include "base/err.h"
#include "base/uuid.h"
#include "db/pg.h"
#include "db/query.h"
#include "db/rows.h"

struct job {
    int64_t id;
    char kind[32];
    struct uuid ref;
    int64_t epoch;
    int64_t signals;  /* as they were at the claim */
    int64_t attempts; /* failures in a row before this run */
};

/* For creating statements of domains: the columns (kind, ref) of a new job. */
#define JOB_INSERT(kind, source) "INSERT INTO jobs (kind, ref) SELECT '" kind "', id FROM " source
/* For statements that touch what a job works on without holding the job: its row is locked first, as by the job's own
   statements, so that nobody waits for anybody in a circle. Use: WITH job AS (JOB_LOCK(...)), x AS (UPDATE ... WHERE
   JOB_LOCKED AND ...). */
#define JOB_LOCK(kind, ref) "SELECT 1 FROM jobs WHERE kind = '" kind "' AND ref = " ref " FOR NO KEY UPDATE"
#define JOB_LOCKED "(SELECT count(*) FROM job) >= 0"
/* For statements that something happened that a job waits for: it runs as soon as it may. */
#define JOB_SIGNAL(kind, source)                                                                                       \
    "UPDATE jobs SET signals = signals + 1, run_at = LEAST(run_at, now()) WHERE kind = '" kind                         \
    "' AND ref IN (SELECT id FROM " source ")"

struct query job_claim(int64_t worker, const char *kinds); /* kinds: a text[] literal; 0 or 1 rows */
struct job job_from_row(struct row row);

/* Inside a transaction: locks the job's row if this claim still holds it. False with ERR_CONFLICT "job_lost": it does
   not; the caller rolls back and forgets the job. */
bool job_hold(struct pg *pg, const struct job *job, struct err *reterr);

/* The ends of a run; each has an effect only while the claim holds. again: after delay_ms, or at once when a signal
   came since the claim; failed: like that, and in attempts when it is counted. */
struct query job_done(const struct job *job);
struct query job_again(const struct job *job, int64_t delay_ms);
struct query job_failed(const struct job *job, bool counted, int64_t delay_ms, const char *why);
struct query job_dead(const struct job *job, const char *why);

/* Workers: one row per process. */
struct query worker_register(void);
struct query worker_beat(int64_t worker);
struct query worker_retire(int64_t worker); /* gives its jobs back at once */
struct query worker_rescue(void);           /* gives the jobs of the dead back: one conditional statement */
