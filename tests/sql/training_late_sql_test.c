/* A training that was given up, and of which the provider tells later: its model is its user's, free, unless the avatar
   has gone its own way since. */
#include "trainings/training_notice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/sql.h"
#include "support/training_scene.h"
#include "trainings/training.h"

static const struct uuid NOBODY = {""};

static const char *column(const char *name)
{
    return sql_value("SELECT %s FROM trainings WHERE id = '%s'", name, training_scene.training.text);
}

static const char *job(const char *name)
{
    return sql_value("SELECT %s FROM jobs WHERE kind = 'training' AND ref = '%s'", name, training_scene.training.text);
}

static void give_up(const char *status, const char *code)
{
    training_scene_play(status, false);
    sql_do("UPDATE trainings SET result_lora_url = NULL");
    assert_int_equal(sql_count(training_failed(&training_scene.job, code)), 1);
}

/* Of the request that it has, or of one that nobody knew of. */
static const char *request(void)
{
    return sql_value("SELECT COALESCE(request_id, 'late-' || id) FROM trainings WHERE id = '%s'",
                     training_scene.training.text);
}

static int late(const char *of)
{
    return sql_count(training_notified(training_scene.attempt, of, training_scene.avatar));
}

static struct query make_it(void)
{
    static const struct fal_outcome OUTCOME = {.lora_url = "https://fal/lora", .config_url = "https://fal/config"};

    return training_made_late(&training_scene.job, &OUTCOME);
}

static struct query complete_it(void)
{
    static const struct training_model MODEL = {.key = "a/t.safetensors", .config_key = "a/t.json", .bytes = 77};

    return training_completed(&training_scene.job, &MODEL);
}

static bool load(struct training_attempt *ret)
{
    PGresult *rows = sql_rows(training_load(training_scene.training));

    *ret = training_attempt_from_row(rows_at(rows, 0));
    PQclear(rows);
    return ret->told_late;
}

static void its_model_is_delivered_free(void **state)
{
    struct training_attempt a;

    (void)state;
    give_up("submitting", "training_unknown");
    assert_false(load(&a));
    assert_int_equal(late(request()), 1);
    assert_true(load(&a));
    assert_int_equal(strncmp(column("request_id"), "late-", 5), 0);
    assert_string_equal(job("signals"), "1");
    assert_int_equal(late("r-other"), 0);
    assert_int_equal(sql_count(make_it()), 1);
    assert_string_equal(column("status"), "failed"); /* until it is ours */
    assert_int_equal(sql_count(complete_it()), 1);
    assert_string_equal(training_scene_now(), "completed 100 | completed 100 | held 0 spent 0");
    assert_string_equal(sql_value("SELECT model_key FROM avatars WHERE id = '%s'", training_scene.avatar.text),
                        "a/t.safetensors");
    assert_string_equal(sql_value("SELECT string_agg(kind, ' ' ORDER BY id) FROM ledger WHERE training_id = '%s'",
                                  training_scene.training.text),
                        "reserve release");
    assert_int_equal(late(request()), 0); /* it has all that there was */
}

static void it_has_a_job_again_also_when_its_own_is_gone_or_dead(void **state)
{
    (void)state;
    give_up("running", "provider_timeout");
    sql_do("DELETE FROM jobs WHERE kind = 'training'");
    assert_int_equal(sql_count(training_notified(0, request(), NOBODY)), 1);
    assert_string_equal(job("state"), "ready");
    sql_do("UPDATE jobs SET state = 'dead' WHERE kind = 'training'");
    assert_int_equal(sql_count(training_notified(0, request(), NOBODY)), 1);
    assert_string_equal(job("state"), "ready");
}

static void what_has_an_end_of_its_own_is_left_alone(void **state)
{
    (void)state;
    give_up("running", "training_refused");
    assert_int_equal(late(request()), 0);
    training_scene_play("running", false);
    assert_int_equal(late(request()), 1); /* it is told of, and is not late */
    assert_string_equal(column("concat_ws(' ', status, told_late)"), "running f");
    sql_do("UPDATE trainings SET cancel_requested = true");
    assert_int_equal(sql_count(training_failed(&training_scene.job, "provider_timeout")), 1);
    assert_int_equal(late(request()), 0); /* nobody wants it any more */
    give_up("submitting", "training_unknown");
    assert_int_equal(sql_count(training_notified(training_scene.attempt, "r-late", uuid_make())), 0);
    assert_int_equal(sql_count(training_notified(training_scene.attempt + 1000, "r-late", NOBODY)), 0);
    assert_int_equal(sql_count(make_it()), 0);
    assert_int_equal(sql_count(complete_it()), 0);
    assert_int_equal(sql_count(training_late_over(&training_scene.job)), 0);
}

static void learn_anew(void)
{
    char sql[600];

    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO trainings (id, avatar_id, user_id, preset, endpoint, input, trigger_text, photos, cost,"
                   " expected_seconds) VALUES ('%s', '%s', '%s', 'fast', 'e', '{}', 'TOK', 12, 240, 100)",
                   uuid_make().text, training_scene.avatar.text, training_scene.user.text);
    sql_do(sql);
}

static void it_takes_no_newer_ones_place(void **state)
{
    struct query q = complete_it();
    struct training_attempt a;
    struct err err;

    (void)state;
    give_up("submitting", "training_unknown");
    assert_int_equal(late(request()), 1);
    assert_int_equal(sql_count(make_it()), 1);
    assert_true(load(&a) && !a.followed);
    learn_anew();
    assert_true(load(&a) && a.followed);
    q = complete_it();
    assert_false(pg_do(sql_pg(), &q, &err));
    assert_string_equal(training_scene_now(), "failed 3 | training 0 | held 240 spent 0");
}

static void what_was_stored_of_it_in_vain_is_thrown_away_and_it_stays_failed(void **state)
{
    (void)state;
    give_up("running", "provider_timeout");
    assert_int_equal(late(request()), 1);
    assert_int_equal(sql_count(training_late_over(&training_scene.job)), 1); /* nothing was made */
    assert_string_equal(column("error_code"), "provider_timeout");
    assert_string_equal(
        sql_value("SELECT count(*) FROM object_trash WHERE object_key LIKE '%s/%%'", training_scene.avatar.text), "0");
    assert_int_equal(late(request()), 1);
    assert_int_equal(sql_count(make_it()), 1);
    assert_int_equal(sql_count(training_late_over(&training_scene.job)), 1);
    assert_string_equal(column("concat_ws(' ', status, error_code, result_lora_url, told_late)"),
                        "failed model_missing f");
    assert_string_equal(sql_value("SELECT count(*) FROM object_trash WHERE object_key LIKE '%s/%s.%%'",
                                  training_scene.avatar.text, training_scene.training.text),
                        "2");
    assert_int_equal(late(request()), 0); /* or it would be thrown away while it is stored */
}

static void a_deleted_avatar_gets_none(void **state)
{
    struct training_attempt a;

    (void)state;
    give_up("running", "provider_timeout");
    assert_int_equal(late(request()), 1);
    assert_true(load(&a) && !a.followed);
    sql_do("UPDATE avatars SET deleted_at = now() WHERE status = 'error'");
    assert_true(load(&a) && a.followed);
}

static void notifications_find_theirs_by_an_index(void **state)
{
    (void)state;
    sql_do("SET enable_seqscan = off"); /* the table is small: could they, if it were large? */
    sql_assert_plan(training_notified(7, "r", NOBODY), "trainings_attempt_key");
    sql_assert_plan(training_notified(0, "r", NOBODY), "trainings_request_id_key");
    sql_do("RESET enable_seqscan");
}

int main(void)
{
    static const struct CMUnitTest TESTS[] = {
        cmocka_unit_test(its_model_is_delivered_free),
        cmocka_unit_test(it_has_a_job_again_also_when_its_own_is_gone_or_dead),
        cmocka_unit_test(what_has_an_end_of_its_own_is_left_alone),
        cmocka_unit_test(it_takes_no_newer_ones_place),
        cmocka_unit_test(what_was_stored_of_it_in_vain_is_thrown_away_and_it_stays_failed),
        cmocka_unit_test(a_deleted_avatar_gets_none),
        cmocka_unit_test(notifications_find_theirs_by_an_index),
    };

    return cmocka_run_group_tests_name("training late, statements", TESTS, training_scene_open, sql_close);
}
