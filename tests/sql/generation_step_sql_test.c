/* The worker's steps against a provider that answers as told: what is paid for is never sent twice, never forgotten. */
#include "generations/generation_job.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>
#include <unistd.h>

#include "generations/generation.h"
#include "support/sql.h"
#include "support/step_bench.h"

static void what_is_accepted_is_written_down(void **state)
{
    char sent[4000];

    (void)state;
    bench_submit();
    assert_false(bench.next.done);
    assert_true(bench.next.delay_ms > 0);
    assert_string_equal(
        sql_value("SELECT request_id FROM submissions WHERE generation_id = '%s'", bench.generation.text),
        bench.request_id);
    tiny_last_request(bench.tiny, sent, sizeof sent);
    assert_memory_equal(sent, "POST /fal-ai/flux-lora HTTP/1.1\r\n", 33); /* no webhook is configured */
    assert_non_null(strstr(sent, "\"seed\":18446744073709551615"));
    assert_int_equal(tiny_requests(bench.tiny), 1);
}

static void *cut_connections(void *arg)
{
    struct query q = query_read("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                                " WHERE pid <> pg_backend_pid() AND datname = current_database()");
    struct pg *pg = pg_open(getenv("DATABASE_URL"));
    struct err err;

    (void)arg;
    usleep(500000);
    assert_true(pg_do(pg, &q, &err));
    pg_close(pg);
    return NULL;
}

static void it_is_written_down_although_the_connection_broke_meanwhile(void **state)
{
    pthread_t cutter;

    (void)state;
    tiny_will_answer(bench.tiny, &(struct tiny_answer){"HTTP/1.1 200 OK\r\n\r\n{\"request_id\":\"r-cut\"}", TINY_DRIP},
                     1);
    assert_int_equal(pthread_create(&cutter, NULL, cut_connections, NULL), 0);
    assert_true(bench_step());
    pthread_join(cutter, NULL);
    bench_assert_now("queued/accepted");
}

static void a_webhook_has_the_submissions_own_address(void **state)
{
    static char url[] = "https://aisha.example";
    char sent[4000], wanted[100];

    (void)state;
    bench.config.generation.webhook_url = url;
    bench_submit();
    tiny_last_request(bench.tiny, sent, sizeof sent);
    (void)snprintf(wanted, sizeof wanted,
                   "?fal_webhook=https%%3A%%2F%%2Faisha.example%%2Fapi%%2Fv1%%2Fwebhooks%%2Ffal%%2F%s.",
                   sql_value("SELECT id FROM submissions WHERE generation_id = '%s'", bench.generation.text));
    assert_non_null(strstr(sent, wanted));
}

static void what_is_refused_for_good_fails_at_once(void **state)
{
    (void)state;
    bench_will_answer(
        "422 Unprocessable Entity", "",
        "{\"detail\":[{\"loc\":[\"body\",\"prompt\"],\"type\":\"content_policy_violation\",\"msg\":\"x\"}]}");
    assert_true(bench_step());
    assert_true(bench.next.done);
    bench_assert_now("failed/failed");
    assert_string_equal(sql_value("SELECT error_code FROM generations WHERE id = '%s'", bench.generation.text),
                        "moderation_blocked");
    assert_int_equal(tiny_requests(bench.tiny), 1);
}

static void what_was_surely_not_accepted_is_sent_again_later(void **state)
{
    (void)state;
    bench_will_answer("429 Too Many Requests", "Retry-After: 7\r\n", "{}");
    assert_true(bench_step()); /* it is no failure of ours */
    assert_in_range(bench.next.delay_ms, 7000, 60000);
    assert_true(bench.next.freed);
    bench_assert_now("pending/rejected");
    bench_claim();
    assert_true(bench_step()); /* without a slot it waits for its turn */
    assert_true(bench.next.parked);
    assert_string_equal(sql_value("SELECT count(*) FROM jobs"), "0");
    bench_admit();
    bench_claim();
    bench_will_answer("200 OK", "", bench_accepted_body());
    assert_true(bench_step());
    bench_assert_now("queued/rejected,accepted");
}

static void a_refused_key_makes_everything_wait(void **state)
{
    (void)state;
    bench_will_answer("401 Unauthorized", "", "{\"detail\":\"no\"}");
    assert_true(bench_step());
    bench_assert_now("pending/rejected");
    bench_claim();
    assert_true(bench_step());
    assert_string_equal(sql_value("SELECT generations_admit(5, 5)"), "0");
    assert_string_equal(sql_value("SELECT reason || (open_until > now()) FROM breakers WHERE endpoint = ''"),
                        "fal_key_refusedtrue");
    bench_admit();
}

static void an_accepted_one_is_followed_to_its_result(void **state)
{
    (void)state;
    bench_submit();
    bench_will_answer("200 OK", "", STATUS("IN_QUEUE"));
    assert_true(bench_step());
    assert_string_equal(sql_value("SELECT queue_position FROM generations WHERE id = '%s'", bench.generation.text),
                        "2");
    bench_will_answer("200 OK", "", STATUS("IN_PROGRESS"));
    assert_true(bench_step());
    bench_assert_now("running/accepted");
    bench_will_answer("503 Service Unavailable", "", "{}");
    assert_true(bench_step()); /* an outage is no failure */
    bench_assert_now("running/accepted");
    bench_will_answer_two(STATUS("COMPLETED"), "{\"images\":[{\"url\":\"https://fal.media/a.jpg\"}],\"seed\":5}");
    assert_true(bench_step());
    bench_assert_now("storing/accepted");
    assert_string_equal(
        sql_value("SELECT url FROM generation_outputs WHERE generation_id = '%s'", bench.generation.text),
        "https://fal.media/a.jpg");
    assert_string_equal(sql_value("SELECT seed FROM generations WHERE id = '%s'", bench.generation.text), "5");
}

static void a_result_that_is_not_there_is_asked_for_again(void **state)
{
    (void)state;
    bench_submit();
    sql_do("UPDATE submissions SET sent_at = sent_at - interval '5 minutes' WHERE state = 'accepted'");
    bench_will_answer_result("404 Not Found", "{\"detail\":\"Request not found\"}");
    assert_false(bench_step()); /* counted, and later again */
    bench_assert_now("queued/accepted");
    bench_will_answer("404 Not Found", "", "{\"detail\":\"Request not found\"}");
    assert_false(bench_step()); /* nor is it known to the queue */
    bench_assert_now("queued/accepted");
    bench.job.attempts = 7;
    bench_will_answer_result("404 Not Found", "{\"detail\":\"Request not found\"}");
    assert_true(bench_step());
    bench_assert_now("failed/failed");
    assert_string_equal(sql_value("SELECT error_code FROM generations WHERE id = '%s'", bench.generation.text),
                        "result_missing");
}

/* The request to cancel, the state, and the result. */
static void end_with(const char *status, const char *result)
{
    struct tiny_answer answers[3];

    answers[0] = bench_prepared(0, "202 Accepted", "", "{\"status\":\"CANCELLATION_REQUESTED\"}");
    answers[1] = bench_prepared(1, "200 OK", "", STATUS("COMPLETED"));
    answers[2] = bench_prepared(2, status, "", result);
    tiny_will_answer(bench.tiny, answers, 3);
    assert_int_equal(sql_count(generation_cancel(bench.user, bench.generation)), 1);
    assert_true(bench_step());
    assert_int_equal(tiny_requests(bench.tiny), 4);
}

static void a_cancel_is_asked_for_and_the_providers_answer_decides(void **state)
{
    (void)state;
    bench_submit();
    end_with("499 Client Closed Request", "{\"detail\":\"x\",\"error_type\":\"client_cancelled\"}");
    assert_true(bench.next.done);
    bench_assert_now("cancelled/failed");
}

static void a_cancel_that_came_too_late_changes_nothing(void **state)
{
    (void)state;
    bench_submit();
    end_with("200 OK", "{\"images\":[{\"url\":\"https://fal.media/a.jpg\"}],\"seed\":5}");
    bench_assert_now("storing/accepted");
}

/* Nobody looked for hours: this process was down. */
static void let_hours_pass(void)
{
    bench_submit();
    sql_do("UPDATE submissions SET sent_at = sent_at - interval '3 hours' WHERE state = 'accepted'");
}

static void a_result_that_waited_for_hours_is_taken(void **state)
{
    (void)state;
    let_hours_pass();
    bench_will_answer_two(STATUS("COMPLETED"), "{\"images\":[{\"url\":\"https://fal.media/a.jpg\"}],\"seed\":5}");
    assert_true(bench_step());
    bench_assert_now("storing/accepted");
}

static void what_is_not_made_after_hours_is_given_up(void **state)
{
    char sent[4000];

    (void)state;
    let_hours_pass();
    bench_will_answer_two(STATUS("IN_PROGRESS"), "{\"status\":\"CANCELLATION_REQUESTED\"}");
    assert_true(bench_step());
    assert_true(bench.next.done);
    bench_assert_now("failed/failed");
    assert_string_equal(sql_value("SELECT error_code FROM generations WHERE id = '%s'", bench.generation.text),
                        "provider_timeout");
    tiny_last_request(bench.tiny, sent, sizeof sent);
    assert_memory_equal(sent, "PUT ", 4);
}

static void an_outage_after_hours_is_not_the_end_of_what_was_made(void **state)
{
    (void)state;
    let_hours_pass();
    bench_will_answer("503 Service Unavailable", "", "{}"); /* of the state */
    assert_false(bench_step());
    assert_int_equal(bench.err.kind, ERR_UPSTREAM); /* counted */
    bench_will_answer_result("503 Service Unavailable", "{}");
    bench.job.attempts = 6;
    assert_false(bench_step());
    bench_assert_now("queued/accepted");
    bench_will_answer_two(STATUS("COMPLETED"), "{\"images\":[{\"url\":\"https://fal.media/a.jpg\"}],\"seed\":5}");
    assert_true(bench_step());
    bench_assert_now("storing/accepted");
}

static void an_outage_that_lasts_ends_what_is_late(void **state)
{
    (void)state;
    let_hours_pass();
    bench.job.attempts = 7;
    bench_will_answer("503 Service Unavailable", "", "{}");
    assert_true(bench_step());
    bench_assert_now("failed/failed");
}

static void without_a_key_everything_waits(void **state)
{
    struct fal *fal = bench.tools.fal;

    (void)state;
    bench_submit();
    bench.tools.fal = NULL;
    assert_false(bench_step());
    bench.tools.fal = fal;
    assert_int_equal(bench.err.kind, ERR_BUSY); /* an outage: not counted */
    bench_assert_now("queued/accepted");
}

static void a_lost_claim_does_nothing_at_all(void **state)
{
    (void)state;
    bench.job.epoch--;
    assert_false(bench_step());
    assert_string_equal(bench.err.code, "job_lost");
    assert_int_equal(tiny_requests(bench.tiny), 0); /* nothing was paid */
    bench_assert_now("pending/none");
}

static void what_has_ended_needs_no_more_steps(void **state)
{
    (void)state;
    bench_submit();
    assert_int_equal(sql_count(generation_failed(&bench.job, "provider_timeout")), 1);
    assert_true(bench_step());
    assert_true(bench.next.done);
    assert_int_equal(tiny_requests(bench.tiny), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_accepted_is_written_down),
        TEST(it_is_written_down_although_the_connection_broke_meanwhile),
        TEST(a_webhook_has_the_submissions_own_address),
        TEST(what_is_refused_for_good_fails_at_once),
        TEST(what_was_surely_not_accepted_is_sent_again_later),
        TEST(a_refused_key_makes_everything_wait),
        TEST(an_accepted_one_is_followed_to_its_result),
        TEST(a_result_that_is_not_there_is_asked_for_again),
        TEST(a_cancel_is_asked_for_and_the_providers_answer_decides),
        TEST(a_cancel_that_came_too_late_changes_nothing),
        TEST(a_result_that_waited_for_hours_is_taken),
        TEST(what_is_not_made_after_hours_is_given_up),
        TEST(an_outage_after_hours_is_not_the_end_of_what_was_made),
        TEST(an_outage_that_lasts_ends_what_is_late),
        TEST(without_a_key_everything_waits),
        TEST(a_lost_claim_does_nothing_at_all),
        TEST(what_has_ended_needs_no_more_steps),
    };

    return cmocka_run_group_tests(tests, bench_open, sql_close);
}
