/* Batches as rows: all of one is written or nothing, sequential ones go a second apart, a cancel ends what it may. */
#include "batches/batch_change.h"

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
#include "support/sql_wish.h"
#include "json/json_out.h"

static struct uuid user, other, avatar;
static struct buf items;

static int set_up(void **state)
{
    (void)state;
    log_set_level(LOG_ERROR);
    sql_do("DELETE FROM generation_queue; DELETE FROM slots; DELETE FROM jobs");
    user = sql_user("batches");
    other = sql_user("somebody else");
    avatar = sql_avatar(user);
    return 0;
}

static void write_item(struct json_out *out, int position, bool is_refused)
{
    json_object(out);
    json_key_int64(out, "position", position);
    json_key_text(out, "prompt", is_refused ? "" : "a \"cat\" \xd0\xb9");
    if (is_refused) {
        json_key_text(out, "code", "moderation_blocked");
        json_key_text(out, "category", "violence");
    } else {
        json_key_text(out, "id", uuid_make().text);
        json_key_text(out, "final_prompt", "TRG a \"cat\"");
        json_key_text(out, "input", "{\"prompt\":\"x\"}");
    }
    json_end_object(out);
}

/* "..x." is four prompts of which the third is refused; 4 credits each. */
static struct batch_new batch_of(const char *prompts, const struct idempotency *key)
{
    struct batch_new new = {.id = uuid_make(), .each = sql_wish(user, avatar, key)};
    struct json_out out;

    buf_done(&items);
    items = buf_make(1 << 20);
    out = json_out_begin(&items);
    json_array(&out);
    for (int i = 0; prompts[i]; i++) {
        write_item(&out, i, prompts[i] == 'x');
        new.runnable += prompts[i] != 'x';
    }
    json_end_array(&out);
    new.items = items.bytes;
    return new;
}

static struct uuid add(const char *prompts, bool is_sequential)
{
    struct batch_new new = batch_of(prompts, NULL);

    new.is_sequential = is_sequential;
    assert_int_equal(sql_count(batch_insert(&new)), 1);
    return new.id;
}

static struct batch load(struct uuid id)
{
    static PGresult *rows;

    PQclear(rows);
    rows = sql_rows(batch_by_id(user, id));
    assert_int_equal(rows_count(rows), 1);
    return batch_from_row(rows_at(rows, 0));
}

static void expect_counts(struct uuid id, const char *expected)
{
    struct batch b = load(id);
    char counts[64];

    (void)snprintf(counts, sizeof counts, "%d refused %d pending %d running %d completed %d failed %d cancelled",
                   (int)b.refused, (int)b.pending, (int)b.running, (int)b.completed, (int)b.failed, (int)b.cancelled);
    assert_string_equal(counts, expected);
    assert_int_equal(b.total, b.refused + b.pending + b.running + b.completed + b.failed + b.cancelled);
}

static const char *account(void)
{
    return sql_value("SELECT available || ' ' || held || ' ' || spent || ' ' || unfinished FROM accounts"
                     " WHERE user_id = '%s'",
                     user.text);
}

static void all_of_it_is_written_at_once(void **state)
{
    struct uuid id = add("..x.", false);
    CLEANUP(pg_clear) PGresult *rows = sql_rows(batch_items(user, id));
    struct batch b = load(id);
    struct batch_item item;

    (void)state;
    expect_counts(id, "1 refused 3 pending 0 running 0 completed 0 failed 0 cancelled");
    assert_string_equal(batch_status(&b), "running");
    assert_int_equal(b.cost, 12);
    assert_int_equal(b.reserved, 12);
    assert_string_equal(account(), "999988 12 0 3");
    assert_int_equal(rows_count(rows), 4);
    item = batch_item_from_row(rows_at(rows, 2));
    assert_string_equal(item.error_code, "moderation_blocked");
    assert_string_equal(item.category, "violence");
    assert_string_equal(item.generation.id.text, "");
    item = batch_item_from_row(rows_at(rows, 3));
    assert_int_equal(item.position, 3);
    assert_string_equal(item.prompt, "a \"cat\" \xd0\xb9");
    assert_null(item.error_code);
    assert_string_equal(item.generation.batch_id.text, id.text);
    assert_true(item.generation.batch);
    assert_string_equal(item.generation.status, "pending");
    assert_string_equal(sql_value("SELECT string_agg(g.batch_position::text, ' ' ORDER BY q.generation_id)"
                                  " FROM generation_queue q JOIN generations g ON g.id = q.generation_id"
                                  " WHERE g.batch_id = '%s' AND q.lane = 1",
                                  id.text),
                        "0 1 3");
    assert_string_equal(sql_value("SELECT count(*) FROM ledger WHERE user_id = '%s' AND kind = 'reserve'", user.text),
                        "3");
    assert_string_equal(sql_value("SELECT count(*) FROM jobs"), "0");
}

static void too_few_credits_for_all_reserve_none(void **state)
{
    struct batch_new new = batch_of("...", NULL);

    (void)state;
    new.each.cost = SQL_USER_CREDITS / 3 + 1;
    assert_int_equal(sql_count(batch_insert(&new)), 0);
    new.each.cost = SQL_USER_CREDITS / 3;
    assert_int_equal(sql_count(batch_insert(&new)), 1);
    assert_string_equal(account(), "1 999999 0 3");
}

static void the_last_one_that_fits_among_the_unfinished_is_the_last(void **state)
{
    struct batch_new new = batch_of("...", NULL);

    (void)state;
    (void)sql_value("UPDATE accounts SET unfinished = %d WHERE user_id = '%s' RETURNING 1", GENERATIONS_MAX_OPEN - 2,
                    user.text);
    assert_int_equal(sql_count(batch_insert(&new)), 0);
    assert_string_equal(sql_value("SELECT count(*) FROM batches WHERE user_id = '%s'", user.text), "0");
    assert_string_equal(sql_value("SELECT count(*) FROM batch_items i JOIN batches b ON b.id = i.batch_id"
                                  " WHERE b.user_id = '%s'",
                                  user.text),
                        "0");
    (void)sql_value("UPDATE accounts SET unfinished = unfinished - 1 WHERE user_id = '%s' RETURNING 1", user.text);
    assert_int_equal(sql_count(batch_insert(&new)), 1);
}

static void a_key_makes_one_batch(void **state)
{
    struct idempotency key = {.given = true, .key = "once"};
    struct batch_new first = batch_of("..", &key), second;

    (void)state;
    assert_int_equal(sql_count(batch_insert(&first)), 1);
    second = batch_of("..", &key);
    assert_int_equal(sql_count(batch_insert(&second)), 0);
    assert_string_equal(account(), "999992 8 0 2");
    assert_string_equal(sql_value("SELECT ref FROM idempotency_keys WHERE user_id = '%s'", user.text), first.id.text);
}

static void somebody_else_sees_nothing_of_it(void **state)
{
    struct uuid id = add("..", false);

    (void)state;
    assert_int_equal(sql_count(batch_by_id(other, id)), 0);
    assert_int_equal(sql_count(batch_items(other, id)), 0);
    assert_int_equal(sql_count(batches_of(other, (struct uuid){""}, 10)), 0);
    assert_string_equal(sql_value("SELECT batch_cancel('%s', '%s') IS NULL", other.text, id.text), "t");
    expect_counts(id, "0 refused 2 pending 0 running 0 completed 0 failed 0 cancelled");
}

static void they_are_listed_newest_first_by_an_index(void **state)
{
    struct uuid first = add(".", false), second = add(".x", false);
    CLEANUP(pg_clear) PGresult *page = sql_rows(batches_of(user, (struct uuid){""}, 10));
    CLEANUP(pg_clear) PGresult *rest = sql_rows(batches_of(user, second, 10));

    (void)state;
    assert_int_equal(rows_count(page), 2);
    assert_string_equal(batch_from_row(rows_at(page, 0)).id.text, second.text);
    assert_int_equal(rows_count(rest), 1);
    assert_string_equal(batch_from_row(rows_at(rest, 0)).id.text, first.text);
}

/* Sequential ones */

static const char *step(struct uuid id)
{
    return sql_value("SELECT wait_ms || CASE WHEN released THEN ' released' ELSE '' END FROM batch_step('%s')",
                     id.text);
}

static const char *queued(struct uuid id)
{
    return sql_value("SELECT coalesce(string_agg(batch_position::text, ' ' ORDER BY batch_position), '')"
                     " FROM generations g JOIN generation_queue q ON q.generation_id = g.id WHERE batch_id = '%s'",
                     id.text);
}

/* Its turn has come, and the provider has taken it. */
static void sent(struct uuid id, int position)
{
    (void)sql_value("WITH g AS (SELECT * FROM generations WHERE batch_id = '%s' AND batch_position = %d), q AS"
                    " (DELETE FROM generation_queue WHERE generation_id = (SELECT id FROM g)), s AS (INSERT INTO"
                    " submissions (generation_id, user_id, attempt, state, endpoint, seed)"
                    " SELECT id, user_id, 1, 'accepted', endpoint, 1 FROM g)"
                    " UPDATE generations SET status = 'queued' WHERE id = (SELECT id FROM g) RETURNING 1",
                    id.text, position);
}

static void move(struct uuid id, int position, const char *status)
{
    (void)sql_value("UPDATE generations SET status = '%s' WHERE batch_id = '%s' AND batch_position = %d RETURNING 1",
                    status, id.text, position);
}

static void let_time_pass(struct uuid id)
{
    (void)sql_value("UPDATE batches SET next_at = next_at - interval '1 second' WHERE id = '%s' RETURNING 1", id.text);
}

static void the_next_one_goes_a_second_after_the_one_before_was_taken(void **state)
{
    struct uuid id = add(".x..", true);

    (void)state;
    assert_string_equal(sql_value("SELECT count(*) FROM jobs WHERE kind = 'batch' AND ref = '%s'", id.text), "1");
    assert_string_equal(queued(id), "0");
    assert_int_equal(load(id).held_back, 2);
    assert_string_equal(step(id), "250"); /* it has not been sent */
    move(id, 0, "submitting");
    assert_string_equal(step(id), "250"); /* nobody knows yet whether it was taken */
    sent(id, 0);
    assert_string_equal(step(id), "1000"); /* from now on a second */
    assert_int_not_equal(atoll(step(id)), 0);
    assert_string_equal(queued(id), "");
    let_time_pass(id);
    assert_string_equal(step(id), "250 released");
    assert_string_equal(queued(id), "2");
    assert_string_equal(step(id), "250"); /* a job that is repeated lets nothing more go */
    assert_string_equal(queued(id), "2");
    sent(id, 2);
    assert_string_equal(step(id), "1000");
    let_time_pass(id);
    assert_string_equal(step(id), "0 released"); /* it was the last */
    assert_string_equal(queued(id), "3");
    assert_int_equal(load(id).held_back, 0);
    assert_string_equal(step(id), "0");
}

static void what_was_cancelled_alone_is_passed_over(void **state)
{
    struct uuid id = add("....", true);

    (void)state;
    sent(id, 0);
    assert_string_equal(step(id), "1000");
    (void)sql_value("UPDATE generations SET status = 'cancelled', finished_at = now() WHERE batch_id = '%s'"
                    " AND batch_position IN (1, 3) RETURNING 1",
                    id.text);
    let_time_pass(id);
    assert_string_equal(step(id), "0 released");
    assert_string_equal(queued(id), "2");
    (void)sql_value("UPDATE generations SET status = 'cancelled', finished_at = now() WHERE batch_id = '%s'"
                    " AND batch_position = 2 RETURNING 1",
                    id.text);
    assert_string_equal(queued(id), "");
}

static void one_that_ends_without_being_sent_lets_the_next_go(void **state)
{
    struct uuid id = add("..", true);

    (void)state;
    (void)sql_value("UPDATE generations SET status = 'failed', error_code = 'x', finished_at = now()"
                    " WHERE batch_id = '%s' AND batch_position = 0 RETURNING 1",
                    id.text);
    assert_string_equal(step(id), "1000");
    let_time_pass(id);
    assert_string_equal(step(id), "0 released");
}

static void it_looks_less_often_the_longer_the_wait(void **state)
{
    struct uuid id = add("..", true);

    (void)state;
    (void)sql_value("UPDATE batches SET let_go_at = now() - interval '16 seconds' WHERE id = '%s' RETURNING 1",
                    id.text);
    assert_in_range(atoll(step(id)), 1990, 2100);
    (void)sql_value("UPDATE batches SET let_go_at = now() - interval '1 hour' WHERE id = '%s' RETURNING 1", id.text);
    assert_string_equal(step(id), "5000");
    (void)sql_value("UPDATE batches SET let_go_at = now() + interval '1 hour' WHERE id = '%s' RETURNING 1", id.text);
    assert_string_equal(step(id), "250"); /* a clock that was set back */
}

static void a_clock_that_was_set_back_holds_nothing_up(void **state)
{
    struct uuid id = add("..", true);

    (void)state;
    sent(id, 0);
    assert_string_equal(step(id), "1000");
    (void)sql_value("UPDATE batches SET next_at = now() + interval '1 hour' WHERE id = '%s' RETURNING 1", id.text);
    assert_string_equal(step(id), "0 released");
}

static void what_waits_for_a_day_expires_unpaid(void **state)
{
    struct uuid id = add("...", true);

    (void)state;
    (void)sql_value("UPDATE batches SET created_at = now() - interval '25 hours' WHERE id = '%s' RETURNING 1", id.text);
    assert_string_equal(step(id), "0");
    expect_counts(id, "0 refused 1 pending 0 running 0 completed 2 failed 0 cancelled");
    assert_string_equal(
        sql_value("SELECT string_agg(DISTINCT error_code, ' ') FROM generations WHERE batch_id = '%s'", id.text),
        "queue_expired");
    assert_string_equal(account(), "999996 4 0 1");
    assert_string_equal(queued(id), "0"); /* the one that was let go has its own day */
}

/* Cancels */

static const char *cancel(struct uuid id)
{
    CLEANUP(pg_clear) PGresult *rows = sql_rows(batch_cancel(user, id));
    struct row row = rows_at(rows, 0);

    return row_is_null(&row) ? "none" : row_bool(&row) ? "cancelled" : "over";
}

static void a_cancel_ends_what_was_not_sent_and_asks_for_the_rest(void **state)
{
    struct uuid id = add("....", true);
    struct batch b;

    (void)state;
    sent(id, 0);
    (void)sql_value("INSERT INTO jobs (kind, ref, run_at) SELECT 'generation', id, now() + interval '1 hour'"
                    " FROM generations WHERE batch_id = '%s' AND batch_position = 0 RETURNING 1",
                    id.text);
    assert_string_equal(cancel(id), "cancelled");
    expect_counts(id, "0 refused 0 pending 1 running 0 completed 0 failed 3 cancelled");
    b = load(id);
    assert_true(b.cancel_requested);
    assert_string_equal(batch_status(&b), "running"); /* the provider decides about the one that it has */
    assert_string_equal(account(), "999996 4 0 1");
    assert_string_equal(
        sql_value("SELECT cancel_requested FROM generations WHERE batch_id = '%s' AND batch_position = 0", id.text),
        "t");
    assert_string_equal(sql_value("SELECT signals || ' ' || (run_at <= now()) FROM jobs WHERE kind = 'generation'"),
                        "1 true");
    assert_string_equal(step(id), "0");           /* its job has nothing more to do */
    assert_string_equal(cancel(id), "cancelled"); /* again: nothing changes */
    assert_string_equal(sql_value("SELECT max(version) FROM generations WHERE batch_id = '%s'", id.text), "3");
    (void)sql_value("UPDATE generations SET status = 'cancelled', finished_at = now() WHERE batch_id = '%s'"
                    " AND batch_position = 0 RETURNING 1",
                    id.text);
    b = load(id);
    assert_string_equal(batch_status(&b), "cancelled");
    assert_string_equal(cancel(id), "over");
    assert_string_equal(account(), "1000000 0 0 0");
}

static void a_cancel_of_what_waits_leaves_no_turn_behind(void **state)
{
    struct uuid id = add("...", false);

    (void)state;
    assert_string_equal(queued(id), "0 1 2");
    assert_string_equal(cancel(id), "cancelled");
    assert_string_equal(queued(id), "");
    assert_string_equal(sql_value("SELECT sum(waiting) FROM flows WHERE user_id = '%s'", user.text), "0");
    assert_string_equal(account(), "1000000 0 0 0");
}

static void a_batch_that_is_unknown_cannot_be_cancelled(void **state)
{
    (void)state;
    assert_string_equal(cancel(uuid_make()), "none");
}

/* Batches being made, cancelled and admitted by several at once, in a circle if there were one. */

enum { THREADS = 7, ROUNDS = 25 };

static void *hurry(void *which)
{
    static const char *const SCRIPTS[THREADS] = {
        "SELECT generations_admit(1000, 1000)",
        "SELECT batch_cancel(user_id, id) FROM (SELECT * FROM batches ORDER BY random() LIMIT 1) b",
        "SELECT s.* FROM (SELECT id FROM batches WHERE next_position IS NOT NULL ORDER BY random() LIMIT 1) b, LATERAL"
        " batch_step(b.id) s",
        "WITH g AS (SELECT id FROM generations WHERE status = 'pending' ORDER BY random() LIMIT 1), job AS (SELECT 1 "
        "FROM"
        " jobs WHERE kind = 'generation' AND ref = (SELECT id FROM g) FOR NO KEY UPDATE) UPDATE generations SET status "
        "="
        " 'cancelled', finished_at = now() WHERE id = (SELECT id FROM g) AND (SELECT count(*) FROM job) >= 0"
        " AND status = 'pending'",
        "UPDATE generations SET status = 'failed', error_code = 'x', finished_at = now() WHERE charged IS NULL AND id ="
        " (SELECT id FROM generations WHERE charged IS NULL ORDER BY random() LIMIT 1)",
        /* A worker that goes gives back what it held, in any order; a step holds its job and moves its generation. */
        "UPDATE jobs SET run_at = now() WHERE id = ANY (ARRAY(SELECT id FROM jobs WHERE kind = 'generation'"
        " ORDER BY random() LIMIT 20))",
        "WITH held AS (SELECT ref FROM jobs WHERE kind = 'generation' ORDER BY random() LIMIT 1 FOR UPDATE)"
        " UPDATE generations SET status = CASE WHEN status = 'submitting' THEN 'pending' ELSE 'submitting' END"
        " FROM held WHERE id = held.ref AND status IN ('pending', 'submitting')",
    };
    struct pg *pg = pg_open(getenv("DATABASE_URL"));
    struct err err = {0};

    for (int i = 0; i < ROUNDS * 4; i++)
        if (!pg_script(pg, SCRIPTS[(intptr_t)which], &err)) {
            print_error("%d: %s\n", (int)(intptr_t)which, err.detail);
            break;
        }
    pg_close(pg);
    return err.kind == ERR_NONE ? NULL : (void *)SCRIPTS[(intptr_t)which];
}

static void nobody_waits_in_a_circle_and_the_credits_are_exact(void **state)
{
    pthread_t threads[THREADS];
    void *failed;

    (void)state;
    for (intptr_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, hurry, (void *)i), 0);
    for (int i = 0; i < ROUNDS; i++)
        (void)add("........", i % 2 == 0);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        if (failed)
            fail_msg("%s", (char *)failed);
    }
    assert_string_equal(
        sql_value("SELECT held = 4 * unfinished AND unfinished = (SELECT count(*) FROM generations WHERE"
                  " user_id = '%s' AND charged IS NULL) FROM accounts WHERE user_id = '%s'",
                  user.text, user.text),
        "t");
    assert_string_equal(sql_value("SELECT count(*) FROM generations g JOIN batches b ON b.id = g.batch_id WHERE"
                                  " g.status = 'pending' AND g.batch_position < coalesce(b.next_position, 99)"
                                  " AND NOT EXISTS (SELECT FROM generation_queue WHERE generation_id = g.id)"
                                  " AND NOT EXISTS (SELECT FROM jobs WHERE kind = 'generation' AND ref = g.id)"),
                        "0");
}

/* Fifty at once */

static void fifty_are_made_in_one_statement(void **state)
{
    struct uuid id = add("..................................................", false);

    (void)state;
    expect_counts(id, "0 refused 50 pending 0 running 0 completed 0 failed 0 cancelled");
    assert_string_equal(account(), "999800 200 0 50");
    assert_int_equal(sql_count(batch_items(user, id)), 50);
    assert_int_equal(sql_count(batch_images(user, id)), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(all_of_it_is_written_at_once, set_up),
        cmocka_unit_test_setup(too_few_credits_for_all_reserve_none, set_up),
        cmocka_unit_test_setup(the_last_one_that_fits_among_the_unfinished_is_the_last, set_up),
        cmocka_unit_test_setup(a_key_makes_one_batch, set_up),
        cmocka_unit_test_setup(somebody_else_sees_nothing_of_it, set_up),
        cmocka_unit_test_setup(they_are_listed_newest_first_by_an_index, set_up),
        cmocka_unit_test_setup(the_next_one_goes_a_second_after_the_one_before_was_taken, set_up),
        cmocka_unit_test_setup(what_was_cancelled_alone_is_passed_over, set_up),
        cmocka_unit_test_setup(one_that_ends_without_being_sent_lets_the_next_go, set_up),
        cmocka_unit_test_setup(it_looks_less_often_the_longer_the_wait, set_up),
        cmocka_unit_test_setup(a_clock_that_was_set_back_holds_nothing_up, set_up),
        cmocka_unit_test_setup(what_waits_for_a_day_expires_unpaid, set_up),
        cmocka_unit_test_setup(a_cancel_ends_what_was_not_sent_and_asks_for_the_rest, set_up),
        cmocka_unit_test_setup(a_cancel_of_what_waits_leaves_no_turn_behind, set_up),
        cmocka_unit_test_setup(a_batch_that_is_unknown_cannot_be_cancelled, set_up),
        cmocka_unit_test_setup(nobody_waits_in_a_circle_and_the_credits_are_exact, set_up),
        cmocka_unit_test_setup(fifty_are_made_in_one_statement, set_up),
    };
    int failed = cmocka_run_group_tests(tests, sql_open, sql_close);

    buf_done(&items);
    return failed;
}
