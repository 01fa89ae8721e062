/* Statements about one generation (or training) that meet, on a real database: one waits for what another has locked,
   and must then go by what is, not by what was when it began. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <unistd.h>

#include "base/clock.h"
#include "generations/stored_image.h"
#include "support/attempt_scene.h"
#include "support/sql.h"
#include "support/training_scene.h"

enum { PATIENCE_MS = 5000 };

/* A statement on a connection of its own. */
struct party {
    pthread_t thread;
    struct query query;
    int rows; /* -1: it failed */
    struct err err;
};

static void *run_party(void *argument)
{
    struct party *party = argument;
    struct pg *pg = pg_open(getenv("DATABASE_URL"));
    PGresult *rows = pg_run(pg, &party->query, &party->err);

    party->rows = rows ? rows_count(rows) : -1;
    PQclear(rows);
    pg_close(pg);
    return NULL;
}

/* Returns when so many wait for a lock. */
static void start(struct party *party, struct query query, const char *waiting)
{
    const char *now = "";
    int64_t until = clock_monotonic_ms() + PATIENCE_MS;

    party->query = query;
    assert_int_equal(pthread_create(&party->thread, NULL, run_party, party), 0);
    while (strcmp(now, waiting) != 0 && clock_monotonic_ms() < until) {
        usleep(5000);
        now = sql_value("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted");
    }
    assert_string_equal(now, waiting);
}

static void assert_rows(struct party *party, int expected)
{
    pthread_join(party->thread, NULL);
    if (party->rows != expected)
        fail_msg("%d rows, not %d: %s %s", party->rows, expected, party->err.code, party->err.detail);
}

static struct pg *hold(const char *sql)
{
    struct pg *pg = pg_open(getenv("DATABASE_URL"));
    struct err err;

    if (!pg_begin(pg, &err) || !pg_script(pg, sql, &err))
        fail_msg("%s", err.detail);
    return pg;
}

static void let_go(struct pg *pg)
{
    struct err err;

    assert_true(pg_commit_named(pg, "let_go", &err));
    pg_close(pg);
}

static void who_is_cancelled_meanwhile_does_not_go_back_into_the_queue(void **state)
{
    char sql[400];
    struct party back;
    struct pg *canceller;

    (void)state;
    scene_play("pending/rejected");
    (void)snprintf(sql, sizeof sql,
                   "SELECT FROM jobs WHERE ref = '%s' FOR NO KEY UPDATE; UPDATE generations SET status = 'cancelled',"
                   " cancel_requested = true, finished_at = now() WHERE id = '%s'",
                   scene.generation.text, scene.generation.text);
    canceller = hold(sql);
    start(&back, scene_requeue(), "1");
    let_go(canceller);
    assert_rows(&back, 0);
    assert_string_equal(
        sql_value("SELECT count(*) FROM generation_queue WHERE generation_id = '%s'", scene.generation.text), "0");
    assert_string_equal(sql_value("SELECT state FROM jobs WHERE ref = '%s'", scene.generation.text), "leased");
}

/* The notification of an attempt that was given up, while its generation waits for its turn, which it gets just now. */
static void a_late_notification_and_a_turn_do_not_wait_for_each_other(void **state)
{
    char sql[200];
    struct party hook, turn;
    struct pg *somebody;

    (void)state;
    sql_do("DELETE FROM slots; DELETE FROM generation_queue");
    scene_play("pending/abandoned");
    assert_int_equal(sql_count(scene_requeue()), 1);
    sql_do("DELETE FROM slots");
    (void)snprintf(sql, sizeof sql, "SELECT FROM generations WHERE id = '%s' FOR NO KEY UPDATE", scene.generation.text);
    somebody = hold(sql);
    start(&hook, scene_hear_result(), "1");
    turn.query = query_write("SELECT generations_admit(2, 4)");
    assert_int_equal(pthread_create(&turn.thread, NULL, run_party, &turn), 0);
    usleep(200000); /* it need not wait for anybody */
    let_go(somebody);
    assert_rows(&hook, 1);
    assert_rows(&turn, 1);
    assert_string_equal(scene_now_at(), "storing/accepted");
    assert_string_equal(sql_value("SELECT (SELECT count(*) FROM generation_queue) || ' ' || (SELECT count(*) FROM jobs"
                                  " WHERE ref = '%s')",
                                  scene.generation.text),
                        "0 1");
}

/* Its attempt was given up, it waits, and is cancelled while its notification comes: nothing is to be followed. */
static void a_notification_does_not_reopen_an_attempt_of_what_was_cancelled_meanwhile(void **state)
{
    char sql[200];
    struct party hook;
    struct pg *canceller;

    (void)state;
    scene_play("pending/abandoned");
    assert_int_equal(sql_count(scene_requeue()), 1);
    (void)snprintf(sql, sizeof sql,
                   "UPDATE generations SET status = 'cancelled', cancel_requested = true, finished_at = now()"
                   " WHERE id = '%s'",
                   scene.generation.text);
    canceller = hold(sql);
    start(&hook, scene_hear_result(), "1");
    let_go(canceller);
    assert_rows(&hook, 1);
    assert_string_equal(scene_now_at(), "cancelled/abandoned");
}

/* Who cancels a batch has its generations' rows, and then wants the account's, as a picture does that is stored. */
static void a_picture_that_is_stored_and_a_cancelled_batch_do_not_wait_in_a_circle(void **state)
{
    const struct stored_image image = {.id = uuid_make(), .key = "k", .content_type = "image/png"};
    char sql[200];
    struct party storing;
    struct pg *canceller;
    struct err err;

    (void)state;
    scene_play("storing/accepted");
    (void)snprintf(sql, sizeof sql, "UPDATE generations SET seed = 7 WHERE id = '%s'", scene.generation.text);
    sql_do(sql);
    (void)snprintf(sql, sizeof sql, "SELECT FROM generations WHERE id = '%s' FOR NO KEY UPDATE", scene.generation.text);
    canceller = hold(sql);
    start(&storing, stored_image_insert(scene.generation, &image), "1");
    (void)snprintf(sql, sizeof sql, "UPDATE generations SET cancel_requested = true WHERE id = '%s'",
                   scene.generation.text);
    if (!pg_script(canceller, sql, &err))
        fail_msg("%s", err.detail);
    let_go(canceller);
    assert_rows(&storing, 0); /* it tells of none */
    assert_string_equal(sql_value("SELECT count(*) FROM images WHERE generation_id = '%s'", scene.generation.text),
                        "1");
}

/* Who renames an avatar has its row, and then wants the account's: the history's number. */
static void a_training_that_ends_and_a_renaming_of_its_avatar_do_not_wait_in_a_circle(void **state)
{
    char sql[200];
    struct party ending;
    struct pg *renamer;
    struct err err;

    (void)state;
    training_scene_play("running", false);
    (void)snprintf(sql, sizeof sql, "SELECT FROM avatars WHERE id = '%s' FOR NO KEY UPDATE",
                   training_scene.avatar.text);
    renamer = hold(sql);
    start(&ending, training_failed(&training_scene.job, "training_refused"), "1");
    (void)snprintf(sql, sizeof sql, "UPDATE avatars SET name = 'Other' WHERE id = '%s'", training_scene.avatar.text);
    if (!pg_script(renamer, sql, &err))
        fail_msg("%s", err.detail);
    let_go(renamer);
    assert_rows(&ending, 1);
    assert_string_equal(training_scene_now(), "failed 3 | error 0 training_refused | held 0 spent 0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_cancelled_meanwhile_does_not_go_back_into_the_queue),
        cmocka_unit_test(a_late_notification_and_a_turn_do_not_wait_for_each_other),
        cmocka_unit_test(a_notification_does_not_reopen_an_attempt_of_what_was_cancelled_meanwhile),
        cmocka_unit_test(a_picture_that_is_stored_and_a_cancelled_batch_do_not_wait_in_a_circle),
        cmocka_unit_test(a_training_that_ends_and_a_renaming_of_its_avatar_do_not_wait_in_a_circle),
    };

    return cmocka_run_group_tests_name("attempt_race_sql", tests, scene_open, sql_close);
}
