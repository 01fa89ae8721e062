/* An attempt whose answer was lost: held, looked for, found, sent again at last, or never. */
#include "generations/generation_job.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "generations/generation.h"
#include "jobs/journal.h"
#include "support/sql.h"
#include "support/step_bench.h"

static void break_off_once(void)
{
    tiny_will_answer(bench.tiny, &(struct tiny_answer){"HTTP/1.1 2", TINY_CLOSE}, 1);
    assert_true(bench_step());
    bench_assert_now("submitting/unknown");
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
    bench_will_answer("200 OK", "", body);
    bench_claim();
    assert_true(bench_step());
    bench_assert_now("queued/accepted");
    assert_int_equal(tiny_requests(bench.tiny), 2); /* a look, and nothing paid */
}

#define SAME_SEED(id, prompt)                                                                                          \
    "{\"request_id\":\"" id "\",\"json_input\":{\"seed\":18446744073709551615,\"prompt\":\"" prompt "\"}}"

static void the_same_seed_of_somebody_else_is_left_alone(void **state)
{
    (void)state;
    break_off();
    bench_will_answer("200 OK", "", "{\"items\":[" SAME_SEED("anothers", "other words") "],\"next_cursor\":null}");
    bench_claim();
    assert_true(bench_step());
    bench_assert_now("submitting/unknown");
}

static void of_several_that_are_the_same_each_finds_its_own(void **state)
{
    struct uuid first = bench.generation;

    (void)state;
    bench_submit(); /* has the first of them */
    bench_add_wish();
    tiny_will_answer(bench.tiny, &(struct tiny_answer){"HTTP/1.1 2", TINY_CLOSE}, 1);
    assert_true(bench_step());
    (void)snprintf(bench.answers[3], ANSWER_ROOM, "{\"items\":[" SAME_SEED("r-%s", "p") "," SAME_SEED("r-2", "p") "]}",
                   first.text);
    bench_will_answer("200 OK", "", bench.answers[3]);
    bench_claim();
    assert_true(bench_step());
    bench_assert_now("queued/accepted");
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
    bench_will_answer("200 OK", "", "{\"items\":[],\"next_cursor\":null}");
    bench_claim();
    assert_true(bench_step());
    bench_assert_now("submitting/unknown"); /* it may still appear */
    let_the_window_pass();
    bench_will_answer("500 Internal Server Error", "", "{}");
    bench_claim();
    assert_true(bench_step());
    bench_assert_now("submitting/unknown"); /* nothing was learnt */
    for (int look = 2; look <= 3; look++) {
        bench_assert_now("submitting/unknown"); /* and one look is not enough */
        bench_will_answer("200 OK", "", "{\"items\":[],\"next_cursor\":null}");
        bench_claim();
        assert_true(bench_step());
    }
    bench_assert_now("pending/abandoned");
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
        bench_will_answer("200 OK", "", "{\"items\":[],\"next_cursor\":null}");
        bench_claim();
        assert_true(bench_step());
    }
    bench_assert_now("failed/review");
    assert_string_equal(
        sql_value("SELECT error_code || ' ' || charged FROM generations WHERE id = '%s'", bench.generation.text),
        "outcome_unknown 0");
}

static void while_the_list_is_away_it_is_held_for_hours(void **state)
{
    (void)state;
    break_off();
    sql_do("UPDATE submissions SET sent_at = sent_at - interval '2 hours' WHERE state = 'unknown'");
    bench_will_answer("500 Internal Server Error", "", "{}");
    bench_claim();
    assert_true(bench_step());
    bench_assert_now("submitting/unknown");
    sql_do("UPDATE submissions SET sent_at = sent_at - interval '15 minutes' WHERE state = 'unknown'");
    bench_will_answer("500 Internal Server Error", "", "{}");
    bench_claim();
    assert_true(bench_step());
    bench_assert_now("pending/abandoned");
}

static void a_process_that_died_while_sending_looks_first(void **state)
{
    char sent[4000];

    (void)state;
    assert_int_equal(sql_count(attempt_begin(&bench.job, UINT64_MAX, NULL)), 1); /* and then it was gone */
    bench_claim();
    bench_will_answer("200 OK", "", "{\"items\":[],\"next_cursor\":null}");
    assert_true(bench_step());
    bench_assert_now("submitting/unknown");
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
    bench_claim();
}

static void age(void) { sql_do("UPDATE submissions SET sent_at = sent_at - interval '11 seconds'"); }

static void one_that_died_before_the_first_byte_is_sent_anew(void **state)
{
    (void)state;
    dies_while_sending(false, NULL);
    bench_will_answer("200 OK", "", "{\"items\":[],\"next_cursor\":null}");
    assert_true(bench_step());
    bench_assert_now("submitting/unknown"); /* its sender might yet live, and be about to send */
    age();
    bench_claim();
    assert_true(bench_step());
    bench_assert_now("pending/rejected");
}

static void one_that_died_behind_the_first_byte_is_held(void **state)
{
    (void)state;
    dies_while_sending(true, NULL);
    age();
    bench_will_answer("200 OK", "", "{\"items\":[],\"next_cursor\":null}");
    assert_true(bench_step());
    bench_assert_now("submitting/unknown");
}

static void one_that_died_with_the_answer_is_known_without_a_search(void **state)
{
    (void)state;
    dies_while_sending(true, bench.request_id);
    assert_true(bench_step());
    bench_assert_now("queued/accepted");
    assert_string_equal(
        sql_value("SELECT request_id FROM submissions WHERE generation_id = '%s'", bench.generation.text),
        bench.request_id);
    assert_int_equal(tiny_requests(bench.tiny), 0);
}

static void failures_of_the_way_open_the_breaker(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++) {
        bench_add_wish();
        break_off_once();
    }
    assert_string_equal(sql_value("SELECT count(*) FROM breakers WHERE endpoint = 'fal-ai/flux-lora'"
                                  " AND open_until > now()"),
                        "1");
    bench_admit();
}

static void what_was_cancelled_while_it_was_looked_for_is_not_sent_again(void **state)
{
    (void)state;
    break_off();
    assert_int_equal(sql_count(generation_cancel(bench.user, bench.generation)), 1);
    let_the_window_pass();
    for (int look = 1; look <= 3; look++) {
        bench_will_answer("200 OK", "", "{\"items\":[],\"next_cursor\":null}");
        bench_claim();
        assert_true(bench_step());
    }
    bench_assert_now("pending/abandoned");
    bench_claim();
    assert_true(bench_step());
    assert_true(bench.next.done);
    bench_assert_now("cancelled/abandoned");
    assert_int_equal(tiny_requests(bench.tiny), 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
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
        TEST(what_was_cancelled_while_it_was_looked_for_is_not_sent_again),
    };

    return cmocka_run_group_tests(tests, bench_open, sql_close);
}
