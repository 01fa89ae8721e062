/* Events in an order in which nothing appears behind a reader's back. */
#include "events/event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "support/sql.h"

enum { WRITERS = 8, TRANSACTIONS = 40, PER_TRANSACTION = 3, TOTAL = WRITERS * TRANSACTIONS * PER_TRANSACTION };

static struct uuid user;

static int set_up(void **state)
{
    (void)state;
    log_set_level(LOG_ERROR);
    sql_do("TRUNCATE events");
    user = sql_user("events");
    return 0;
}

static struct query event_of(struct uuid owner, struct uuid ref)
{
    struct query q = query_write("SELECT event_add($1, 'generation', $2, 'updated', 'queued', 1)");

    query_add_uuid(&q, owner);
    query_add_uuid(&q, ref);
    return q;
}

static struct event_place place_behind(struct uuid owner, int64_t last_id, bool *ret_known)
{
    CLEANUP(pg_clear) PGresult *rows = sql_rows(events_place(owner, last_id));
    struct row row = rows_at(rows, 0);
    struct event_place place;

    assert_true(text_copy(place.xid, sizeof place.xid, row_piece(&row)));
    place.id = row_int64(&row);
    *ret_known = row_bool(&row);
    return place;
}

struct writer {
    pthread_t thread;
    atomic_int *open;
    bool failed;
};

/* Transactions that stay open for a while, so that they commit in another order than they began. */
static void *write_events(void *arg)
{
    struct writer *writer = arg;
    struct pg *pg = pg_open(getenv("DATABASE_URL"));
    struct err err;

    for (int t = 0; t < TRANSACTIONS && !writer->failed; t++) {
        unsigned char dice[2];
        bool ok = pg_begin(pg, &err);
        crypto_random(dice, sizeof dice);
        for (int i = 0; ok && i < PER_TRANSACTION; i++) {
            struct query q = event_of(user, uuid_make());
            ok = pg_do(pg, &q, &err);
            usleep(dice[i % 2] * 20);
        }
        writer->failed = !ok || !pg_commit(pg, &err);
    }
    pg_close(pg);
    atomic_fetch_sub(writer->open, 1);
    return NULL;
}

static void read_page(struct event_place *place, int *count, int64_t seen[TOTAL])
{
    CLEANUP(pg_clear) PGresult *rows = sql_rows(events_behind(user, place, 7));

    for (int i = 0; i < rows_count(rows); i++) {
        struct event event = event_from_row(rows_at(rows, i));
        assert_true(*count < TOTAL);
        seen[(*count)++] = event.id;
        assert_true(text_copy(place->xid, sizeof place->xid, text_of(event.xid)));
        place->id = event.id;
    }
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return x < y ? -1 : x > y;
}

static void a_reader_misses_nothing_and_sees_nothing_twice(void **state)
{
    static struct writer writers[WRITERS];
    static int64_t seen[TOTAL];
    atomic_int open = WRITERS;
    bool known;
    struct event_place place = place_behind(user, 0, &known);
    int count = 0, out_of_order = 0;
    int64_t until = clock_monotonic_ms() + 30000;

    (void)state;
    assert_false(known);
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){.open = &open};
        assert_int_equal(pthread_create(&writers[i].thread, NULL, write_events, &writers[i]), 0);
    }
    while ((atomic_load(&open) > 0 || count < TOTAL) && clock_monotonic_ms() < until)
        read_page(&place, &count, seen);
    for (int i = 0; i < WRITERS; i++) {
        assert_int_equal(pthread_join(writers[i].thread, NULL), 0);
        assert_false(writers[i].failed);
    }
    assert_int_equal(count, TOTAL);
    for (int i = 1; i < TOTAL; i++)
        out_of_order += seen[i] < seen[i - 1];
    assert_true(out_of_order > 0); /* else this test has not tried anything */
    qsort(seen, TOTAL, sizeof *seen, compare);
    for (int i = 1; i < TOTAL; i++)
        assert_true(seen[i] != seen[i - 1]);
}

static void transactions_are_ordered_as_numbers(void **state)
{
    struct event_place place = {.xid = "1", .id = 0};
    char sql[300];

    (void)state;
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO events (xid, user_id, kind, ref, payload) SELECT x::text::xid8, '%s', 'image',"
                   " gen_random_uuid(), x::text FROM unnest(ARRAY[100, 9, 10, 99, 2, 20]) x",
                   user.text);
    sql_do(sql);
    for (int i = 0; i < 6; i++) {
        static const char *const ORDER[] = {"2", "9", "10", "20", "99", "100"};
        CLEANUP(pg_clear) PGresult *rows = sql_rows(events_behind(user, &place, 1));
        struct event event = event_from_row(rows_at(rows, 0));
        assert_string_equal(event.xid, ORDER[i]);
        assert_true(text_copy(place.xid, sizeof place.xid, text_of(event.xid)));
        place.id = event.id;
    }
    assert_int_equal(sql_count(events_behind(user, &place, 1)), 0);
}

static void what_may_still_be_overtaken_is_not_shown(void **state)
{
    struct pg *slow = pg_open(getenv("DATABASE_URL"));
    struct query q = event_of(user, uuid_make());
    bool known;
    struct event_place place = place_behind(user, 0, &known);
    struct err err;

    (void)state;
    assert_true(pg_begin(slow, &err) && pg_do(slow, &q, &err)); /* older, and not committed */
    PQclear(sql_rows(event_of(user, uuid_make())));
    assert_int_equal(sql_count(events_behind(user, &place, 10)), 0);
    assert_true(pg_commit(slow, &err));
    assert_int_equal(sql_count(events_behind(user, &place, 10)), 2);
    pg_close(slow);
}

static void rename_avatar(struct pg *pg, struct uuid avatar, const char *name)
{
    struct query q = query_write("UPDATE avatars SET name = $2 WHERE id = $1");
    struct err err;

    query_add_uuid(&q, avatar);
    query_add_text(&q, name);
    assert_true(pg_do(pg, &q, &err));
}

/* A transaction that is older, but had to wait, brings about what comes later. */
static void versions_come_in_their_order_whichever_transaction_began_first(void **state)
{
    struct pg *older = pg_open(getenv("DATABASE_URL"));
    struct query xid = query_write("SELECT pg_current_xact_id()");
    struct uuid avatar = uuid_make();
    struct event_place place;
    bool known;
    struct err err;

    (void)state;
    sql_do(sql_value("SELECT 'INSERT INTO avatars (id, user_id, name, gender, training_type, status) VALUES (''%s'',"
                     " ''%s'', ''1'', ''other'', ''style'', ''draft'')'",
                     avatar.text, user.text));
    place = place_behind(user, 0, &known);
    assert_true(pg_begin(older, &err) && pg_do(older, &xid, &err));
    rename_avatar(sql_pg(), avatar, "2");
    rename_avatar(sql_pg(), avatar, "3");
    rename_avatar(older, avatar, "4");
    rename_avatar(older, avatar, "4"); /* no change, no version */
    assert_true(pg_commit(older, &err));
    for (int version = 2; version <= 4; version++) { /* page by page */
        CLEANUP(pg_clear) PGresult *rows = sql_rows(events_behind(user, &place, 1));
        struct event event = event_from_row(rows_at(rows, 0));
        char wanted[20];
        (void)snprintf(wanted, sizeof wanted, "\"version\" : %d", version);
        assert_non_null(strstr(event.payload.at, wanted));
        assert_true(text_copy(place.xid, sizeof place.xid, text_of(event.xid)));
        place.id = event.id;
    }
    assert_int_equal(sql_count(events_behind(user, &place, 1)), 0);
    pg_close(older);
}

static void a_client_goes_on_behind_the_last_it_has_seen(void **state)
{
    struct event_place start, place;
    int64_t ids[5];
    bool known;

    (void)state;
    start = place_behind(user, 0, &known);
    for (int i = 0; i < 5; i++)
        PQclear(sql_rows(event_of(user, uuid_make())));
    {
        CLEANUP(pg_clear) PGresult *rows = sql_rows(events_behind(user, &start, 10));
        assert_int_equal(rows_count(rows), 5);
        for (int i = 0; i < 5; i++)
            ids[i] = event_from_row(rows_at(rows, i)).id;
    }
    place = place_behind(user, ids[2], &known);
    assert_true(known);
    {
        CLEANUP(pg_clear) PGresult *rows = sql_rows(events_behind(user, &place, 10));
        assert_int_equal(rows_count(rows), 2);
        assert_int_equal(event_from_row(rows_at(rows, 0)).id, ids[3]);
    }
    place = place_behind(user, 0, &known); /* without a last one: from now on */
    assert_int_equal(sql_count(events_behind(user, &place, 10)), 0);
}

static void a_place_that_was_pruned_or_is_anothers_is_not_known(void **state)
{
    struct uuid other = sql_user("other");
    bool known;
    struct event_place place;
    int64_t id;

    (void)state;
    PQclear(sql_rows(event_of(user, uuid_make())));
    id = strtoll(sql_value("SELECT max(id) FROM events"), NULL, 10);
    (void)place_behind(user, id, &known);
    assert_true(known);
    (void)place_behind(other, id, &known);
    assert_false(known);
    sql_do("TRUNCATE events");
    place = place_behind(user, id, &known);
    assert_false(known);
    PQclear(sql_rows(event_of(user, uuid_make())));
    assert_int_equal(sql_count(events_behind(user, &place, 10)), 1); /* goes on from now */
}

static void events_of_others_are_not_seen(void **state)
{
    struct uuid other = sql_user("other");
    bool known;
    struct event_place place = place_behind(user, 0, &known);

    (void)state;
    PQclear(sql_rows(event_of(other, uuid_make())));
    assert_int_equal(sql_count(events_behind(user, &place, 10)), 0);
    assert_int_equal(sql_count(events_behind(other, &place, 10)), 1);
}

static const char *news(const char *since, char next[EVENT_XID_ROOM], struct uuid a, struct uuid b)
{
    static char users[200];
    char list[100];
    CLEANUP(pg_clear) PGresult *rows = NULL;
    struct row row;

    (void)snprintf(list, sizeof list, "{%s,%s}", a.text, b.text);
    rows = sql_rows(events_users_with_news(list, since));
    row = rows_at(rows, 0);
    assert_true(text_copy(next, EVENT_XID_ROOM, row_piece(&row)));
    (void)snprintf(users, sizeof users, "%s", row_text(&row));
    return users;
}

static void a_look_tells_who_has_news_since_the_last_one(void **state)
{
    struct uuid other = sql_user("other"), third = sql_user("third");
    char xid[EVENT_XID_ROOM], next[EVENT_XID_ROOM];

    (void)state;
    assert_string_equal(news(NULL, xid, user, other), "");
    PQclear(sql_rows(event_of(other, uuid_make())));
    PQclear(sql_rows(event_of(other, uuid_make())));
    PQclear(sql_rows(event_of(third, uuid_make()))); /* nobody asks about them */
    assert_string_equal(news(xid, next, user, other), other.text);
    assert_string_equal(news(next, xid, user, other), "");
    PQclear(sql_rows(event_of(user, uuid_make())));
    assert_string_equal(news(xid, next, user, other), user.text);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_reader_misses_nothing_and_sees_nothing_twice),
        TEST(transactions_are_ordered_as_numbers),
        TEST(what_may_still_be_overtaken_is_not_shown),
        TEST(versions_come_in_their_order_whichever_transaction_began_first),
        TEST(a_client_goes_on_behind_the_last_it_has_seen),
        TEST(a_place_that_was_pruned_or_is_anothers_is_not_known),
        TEST(events_of_others_are_not_seen),
        TEST(a_look_tells_who_has_news_since_the_last_one),
    };

    return cmocka_run_group_tests(tests, sql_open, sql_close);
}
