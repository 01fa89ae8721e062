/* The statements of an operator: what was given up is listed, run once more, or thrown away; what lives is not touched.
 */
#include "jobs/dead_job.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "support/sql.h"
#include "support/sql_jobs.h"

/* One that has failed twice, crashed three times, and was given up. */
static struct job bury(const char *why)
{
    struct job job;

    jobs_add("probe");
    job = jobs_claim_mine();
    sql_do("UPDATE jobs SET attempts = 2, crashes = 3 WHERE state = 'leased'");
    assert_int_equal(jobs_affected(job_dead(&job, why)), 1);
    return job;
}

static void the_dead_are_listed_with_the_reason(void **state)
{
    CLEANUP(pg_clear) PGresult *rows = NULL;
    struct job first, living;
    struct dead_job listed;

    (void)state;
    first = bury("first: why");
    (void)bury("second: why");
    jobs_add("probe");
    living = jobs_claim_mine();
    rows = sql_rows(dead_jobs(10));
    assert_int_equal(rows_count(rows), 2);
    listed = dead_job_from_row(rows_at(rows, 0));
    assert_int_equal(listed.id, first.id);
    assert_string_equal(listed.kind, "probe");
    assert_string_equal(listed.ref.text, first.ref.text);
    assert_int_equal(listed.attempts, 2);
    assert_int_equal(listed.crashes, 3);
    assert_string_equal(listed.last_error, "first: why");
    assert_true(strncmp(listed.since, "20", 2) == 0 && strchr(listed.since, 'T'));
    assert_int_equal(sql_count(dead_jobs(1)), 1);
    assert_true(jobs_holds(&living));
}

static void since_is_when_it_was_given_up(void **state)
{
    struct job job;

    (void)state;
    sql_do("INSERT INTO jobs (kind, ref, run_at) VALUES ('probe', gen_random_uuid(), now() - interval '1 hour')");
    job = jobs_claim_mine();
    assert_int_equal(jobs_affected(job_dead(&job, "x")), 1);
    assert_string_equal(sql_value("SELECT run_at > now() - interval '1 minute' FROM jobs"), "t");
}

static void one_is_run_once_more_as_if_it_had_never_failed(void **state)
{
    struct job first, second;

    (void)state;
    first = bury("x");
    second = bury("x");
    assert_int_equal(jobs_affected(dead_job_retry(first.id)), 1);
    assert_string_equal(jobs_state(&first), "ready - 0 0 due");
    assert_string_equal(jobs_state(&second), "dead - 2 3 due");
    jobs_assert_harmless(&first);
    assert_int_equal(jobs_affected(dead_job_retry(first.id)), 0); /* it lives */
    first = jobs_claim_mine();
    assert_string_equal(first.last_error, "");
    assert_int_equal(jobs_affected(dead_job_retry(first.id)), 0);
    assert_int_equal(jobs_affected(dead_job_discard(first.id)), 0);
    assert_true(jobs_holds(&first));
}

static void all_are_run_once_more(void **state)
{
    struct job living;

    (void)state;
    (void)bury("x");
    (void)bury("x");
    jobs_add("probe");
    living = jobs_claim_mine();
    assert_int_equal(jobs_affected(dead_job_retry(0)), 2);
    assert_true(jobs_holds(&living));
    assert_int_equal(jobs_affected(dead_job_retry(0)), 0);
}

static void one_is_thrown_away(void **state)
{
    struct job first, second;

    (void)state;
    first = bury("x");
    second = bury("x");
    assert_int_equal(jobs_affected(dead_job_discard(second.id)), 1);
    assert_string_equal(jobs_state(&second), "");
    assert_string_equal(jobs_state(&first), "dead - 2 3 due");
    assert_int_equal(jobs_affected(dead_job_discard(second.id)), 0);
}

#define TEST(name) cmocka_unit_test_setup(name, jobs_set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_dead_are_listed_with_the_reason),
        TEST(since_is_when_it_was_given_up),
        TEST(one_is_run_once_more_as_if_it_had_never_failed),
        TEST(all_are_run_once_more),
        TEST(one_is_thrown_away),
    };

    return cmocka_run_group_tests(tests, sql_open, sql_close);
}
