#include "jobs/job.h"

#include <stdio.h>
#include <string.h>

#define MICROSECONDS(at) "(extract(epoch FROM " at ") * 1000000)::bigint"

struct query job_query_named(const struct job *job, const char *sql, const char *name)
{
    struct query q = query_write_named(sql, name);

    query_add_int64(&q, job->id);
    query_add_int64(&q, job->epoch);
    return q;
}

struct query job_claim_from(int64_t worker, const char *kinds, int64_t low_us)
{
    struct query q = query_write("SELECT id, kind, ref, epoch, signals, attempts, crashes, last_error, " MICROSECONDS(
        "run_at") ", " MICROSECONDS("now()") " FROM job_claim($1, $2::text[], timestamptz 'epoch' + $3::bigint * "
                                             "interval '1 microsecond')");

    query_add_int64(&q, worker);
    query_add_text(&q, kinds);
    query_add_int64(&q, low_us);
    return q;
}

struct query job_claim(int64_t worker, const char *kinds) { return job_claim_from(worker, kinds, 0); }

struct job job_from_row(struct row row)
{
    struct job job = {.id = row_int64(&row)};

    (void)text_copy(job.kind, sizeof job.kind, row_piece(&row));
    job.ref = row_uuid(&row);
    job.epoch = row_int64(&row);
    job.signals = row_int64(&row);
    job.attempts = row_int64(&row);
    job.crashes = row_int64(&row);
    (void)text_copy(job.last_error, sizeof job.last_error, row_piece(&row));
    job.run_at_us = row_int64(&row);
    job.now_us = row_int64(&row);
    return job;
}

bool job_hold(struct pg *pg, const struct job *job, struct err *reterr)
{
    struct query q = query_write("SELECT 1 FROM jobs WHERE " JOB_HELD " FOR UPDATE");
    CLEANUP(pg_clear) PGresult *rows = NULL;

    query_add_int64(&q, job->id);
    query_add_int64(&q, job->epoch);
    if (!(rows = pg_run(pg, &q, reterr)))
        return false;
    return rows_count(rows) == 1 || err_set(reterr, ERR_CONFLICT, "job_lost", "another worker has the job");
}

/* The claim's guard stands in each statement: JOB_HELD. */
struct query job_done(const struct job *job)
{
    struct query q = job_query(job, "DELETE FROM jobs WHERE " JOB_HELD " AND signals = $3");

    query_add_int64(&q, job->signals);
    return q;
}

#define WHEN_NEXT "CASE WHEN signals <> $4 THEN now() ELSE now() + $3 * interval '1 millisecond' END"

struct query job_again(const struct job *job, int64_t delay_ms)
{
    struct query q = job_query(job, "UPDATE jobs SET state = 'ready', worker_id = NULL, attempts = 0, crashes = 0,"
                                    " last_error = NULL, run_at = " WHEN_NEXT " WHERE " JOB_HELD);

    query_add_int64(&q, delay_ms);
    query_add_int64(&q, job->signals);
    return q;
}

struct query job_failed(const struct job *job, bool counted, int64_t delay_ms, const char *why)
{
    struct query q = job_query(job, "UPDATE jobs SET state = 'ready', worker_id = NULL, attempts = attempts + $6::int,"
                                    " last_error = $5, run_at = " WHEN_NEXT " WHERE " JOB_HELD);

    query_add_int64(&q, delay_ms);
    query_add_int64(&q, job->signals);
    query_add_text(&q, why);
    query_add_int64(&q, counted);
    return q;
}

struct query job_dead(const struct job *job, const char *why)
{
    struct query q = job_query(job, "UPDATE jobs SET state = 'dead', worker_id = NULL, run_at = now(), last_error = $3"
                                    " WHERE " JOB_HELD);

    query_add_text(&q, why);
    return q;
}

struct query job_unknown_kinds(const char *kinds)
{
    struct query q = query_read("SELECT kind, count(*) FROM jobs WHERE state <> 'dead' AND kind <> ALL ($1::text[])"
                                " GROUP BY kind ORDER BY kind LIMIT 20");

    query_add_text(&q, kinds);
    return q;
}

static void add_place(struct query *q, const struct worker *worker)
{
    query_add_text(q, worker->host);
    query_add_int64(q, worker->pid);
}

struct query worker_register(const struct worker *worker)
{
    struct query q = query_write("INSERT INTO workers (host, pid) VALUES ($1, $2) RETURNING id");

    add_place(&q, worker);
    return q;
}

struct query worker_beat(const struct worker *worker)
{
    struct query q = query_write("INSERT INTO workers (host, pid, id, beat_at) OVERRIDING SYSTEM VALUE"
                                 " VALUES ($1, $2, $3, now()) ON CONFLICT (id) DO UPDATE SET beat_at = now()");

    add_place(&q, worker);
    query_add_int64(&q, worker->id);
    return q;
}

struct query worker_retire(int64_t worker)
{
    struct query q =
        query_write("WITH gone AS (DELETE FROM workers WHERE id = $1)"
                    " UPDATE jobs SET state = 'ready', worker_id = NULL WHERE state = 'leased' AND worker_id = $1");

    query_add_int64(&q, worker);
    return q;
}

/* A worker without a row: its row was deleted when its jobs could not be had, or it has claimed before its first
   heartbeat since. The lease's age tells the one from the other. */
#define ORPHANED                                                                                                       \
    "worker_id IN (SELECT id FROM dead) OR lease_until < now()"                                                        \
    " OR (worker_id NOT IN (SELECT id FROM workers)"                                                                   \
    " AND coalesce(lease_until, now()) < now() + interval '15 minutes' - interval '10 seconds')"
/* 1 s, 2 s, 4 s … 5 min, give or take a quarter. */
#define REST "least(300, 2 ^ least(crashes - 2, 9)) * (0.75 + random() / 2) * interval '1 second'"

struct query worker_rescue(void)
{
    struct query q =
        query_write("WITH dead AS (DELETE FROM workers WHERE beat_at < now() - interval '10 seconds' RETURNING id),"
                    " early AS (UPDATE workers SET beat_at = now() WHERE beat_at > now() + interval '10 seconds'),"
                    " orphans AS MATERIALIZED (SELECT id FROM jobs WHERE state = 'leased' AND (" ORPHANED
                    ") FOR UPDATE SKIP LOCKED)"
                    " UPDATE jobs SET state = 'ready', worker_id = NULL, crashes = crashes + 1,"
                    " run_at = now() + CASE WHEN crashes < 2 OR crashes + 1 = $1 THEN interval '0' ELSE " REST " END,"
                    " last_error = CASE WHEN lease_until < now() THEN 'its lease ran out' ELSE 'its worker died' END"
                    " WHERE id = ANY (ARRAY(SELECT id FROM orphans))");

    query_add_int64(&q, JOB_MAX_CRASHES);
    return q;
}

struct query worker_give_back(int64_t worker, const char *held)
{
    struct query q = query_write("UPDATE jobs SET state = 'ready', worker_id = NULL, run_at = now()"
                                 " WHERE state = 'leased' AND worker_id = $1 AND id <> ALL ($2::bigint[])"
                                 " AND lease_until < now() + interval '15 minutes' - interval '15 seconds'");

    query_add_int64(&q, worker);
    query_add_text(&q, held);
    return q;
}
