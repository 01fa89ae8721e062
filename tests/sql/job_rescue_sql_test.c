/* The statements of workers: who is taken for dead, what happens to its jobs, and what it can do when it is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/log.h"
#include "jobs/job.h"
#include "support/sql.h"
#include "support/sql_jobs.h"

static int rescue(void) { return jobs_affected(worker_rescue()); }

static void silence_all(void) { sql_do("UPDATE workers SET beat_at = now() - interval '11 seconds'"); }

static void says_where_it_runs(void **state)
{
    (void)state;
    assert_string_equal(sql_value("SELECT host || ' ' || pid FROM workers"), "here 7");
}

static void only_the_jobs_of_the_dead_are_rescued(void **state)
{
    struct job mine, dead;
    int64_t other = jobs_worker();

    (void)state;
    jobs_add("probe");
    mine = jobs_claim_mine();
    jobs_add("probe");
    assert_true(jobs_claim(other, &dead));
    sql_do("UPDATE workers SET beat_at = now() - interval '9 seconds'");
    assert_int_equal(rescue(), 0);
    silence_all();
    jobs_beat(jobs_me);
    assert_int_equal(rescue(), 1);
    assert_string_equal(jobs_state(&dead), "ready - 0 1 due");
    assert_string_equal(sql_value("SELECT last_error FROM jobs WHERE last_error IS NOT NULL"), "its worker died");
    assert_true(jobs_holds(&mine));
    jobs_assert_harmless(&dead);
    assert_int_equal(rescue(), 0);
}

/* The clock has gone back: who lives beats again soon, who does not is dead ten seconds later. */
static void a_heartbeat_from_the_future_is_one_of_now(void **state)
{
    struct job job;

    (void)state;
    jobs_add("probe");
    job = jobs_claim_mine();
    sql_do("UPDATE workers SET beat_at = now() + interval '1 hour'");
    assert_int_equal(rescue(), 0);
    assert_true(jobs_holds(&job));
    assert_string_equal(sql_value("SELECT beat_at <= now() FROM workers"), "t");
}

static void a_claim_of_a_worker_without_a_row_has_ten_seconds(void **state)
{
    struct job orphan;

    (void)state;
    jobs_add("probe");
    assert_true(jobs_claim(jobs_me + 1000, &orphan)); /* buried, and not aware of it yet */
    assert_int_equal(rescue(), 0);
    sql_do("UPDATE jobs SET lease_until = lease_until - interval '11 seconds'");
    assert_int_equal(rescue(), 1);
    jobs_assert_harmless(&orphan);
}

static void a_lease_ends_even_while_its_worker_beats(void **state)
{
    struct job job;

    (void)state;
    jobs_add("probe");
    job = jobs_claim_mine();
    assert_int_equal(rescue(), 0);
    sql_do("UPDATE jobs SET lease_until = now() - interval '1 second'");
    assert_int_equal(rescue(), 1);
    assert_string_equal(jobs_state(&job), "ready - 0 1 due");
    assert_string_equal(sql_value("SELECT last_error FROM jobs"), "its lease ran out");
    jobs_assert_harmless(&job);
}

static void a_worker_that_was_buried_can_come_back(void **state)
{
    struct job job;

    (void)state;
    jobs_add("probe");
    job = jobs_claim_mine();
    silence_all();
    assert_int_equal(rescue(), 1);
    jobs_beat(jobs_me);
    assert_string_equal(sql_value("SELECT host || ' ' || pid FROM workers"), "here 7");
    jobs_assert_harmless(&job);
    job = jobs_claim_mine();
    assert_int_equal(rescue(), 0);
    assert_true(jobs_holds(&job));
}

/* A process that is frozen inside a transaction keeps its locks; others must not wait for them. */
static void what_is_locked_is_left_for_the_next_time(void **state)
{
    struct job locked, other;
    struct pg *frozen = pg_open(getenv("DATABASE_URL"));
    struct err err;

    (void)state;
    jobs_add("probe");
    jobs_add("probe");
    locked = jobs_claim_mine();
    other = jobs_claim_mine();
    assert_true(pg_begin(frozen, &err) && job_hold(frozen, &locked, &err));
    silence_all();
    assert_int_equal(rescue(), 1);
    assert_string_equal(jobs_state(&other), "ready - 0 1 due");
    assert_string_equal(sql_value("SHOW idle_in_transaction_session_timeout"), "10s"); /* then PostgreSQL ends it */
    pg_close(frozen);
    sql_do("UPDATE jobs SET lease_until = lease_until - interval '11 seconds' WHERE state = 'leased'");
    assert_int_equal(rescue(), 1);
    assert_string_equal(jobs_state(&locked), "ready - 0 1 due");
    jobs_assert_harmless(&locked);
}

static void crash(int times)
{
    for (int i = 0; i < times; i++) {
        (void)jobs_claim_mine();
        sql_do("UPDATE jobs SET lease_until = now() - interval '1 second'");
        assert_int_equal(rescue(), 1);
        if (i + 1 < times)
            sql_do("UPDATE jobs SET run_at = now()");
    }
}

static const char *rest_s(void) { return sql_value("SELECT round(extract(epoch FROM run_at - now()))::int FROM jobs"); }

static void who_crashes_again_and_again_rests_longer_and_longer(void **state)
{
    struct job job;

    (void)state;
    jobs_add("probe");
    crash(2);
    assert_string_equal(rest_s(), "0");
    sql_do("UPDATE jobs SET run_at = now()");
    crash(1);
    assert_string_equal(sql_value("SELECT crashes || ' ' || (run_at BETWEEN now() + interval '0.7 s' AND now() +"
                                  " interval '1.3 s') FROM jobs"),
                        "3 true");
    sql_do("UPDATE jobs SET run_at = now()");
    crash(3);
    assert_in_range(strtol(rest_s(), NULL, 10), 5, 11); /* 8 s, give or take a quarter */
    sql_do("UPDATE jobs SET run_at = now(), crashes = 18");
    crash(1);
    assert_in_range(strtol(rest_s(), NULL, 10), 220, 380);
    sql_do("UPDATE jobs SET run_at = now()");
    crash(1);
    assert_string_equal(rest_s(), "0"); /* it is given up */
    job = jobs_claim_mine();
    assert_int_equal(job.crashes, 20);
    assert_string_equal(job.last_error, "its lease ran out");
    assert_int_equal(jobs_affected(job_failed(&job, true, 0, "x")), 1);
    assert_string_equal(jobs_state(&job), "ready - 1 20 due"); /* a failure is no success */
    job = jobs_claim_mine();
    assert_int_equal(jobs_affected(job_again(&job, 0)), 1);
    assert_string_equal(jobs_state(&job), "ready - 0 0 due");
}

static void retiring_gives_back_its_own_jobs_uncounted(void **state)
{
    struct job mine, others;
    int64_t other = jobs_worker();

    (void)state;
    jobs_add("probe");
    mine = jobs_claim_mine();
    jobs_add("probe");
    assert_true(jobs_claim(other, &others));
    assert_int_equal(jobs_affected(worker_retire(jobs_me)), 1);
    assert_string_equal(jobs_state(&mine), "ready - 0 0 due");
    assert_true(jobs_holds(&others));
    assert_string_equal(sql_value("SELECT count(*) FROM workers"), "1");
}

#define TEST(name) cmocka_unit_test_setup(name, jobs_set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(says_where_it_runs),
        TEST(only_the_jobs_of_the_dead_are_rescued),
        TEST(a_heartbeat_from_the_future_is_one_of_now),
        TEST(a_claim_of_a_worker_without_a_row_has_ten_seconds),
        TEST(a_lease_ends_even_while_its_worker_beats),
        TEST(a_worker_that_was_buried_can_come_back),
        TEST(what_is_locked_is_left_for_the_next_time),
        TEST(who_crashes_again_and_again_rests_longer_and_longer),
        TEST(retiring_gives_back_its_own_jobs_uncounted),
    };

    return cmocka_run_group_tests(tests, sql_open, sql_close);
}
