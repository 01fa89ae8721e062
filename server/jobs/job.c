#include "jobs/job.h"

#include <stdio.h>
#include <string.h>

struct query job_claim(int64_t worker, const char *kinds)
{
    struct query q =
        query_write("WITH next AS MATERIALIZED (SELECT id FROM jobs WHERE state = 'ready' AND run_at <= now()"
                    " AND kind = ANY($2::text[]) ORDER BY run_at LIMIT 1 FOR UPDATE SKIP LOCKED)"
                    " UPDATE jobs j SET state = 'leased', worker_id = $1, epoch = epoch + 1,"
                    " lease_until = now() + interval '15 minutes' FROM next WHERE j.id = next.id"
                    " RETURNING j.id, j.kind, j.ref, j.epoch, j.signals, j.attempts");

    query_add_int64(&q, worker);
    query_add_text(&q, kinds);
    return q;
}

struct job job_from_row(struct row row)
{
    struct job job = {.id = row_int64(&row)};

    (void)text_copy(job.kind, sizeof job.kind, row_piece(&row));
    job.ref = row_uuid(&row);
    job.epoch = row_int64(&row);
    job.signals = row_int64(&row);
    job.attempts = row_int64(&row);
    return job;
}

bool job_hold(struct pg *pg, const struct job *job, struct err *reterr)
{
    struct query q = query_write("SELECT 1 FROM jobs WHERE id = $1 AND epoch = $2 AND state = 'leased' FOR UPDATE");
    CLEANUP(pg_clear) PGresult *rows = NULL;

    query_add_int64(&q, job->id);
    query_add_int64(&q, job->epoch);
    if (!(rows = pg_run(pg, &q, reterr)))
        return false;
    return rows_count(rows) == 1 || err_set(reterr, ERR_CONFLICT, "job_lost", "another worker has the job");
}

/* The claim's guard stands in each statement: WHERE id = $1 AND epoch = $2. */
static struct query held(const struct job *job, const char *sql)
{
    struct query q = query_write(sql);

    query_add_int64(&q, job->id);
    query_add_int64(&q, job->epoch);
    return q;
}

struct query job_done(const struct job *job)
{
    return held(job, "DELETE FROM jobs WHERE id = $1 AND epoch = $2 AND state = 'leased'");
}

#define WHEN_NEXT "CASE WHEN signals <> $4 THEN now() ELSE now() + $3 * interval '1 millisecond' END"

struct query job_again(const struct job *job, int64_t delay_ms)
{
    struct query q = held(job, "UPDATE jobs SET state = 'ready', worker_id = NULL, attempts = 0, last_error = NULL,"
                               " run_at = " WHEN_NEXT " WHERE id = $1 AND epoch = $2 AND state = 'leased'");

    query_add_int64(&q, delay_ms);
    query_add_int64(&q, job->signals);
    return q;
}

struct query job_failed(const struct job *job, bool counted, int64_t delay_ms, const char *why)
{
    struct query q =
        held(job, "UPDATE jobs SET state = 'ready', worker_id = NULL, attempts = attempts + $6::int,"
                  " last_error = $5, run_at = " WHEN_NEXT " WHERE id = $1 AND epoch = $2 AND state = 'leased'");

    query_add_int64(&q, delay_ms);
    query_add_int64(&q, job->signals);
    query_add_text(&q, why);
    query_add_int64(&q, counted);
    return q;
}

struct query job_dead(const struct job *job, const char *why)
{
    struct query q = held(job, "UPDATE jobs SET state = 'dead', worker_id = NULL, last_error = $3"
                               " WHERE id = $1 AND epoch = $2 AND state = 'leased'");

    query_add_text(&q, why);
    return q;
}

struct query worker_register(void) { return query_write("INSERT INTO workers DEFAULT VALUES RETURNING id"); }

struct query worker_beat(int64_t worker)
{
    /* Comes back to life when it was buried while it could not reach us: its old leases are fenced off by then. */
    struct query q = query_write("INSERT INTO workers (id, beat_at) OVERRIDING SYSTEM VALUE VALUES ($1, now())"
                                 " ON CONFLICT (id) DO UPDATE SET beat_at = now()");

    query_add_int64(&q, worker);
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

struct query worker_rescue(void)
{
    return query_write(
        "WITH dead AS (DELETE FROM workers WHERE beat_at < now() - interval '10 seconds' RETURNING id)"
        " UPDATE jobs SET state = 'ready', worker_id = NULL, run_at = now(), attempts = attempts + 1,"
        " last_error = 'its lease ran out' WHERE state = 'leased' AND (worker_id IN (SELECT id FROM dead)"
        " OR worker_id NOT IN (SELECT id FROM workers) OR lease_until < now())");
}
