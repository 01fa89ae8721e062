/* Credits: what a wish reserves is charged or given back exactly once, whoever comes at the same moment, and the sums
   of an account are those of its book. */
#include "users/account.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "generations/generation.h"
#include "support/sql.h"
#include "support/sql_wish.h"

enum { RIVALS = 20, ROUNDS = 20, COST = 8 };

static struct uuid user, avatar;

static void become(struct uuid somebody)
{
    user = somebody;
    avatar = sql_avatar(user);
}

static int set_up(void **state)
{
    (void)state;
    log_set_level(LOG_ERROR);
    become(sql_user_without_account("credits"));
    return 0;
}

static void open_with(int64_t credits) { assert_int_equal(sql_count(account_open(user, credits)), 1); }

static struct generation_new wish(const struct idempotency *key)
{
    struct generation_new new = sql_wish(user, avatar, key);

    new.num_images = 4;
    new.cost = COST;
    return new;
}

static struct uuid accepted(void)
{
    struct generation_new new = wish(NULL);

    assert_int_equal(sql_count(generation_insert(&new)), 1);
    return new.id;
}

/* "available held spent unfinished", when the account is what its book says and what there is of generations. */
static const char *account(void)
{
    assert_string_equal(
        sql_value("SELECT a.granted = b.granted AND a.held = b.reserved - b.ended AND a.spent = b.settled"
                  " AND a.held = o.held AND a.unfinished = o.count AND a.available + a.held + a.spent = a.granted"
                  " FROM accounts a, (SELECT coalesce(sum(amount) FILTER (WHERE kind = 'grant'), 0) AS granted,"
                  " coalesce(sum(amount) FILTER (WHERE kind = 'reserve'), 0) AS reserved,"
                  " coalesce(sum(amount) FILTER (WHERE kind = 'settle'), 0) AS settled,"
                  " coalesce((SELECT sum(r.amount) FROM ledger r JOIN ledger e USING (generation_id)"
                  " WHERE r.user_id = '%s' AND r.kind = 'reserve' AND e.kind IN ('settle', 'release')), 0) AS ended"
                  " FROM ledger WHERE user_id = '%s') b, (SELECT coalesce(sum(cost), 0) AS held, count(*) FROM"
                  " generations WHERE user_id = '%s' AND charged IS NULL) o WHERE a.user_id = '%s'",
                  user.text, user.text, user.text, user.text),
        "t");
    return sql_value("SELECT concat_ws(' ', available, held, spent, unfinished) FROM accounts WHERE user_id = '%s'",
                     user.text);
}

static const char *ends_of(struct uuid id)
{
    return sql_value("SELECT coalesce(string_agg(kind || ' ' || amount, ', ' ORDER BY id), '') FROM ledger"
                     " WHERE generation_id = '%s'",
                     id.text);
}

static void deliver(struct uuid id, int images)
{
    (void)sql_value("INSERT INTO images (id, user_id, generation_id, position, avatar_id, object_key, content_type,"
                    " width, height, bytes, sha256, placeholder, prompt, preset, endpoint, seed, has_nsfw_content)"
                    " SELECT gen_random_uuid(), '%s', '%s', n, '%s', 'k', 'image/jpeg', 1, 1, 1, '', '', 'p', 'fast',"
                    " 'e', 1, false FROM generate_series(1, %d) n RETURNING id",
                    user.text, id.text, avatar.text, images);
}

static void end_as(struct uuid id, const char *status)
{
    (void)sql_value("UPDATE generations SET status = '%s', finished_at = now(),"
                    " error_code = CASE WHEN '%s' = 'failed' THEN 'internal' END WHERE id = '%s' RETURNING id",
                    status, status, id.text);
}

static void an_account_that_is_not_open_yet_is_shown_as_it_will_be(void **state)
{
    CLEANUP(pg_clear) PGresult *none = sql_rows(account_of(user)), *one = NULL;
    struct account shown = account_from_rows(none, 1000);
    struct generation_new new = wish(NULL);

    (void)state;
    assert_true(shown.granted == 1000 && shown.available == 1000 && shown.held == 0 && shown.spent == 0);
    assert_int_equal(sql_count(generation_insert(&new)), 0);
    assert_string_equal(sql_value("SELECT count(*) FROM generations WHERE user_id = '%s'", user.text), "0");
    open_with(50);
    open_with(70); /* once */
    (void)accepted();
    one = sql_rows(account_of(user));
    shown = account_from_rows(one, 1000);
    assert_true(shown.granted == 50 && shown.available == 42 && shown.held == 8 && shown.spent == 0);
    assert_int_equal(sql_count(account_open(uuid_make(), 5)), 0); /* nobody's */
}

static void what_was_in_the_way_is_told(void **state)
{
    PGresult *rows = sql_rows(generation_obstacles(user, avatar));
    struct generation_obstacles o = generation_obstacles_from_row(rows_at(rows, 0));

    (void)state;
    PQclear(rows);
    assert_true(!o.has_account && o.has_avatar);
    open_with(COST + 3);
    (void)accepted();
    rows = sql_rows(generation_obstacles(user, uuid_make()));
    o = generation_obstacles_from_row(rows_at(rows, 0));
    PQclear(rows);
    assert_true(o.has_account && !o.has_avatar && o.available == 3 && o.unfinished == 1);
}

static void each_end_has_its_price(void **state)
{
    struct uuid whole, part, none, failed, cancelled;

    (void)state;
    open_with(100);
    whole = accepted();
    part = accepted();
    none = accepted();
    failed = accepted();
    cancelled = accepted();
    assert_string_equal(account(), "60 40 0 5");
    deliver(whole, 4);
    end_as(whole, "completed");
    deliver(part, 3);
    end_as(part, "completed");
    end_as(none, "completed");
    end_as(failed, "failed");
    end_as(cancelled, "cancelled");
    assert_string_equal(ends_of(whole), "reserve 8, settle 8");
    assert_string_equal(ends_of(part), "reserve 8, settle 6");
    assert_string_equal(ends_of(none), "reserve 8, release 8");
    assert_string_equal(ends_of(failed), "reserve 8, release 8");
    assert_string_equal(ends_of(cancelled), "reserve 8, release 8");
    assert_string_equal(account(), "86 0 14 0");
}

static void a_result_that_comes_late_is_free(void **state)
{
    struct uuid id;

    (void)state;
    open_with(100);
    id = accepted();
    end_as(id, "failed");
    deliver(id, 4);
    (void)sql_value("UPDATE generations SET status = 'completed', error_code = NULL WHERE id = '%s' RETURNING id",
                    id.text);
    assert_string_equal(ends_of(id), "reserve 8, release 8");
    assert_string_equal(account(), "100 0 0 0");
    {
        CLEANUP(pg_clear) PGresult *rows = sql_rows(generation_by_id(user, id));
        struct generation g = generation_from_row(rows_at(rows, 0));
        assert_string_equal(generation_charge_reason(&g), "late_result");
        assert_int_equal(generation_cost(&g), 0);
    }
}

static void a_second_end_cannot_be_written_down(void **state)
{
    struct query again = query_write("INSERT INTO ledger (user_id, generation_id, kind, amount) VALUES ($1, $2,"
                                     " 'settle', 1)");
    struct err err;
    struct uuid id;

    (void)state;
    open_with(100);
    id = accepted();
    end_as(id, "cancelled");
    query_add_uuid(&again, user);
    query_add_uuid(&again, id);
    assert_false(pg_do(sql_pg(), &again, &err));
    assert_string_equal(account(), "100 0 0 0");
}

struct rival {
    pthread_t thread;
    pthread_barrier_t *start;
    struct query query;
    struct generation_new new;
    int rows; /* -1: failed */
};

static void *run(void *arg)
{
    struct rival *rival = arg;
    struct pg *pg = pg_open(getenv("DATABASE_URL"));
    struct query first = query_read("SELECT 1");
    struct err err;
    PGresult *rows;

    (void)pg_do(pg, &first, &err); /* connected before the race */
    (void)pthread_barrier_wait(rival->start);
    rows = pg_run(pg, &rival->query, &err);
    rival->rows = rows ? rows_count(rows) : -1;
    if (!rows)
        print_error("%s: %s\n", err.code, err.detail);
    PQclear(rows);
    pg_close(pg);
    return NULL;
}

/* How many gave a row; none may fail. */
static int race(struct rival *rivals, int count)
{
    pthread_barrier_t start;
    int done = 0;

    (void)pthread_barrier_init(&start, NULL, (unsigned)count);
    for (int i = 0; i < count; i++) {
        rivals[i].start = &start;
        assert_int_equal(pthread_create(&rivals[i].thread, NULL, run, &rivals[i]), 0);
    }
    for (int i = 0; i < count; i++) {
        assert_int_equal(pthread_join(rivals[i].thread, NULL), 0);
        assert_true(rivals[i].rows >= 0);
        done += rivals[i].rows;
    }
    (void)pthread_barrier_destroy(&start);
    return done;
}

static void twenty_at_once_get_what_there_is_and_no_more(void **state)
{
    static struct rival rivals[RIVALS];

    (void)state;
    open_with(7 * COST + COST - 1);
    for (int i = 0; i < RIVALS; i++) {
        rivals[i].new = wish(NULL);
        rivals[i].query = generation_insert(&rivals[i].new);
    }
    assert_int_equal(race(rivals, RIVALS), 7);
    assert_string_equal(account(), "7 56 0 7");
    assert_string_equal(sql_value("SELECT waiting FROM flows WHERE user_id = '%s'", user.text), "7");
}

static void one_key_reserves_once(void **state)
{
    static const struct idempotency KEY = {.given = true, .key = "credits"};
    static struct rival rivals[RIVALS];

    (void)state;
    open_with(100);
    for (int i = 0; i < RIVALS; i++) {
        rivals[i].new = wish(&KEY);
        rivals[i].query = generation_insert(&rivals[i].new);
    }
    assert_int_equal(race(rivals, RIVALS), 1);
    assert_string_equal(account(), "92 8 0 1");
}

static struct query complete(struct uuid id)
{
    struct query q = query_write("UPDATE generations SET status = 'completed', finished_at = now() WHERE id = $1"
                                 " AND status NOT IN ('completed', 'failed', 'cancelled') RETURNING id");

    query_add_uuid(&q, id);
    return q;
}

/* Its end comes from two sides while others reserve and are topped up. */
static void an_end_is_charged_or_given_back_never_both(void **state)
{
    static struct rival rivals[5];

    (void)state;
    open_with(1000);
    for (int i = 0; i < ROUNDS; i++) {
        struct uuid id = accepted();
        deliver(id, 4);
        rivals[0].query = complete(id);
        rivals[1].query = generation_cancel(user, id);
        rivals[2].new = wish(NULL);
        rivals[2].query = generation_insert(&rivals[2].new);
        rivals[3].query = account_grant(user, 10, NULL);
        rivals[4].query = account_of(user);
        assert_int_equal(race(rivals, 5), 4);
        assert_int_equal(rivals[0].rows + rivals[1].rows, 1);
        assert_string_equal(ends_of(id), rivals[0].rows ? "reserve 8, settle 8" : "reserve 8, release 8");
        (void)account();
    }
}

static void grants_add_up_and_stand_in_the_book(void **state)
{
    static struct rival rivals[RIVALS];
    PGresult *rows;
    struct ledger_entry entry;

    (void)state;
    open_with(5);
    for (int i = 0; i < RIVALS; i++)
        rivals[i].query = account_grant(user, 10, "for \"help\"");
    assert_int_equal(race(rivals, RIVALS), RIVALS);
    assert_string_equal(account(), "205 0 0 0");
    rows = sql_rows(ledger_of(user, 0, 100));
    assert_int_equal(rows_count(rows), RIVALS + 1);
    entry = ledger_entry_from_row(rows_at(rows, 0));
    assert_string_equal(entry.kind, "grant");
    assert_string_equal(entry.reason, "for \"help\"");
    assert_true(entry.amount == 10 && !*entry.generation.text && *entry.at);
    entry = ledger_entry_from_row(rows_at(rows, RIVALS));
    assert_true(entry.amount == 5); /* the first, at the end */
    PQclear(rows);
    assert_int_equal(sql_count(account_grant(sql_user_without_account("none"), 1, NULL)), 0);
}

static void the_book_is_read_page_by_page_along_its_index(void **state)
{
    int64_t before = 0, last = INT64_MAX;
    const char *plan;
    int seen = 0;

    (void)state;
    open_with(1000);
    for (int i = 0; i < 11; i++)
        (void)accepted();
    for (int pages = 0; pages < 10; pages++) {
        CLEANUP(pg_clear) PGresult *rows = sql_rows(ledger_of(user, before, 5));
        for (int i = 0; i < rows_count(rows); i++, seen++) {
            struct ledger_entry entry = ledger_entry_from_row(rows_at(rows, i));
            assert_true(entry.id < last);
            before = last = entry.id;
        }
        if (rows_count(rows) < 5)
            break;
    }
    assert_int_equal(seen, 12);
    sql_do(
        "INSERT INTO users (id, name) SELECT gen_random_uuid(), 'reader' FROM generate_series(1, 500);"
        "SELECT account_open(id, 5) FROM users WHERE name = 'reader';"
        "INSERT INTO ledger (user_id, kind, amount) SELECT user_id, 'grant', 1 FROM accounts, generate_series(1, 20);"
        "ANALYZE ledger");
    plan = sql_plan(ledger_of(user, 0, 25));
    if (!strstr(plan, "ledger_of_user") || strstr(plan, "Seq Scan")) /* of a few entries a sort is fine */
        fail_msg("%s", plan);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_account_that_is_not_open_yet_is_shown_as_it_will_be),
        TEST(what_was_in_the_way_is_told),
        TEST(each_end_has_its_price),
        TEST(a_result_that_comes_late_is_free),
        TEST(a_second_end_cannot_be_written_down),
        TEST(twenty_at_once_get_what_there_is_and_no_more),
        TEST(one_key_reserves_once),
        TEST(an_end_is_charged_or_given_back_never_both),
        TEST(grants_add_up_and_stand_in_the_book),
        TEST(the_book_is_read_page_by_page_along_its_index),
    };

    return cmocka_run_group_tests(tests, sql_open, sql_close);
}
