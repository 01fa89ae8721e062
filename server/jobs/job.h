#pragma once
/* A job is a row: work that must happen, however often processes die. A worker holds it by a lease; every claim raises
   its epoch, and every effect is guarded by the epoch in the same transaction (job_hold), so that a worker that was
   paused, cut off or presumed dead can do no harm when it wakes. */
#include "base/err.h"
#include "base/uuid.h"
#include "db/pg.h"
#include "db/query.h"
#include "db/rows.h"

enum { JOB_MAX_CRASHES = 20 }; /* then it is given up instead of run */

struct job {
    int64_t id;
    char kind[32];
    struct uuid ref;
    int64_t epoch;
    int64_t signals;      /* as they were at the claim */
    int64_t attempts;     /* failures in a row before this run */
    int64_t crashes;      /* workers that died with it, in a row */
    char last_error[256]; /* "code: in words", "" for none */
    int64_t run_at_us;
    int64_t now_us; /* PostgreSQL's clock at the claim */
};

/* The guard of a claim, for statements whose $1 and $2 are the job's id and epoch: whoever lost the lease matches
   nothing, because it has no worker or a greater epoch. It does not ask for the state: with that, PostgreSQL may take
   the index of leases, and walk a million dead ones for each job while somebody holds an old snapshot. */
#define JOB_HELD "id = $1 AND epoch = $2 AND worker_id IS NOT NULL"

/* A WITH part that holds the claim until the transaction ends; its ref is what the job works on, and no row means that
   the claim was lost. */
#define JOB_HOLDING "held AS (SELECT ref FROM jobs WHERE " JOB_HELD " FOR UPDATE)"
/* A statement of a job's step, with the job's id and epoch as $1 and $2. */
#define job_query(job, sql) job_query_named(job, sql, __func__)
struct query job_query_named(const struct job *job, const char *sql, const char *name);

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

/* Takes what is due longest of those kinds (a text[] literal), of what was due from that time on (jobs/low_water.h).
   Always one row; its job has the id 0 when there is none. */
struct query job_claim_from(int64_t worker, const char *kinds, int64_t low_us);
struct query job_claim(int64_t worker, const char *kinds); /* however long it has been due */
struct job job_from_row(struct row row);

/* Inside a transaction: locks the job's row if this claim still holds it. False with ERR_CONFLICT "job_lost": it does
   not; the caller rolls back and forgets the job. */
bool job_hold(struct pg *pg, const struct job *job, struct err *reterr);

/* The ends of a run; each has an effect only while the claim holds. done: only when no signal came since the claim, for
   what it tells of may be more work; again: after delay_ms, or at once when a signal came since the claim, and the
   counts of failures and crashes begin anew; failed: like that, and in attempts when it is counted; dead: nobody runs
   it any more, run_at says since when. */
struct query job_done(const struct job *job);
struct query job_again(const struct job *job, int64_t delay_ms);
struct query job_failed(const struct job *job, bool counted, int64_t delay_ms, const char *why);
struct query job_dead(const struct job *job, const char *why);

/* What waits, but is not of these kinds: (kind, count), twenty at most. */
struct query job_unknown_kinds(const char *kinds);

/* Workers: one row per process, with the name of its machine and its number there. */
enum { WORKER_HOST_ROOM = 65 };
struct worker {
    int64_t id; /* by worker_register */
    char host[WORKER_HOST_ROOM];
    int64_t pid;
};
struct query worker_register(const struct worker *worker);
/* Comes back to life when it was buried: its old leases are fenced off by then. */
struct query worker_beat(const struct worker *worker);
struct query worker_retire(int64_t worker); /* gives its jobs back at once, uncounted */
/* Gives back the jobs of workers without a heartbeat for ten seconds, and those whose lease has ended; each counts a
   crash, from the third in a row on it rests, longer and longer, until the last: then it is given up at once. One
   conditional statement; what somebody has locked is left for the next time. A heartbeat from the future (the clock
   went back) counts as one of now. */
struct query worker_rescue(void);
/* Gives back what is leased to this worker although none of its threads has it (held: their jobs, a bigint[] literal):
   a claim whose answer was lost. One that is younger than fifteen seconds may still be on its way to its thread. */
struct query worker_give_back(int64_t worker, const char *held);
