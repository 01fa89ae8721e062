/* The statements that move a training: what its avatar shows, what it costs, and what cannot happen. */
#include "trainings/training_attempt.h"
#include "trainings/training_notice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "events/event_bell.h"
#include "support/sql.h"
#include "support/training_scene.h"
#include "trainings/training.h"
#include "trainings/training_job.h"

static const struct fal_ticket TICKET = {.endpoint = "e", .request_id = "r-new", .status_url = "s"};

static struct query accept_it(void)
{
    return training_accepted(training_scene.training, training_scene.attempt, &TICKET);
}
static struct query pack_it(void)
{
    return training_packed(&training_scene.job, "trainings/k.zip", "https://a/k", 100);
}
static struct query send_it(void) { return training_sending(&training_scene.job, "journal-1"); }
static struct query reject_it(void) { return training_rejected(&training_scene.job, training_scene.attempt); }
static struct query begin_it_again(void) { return training_again(&training_scene.job); }
static struct query look_for_it(void) { return training_looked(&training_scene.job, training_scene.attempt); }
static struct query see_it_queued(void) { return training_seen(&training_scene.job, false, 2, 3); }
static struct query see_it_run(void) { return training_seen(&training_scene.job, true, -1, 40); }
static struct query fail_it(void) { return training_failed(&training_scene.job, "training_refused"); }
static struct query cancel_it(void) { return training_cancelled(&training_scene.job); }
static struct query abandon_it(void) { return training_abandoned(&training_scene.job); }
static struct query tidy_it(void) { return training_tidied(&training_scene.job); }

static struct query make_it(void)
{
    static const struct fal_outcome OUTCOME = {.lora_url = "https://fal/lora", .config_url = "https://fal/config"};

    return training_made(&training_scene.job, &OUTCOME);
}

static struct query complete_it(void)
{
    static const struct training_model MODEL = {.key = "a/t.safetensors", .config_key = "a/t.json", .bytes = 77};

    return training_completed(&training_scene.job, &MODEL);
}

static const char *const STATUSES[] = {"pending", "submitting", "queued",    "running",
                                       "storing", "completed",  "cancelled", "failed"};

/* Every statement in every state: where it leads, "" for nowhere. */
static const struct arrow {
    const char *name;
    struct query (*make)(void);
    const char *leads[8];
} ARROWS[] = {
    {"pack", pack_it, {"pending"}},
    {"send", send_it, {"submitting"}},
    {"accept", accept_it, {"", "queued", "queued", "running", "storing", "completed", "cancelled", "failed"}},
    {"reject", reject_it, {"", "pending"}},
    {"again", begin_it_again, {"", "", "pending", "pending"}},
    {"look", look_for_it, {"", "submitting"}},
    {"seen queued", see_it_queued, {"", "", "queued", "running"}},
    {"seen running", see_it_run, {"", "", "running", "running"}},
    {"made", make_it, {"", "", "storing", "storing"}},
    {"complete", complete_it, {"", "", "", "", "completed"}},
    {"fail", fail_it, {"failed", "failed", "failed", "failed", "failed"}},
    {"cancel", cancel_it, {"cancelled", "cancelled", "cancelled", "cancelled", "cancelled"}},
    {"tidy", tidy_it, {"", "", "", "", "", "completed", "cancelled", "failed"}},
};

static const char *status_now(void)
{
    return sql_value("SELECT status FROM trainings WHERE id = '%s'", training_scene.training.text);
}

static void play(const char *status)
{
    char sql[300];

    if (strcmp(status, "completed") != 0 && strcmp(status, "cancelled") != 0 && strcmp(status, "failed") != 0) {
        training_scene_play(status, false);
        return;
    }
    training_scene_play("running", false);
    (void)snprintf(sql, sizeof sql,
                   "UPDATE avatars SET lora_url = 'https://x' WHERE id = '%s';"
                   "UPDATE trainings SET status = '%s', finished_at = now(), error_code = %s WHERE id = '%s'",
                   training_scene.avatar.text, status, strcmp(status, "failed") == 0 ? "'internal'" : "NULL",
                   training_scene.training.text);
    sql_do(sql);
}

static void each_statement_leads_where_it_may_and_nowhere_else(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ARROWS / sizeof *ARROWS; i++)
        for (int s = 0; s < 8; s++) {
            const char *to = ARROWS[i].leads[s] ? ARROWS[i].leads[s] : "";
            play(STATUSES[s]);
            if (sql_count(ARROWS[i].make()) != (*to != '\0') || strcmp(status_now(), *to ? to : STATUSES[s]) != 0)
                fail_msg("%s of a %s one: now %s", ARROWS[i].name, STATUSES[s], status_now());
        }
}

static void nothing_moves_without_the_jobs_epoch(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ARROWS / sizeof *ARROWS; i++) {
        if (strcmp(ARROWS[i].name, "accept") == 0)
            continue; /* an id is a fact, whoever learnt it */
        for (int s = 0; s < 8; s++) {
            play(STATUSES[s]);
            training_scene.job.epoch--;
            assert_int_equal(sql_count(ARROWS[i].make()), 0);
            assert_string_equal(status_now(), STATUSES[s]);
        }
    }
}

static void the_avatar_and_the_account_follow(void **state)
{
    (void)state;
    training_scene_play("queued", false);
    assert_string_equal(training_scene_now(), "queued 3 | training 3 | held 240 spent 0");
    sql_count(see_it_run());
    assert_string_equal(training_scene_now(), "running 40 | training 40 | held 240 spent 0");
    sql_count(training_seen(&training_scene.job, true, -1, 20)); /* never backwards */
    assert_string_equal(training_scene_now(), "running 40 | training 40 | held 240 spent 0");
    sql_count(make_it());
    assert_string_equal(training_scene_now(), "storing 96 | training 96 | held 240 spent 0");
    sql_count(complete_it());
    assert_string_equal(training_scene_now(), "completed 100 | completed 100 | held 0 spent 240");
    assert_string_equal(sql_value("SELECT concat_ws(' ', is_main, lora_url, config_url, model_key, model_bytes,"
                                  " config_key, trigger_text) FROM avatars WHERE id = '%s'",
                                  training_scene.avatar.text),
                        "t https://fal/lora https://fal/config a/t.safetensors 77 a/t.json TOK");
}

static void what_fails_costs_nothing_and_says_why(void **state)
{
    (void)state;
    training_scene_play("running", false);
    sql_count(fail_it());
    assert_string_equal(training_scene_now(), "failed 3 | error 0 training_refused | held 0 spent 0");
    training_scene_play("running", false);
    sql_count(cancel_it());
    assert_string_equal(training_scene_now(), "cancelled 3 | draft 0 | held 0 spent 0");
}

static void the_old_model_outlives_a_retraining_that_fails(void **state)
{
    (void)state;
    training_scene_play("running", true);
    sql_do("UPDATE avatars SET is_main = true WHERE status = 'training' AND lora_url IS NOT NULL");
    sql_count(fail_it());
    assert_string_equal(training_scene_now(), "failed 3 | completed 100 training_refused | held 0 spent 0");
    assert_string_equal(
        sql_value("SELECT concat_ws(' ', lora_url, is_main) FROM avatars WHERE id = '%s'", training_scene.avatar.text),
        "https://old/lora t");
    training_scene_play("running", true);
    sql_count(cancel_it());
    assert_string_equal(training_scene_now(), "cancelled 3 | completed 100 | held 0 spent 0");
}

static void a_second_end_changes_nothing(void **state)
{
    (void)state;
    training_scene_play("storing", false);
    assert_int_equal(sql_count(complete_it()), 1);
    assert_int_equal(sql_count(fail_it()), 0);
    assert_int_equal(sql_count(cancel_it()), 0);
    assert_int_equal(sql_count(complete_it()), 0);
    assert_string_equal(training_scene_now(), "completed 100 | completed 100 | held 0 spent 240");
}

static void a_rejected_attempt_is_followed_by_one_of_another_number(void **state)
{
    int64_t first;

    (void)state;
    training_scene_play("submitting", false);
    first = training_scene.attempt;
    assert_int_equal(sql_count(reject_it()), 1);
    assert_int_equal(sql_count(send_it()), 1);
    assert_string_equal(sql_value("SELECT attempt > %lld FROM trainings WHERE id = '%s'", (long long)first,
                                  training_scene.training.text),
                        "t");
    assert_int_equal(sql_count(training_accepted(training_scene.training, first, &TICKET)), 0);
}

static const char *trash(const char *like)
{
    return sql_value("SELECT coalesce(string_agg(bucket || '/' || object_key, ' ' ORDER BY object_key), '')"
                     " FROM object_trash WHERE object_key LIKE '%s'",
                     like);
}

/* The search for a lost answer tells attempts by their archive's address: two that were accepted never share one. */
static void what_is_sent_anew_has_an_archive_of_its_own(void **state)
{
    struct query q;

    (void)state;
    training_scene_play("queued", false);
    (void)sql_value("UPDATE trainings SET archive_key = 'trainings/again/1.zip', archive_url = 'https://a/1'"
                    " WHERE id = '%s' RETURNING id",
                    training_scene.training.text);
    assert_int_equal(sql_count(begin_it_again()), 1);
    assert_string_equal(
        sql_value("SELECT archive_url IS NULL FROM trainings WHERE id = '%s'", training_scene.training.text), "t");
    assert_string_equal(trash("trainings/again/%"), "");
    q = training_packed(&training_scene.job, "trainings/again/2.zip", "https://a/2", 100);
    assert_int_equal(sql_count(q), 1);
    assert_string_equal(trash("trainings/again/%"), "aisha-v2-photos/trainings/again/1.zip");
    assert_int_equal(sql_count(q), 1); /* a repeated step writes the same one */
    assert_string_equal(trash("trainings/again/%"), "aisha-v2-photos/trainings/again/1.zip");
}

/* Given up, its job is dead and takes no more steps. */
static void what_is_given_up_leaves_no_archive_of_faces(void **state)
{
    struct event_bell *bell = event_bell_open();
    const struct job_tools tools = {.pg = sql_pg(), .event_bell = bell};
    const struct err why = {.kind = ERR_UPSTREAM, .code = "fal_unreachable"};
    struct err err;

    (void)state;
    training_scene_play("running", false);
    (void)sql_value("UPDATE trainings SET archive_key = 'trainings/dead/1.zip' WHERE id = '%s' RETURNING id",
                    training_scene.training.text);
    assert_int_equal(sql_count(abandon_it()), 0); /* while it runs the provider may fetch it */
    assert_true(training_give_up(&tools, &training_scene.job, &why, &err));
    assert_string_equal(training_scene_now(), "failed 3 | error 0 provider_unavailable | held 0 spent 0");
    assert_string_equal(trash("trainings/dead/%"), "aisha-v2-photos/trainings/dead/1.zip");
    assert_string_equal(
        sql_value("SELECT archive_key IS NULL FROM trainings WHERE id = '%s'", training_scene.training.text), "t");
    event_bell_close(bell);
}

static void a_model_that_nobody_gets_is_thrown_away(void **state)
{
    char like[64], thrown[400];

    (void)state;
    training_scene_play("storing", false);
    assert_int_equal(sql_count(fail_it()), 1);
    (void)snprintf(like, sizeof like, "%s/%%", training_scene.avatar.text);
    (void)snprintf(thrown, sizeof thrown, "aisha-v2-models/%s/%s.json aisha-v2-models/%s/%s.safetensors",
                   training_scene.avatar.text, training_scene.training.text, training_scene.avatar.text,
                   training_scene.training.text);
    assert_string_equal(trash(like), thrown);
    training_scene_play("storing", false);
    assert_int_equal(sql_count(complete_it()), 1);
    (void)snprintf(like, sizeof like, "%s/%%", training_scene.avatar.text);
    assert_string_equal(trash(like), "");
}

static int notified(int64_t attempt, const char *request, struct uuid avatar)
{
    return sql_count(training_notified(attempt, request, avatar));
}

static void a_notification_settles_a_lost_answer(void **state)
{
    const struct uuid none = {""};

    (void)state;
    training_scene_play("submitting", false);
    assert_int_equal(notified(training_scene.attempt, "r-heard", none), 1);
    assert_string_equal(status_now(), "queued");
    assert_string_equal(sql_value("SELECT request_id FROM trainings WHERE id = '%s'", training_scene.training.text),
                        "r-heard");
    assert_string_equal(sql_value("SELECT signals FROM jobs WHERE ref = '%s'", training_scene.training.text), "1");
    assert_int_equal(notified(training_scene.attempt, "r-other", none), 0);
    assert_int_equal(notified(0, "r-heard", none), 1); /* by its request alone, once more */
}

static void a_notification_of_something_else_changes_nothing(void **state)
{
    const struct uuid none = {""};
    struct uuid other;

    (void)state;
    training_scene_play("running", false);
    other = training_scene.avatar;
    training_scene_play("running", false);
    assert_int_equal(notified(0, "r-unknown", none), 0);
    assert_int_equal(notified(training_scene.attempt + 1000, "r-unknown", none), 0);
    assert_int_equal(notified(training_scene.attempt, "r-unknown", other), 0);
    training_scene_play("submitting", false); /* another's request is not its own, whoever says so */
    assert_int_equal(notified(training_scene.attempt,
                              sql_value("SELECT request_id FROM trainings WHERE avatar_id = '%s'", other.text),
                              (struct uuid){""}),
                     0);
    training_scene_play("running", false);
    assert_int_equal(
        notified(0, sql_value("SELECT request_id FROM trainings WHERE id = '%s'", training_scene.training.text), other),
        0);
    sql_count(cancel_it());
    assert_int_equal(notified(training_scene.attempt, "r-late", none), 0);
    assert_string_equal(status_now(), "cancelled");
}

static void the_users_cancel_ends_what_was_not_sent_and_asks_for_the_rest(void **state)
{
    struct uuid stranger = sql_user("stranger");

    (void)state;
    training_scene_play("pending", false);
    assert_int_equal(sql_count(training_cancel(stranger, training_scene.avatar)), 0);
    assert_int_equal(sql_count(training_cancel(training_scene.user, training_scene.avatar)), 1);
    assert_string_equal(training_scene_now(), "cancelled 3 | draft 0 | held 0 spent 0");
    training_scene_play("running", false);
    assert_int_equal(sql_count(training_cancel(training_scene.user, training_scene.avatar)), 1);
    assert_string_equal(training_scene_now(), "running 3 | training 3 | held 240 spent 0");
    assert_string_equal(
        sql_value("SELECT cancel_requested FROM trainings WHERE id = '%s'", training_scene.training.text), "t");
    play("completed");
    assert_int_equal(sql_count(training_cancel(training_scene.user, training_scene.avatar)), 0);
}

static const char *begin(struct uuid user, struct uuid avatar, int price)
{
    return sql_value("SELECT concat_ws(' ', outcome, needed, available) FROM training_begin('%s', '%s',"
                     " gen_random_uuid(), 'fast', 'e', '{}', 'api', %d, 100, 10, NULL, NULL)",
                     user.text, avatar.text, price);
}

static void it_begins_with_enough_photos_and_credits_once(void **state)
{
    struct uuid user = sql_user("begins"), poor = sql_user_without_account("poor");
    struct uuid few = training_scene_avatar(user, "draft", 9), enough = training_scene_avatar(user, "draft", 10);
    struct uuid second = training_scene_avatar(user, "completed", 11);

    (void)state;
    assert_string_equal(begin(user, few, 240), "photos_too_few 10 9");
    assert_string_equal(begin(poor, enough, 240), "gone 240");
    assert_string_equal(begin(poor, training_scene_avatar(poor, "draft", 10), 240), "no_account 240");
    assert_string_equal(begin(user, enough, SQL_USER_CREDITS + 1), "quota_exceeded 1000001 1000000");
    assert_string_equal(begin(user, enough, 240), "begun 240 1000000");
    assert_string_equal(begin(user, enough, 240), "avatar_training 240");
    assert_string_equal(begin(user, second, 240), "training_running 240");
    assert_string_equal(sql_value("SELECT count(*) FROM jobs j JOIN trainings t ON t.id = j.ref WHERE t.user_id = '%s'"
                                  " AND j.kind = 'training'",
                                  user.text),
                        "1");
}

static const char *waits_for(void)
{
    static char code[24];
    PGresult *rows = sql_rows(training_by_id(training_scene.user, training_scene.training));
    struct training training = training_from_row(rows_at(rows, 0));

    (void)snprintf(code, sizeof code, "%s", training.waiting_for);
    assert_true((training.seconds_left >= 0) == (*code == '\0')); /* how long it takes is not known then */
    PQclear(rows);
    return code;
}

static void it_says_what_keeps_it(void **state)
{
    (void)state;
    training_scene_play("pending", false);
    assert_string_equal(waits_for(), "");
    sql_do("INSERT INTO breakers (endpoint, open_until) VALUES ('e', now() + interval '1 minute')");
    assert_string_equal(waits_for(), "waiting_provider");
    sql_do("UPDATE breakers SET open_until = now() + interval '1 minute' WHERE endpoint = ''");
    assert_string_equal(waits_for(), "waiting_stopped");
    sql_do("UPDATE breakers SET open_until = NULL");
    assert_int_equal(sql_count(send_it()), 1);
    assert_string_equal(waits_for(), "");
    sql_do("UPDATE trainings SET sent_at = now() - interval '1 minute' WHERE status = 'submitting'");
    assert_string_equal(waits_for(), "waiting_checked");
    training_scene_play("submitting", false);
    assert_int_equal(sql_count(reject_it()), 1);
    assert_string_equal(waits_for(), "waiting_provider"); /* it has just refused one */
    training_scene_play("running", false);
    assert_string_equal(waits_for(), "");
}

static void one_that_learns_cannot_be_deleted(void **state)
{
    (void)state;
    training_scene_play("running", false);
    assert_string_equal(sql_value("SELECT count(*) FROM avatar_delete('%s', '%s')", training_scene.user.text,
                                  training_scene.avatar.text),
                        "0");
    sql_count(cancel_it());
    assert_string_equal(sql_value("SELECT count(*) FROM avatar_delete('%s', '%s')", training_scene.user.text,
                                  training_scene.avatar.text),
                        "1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_statement_leads_where_it_may_and_nowhere_else),
        cmocka_unit_test(nothing_moves_without_the_jobs_epoch),
        cmocka_unit_test(the_avatar_and_the_account_follow),
        cmocka_unit_test(what_fails_costs_nothing_and_says_why),
        cmocka_unit_test(the_old_model_outlives_a_retraining_that_fails),
        cmocka_unit_test(a_second_end_changes_nothing),
        cmocka_unit_test(a_rejected_attempt_is_followed_by_one_of_another_number),
        cmocka_unit_test(what_is_sent_anew_has_an_archive_of_its_own),
        cmocka_unit_test(what_is_given_up_leaves_no_archive_of_faces),
        cmocka_unit_test(a_model_that_nobody_gets_is_thrown_away),
        cmocka_unit_test(a_notification_settles_a_lost_answer),
        cmocka_unit_test(a_notification_of_something_else_changes_nothing),
        cmocka_unit_test(the_users_cancel_ends_what_was_not_sent_and_asks_for_the_rest),
        cmocka_unit_test(it_begins_with_enough_photos_and_credits_once),
        cmocka_unit_test(it_says_what_keeps_it),
        cmocka_unit_test(one_that_learns_cannot_be_deleted),
    };

    return cmocka_run_group_tests(tests, training_scene_open, sql_close);
}
