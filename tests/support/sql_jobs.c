#include "support/sql_jobs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "support/sql.h"

int64_t jobs_me;

void jobs_empty(void) { sql_do("TRUNCATE jobs, workers"); }

int64_t jobs_worker(void)
{
    CLEANUP(pg_clear) PGresult *rows = sql_rows(worker_register(&(struct worker){.host = "here", .pid = 7}));
    struct row row = rows_at(rows, 0);

    return row_int64(&row);
}

void jobs_beat(int64_t worker)
{
    PQclear(sql_rows(worker_beat(&(struct worker){.id = worker, .host = "here", .pid = 7})));
}

void jobs_add(const char *kind)
{
    struct query q = query_write("INSERT INTO jobs (kind, ref) VALUES ($1, $2)");

    query_add_text(&q, kind);
    query_add_uuid(&q, uuid_make());
    PQclear(sql_rows(q));
}

bool jobs_claim(int64_t worker, struct job *ret)
{
    CLEANUP(pg_clear) PGresult *rows = sql_rows(job_claim(worker, "{probe,other}"));

    assert_int_equal(rows_count(rows), 1);
    *ret = job_from_row(rows_at(rows, 0));
    assert_true(ret->now_us > 0);
    return ret->id != 0;
}

struct job jobs_claim_mine(void)
{
    struct job job;

    assert_true(jobs_claim(jobs_me, &job));
    return job;
}

int jobs_set_up(void **state)
{
    (void)state;
    log_set_level(LOG_ERROR);
    jobs_empty();
    jobs_me = jobs_worker();
    return 0;
}

int jobs_affected(struct query q)
{
    CLEANUP(pg_clear) PGresult *rows = sql_rows(q);

    return rows_affected(rows);
}

const char *jobs_state(const struct job *job)
{
    return sql_value("SELECT state || ' ' || coalesce(worker_id::text, '-') || ' ' || attempts || ' ' || crashes || ' '"
                     " || CASE WHEN run_at <= now() THEN 'due' ELSE 'later' END FROM jobs WHERE id = %lld",
                     (long long)job->id);
}

bool jobs_holds(const struct job *job)
{
    struct err err = {0};
    bool ok = pg_begin(sql_pg(), &err) && job_hold(sql_pg(), job, &err);

    pg_rollback(sql_pg());
    if (!ok) {
        assert_int_equal(err.kind, ERR_CONFLICT);
        assert_string_equal(err.code, "job_lost");
    }
    return ok;
}

void jobs_assert_harmless(const struct job *old)
{
    char before[200];

    (void)snprintf(before, sizeof before, "%s", jobs_state(old));
    assert_false(jobs_holds(old));
    assert_int_equal(jobs_affected(job_done(old)), 0);
    assert_int_equal(jobs_affected(job_again(old, 0)), 0);
    assert_int_equal(jobs_affected(job_failed(old, true, 0, "old")), 0);
    assert_int_equal(jobs_affected(job_dead(old, "old")), 0);
    assert_string_equal(jobs_state(old), before);
}
