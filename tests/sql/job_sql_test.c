/* The statements of jobs: claims, fencing, signals. */
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
#include "support/sql_jobs.h"

enum { JOBS = 200, CLAIMERS = 4 };

static void a_claim_takes_what_is_due_and_known_and_nothing_else(void **state)
{
    struct job job;

    (void)state;
    jobs_add("unknown");
    assert_false(jobs_claim(jobs_me, &job));
    sql_do("INSERT INTO jobs (kind, ref, run_at) VALUES ('probe', gen_random_uuid(), now() + interval '1 hour'),"
           " ('probe', gen_random_uuid(), now() - interval '1 second'),"
           " ('other', gen_random_uuid(), now() - interval '2 seconds')");
    job = jobs_claim_mine();
    assert_string_equal(job.kind, "other"); /* the one that is due longest */
    assert_int_equal(job.epoch, 1);
    assert_int_equal(job.attempts, 0);
    assert_int_equal(strlen(job.ref.text), 36);
    job = jobs_claim_mine();
    assert_string_equal(job.kind, "probe");
    assert_false(jobs_claim(jobs_me, &job));
    assert_string_equal(sql_value("SELECT count(*) FROM jobs WHERE state = 'ready'"), "2");
}

struct claimer {
    pthread_t thread;
    int64_t worker;
    int64_t taken[JOBS];
    int count;
};

static bool ends_here(const PGresult *rows, const struct claimer *claimer)
{
    return job_from_row(rows_at(rows, 0)).id == 0 || claimer->count == JOBS;
}

static void *claim_all(void *arg)
{
    struct claimer *claimer = arg;
    struct pg *pg = pg_open(getenv("DATABASE_URL"));
    struct query q = job_claim(claimer->worker, "{probe}");
    struct err err;
    PGresult *rows;

    while ((rows = pg_run(pg, &q, &err)) && !ends_here(rows, claimer)) {
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
        jobs_add("probe");
    for (int i = 0; i < CLAIMERS; i++) {
        claimers[i] = (struct claimer){.worker = jobs_worker()};
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
    jobs_add("probe");
    job = jobs_claim_mine();
    assert_int_equal(jobs_affected(job_again(&job, 60000)), 1);
    assert_string_equal(jobs_state(&job), "ready - 0 0 later");
    sql_do("UPDATE jobs SET run_at = now()");
    job = jobs_claim_mine();
    assert_int_equal(job.epoch, 2);
    assert_int_equal(jobs_affected(job_failed(&job, true, 60000, "why: \xd0\xb9")), 1);
    assert_string_equal(jobs_state(&job), "ready - 1 0 later");
    assert_string_equal(sql_value("SELECT last_error FROM jobs"), "why: \xd0\xb9");
    sql_do("UPDATE jobs SET run_at = now()");
    job = jobs_claim_mine();
    assert_int_equal(job.attempts, 1);
    assert_int_equal(jobs_affected(job_again(&job, 0)), 1);
    assert_string_equal(jobs_state(&job), "ready - 0 0 due"); /* a run without a fault begins the count anew */
    job = jobs_claim_mine();
    assert_int_equal(jobs_affected(job_dead(&job, "the end")), 1);
    assert_string_equal(jobs_state(&job), "dead - 0 0 due");
    assert_false(jobs_claim(jobs_me, &job));
    jobs_add("probe");
    job = jobs_claim_mine();
    assert_int_equal(jobs_affected(job_done(&job)), 1);
    assert_string_equal(jobs_state(&job), "");
}

static void an_old_holder_has_no_effect(void **state)
{
    struct job old, new;

    (void)state;
    jobs_add("probe");
    old = jobs_claim_mine();
    assert_true(jobs_holds(&old));
    assert_int_equal(jobs_affected(worker_retire(jobs_me)), 1);
    jobs_assert_harmless(&old); /* nobody holds it */
    new = jobs_claim_mine();
    assert_int_equal(new.id, old.id);
    assert_int_equal(new.epoch, 2);
    jobs_assert_harmless(&old); /* somebody else does */
    assert_true(jobs_holds(&new));
    assert_int_equal(jobs_affected(job_done(&new)), 1);
    jobs_assert_harmless(&old); /* it is gone */
}

static int signal_job(const struct job *job)
{
    struct query q = query_write("WITH s AS (SELECT $1::uuid AS id) " JOB_SIGNAL("probe", "s"));

    query_add_uuid(&q, job->ref);
    return jobs_affected(q);
}

static void a_signal_during_a_run_brings_it_back_at_once(void **state)
{
    struct job job;

    (void)state;
    jobs_add("probe");
    job = jobs_claim_mine();
    assert_int_equal(signal_job(&job), 1);
    assert_int_equal(jobs_affected(job_done(&job)), 0); /* nor does it end */
    assert_int_equal(jobs_affected(job_again(&job, 60000)), 1);
    assert_string_equal(jobs_state(&job), "ready - 0 0 due");
    job = jobs_claim_mine();
    assert_int_equal(job.signals, 1);
    assert_int_equal(signal_job(&job), 1);
    assert_int_equal(signal_job(&job), 1);
    assert_int_equal(jobs_affected(job_failed(&job, true, 60000, "x")), 1);
    assert_string_equal(jobs_state(&job), "ready - 1 0 due");
    job = jobs_claim_mine();
    assert_int_equal(jobs_affected(job_again(&job, 60000)), 1); /* those were before this claim */
    assert_string_equal(jobs_state(&job), "ready - 0 0 later");
    assert_int_equal(signal_job(&job), 1); /* and this one while it rests */
    assert_string_equal(jobs_state(&job), "ready - 0 0 due");
}

static bool claim_from(int64_t low_us, struct job *ret)
{
    CLEANUP(pg_clear) PGresult *rows = sql_rows(job_claim_from(jobs_me, "{probe}", low_us));

    *ret = job_from_row(rows_at(rows, 0));
    return ret->id != 0;
}

static void a_claim_looks_no_further_back_than_it_is_told(void **state)
{
    struct job oldest, next, none;

    (void)state;
    sql_do("INSERT INTO jobs (kind, ref, run_at) SELECT 'probe', gen_random_uuid(), now() - n * interval '1 second'"
           " FROM generate_series(1, 4) n");
    assert_true(claim_from(0, &oldest));
    assert_in_range(oldest.now_us - oldest.run_at_us, 4000000, 60000000);
    assert_int_equal(jobs_affected(job_again(&oldest, 0)), 1);
    sql_do("UPDATE jobs SET run_at = now() - interval '4 seconds' WHERE run_at > now() - interval '900 milliseconds'");
    assert_true(claim_from(oldest.run_at_us + 1, &next));
    assert_true(next.run_at_us > oldest.run_at_us);
    assert_true(claim_from(next.run_at_us + 500000, &none));
    assert_false(claim_from(none.run_at_us + 3000000, &none));
    assert_true(claim_from(next.run_at_us, &oldest)); /* the time itself is part of it */
    assert_true(claim_from(0, &oldest));
    assert_false(claim_from(0, &none));
}

static void kinds_that_nobody_takes_are_counted(void **state)
{
    CLEANUP(pg_clear) PGresult *rows = NULL;
    struct row row;

    (void)state;
    for (int i = 0; i < 3; i++)
        jobs_add("of another program");
    jobs_add("probe");
    rows = sql_rows(job_unknown_kinds("{probe,other}"));
    assert_int_equal(rows_count(rows), 1);
    row = rows_at(rows, 0);
    assert_string_equal(row_text(&row), "of another program");
    assert_int_equal(row_int64(&row), 3);
}

/* As after a rush under an old snapshot: statistics say that hardly anything is ready or leased, so each partial index
   looks as good as the key. */
static void no_statement_of_a_run_walks_through_what_is_gone(void **state)
{
    const struct job job = {.id = 5, .epoch = 1};
    const struct query ends[] = {job_done(&job), job_again(&job, 0), job_failed(&job, true, 0, "x"),
                                 job_dead(&job, "x")};

    (void)state;
    sql_do("VACUUM ANALYZE jobs"); /* plans are made once, and mostly when there is nothing to do */
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        sql_assert_plan(ends[i], "jobs_pkey");
    sql_do("INSERT INTO jobs (kind, ref, state) SELECT 'probe', gen_random_uuid(), 'dead'"
           " FROM generate_series(1, 20000); ANALYZE jobs");
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        sql_assert_plan(ends[i], "jobs_pkey");
    sql_do("TRUNCATE jobs; ANALYZE jobs");
}

#define TEST(name) cmocka_unit_test_setup(name, jobs_set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_claim_takes_what_is_due_and_known_and_nothing_else),
        TEST(no_job_is_claimed_by_two),
        TEST(ends_as_its_holder_says),
        TEST(an_old_holder_has_no_effect),
        TEST(a_signal_during_a_run_brings_it_back_at_once),
        TEST(a_claim_looks_no_further_back_than_it_is_told),
        TEST(kinds_that_nobody_takes_are_counted),
        TEST(no_statement_of_a_run_walks_through_what_is_gone),
    };

    return cmocka_run_group_tests(tests, sql_open, sql_close);
}
