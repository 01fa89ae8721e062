/* The statements of jobs: claims, fencing, signals, rescue. */
#include "jobs/job.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>

#include "base/log.h"
#include "support/sql.h"

enum { JOBS = 200, CLAIMERS = 4 };

static int64_t worker;

static int64_t new_worker(void)
{
    CLEANUP(pg_clear) PGresult *rows = sql_rows(worker_register());
    struct row row = rows_at(rows, 0);

    return row_int64(&row);
}

static int set_up(void **state)
{
    (void)state;
    log_set_level(LOG_ERROR);
    sql_do("TRUNCATE jobs, workers");
    worker = new_worker();
    return 0;
}

static void add_job(const char *kind)
{
    struct query q = query_write("INSERT INTO jobs (kind, ref) VALUES ($1, $2)");

    query_add_text(&q, kind);
    query_add_uuid(&q, uuid_make());
    PQclear(sql_rows(q));
}

static bool claim_as(int64_t who, struct job *ret)
{
    CLEANUP(pg_clear) PGresult *rows = sql_rows(job_claim(who, "{probe,other}"));

    if (rows_count(rows) == 0)
        return false;
    *ret = job_from_row(rows_at(rows, 0));
    return true;
}

static struct job claim(void)
{
    struct job job;

    assert_true(claim_as(worker, &job));
    return job;
}

static int affected(struct query q)
{
    CLEANUP(pg_clear) PGresult *rows = sql_rows(q);

    return rows_affected(rows);
}

static const char *state_of(const struct job *job)
{
    return sql_value("SELECT state || ' ' || coalesce(worker_id::text, '-') || ' ' || attempts || ' '"
                     " || CASE WHEN run_at <= now() THEN 'due' ELSE 'later' END FROM jobs WHERE id = %lld",
                     (long long)job->id);
}

static void a_claim_takes_what_is_due_and_known_and_nothing_else(void **state)
{
    struct job job;

    (void)state;
    add_job("unknown");
    assert_false(claim_as(worker, &job));
    sql_do("INSERT INTO jobs (kind, ref, run_at) VALUES ('probe', gen_random_uuid(), now() + interval '1 hour'),"
           " ('probe', gen_random_uuid(), now() - interval '1 second'),"
           " ('other', gen_random_uuid(), now() - interval '2 seconds')");
    job = claim();
    assert_string_equal(job.kind, "other"); /* the one that is due longest */
    assert_int_equal(job.epoch, 1);
    assert_int_equal(job.attempts, 0);
    assert_int_equal(strlen(job.ref.text), 36);
    job = claim();
    assert_string_equal(job.kind, "probe");
    assert_false(claim_as(worker, &job));
    assert_string_equal(sql_value("SELECT count(*) FROM jobs WHERE state = 'ready'"), "2");
}

struct claimer {
    pthread_t thread;
    int64_t worker;
    int64_t taken[JOBS];
    int count;
};

static void *claim_all(void *arg)
{
    struct claimer *claimer = arg;
    struct pg *pg = pg_open(getenv("DATABASE_URL"));
    struct query q = job_claim(claimer->worker, "{probe}");
    struct err err;
    PGresult *rows;

    while ((rows = pg_run(pg, &q, &err)) && rows_count(rows) > 0 && claimer->count < JOBS) {
        claimer->taken[claimer->count++] = job_from_row(rows_at(rows, 0)).id;
        PQclear(rows);
    }
    PQclear(rows);
    pg_close(pg);
    return NULL;
}

static void no_job_is_claimed_by_two(void **state)
{
    static struct claimer claimers[CLAIMERS];
    int total = 0;

    (void)state;
    for (int i = 0; i < JOBS; i++)
        add_job("probe");
    for (int i = 0; i < CLAIMERS; i++) {
        claimers[i] = (struct claimer){.worker = new_worker()};
        assert_int_equal(pthread_create(&claimers[i].thread, NULL, claim_all, &claimers[i]), 0);
    }
    for (int i = 0; i < CLAIMERS; i++) {
        assert_int_equal(pthread_join(claimers[i].thread, NULL), 0);
        total += claimers[i].count;
    }
    assert_int_equal(total, JOBS);
    assert_string_equal(sql_value("SELECT count(*) || ' ' || max(epoch) FROM jobs WHERE state = 'leased'"), "200 1");
}

static void ends_as_its_holder_says(void **state)
{
    struct job job;

    (void)state;
    add_job("probe");
    job = claim();
    assert_int_equal(affected(job_again(&job, 60000)), 1);
    assert_string_equal(state_of(&job), "ready - 0 later");
    sql_do("UPDATE jobs SET run_at = now()");
    job = claim();
    assert_int_equal(job.epoch, 2);
    assert_int_equal(affected(job_failed(&job, true, 60000, "why: \xd0\xb9")), 1);
    assert_string_equal(state_of(&job), "ready - 1 later");
    assert_string_equal(sql_value("SELECT last_error FROM jobs"), "why: \xd0\xb9");
    sql_do("UPDATE jobs SET run_at = now()");
    job = claim();
    assert_int_equal(job.attempts, 1);
    assert_int_equal(affected(job_again(&job, 0)), 1);
    assert_string_equal(state_of(&job), "ready - 0 due"); /* a run without a fault begins the count anew */
    job = claim();
    assert_int_equal(affected(job_dead(&job, "the end")), 1);
    assert_string_equal(state_of(&job), "dead - 0 due");
    assert_false(claim_as(worker, &job));
    add_job("probe");
    job = claim();
    assert_int_equal(affected(job_done(&job)), 1);
    assert_string_equal(state_of(&job), "");
}

static bool holds(const struct job *job)
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

static void assert_harmless(const struct job *old)
{
    char before[200];

    (void)snprintf(before, sizeof before, "%s", state_of(old));
    assert_false(holds(old));
    assert_int_equal(affected(job_done(old)), 0);
    assert_int_equal(affected(job_again(old, 0)), 0);
    assert_int_equal(affected(job_failed(old, true, 0, "old")), 0);
    assert_int_equal(affected(job_dead(old, "old")), 0);
    assert_string_equal(state_of(old), before);
}

static void an_old_holder_has_no_effect(void **state)
{
    struct job old, new;

    (void)state;
    add_job("probe");
    old = claim();
    assert_true(holds(&old));
    assert_int_equal(affected(worker_retire(worker)), 1);
    assert_harmless(&old); /* nobody holds it */
    new = claim();
    assert_int_equal(new.id, old.id);
    assert_int_equal(new.epoch, 2);
    assert_harmless(&old); /* somebody else does */
    assert_true(holds(&new));
    assert_int_equal(affected(job_done(&new)), 1);
    assert_harmless(&old); /* it is gone */
}

static int signal_job(const struct job *job)
{
    struct query q = query_write("WITH s AS (SELECT $1::uuid AS id) " JOB_SIGNAL("probe", "s"));

    query_add_uuid(&q, job->ref);
    return affected(q);
}

static void a_signal_during_a_run_brings_it_back_at_once(void **state)
{
    struct job job;

    (void)state;
    add_job("probe");
    job = claim();
    assert_int_equal(signal_job(&job), 1);
    assert_int_equal(affected(job_again(&job, 60000)), 1);
    assert_string_equal(state_of(&job), "ready - 0 due");
    job = claim();
    assert_int_equal(job.signals, 1);
    assert_int_equal(signal_job(&job), 1);
    assert_int_equal(signal_job(&job), 1);
    assert_int_equal(affected(job_failed(&job, true, 60000, "x")), 1);
    assert_string_equal(state_of(&job), "ready - 1 due");
    job = claim();
    assert_int_equal(affected(job_again(&job, 60000)), 1); /* those were before this claim */
    assert_string_equal(state_of(&job), "ready - 0 later");
    assert_int_equal(signal_job(&job), 1); /* and this one while it rests */
    assert_string_equal(state_of(&job), "ready - 0 due");
}

static void only_the_jobs_of_the_dead_are_rescued(void **state)
{
    struct job mine, dead, orphan;
    int64_t other = new_worker();

    (void)state;
    add_job("probe");
    mine = claim();
    add_job("probe");
    assert_true(claim_as(other, &dead));
    add_job("probe");
    assert_true(claim_as(other + 1000, &orphan)); /* of a worker that has no row at all */
    assert_int_equal(affected(worker_rescue()), 1);
    assert_string_equal(state_of(&orphan), "ready - 1 due");
    sql_do("UPDATE workers SET beat_at = now() - interval '9 seconds'");
    assert_int_equal(affected(worker_rescue()), 0);
    sql_do("UPDATE workers SET beat_at = now() - interval '11 seconds'");
    PQclear(sql_rows(worker_beat(worker)));
    assert_int_equal(affected(worker_rescue()), 1);
    assert_string_equal(state_of(&dead), "ready - 1 due");
    assert_true(holds(&mine));
    assert_false(holds(&dead));
    assert_int_equal(affected(worker_rescue()), 0);
}

static void a_lease_ends_even_while_its_worker_beats(void **state)
{
    struct job job;

    (void)state;
    add_job("probe");
    job = claim();
    assert_int_equal(affected(worker_rescue()), 0);
    sql_do("UPDATE jobs SET lease_until = now() - interval '1 second'");
    assert_int_equal(affected(worker_rescue()), 1);
    assert_string_equal(state_of(&job), "ready - 1 due");
    assert_harmless(&job);
}

static void a_worker_that_was_buried_can_come_back(void **state)
{
    struct job job;

    (void)state;
    add_job("probe");
    job = claim();
    sql_do("UPDATE workers SET beat_at = now() - interval '11 seconds'");
    assert_int_equal(affected(worker_rescue()), 1);
    PQclear(sql_rows(worker_beat(worker)));
    assert_harmless(&job);
    job = claim();
    assert_int_equal(affected(worker_rescue()), 0);
    assert_true(holds(&job));
}

static void retiring_gives_back_its_own_jobs_uncounted(void **state)
{
    struct job mine, others;
    int64_t other = new_worker();

    (void)state;
    add_job("probe");
    mine = claim();
    add_job("probe");
    assert_true(claim_as(other, &others));
    assert_int_equal(affected(worker_retire(worker)), 1);
    assert_string_equal(state_of(&mine), "ready - 0 due");
    assert_true(holds(&others));
    assert_string_equal(sql_value("SELECT count(*) FROM workers"), "1");
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_claim_takes_what_is_due_and_known_and_nothing_else),
        TEST(no_job_is_claimed_by_two),
        TEST(ends_as_its_holder_says),
        TEST(an_old_holder_has_no_effect),
        TEST(a_signal_during_a_run_brings_it_back_at_once),
        TEST(only_the_jobs_of_the_dead_are_rescued),
        TEST(a_lease_ends_even_while_its_worker_beats),
        TEST(a_worker_that_was_buried_can_come_back),
        TEST(retiring_gives_back_its_own_jobs_uncounted),
    };

    return cmocka_run_group_tests(tests, sql_open, sql_close);
}
