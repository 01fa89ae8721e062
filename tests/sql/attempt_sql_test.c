/* What the statements about attempts do beside moving a state: who is told, who pays, what comes late. */
#include "generations/attempt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "generations/generation.h"
#include "support/attempt_scene.h"
#include "support/sql.h"

static void a_notification_may_come_before_the_answer_to_the_request(void **state)
{
    (void)state;
    scene_play("submitting/sending");
    assert_int_equal(sql_count(scene_hear_result()), 1);
    assert_int_equal(sql_count(scene_accept_it()), 1);
    assert_string_equal(scene_now_at(), "storing/accepted");
    assert_string_equal(scene_of_submission("request_id"), scene.request_id);
    assert_int_equal(strncmp(scene_of_submission("status_url"), "https://queue/r-", 16), 0);
    assert_string_equal(scene_of_generation("seed"), "7");
    assert_int_equal(sql_count(scene_reject()), 0); /* whatever the worker thinks became of its request */
    assert_int_equal(sql_count(scene_lose()), 0);
    assert_int_equal(sql_count(scene_complete()), 1);
}

static void a_notification_counts_once(void **state)
{
    char before[64];

    (void)state;
    scene_play("queued/accepted");
    assert_int_equal(sql_count(scene_hear_result()), 1);
    assert_string_equal(sql_value("SELECT count(*) || ' ' || bool_or(has_nsfw_content) FROM generation_outputs"
                                  " WHERE generation_id = '%s'",
                                  scene.generation.text),
                        "2 true");
    (void)snprintf(before, sizeof before, "%s", scene_everything());
    assert_int_equal(sql_count(scene_hear_result()), 0);
    assert_int_equal(sql_count(scene_hear_end()), 0);
    assert_string_equal(scene_everything(), before);
    assert_int_equal(sql_count(scene_hear_failure()), 1); /* another word, and news; the result stays */
    assert_string_equal(scene_now_at(), "storing/accepted");
}

static void a_notification_brings_the_job_back_at_once(void **state)
{
    (void)state;
    scene_play("running/accepted");
    assert_int_equal(sql_count(scene_hear_end()), 1);
    assert_string_equal(
        sql_value("SELECT signals || ' ' || (run_at <= now()) FROM jobs WHERE ref = '%s'", scene.generation.text),
        "1 true");
    assert_int_equal(sql_count(attempt_signalled(scene.request_id)), 1);
    assert_int_equal(sql_count(attempt_signalled("no such request")), 0);
    assert_string_equal(sql_value("SELECT signals FROM jobs WHERE ref = '%s'", scene.generation.text), "2");
}

static void a_notification_of_a_foreign_request_changes_nothing(void **state)
{
    char before[64];

    (void)state;
    scene_play("queued/accepted");
    (void)snprintf(before, sizeof before, "%s", scene_everything());
    assert_int_equal(sql_count(attempt_notified(scene.submission, "another", true, "7", OUTPUTS)), 0);
    assert_int_equal(sql_count(attempt_notified(scene.submission + 1000, scene.request_id, true, "7", OUTPUTS)), 0);
    assert_string_equal(scene_everything(), before);
}

/* The statement fails with a conflict, and nothing is changed. */
static void assert_conflict(struct query q)
{
    char before[64];
    struct err err = {0};

    (void)snprintf(before, sizeof before, "%s", scene_everything());
    assert_false(pg_do(sql_pg(), &q, &err));
    assert_int_equal(err.kind, ERR_CONFLICT);
    assert_string_equal(scene_everything(), before);
}

static void the_request_of_another_generation_is_a_conflict(void **state)
{
    char taken[64];

    (void)state;
    scene_play("queued/accepted");
    (void)snprintf(taken, sizeof taken, "%s", scene.request_id);
    scene_play("submitting/sending");
    assert_conflict(attempt_notified(scene.submission, taken, true, "7", OUTPUTS));
}

static void two_attempts_are_never_open(void **state)
{
    int64_t first;

    (void)state;
    scene_play("pending/rejected");
    first = scene.submission;
    assert_int_equal(sql_count(scene_begin()), 1);
    assert_string_equal(sql_value("SELECT attempt || ' ' || state FROM submissions WHERE generation_id = '%s'"
                                  " ORDER BY id DESC LIMIT 1",
                                  scene.generation.text),
                        "2 sending");
    assert_int_equal(sql_count(attempt_notified(first, "late", false, NULL, NULL)), 1); /* noted, and no more */
    assert_string_equal(scene_of_generation("status"), "submitting");
    assert_string_equal(
        sql_value("SELECT string_agg(state, ' ' ORDER BY id) FROM submissions WHERE generation_id = '%s'",
                  scene.generation.text),
        "rejected sending");
}

/* Told while another attempt was out, and told again when that one is not: the job has something to follow. */
static void a_repeated_notification_that_reopens_an_attempt_moves_its_generation(void **state)
{
    int64_t first;

    (void)state;
    scene_play("pending/rejected");
    first = scene.submission;
    assert_int_equal(sql_count(scene_begin()), 1);
    assert_int_equal(sql_count(attempt_notified(first, scene.request_id, false, NULL, NULL)), 1);
    scene.submission++;
    assert_int_equal(sql_count(scene_reject()), 1);
    scene.submission = first;
    assert_int_equal(sql_count(scene_hear_failure()), 0);
    assert_string_equal(scene_now_at(), "queued/accepted");
}

static void the_first_result_counts_whichever_attempt_it_is_of(void **state)
{
    int64_t first;

    (void)state;
    scene_play("pending/abandoned");
    first = scene.submission;
    assert_int_equal(sql_count(scene_begin()), 1);
    assert_int_equal(sql_count(attempt_notified(first, "paid-after-all", true, "7", OUTPUTS)), 1);
    assert_string_equal(scene_of_generation("status"), "storing");
    assert_int_equal(sql_count(scene_complete()), 1);
    assert_string_equal(sql_value("SELECT string_agg(state || ' ' || coalesce(request_id, '-'), ', ' ORDER BY id)"
                                  " FROM submissions WHERE generation_id = '%s'",
                                  scene.generation.text),
                        "abandoned paid-after-all, abandoned -");
}

static void the_open_attempt_is_the_one_that_is_followed(void **state)
{
    CLEANUP(pg_clear) PGresult *rows = NULL;
    char first_request[64];
    int64_t first;

    (void)state;
    scene_play("pending/rejected");
    first = scene.submission;
    (void)snprintf(first_request, sizeof first_request, "%s", scene.request_id);
    scene_add_submission("rejected", false);
    assert_int_equal(sql_count(attempt_notified(first, first_request, false, NULL, NULL)), 1);
    assert_string_equal(scene_of_generation("status"), "queued");
    rows = sql_rows(attempt_load(scene.generation));
    assert_int_equal(attempt_from_row(rows_at(rows, 0)).id, first);
}

static const char *credits(void)
{
    return sql_value("SELECT available || ' ' || held || ' ' || spent || ' ' || unfinished FROM accounts"
                     " WHERE user_id = '%s'",
                     scene.user.text);
}

static void a_late_result_of_a_failed_one_is_kept_and_free(void **state)
{
    char before[64];

    (void)state;
    scene_play("queued/accepted");
    assert_int_equal(sql_count(scene_fail_it()), 1);
    (void)snprintf(before, sizeof before, "%s", credits());
    sql_do("DELETE FROM jobs");
    assert_int_equal(sql_count(scene_hear_result()), 1);
    assert_string_equal(scene_of_generation("status || ' ' || seed"), "failed 7");
    assert_string_equal(sql_value("SELECT count(*) FROM jobs WHERE ref = '%s'", scene.generation.text), "1");
    assert_string_equal(
        sql_value("SELECT count(*) FROM generation_outputs WHERE generation_id = '%s'", scene.generation.text), "2");
    sql_do("UPDATE jobs SET state = 'leased', epoch = 3, worker_id = 1");
    scene.job.id = strtoll(sql_value("SELECT id FROM jobs WHERE ref = '%s'", scene.generation.text), NULL, 10);
    assert_int_equal(sql_count(scene_complete()), 1);
    assert_string_equal(scene_of_generation("status || ' ' || charged || ' ' || (error_code IS NULL)"),
                        "completed 0 true");
    assert_string_equal(credits(), before);
}

/* It stays failed: for another reason, and with pictures. */
static void a_late_result_that_is_all_in_quarantine_is_told_of(void **state)
{
    char expected[32];
    int64_t version;

    (void)state;
    scene_play("queued/accepted");
    assert_int_equal(sql_count(scene_fail_it()), 1);
    version = strtoll(scene_of_generation("version"), NULL, 10);
    (void)sql_value("INSERT INTO images (id, user_id, generation_id, position, avatar_id, object_key, content_type,"
                    " width, height, bytes, sha256, placeholder, prompt, preset, endpoint, seed, has_nsfw_content)"
                    " SELECT gen_random_uuid(), user_id, id, 0, avatar_id, 'k', 'image/jpeg', 1, 1, 1, '', '', prompt,"
                    " preset, endpoint, 1, true FROM generations WHERE id = '%s' RETURNING 1",
                    scene.generation.text);
    assert_int_equal(sql_count(scene_complete()), 1);
    assert_string_equal(scene_of_generation("status || ' ' || error_code || ' ' || charged"), "failed nsfw_result 0");
    assert_int_equal(strtoll(scene_of_generation("version"), NULL, 10), version + 1);
    (void)snprintf(expected, sizeof expected, "failed %d", (int)version + 1);
    assert_string_equal(sql_value("SELECT (payload::json->>'status') || ' ' || (payload::json->>'version') FROM events"
                                  " WHERE ref = '%s' ORDER BY id DESC LIMIT 1",
                                  scene.generation.text),
                        expected);
}

static void a_late_result_of_a_cancelled_one_is_dropped(void **state)
{
    (void)state;
    scene_play("queued/accepted");
    assert_int_equal(sql_count(scene_end_it()), 1);
    sql_do("DELETE FROM jobs");
    assert_int_equal(sql_count(scene_hear_result()), 1);
    assert_string_equal(scene_of_generation("status"), "cancelled");
    assert_string_equal(sql_value("SELECT (SELECT count(*) FROM jobs) + (SELECT count(*) FROM generation_outputs"
                                  " WHERE generation_id = '%s')",
                                  scene.generation.text),
                        "0");
}

static void nothing_begins_without_a_slot(void **state)
{
    (void)state;
    scene_play("pending/none");
    sql_do("DELETE FROM slots");
    assert_int_equal(sql_count(scene_begin()), 0);
    assert_int_equal(sql_count(scene_requeue()), 1);
    assert_string_equal(sql_value("SELECT (SELECT count(*) FROM generation_queue WHERE generation_id = '%s') || ' ' ||"
                                  " (SELECT count(*) FROM jobs WHERE ref = '%s')",
                                  scene.generation.text, scene.generation.text),
                        "1 0");
    assert_int_equal(sql_count(scene_ask_cancel()), 1);
    assert_string_equal(
        sql_value("SELECT count(*) FROM generation_queue WHERE generation_id = '%s'", scene.generation.text), "0");
}

static void slots_are_held_by_what_may_be_at_the_provider(void **state)
{
    static const char OF[] = "SELECT count(*) FROM slots WHERE generation_id = '%s'";

    (void)state;
    scene_play("submitting/sending");
    assert_int_equal(sql_count(scene_lose()), 1); /* what is only searched for does not hold up the line */
    assert_string_equal(sql_value(OF, scene.generation.text), "0");
    assert_int_equal(sql_count(scene_accept_it()), 1);
    assert_string_equal(sql_value(OF, scene.generation.text), "1");
    assert_int_equal(sql_count(scene_make()), 1);
    assert_string_equal(sql_value(OF, scene.generation.text), "0");
    scene_play("submitting/sending");
    assert_int_equal(sql_count(scene_reject()), 1);
    assert_string_equal(sql_value(OF, scene.generation.text), "0");
}

static void looks_are_counted_and_late_ones_apart(void **state)
{
    (void)state;
    scene_play("submitting/unknown");
    assert_int_equal(sql_count(scene_look()), 1);
    assert_string_equal(scene_of_submission("looks || ' ' || late_looks"), "1 0");
    sql_do("UPDATE submissions SET sent_at = now() - interval '441 seconds' WHERE state = 'unknown'");
    assert_int_equal(sql_count(scene_look()), 1);
    assert_string_equal(scene_of_submission("looks || ' ' || late_looks"), "2 1");
}

static void what_ends_is_settled_once(void **state)
{
    (void)state;
    scene_play("running/accepted");
    assert_int_equal(sql_count(scene_fail_it()), 1);
    assert_string_equal(scene_of_generation("charged"), "0");
    assert_string_equal(sql_value("SELECT string_agg(kind, ' ' ORDER BY id) FROM ledger WHERE generation_id = '%s'",
                                  scene.generation.text),
                        "reserve release");
    assert_string_equal(sql_value("SELECT bool_and(available + held + spent = granted) FROM accounts"), "t");
}

static void what_is_accepted_late_is_followed(void **state)
{
    (void)state;
    scene_play("submitting/unknown");
    assert_int_equal(sql_count(scene_reject()), 1);
    assert_int_equal(sql_count(scene_accept_it()), 1); /* the answer of a worker that was thought dead */
    assert_string_equal(scene_now_at(), "queued/accepted");
    assert_int_equal(sql_count(scene_begin()), 0); /* it is not paid twice */
}

static void completing_wants_the_result_and_clears_it_away(void **state)
{
    (void)state;
    scene_play("running/accepted");
    assert_int_equal(sql_count(scene_make()), 1);
    assert_string_equal(scene_of_generation("seed"), "18446744073709551615");
    assert_string_equal(scene_of_generation("started_at IS NOT NULL AND finished_at IS NULL"), "t");
    assert_int_equal(sql_count(scene_complete()), 1);
    assert_string_equal(scene_of_generation("finished_at IS NOT NULL"), "t");
    assert_string_equal(
        sql_value("SELECT count(*) FROM generation_outputs WHERE generation_id = '%s'", scene.generation.text), "0");
}

static void clients_are_told_of_what_they_see(void **state)
{
    (void)state;
    scene_play("submitting/sending");
    assert_int_equal(sql_count(scene_accept_it()), 1);
    assert_int_equal(sql_count(scene_see_queued()), 1);
    assert_int_equal(sql_count(scene_see_queued()), 0); /* nothing new */
    assert_int_equal(sql_count(scene_see_running()), 1);
    assert_int_equal(sql_count(scene_make()), 1);
    assert_int_equal(sql_count(scene_complete()), 1);
    assert_string_equal(
        sql_value("SELECT string_agg(payload::json->>'status', ' ' ORDER BY id) FROM events WHERE ref = '%s'",
                  scene.generation.text),
        "submitting queued queued running storing completed"); /* with versions, without a gap */
    assert_string_equal(
        sql_value("SELECT string_agg(payload::json->>'version', ' ' ORDER BY id) FROM events WHERE ref = '%s'",
                  scene.generation.text),
        "1 2 3 4 5 6");
    assert_string_equal(sql_value("SELECT bool_and(user_id = '%s') FROM events WHERE ref = '%s'", scene.user.text,
                                  scene.generation.text),
                        "t");
}

static void an_attempt_is_read_as_it_was_written(void **state)
{
    CLEANUP(pg_clear) PGresult *rows = NULL;
    struct attempt a;

    (void)state;
    scene_play("submitting/unknown");
    sql_do("UPDATE submissions SET looks = 3, late_looks = 2, sent_at = now() - interval '77 seconds'"
           " WHERE state = 'unknown'");
    rows = sql_rows(attempt_load(scene.generation));
    a = attempt_from_row(rows_at(rows, 0));
    assert_string_equal(a.status, "submitting");
    assert_string_equal(a.user.text, scene.user.text);
    assert_string_equal(a.endpoint, "e");
    assert_true(text_equal(a.input, TEXT("{\"a\":1}")));
    assert_true(!a.has_wanted_seed && !a.cancel_requested && a.has_slot && !a.has_result);
    assert_true(a.looks == 3 && a.late_looks == 2 && a.number == 1 && a.cost == 1);
    assert_int_equal(a.id, scene.submission);
    assert_string_equal(a.state, "unknown");
    assert_true(a.seed == UINT64_MAX);
    assert_null(a.request_id);
    assert_null(a.status_url);
    assert_in_range(a.age_s, 77, 80);
    assert_int_equal(sql_count(attempt_load(uuid_make())), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_notification_may_come_before_the_answer_to_the_request),
        cmocka_unit_test(a_notification_counts_once),
        cmocka_unit_test(a_notification_brings_the_job_back_at_once),
        cmocka_unit_test(a_notification_of_a_foreign_request_changes_nothing),
        cmocka_unit_test(the_request_of_another_generation_is_a_conflict),
        cmocka_unit_test(two_attempts_are_never_open),
        cmocka_unit_test(a_repeated_notification_that_reopens_an_attempt_moves_its_generation),
        cmocka_unit_test(the_first_result_counts_whichever_attempt_it_is_of),
        cmocka_unit_test(the_open_attempt_is_the_one_that_is_followed),
        cmocka_unit_test(a_late_result_of_a_failed_one_is_kept_and_free),
        cmocka_unit_test(a_late_result_that_is_all_in_quarantine_is_told_of),
        cmocka_unit_test(a_late_result_of_a_cancelled_one_is_dropped),
        cmocka_unit_test(nothing_begins_without_a_slot),
        cmocka_unit_test(slots_are_held_by_what_may_be_at_the_provider),
        cmocka_unit_test(looks_are_counted_and_late_ones_apart),
        cmocka_unit_test(what_ends_is_settled_once),
        cmocka_unit_test(what_is_accepted_late_is_followed),
        cmocka_unit_test(completing_wants_the_result_and_clears_it_away),
        cmocka_unit_test(clients_are_told_of_what_they_see),
        cmocka_unit_test(an_attempt_is_read_as_it_was_written),
    };

    return cmocka_run_group_tests(tests, scene_open, sql_close);
}
