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

#include "base/config.h"
#include "base/crypto.h"
#include "base/log.h"
#include "events/event_bell.h"
#include "generations/generation.h"
#include "jobs/journal.h"
#include "support/sql.h"
#include "support/tiny_http.h"

#define STATUS(word) "{\"status\":\"" word "\",\"request_id\":\"r\",\"queue_position\":2}"

enum { ANSWER_ROOM = 1000 };

static struct bench {
    struct tiny_http *tiny;
    struct config config;
    struct job_tools tools;
    struct journal *journal;
    char folder[64];
    struct job job;
    struct job_next next;
    struct err err;
    struct uuid generation;
    char request_id[64];
    char answers[4][ANSWER_ROOM];
} bench;

static struct uuid user, avatar;

static int open_all(void **state)
{
    char sql[400];

    if (sql_open(state) != 0)
        return -1;
    log_set_level((enum log_level)(LOG_ERROR + 1));
    user = sql_user("steps");
    (void)sql_value("SELECT account_open('%s', 1000000)", user.text);
    avatar = uuid_make();
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO avatars (id, user_id, name, gender, training_type, status, finetune_id)"
                   " VALUES ('%s', '%s', 'A', 'other', 'style', 'completed', 'f')",
                   avatar.text, user.text);
    sql_do(sql);
    return 0;
}

/* Whatever waits gets its turn. */
static void admit(void) { sql_do("UPDATE breakers SET open_until = NULL; SELECT generations_admit(5, 5)"); }

static void claim(void)
{
    CLEANUP(pg_clear) PGresult *rows = NULL;

    sql_do("UPDATE jobs SET state = 'ready', run_at = now()");
    rows = sql_rows(job_claim(1, "{generation}"));
    assert_int_equal(rows_count(rows), 1);
    bench.job = job_from_row(rows_at(rows, 0));
}

static void add_wish(void)
{
    char sql[900];

    bench.generation = uuid_make();
    (void)snprintf(bench.request_id, sizeof bench.request_id, "r-%.36s", bench.generation.text);
    (void)snprintf(sql, sizeof sql,
                   "DELETE FROM jobs; DELETE FROM slots; DELETE FROM generation_queue;"
                   "INSERT INTO generations (id, user_id, avatar_id, prompt, final_prompt, preset,"
                   " endpoint, num_images, parameters, input, wanted_seed, cost, expected_seconds)"
                   " VALUES ('%s', '%s', '%s', 'p', 'p', 'fast', 'fal-ai/flux-lora', 1, '{}', '{\"prompt\":\"p\"}',"
                   " 18446744073709551615, 1, 10); INSERT INTO jobs (kind, ref) VALUES ('generation', '%s');"
                   "INSERT INTO slots (generation_id, user_id) VALUES ('%s', '%s')",
                   bench.generation.text, user.text, avatar.text, bench.generation.text, bench.generation.text,
                   user.text);
    sql_do(sql);
    claim();
}

static int set_up(void **state)
{
    struct fal_config fal = {.key = "id:secret", .media_hosts = "fal.media", .loopback = true};

    (void)state;
    bench = (struct bench){.tiny = tiny_open(), .config.resend_max_credits = 50};
    (void)snprintf(bench.folder, sizeof bench.folder, "/tmp/aisha-sent-%d", (int)getpid());
    fal.queue_url = fal.rest_url = fal.platform_url = tiny_url(bench.tiny);
    bench.tools = (struct job_tools){.config = &bench.config,
                                     .pg = sql_pg(),
                                     .fal = fal_open(&fal, &bench.err),
                                     .hook_mac = mac_open("hook", 4),
                                     .event_bell = event_bell_open()};
    add_wish();
    return bench.tools.fal ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    fal_close(bench.tools.fal);
    mac_close(bench.tools.hook_mac);
    event_bell_close(bench.tools.event_bell);
    tiny_close(bench.tiny);
    return 0;
}

static struct tiny_answer prepared(int slot, const char *status, const char *more, const char *body)
{
    (void)snprintf(bench.answers[slot], ANSWER_ROOM,
                   "HTTP/1.1 %s\r\nContent-Type: application/json\r\n%sContent-Length: %zu\r\n\r\n%s", status, more,
                   strlen(body), body);
    return (struct tiny_answer){bench.answers[slot], TINY_CLOSE};
}

static void will_answer(const char *status, const char *more, const char *body)
{
    struct tiny_answer answer = prepared(0, status, more, body);

    tiny_will_answer(bench.tiny, &answer, 1);
}

static void will_answer_two(const char *first, const char *second)
{
    struct tiny_answer answers[2];

    answers[0] = prepared(0, "200 OK", "", first);
    answers[1] = prepared(1, "200 OK", "", second);
    tiny_will_answer(bench.tiny, answers, 2);
}

/* It has ended; asked for what came of it, this. */
static void will_answer_result(const char *status, const char *body)
{
    struct tiny_answer answers[2];

    answers[0] = prepared(0, "200 OK", "", STATUS("COMPLETED"));
    answers[1] = prepared(1, status, "", body);
    tiny_will_answer(bench.tiny, answers, 2);
}

static bool step(void)
{
    bench.next = (struct job_next){0};
    bench.err = (struct err){0};
    return generation_step(&bench.tools, &bench.job, &bench.next, &bench.err);
}

static void assert_now(const char *expected)
{
    assert_string_equal(
        sql_value("SELECT g.status || '/' || coalesce(string_agg(s.state, ',' ORDER BY attempt), 'none') FROM"
                  " generations g LEFT JOIN submissions s ON s.generation_id = g.id WHERE g.id = '%s' GROUP BY g.id",
                  bench.generation.text),
        expected);
}

static const char *accepted_body(void)
{
    static char body[200];

    (void)snprintf(body, sizeof body, "{\"status\":\"IN_QUEUE\",\"request_id\":\"%s\"}", bench.request_id);
    return body;
}

static void submit(void)
{
    will_answer("200 OK", "", accepted_body());
    assert_true(step());
    assert_now("queued/accepted");
}

static void what_is_accepted_is_written_down(void **state)
{
    char sent[4000];

    (void)state;
    submit();
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
    assert_true(step());
    pthread_join(cutter, NULL);
    assert_now("queued/accepted");
}

static void a_webhook_has_the_submissions_own_address(void **state)
{
    static char url[] = "https://aisha.example";
    char sent[4000], wanted[100];

    (void)state;
    bench.config.fal_webhook_url = url;
    submit();
    tiny_last_request(bench.tiny, sent, sizeof sent);
    (void)snprintf(wanted, sizeof wanted,
                   "?fal_webhook=https%%3A%%2F%%2Faisha.example%%2Fapi%%2Fv1%%2Fwebhooks%%2Ffal%%2F%s.",
                   sql_value("SELECT id FROM submissions WHERE generation_id = '%s'", bench.generation.text));
    assert_non_null(strstr(sent, wanted));
}

static void what_is_refused_for_good_fails_at_once(void **state)
{
    (void)state;
    will_answer("422 Unprocessable Entity", "",
                "{\"detail\":[{\"loc\":[\"body\",\"prompt\"],\"type\":\"content_policy_violation\",\"msg\":\"x\"}]}");
    assert_true(step());
    assert_true(bench.next.done);
    assert_now("failed/failed");
    assert_string_equal(sql_value("SELECT error_code FROM generations WHERE id = '%s'", bench.generation.text),
                        "moderation_blocked");
    assert_int_equal(tiny_requests(bench.tiny), 1);
}

static void what_was_surely_not_accepted_is_sent_again_later(void **state)
{
    (void)state;
    will_answer("429 Too Many Requests", "Retry-After: 7\r\n", "{}");
    assert_true(step()); /* it is no failure of ours */
    assert_in_range(bench.next.delay_ms, 7000, 60000);
    assert_true(bench.next.freed);
    assert_now("pending/rejected");
    claim();
    assert_true(step()); /* without a slot it waits for its turn */
    assert_true(bench.next.parked);
    assert_string_equal(sql_value("SELECT count(*) FROM jobs"), "0");
    admit();
    claim();
    will_answer("200 OK", "", accepted_body());
    assert_true(step());
    assert_now("queued/rejected,accepted");
}

static void a_refused_key_makes_everything_wait(void **state)
{
    (void)state;
    will_answer("401 Unauthorized", "", "{\"detail\":\"no\"}");
    assert_true(step());
    assert_now("pending/rejected");
    claim();
    assert_true(step());
    assert_string_equal(sql_value("SELECT generations_admit(5, 5)"), "0");
    assert_string_equal(sql_value("SELECT reason || (open_until > now()) FROM breakers WHERE endpoint = ''"),
                        "fal_key_refusedtrue");
    admit();
}

static void break_off_once(void)
{
    tiny_will_answer(bench.tiny, &(struct tiny_answer){"HTTP/1.1 2", TINY_CLOSE}, 1);
    assert_true(step());
    assert_now("submitting/unknown");
}

static void break_off(void)
{
    break_off_once();
    assert_int_equal(tiny_requests(bench.tiny), 1);
}

static void an_answer_that_was_lost_is_looked_for_and_found(void **state)
{
    char body[400];

    (void)state;
    break_off();
    (void)snprintf(body, sizeof body,
                   "{\"items\":[{\"request_id\":\"other\",\"json_input\":{\"seed\":1}},{\"request_id\":\"%s\","
                   "\"json_input\":{\"seed\":18446744073709551615,\"prompt\":\"p\"}}],\"next_cursor\":null}",
                   bench.request_id);
    will_answer("200 OK", "", body);
    claim();
    assert_true(step());
    assert_now("queued/accepted");
    assert_int_equal(tiny_requests(bench.tiny), 2); /* a look, and nothing paid */
}

#define SAME_SEED(id, prompt)                                                                                          \
    "{\"request_id\":\"" id "\",\"json_input\":{\"seed\":18446744073709551615,\"prompt\":\"" prompt "\"}}"

static void the_same_seed_of_somebody_else_is_left_alone(void **state)
{
    (void)state;
    break_off();
    will_answer("200 OK", "", "{\"items\":[" SAME_SEED("anothers", "other words") "],\"next_cursor\":null}");
    claim();
    assert_true(step());
    assert_now("submitting/unknown");
}

static void of_several_that_are_the_same_each_finds_its_own(void **state)
{
    struct uuid first = bench.generation;

    (void)state;
    submit(); /* has the first of them */
    add_wish();
    tiny_will_answer(bench.tiny, &(struct tiny_answer){"HTTP/1.1 2", TINY_CLOSE}, 1);
    assert_true(step());
    (void)snprintf(bench.answers[3], ANSWER_ROOM, "{\"items\":[" SAME_SEED("r-%s", "p") "," SAME_SEED("r-2", "p") "]}",
                   first.text);
    will_answer("200 OK", "", bench.answers[3]);
    claim();
    assert_true(step());
    assert_now("queued/accepted");
    assert_string_equal(
        sql_value("SELECT request_id FROM submissions WHERE generation_id = '%s'", bench.generation.text), "r-2");
}

static void let_the_window_pass(void)
{
    sql_do("UPDATE submissions SET sent_at = sent_at - interval '501 seconds' WHERE state = 'unknown'");
}

static void it_is_not_sent_again_before_it_surely_was_not_accepted(void **state)
{
    char sent[4000];

    (void)state;
    break_off();
    will_answer("200 OK", "", "{\"items\":[],\"next_cursor\":null}");
    claim();
    assert_true(step());
    assert_now("submitting/unknown"); /* it may still appear */
    let_the_window_pass();
    will_answer("500 Internal Server Error", "", "{}");
    claim();
    assert_true(step());
    assert_now("submitting/unknown"); /* nothing was learnt */
    for (int look = 2; look <= 3; look++) {
        assert_now("submitting/unknown"); /* and one look is not enough */
        will_answer("200 OK", "", "{\"items\":[],\"next_cursor\":null}");
        claim();
        assert_true(step());
    }
    assert_now("pending/abandoned");
    tiny_last_request(bench.tiny, sent, sizeof sent);
    assert_memory_equal(sent, "GET ", 4);
}

static void what_is_dear_is_never_sent_again(void **state)
{
    (void)state;
    bench.config.resend_max_credits = 0;
    break_off();
    let_the_window_pass();
    for (int look = 1; look <= 3; look++) {
        will_answer("200 OK", "", "{\"items\":[],\"next_cursor\":null}");
        claim();
        assert_true(step());
    }
    assert_now("failed/review");
    assert_string_equal(
        sql_value("SELECT error_code || ' ' || charged FROM generations WHERE id = '%s'", bench.generation.text),
        "outcome_unknown 0");
}

static void while_the_list_is_away_it_is_held_for_hours(void **state)
{
    (void)state;
    break_off();
    sql_do("UPDATE submissions SET sent_at = sent_at - interval '2 hours' WHERE state = 'unknown'");
    will_answer("500 Internal Server Error", "", "{}");
    claim();
    assert_true(step());
    assert_now("submitting/unknown");
    sql_do("UPDATE submissions SET sent_at = sent_at - interval '15 minutes' WHERE state = 'unknown'");
    will_answer("500 Internal Server Error", "", "{}");
    claim();
    assert_true(step());
    assert_now("pending/abandoned");
}

static void a_process_that_died_while_sending_looks_first(void **state)
{
    char sent[4000];

    (void)state;
    assert_int_equal(sql_count(attempt_begin(&bench.job, UINT64_MAX, NULL)), 1); /* and then it was gone */
    claim();
    will_answer("200 OK", "", "{\"items\":[],\"next_cursor\":null}");
    assert_true(step());
    assert_now("submitting/unknown");
    tiny_last_request(bench.tiny, sent, sizeof sent);
    assert_memory_equal(sent, "GET ", 4);
    assert_int_equal(tiny_requests(bench.tiny), 1);
}

/* A sender with a journal that dies before or behind the note, or even when it had the answer. */
static void dies_while_sending(bool noted, const char *request_id)
{
    int64_t id;

    bench.journal = journal_open(bench.folder, &bench.err);
    assert_non_null(bench.journal);
    bench.tools.journal_folder = bench.folder;
    assert_int_equal(sql_count(attempt_begin(&bench.job, UINT64_MAX, journal_name(bench.journal))), 1);
    id = strtoll(sql_value("SELECT max(id) FROM submissions WHERE generation_id = '%s'", bench.generation.text), NULL,
                 10);
    if (noted)
        assert_true(journal_note(bench.journal, id));
    if (request_id)
        assert_true(journal_accepted(bench.journal, id, request_id));
    journal_close(bench.journal);
    claim();
}

static void age(void) { sql_do("UPDATE submissions SET sent_at = sent_at - interval '11 seconds'"); }

static void one_that_died_before_the_first_byte_is_sent_anew(void **state)
{
    (void)state;
    dies_while_sending(false, NULL);
    will_answer("200 OK", "", "{\"items\":[],\"next_cursor\":null}");
    assert_true(step());
    assert_now("submitting/unknown"); /* its sender might yet live, and be about to send */
    age();
    claim();
    assert_true(step());
    assert_now("pending/rejected");
}

static void one_that_died_behind_the_first_byte_is_held(void **state)
{
    (void)state;
    dies_while_sending(true, NULL);
    age();
    will_answer("200 OK", "", "{\"items\":[],\"next_cursor\":null}");
    assert_true(step());
    assert_now("submitting/unknown");
}

static void one_that_died_with_the_answer_is_known_without_a_search(void **state)
{
    (void)state;
    dies_while_sending(true, bench.request_id);
    assert_true(step());
    assert_now("queued/accepted");
    assert_string_equal(
        sql_value("SELECT request_id FROM submissions WHERE generation_id = '%s'", bench.generation.text),
        bench.request_id);
    assert_int_equal(tiny_requests(bench.tiny), 0);
}

static void failures_of_the_way_open_the_breaker(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++) {
        add_wish();
        break_off_once();
    }
    assert_string_equal(sql_value("SELECT count(*) FROM breakers WHERE endpoint = 'fal-ai/flux-lora'"
                                  " AND open_until > now()"),
                        "1");
    admit();
}

static void an_accepted_one_is_followed_to_its_result(void **state)
{
    (void)state;
    submit();
    will_answer("200 OK", "", STATUS("IN_QUEUE"));
    assert_true(step());
    assert_string_equal(sql_value("SELECT queue_position FROM generations WHERE id = '%s'", bench.generation.text),
                        "2");
    will_answer("200 OK", "", STATUS("IN_PROGRESS"));
    assert_true(step());
    assert_now("running/accepted");
    will_answer("503 Service Unavailable", "", "{}");
    assert_true(step()); /* an outage is no failure */
    assert_now("running/accepted");
    will_answer_two(STATUS("COMPLETED"), "{\"images\":[{\"url\":\"https://fal.media/a.jpg\"}],\"seed\":5}");
    assert_true(step());
    assert_now("storing/accepted");
    assert_string_equal(
        sql_value("SELECT url FROM generation_outputs WHERE generation_id = '%s'", bench.generation.text),
        "https://fal.media/a.jpg");
    assert_string_equal(sql_value("SELECT seed FROM generations WHERE id = '%s'", bench.generation.text), "5");
}

static void a_result_that_is_not_there_is_asked_for_again(void **state)
{
    (void)state;
    submit();
    sql_do("UPDATE submissions SET sent_at = sent_at - interval '5 minutes' WHERE state = 'accepted'");
    will_answer_result("404 Not Found", "{\"detail\":\"Request not found\"}");
    assert_false(step()); /* counted, and later again */
    assert_now("queued/accepted");
    will_answer("404 Not Found", "", "{\"detail\":\"Request not found\"}");
    assert_false(step()); /* nor is it known to the queue */
    assert_now("queued/accepted");
    bench.job.attempts = 7;
    will_answer_result("404 Not Found", "{\"detail\":\"Request not found\"}");
    assert_true(step());
    assert_now("failed/failed");
    assert_string_equal(sql_value("SELECT error_code FROM generations WHERE id = '%s'", bench.generation.text),
                        "result_missing");
}

/* The request to cancel, the state, and the result. */
static void end_with(const char *status, const char *result)
{
    struct tiny_answer answers[3];

    answers[0] = prepared(0, "202 Accepted", "", "{\"status\":\"CANCELLATION_REQUESTED\"}");
    answers[1] = prepared(1, "200 OK", "", STATUS("COMPLETED"));
    answers[2] = prepared(2, status, "", result);
    tiny_will_answer(bench.tiny, answers, 3);
    assert_int_equal(sql_count(generation_cancel(user, bench.generation)), 1);
    assert_true(step());
    assert_int_equal(tiny_requests(bench.tiny), 4);
}

static void a_cancel_is_asked_for_and_the_providers_answer_decides(void **state)
{
    (void)state;
    submit();
    end_with("499 Client Closed Request", "{\"detail\":\"x\",\"error_type\":\"client_cancelled\"}");
    assert_true(bench.next.done);
    assert_now("cancelled/failed");
}

static void a_cancel_that_came_too_late_changes_nothing(void **state)
{
    (void)state;
    submit();
    end_with("200 OK", "{\"images\":[{\"url\":\"https://fal.media/a.jpg\"}],\"seed\":5}");
    assert_now("storing/accepted");
}

static void what_was_cancelled_while_it_was_looked_for_is_not_sent_again(void **state)
{
    (void)state;
    break_off();
    assert_int_equal(sql_count(generation_cancel(user, bench.generation)), 1);
    let_the_window_pass();
    for (int look = 1; look <= 3; look++) {
        will_answer("200 OK", "", "{\"items\":[],\"next_cursor\":null}");
        claim();
        assert_true(step());
    }
    assert_now("pending/abandoned");
    claim();
    assert_true(step());
    assert_true(bench.next.done);
    assert_now("cancelled/abandoned");
    assert_int_equal(tiny_requests(bench.tiny), 4);
}

/* Nobody looked for hours: this process was down. */
static void let_hours_pass(void)
{
    submit();
    sql_do("UPDATE submissions SET sent_at = sent_at - interval '3 hours' WHERE state = 'accepted'");
}

static void a_result_that_waited_for_hours_is_taken(void **state)
{
    (void)state;
    let_hours_pass();
    will_answer_two(STATUS("COMPLETED"), "{\"images\":[{\"url\":\"https://fal.media/a.jpg\"}],\"seed\":5}");
    assert_true(step());
    assert_now("storing/accepted");
}

static void what_is_not_made_after_hours_is_given_up(void **state)
{
    char sent[4000];

    (void)state;
    let_hours_pass();
    will_answer_two(STATUS("IN_PROGRESS"), "{\"status\":\"CANCELLATION_REQUESTED\"}");
    assert_true(step());
    assert_true(bench.next.done);
    assert_now("failed/failed");
    assert_string_equal(sql_value("SELECT error_code FROM generations WHERE id = '%s'", bench.generation.text),
                        "provider_timeout");
    tiny_last_request(bench.tiny, sent, sizeof sent);
    assert_memory_equal(sent, "PUT ", 4);
}

static void a_lost_claim_does_nothing_at_all(void **state)
{
    (void)state;
    bench.job.epoch--;
    assert_false(step());
    assert_string_equal(bench.err.code, "job_lost");
    assert_int_equal(tiny_requests(bench.tiny), 0); /* nothing was paid */
    assert_now("pending/none");
}

static void what_has_ended_needs_no_more_steps(void **state)
{
    (void)state;
    submit();
    assert_int_equal(sql_count(generation_failed(&bench.job, "provider_timeout")), 1);
    assert_true(step());
    assert_true(bench.next.done);
    assert_int_equal(tiny_requests(bench.tiny), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_accepted_is_written_down),
        TEST(it_is_written_down_although_the_connection_broke_meanwhile),
        TEST(a_webhook_has_the_submissions_own_address),
        TEST(what_is_refused_for_good_fails_at_once),
        TEST(what_was_surely_not_accepted_is_sent_again_later),
        TEST(a_refused_key_makes_everything_wait),
        TEST(an_answer_that_was_lost_is_looked_for_and_found),
        TEST(the_same_seed_of_somebody_else_is_left_alone),
        TEST(of_several_that_are_the_same_each_finds_its_own),
        TEST(it_is_not_sent_again_before_it_surely_was_not_accepted),
        TEST(what_is_dear_is_never_sent_again),
        TEST(while_the_list_is_away_it_is_held_for_hours),
        TEST(a_process_that_died_while_sending_looks_first),
        TEST(one_that_died_before_the_first_byte_is_sent_anew),
        TEST(one_that_died_behind_the_first_byte_is_held),
        TEST(one_that_died_with_the_answer_is_known_without_a_search),
        TEST(failures_of_the_way_open_the_breaker),
        TEST(an_accepted_one_is_followed_to_its_result),
        TEST(a_result_that_is_not_there_is_asked_for_again),
        TEST(a_cancel_is_asked_for_and_the_providers_answer_decides),
        TEST(a_cancel_that_came_too_late_changes_nothing),
        TEST(what_was_cancelled_while_it_was_looked_for_is_not_sent_again),
        TEST(a_result_that_waited_for_hours_is_taken),
        TEST(what_is_not_made_after_hours_is_given_up),
        TEST(a_lost_claim_does_nothing_at_all),
        TEST(what_has_ended_needs_no_more_steps),
    };

    return cmocka_run_group_tests(tests, open_all, sql_close);
}
