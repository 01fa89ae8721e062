/* The blocking executor: transactions, lost connections, and values that come back as they were. */
#include "db/pg.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <pthread.h>
#include <signal.h>

#include "base/clock.h"
#include "support/sql.h"

enum { SESSION_STATEMENTS_AND_MORE = 300 };

static const char INSERT[] = "INSERT INTO probe (n) VALUES ($1)", DIVIDE[] = "SELECT 1 / $1::int";

static struct pg *pg;
static struct err err;

static int set_up(void **state)
{
    (void)state;
    sql_do("DROP TABLE IF EXISTS probe; CREATE TABLE probe (n int PRIMARY KEY)");
    pg = pg_open(getenv("DATABASE_URL"));
    err = (struct err){0};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    pg_close(pg);
    return 0;
}

static bool run(const char *sql, int64_t n)
{
    struct query q = query_write(sql);

    query_add_int64(&q, n);
    return pg_do(pg, &q, &err);
}

static const char *rows_in_probe(void) { return sql_value("SELECT string_agg(n::text, ' ' ORDER BY n) FROM probe"); }

static void cut_connection(void)
{
    sql_do("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
           " WHERE pid <> pg_backend_pid() AND datname = current_database()");
}

static void a_transaction_is_seen_when_it_is_committed(void **state)
{
    (void)state;
    assert_true(pg_begin(pg, &err));
    assert_true(run(INSERT, 1) && run(INSERT, 2));
    assert_string_equal(rows_in_probe(), "");
    assert_true(pg_commit(pg, &err));
    assert_string_equal(rows_in_probe(), "1 2");
}

static void a_rollback_leaves_nothing(void **state)
{
    (void)state;
    assert_true(pg_begin(pg, &err));
    assert_true(run(INSERT, 1));
    pg_rollback(pg);
    pg_rollback(pg); /* fine outside of one */
    assert_true(run(INSERT, 2));
    assert_string_equal(rows_in_probe(), "2");
}

static void a_failed_transaction_is_not_committed(void **state)
{
    (void)state;
    assert_true(pg_begin(pg, &err));
    assert_true(run(INSERT, 1));
    assert_false(run(INSERT, 1));
    assert_int_equal(err.kind, ERR_CONFLICT);
    assert_string_equal(err.code, "already_exists");
    assert_false(run(INSERT, 2)); /* everything fails from here on */
    assert_false(pg_commit(pg, &err));
    assert_int_equal(err.kind, ERR_INTERNAL);
    assert_true(run(INSERT, 3));
    assert_string_equal(rows_in_probe(), "3");
}

static void a_statement_that_was_new_in_a_failed_transaction_works_later(void **state)
{
    static const char LATE[] = "SELECT n FROM comes_late WHERE n = $1";

    (void)state;
    assert_true(pg_begin(pg, &err));
    assert_false(run(DIVIDE, 0));
    assert_int_equal(err.kind, ERR_INTERNAL);
    assert_false(run(LATE, 1));
    pg_rollback(pg);
    sql_do("DROP TABLE IF EXISTS comes_late; CREATE TABLE comes_late (n int)");
    assert_true(run(LATE, 1));
    assert_true(run(LATE, 1));
    assert_true(run(DIVIDE, 1));
    sql_do("DROP TABLE comes_late");
}

/* What a row contains is what somebody typed. */
static void an_error_does_not_tell_what_is_in_the_row(void **state)
{
    (void)state;
    sql_do("ALTER TABLE probe ADD word text CHECK (word <> 'a secret')");
    assert_false(run("INSERT INTO probe (n, word) VALUES ($1, 'a secret')", 1));
    assert_int_equal(err.kind, ERR_INTERNAL);
    assert_non_null(strstr(err.detail, "violates check constraint"));
    assert_null(strstr(err.detail, "a secret"));
}

static void connects_again_after_the_connection_was_lost(void **state)
{
    (void)state;
    assert_true(run(INSERT, 1));
    cut_connection();
    assert_false(run(INSERT, 2)); /* only trying shows it */
    assert_int_equal(err.kind, ERR_BUSY);
    assert_string_equal(err.code, "database");
    assert_true(run(INSERT, 3)); /* prepared anew, too */
    assert_string_equal(rows_in_probe(), "1 3");
}

static void a_transaction_does_not_go_on_over_another_connection(void **state)
{
    (void)state;
    assert_true(pg_begin(pg, &err));
    assert_true(run(INSERT, 1));
    cut_connection();
    assert_false(run(INSERT, 2));
    assert_int_equal(err.kind, ERR_BUSY);
    assert_false(run(INSERT, 3));
    assert_int_equal(err.kind, ERR_BUSY);
    assert_false(pg_commit(pg, &err));
    assert_int_equal(err.kind, ERR_BUSY);
    assert_true(run(INSERT, 4));
    assert_string_equal(rows_in_probe(), "4");
}

static void a_rollback_after_the_connection_was_lost_frees_the_way(void **state)
{
    (void)state;
    assert_true(pg_begin(pg, &err));
    cut_connection();
    assert_false(run(INSERT, 1));
    pg_rollback(pg);
    assert_true(pg_begin(pg, &err));
    assert_true(run(INSERT, 2) && pg_commit(pg, &err));
    assert_string_equal(rows_in_probe(), "2");
}

static void a_server_that_is_not_there_is_busy(void **state)
{
    struct pg *nobody = pg_open("postgresql:///x?host=/nonexistent");
    struct query q = query_read("SELECT 1");

    (void)state;
    assert_false(pg_do(nobody, &q, &err));
    assert_int_equal(err.kind, ERR_BUSY);
    assert_false(pg_begin(nobody, &err));
    assert_false(pg_commit(nobody, &err));
    pg_close(nobody);
}

static void values_come_back_as_they_were(void **state)
{
    static const char SQL[] = "SELECT $1::bigint, $2::numeric, $3::double precision, $4::boolean, $5::uuid, $6::bytea,"
                              " $7::text, $8::text, $9::uuid, $10::boolean";
    const unsigned char bytes[] = {0, 1, 0xff, '\'', '\\'};
    unsigned char back[16];
    struct uuid id = uuid_make(), none = {""};
    struct query q = query_read(SQL);
    CLEANUP(pg_clear) PGresult *rows = NULL;
    struct row row;

    (void)state;
    query_add_int64(&q, INT64_MIN);
    query_add_uint64(&q, UINT64_MAX);
    query_add_double(&q, 0.125);
    query_add_bool(&q, true);
    query_add_uuid(&q, id);
    query_add_bytes(&q, bytes, sizeof bytes);
    query_add_text(&q, "'; -- \\ \xd0\xb9\n");
    query_add_null(&q);
    query_add_uuid(&q, none);
    query_add_bool(&q, false);
    rows = sql_rows(q);
    row = rows_at(rows, 0);
    assert_true(row_int64(&row) == INT64_MIN);
    assert_true(row_uint64(&row) == UINT64_MAX);
    assert_true(row_double(&row) * 8 >= 1 && row_double(&(struct row){rows, 0, 2}) * 8 <= 1);
    assert_true(row_bool(&row));
    assert_string_equal(row_uuid(&row).text, id.text);
    assert_int_equal(row_bytes(&row, back, sizeof back), sizeof bytes);
    assert_memory_equal(back, bytes, sizeof bytes);
    assert_string_equal(row_text(&row), "'; -- \\ \xd0\xb9\n");
    assert_true(row_is_null(&row));
    assert_null(row_text_or_null(&row));
    assert_string_equal(row_uuid(&row).text, "");
    assert_false(row_bool(&row));
}

static void nulls_and_times_are_read(void **state)
{
    static const char SQL[] = "SELECT NULL::int, NULL::bytea, NULL::timestamptz, timestamptz '2026-01-15 13:00:01+03',"
                              " timestamptz '2026-01-15 10:00:01.120Z', '\\x0102'::bytea";
    char time[ROW_TIME_ROOM];
    unsigned char one[1];
    CLEANUP(pg_clear) PGresult *rows = sql_rows(query_read(SQL));
    struct row row = rows_at(rows, 0);

    (void)state;
    assert_int_equal(row_int64(&row), 0);
    assert_int_equal(row_bytes(&row, one, sizeof one), 0);
    row_time(&row, time);
    assert_string_equal(time, "");
    row_time(&row, time);
    assert_string_equal(time, "2026-01-15T10:00:01Z");
    row_time(&row, time);
    assert_string_equal(time, "2026-01-15T10:00:01.12Z");
    assert_int_equal(row_bytes(&row, one, sizeof one), 0); /* longer than there is room */
}

static void more_statements_than_it_remembers_still_run(void **state)
{
    static char sql[SESSION_STATEMENTS_AND_MORE][40];

    (void)state;
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < SESSION_STATEMENTS_AND_MORE; i++) {
            (void)snprintf(sql[i], sizeof sql[i], "SELECT $1::int + %d", i);
            assert_true(run(sql[i], 1));
        }
}

/* One of several that wait for a frozen server at the same time. */
struct waiter {
    struct pg *pg;
    bool commits; /* else runs a statement */
    bool ok;
    struct err err;
    int64_t took_ms;
};

static void *wait_for_it(void *owner)
{
    struct waiter *waiter = owner;
    struct query q = query_read("SELECT 1");
    int64_t began_ms = clock_monotonic_ms();

    waiter->ok = waiter->commits ? pg_commit(waiter->pg, &waiter->err) : pg_do(waiter->pg, &q, &waiter->err);
    waiter->took_ms = clock_monotonic_ms() - began_ms;
    return NULL;
}

static pid_t backend_of(struct pg *one)
{
    struct query q = query_read("SELECT pg_backend_pid()");
    CLEANUP(pg_clear) PGresult *rows = pg_run(one, &q, &err);
    struct row row;

    assert_non_null(rows);
    row = rows_at(rows, 0);
    return (pid_t)row_int64(&row);
}

static void open_waiter(struct waiter *waiter, bool commits)
{
    struct query q = query_write("INSERT INTO probe (n) VALUES (77)");

    *waiter = (struct waiter){.pg = pg_open(getenv("DATABASE_URL")), .commits = commits};
    assert_true(!commits || (pg_begin(waiter->pg, &err) && pg_do(waiter->pg, &q, &err)));
}

/* The postmaster does not answer who connects, its children do not answer who is connected. */
static void freeze(const pid_t who[3], int how)
{
    for (int i = 0; i < 3; i++)
        assert_int_equal(kill(who[i], how), 0);
}

static void a_frozen_server_is_not_waited_for_for_ever(void **state)
{
    struct waiter waiters[3];
    pthread_t threads[3];
    pid_t frozen[3];

    (void)state;
    assert_non_null(getenv("POSTGRES_PID"));
    for (int i = 0; i < 3; i++)
        open_waiter(&waiters[i], i == 1);
    frozen[0] = backend_of(waiters[0].pg);
    frozen[1] = backend_of(waiters[1].pg);
    frozen[2] = (pid_t)strtol(getenv("POSTGRES_PID"), NULL, 10); /* waiters[2] is not connected yet */
    freeze(frozen, SIGSTOP);
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, wait_for_it, &waiters[i]), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    freeze(frozen, SIGCONT);
    for (int i = 0; i < 3; i++) {
        assert_false(waiters[i].ok);
        assert_int_equal(waiters[i].err.kind, ERR_BUSY);
    }
    assert_in_range(waiters[0].took_ms, 11900, 14000);
    assert_string_equal(waiters[0].err.code, "timeout");
    assert_in_range(waiters[1].took_ms, 11900, 14000);
    assert_string_equal(waiters[1].err.code, "timeout");
    assert_in_range(waiters[2].took_ms, 4900, 7000);
    for (int i = 0; i < 3; i++) {
        struct query q = query_read("SELECT 1");
        assert_true(pg_do(waiters[i].pg, &q, &err)); /* over a new connection */
        pg_close(waiters[i].pg);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_transaction_is_seen_when_it_is_committed),
        TEST(a_rollback_leaves_nothing),
        TEST(a_failed_transaction_is_not_committed),
        TEST(a_statement_that_was_new_in_a_failed_transaction_works_later),
        TEST(an_error_does_not_tell_what_is_in_the_row),
        TEST(connects_again_after_the_connection_was_lost),
        TEST(a_transaction_does_not_go_on_over_another_connection),
        TEST(a_rollback_after_the_connection_was_lost_frees_the_way),
        TEST(a_server_that_is_not_there_is_busy),
        TEST(a_frozen_server_is_not_waited_for_for_ever),
        TEST(values_come_back_as_they_were),
        TEST(nulls_and_times_are_read),
        TEST(more_statements_than_it_remembers_still_run),
    };

    return cmocka_run_group_tests(tests, sql_open, sql_close);
}
