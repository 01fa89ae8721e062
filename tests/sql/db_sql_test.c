/* The asynchronous executor on a real PostgreSQL and a real loop. */
#include "db/db.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/log.h"
#include "support/sql.h"

enum { MAX_ANSWERS = 1000, PATIENCE_MS = 5000 };

struct answer {
    int order; /* from 1, in the order of arrival; 0: not yet */
    char value[64];
    struct err err;
};

static struct bench {
    uv_loop_t loop;
    uv_timer_t tick; /* turns the loop, so that waiting for it can end */
    struct db *db;
    struct answer answers[MAX_ANSWERS];
    int asked, answered;
} bench;

static void on_tick(uv_timer_t *timer) { (void)timer; }

static void open_db(int readers, int writers, int max_queued, int timeout_ms)
{
    const struct db_config config = {getenv("DATABASE_URL"), readers, writers, max_queued, timeout_ms};

    bench = (struct bench){0};
    uv_loop_init(&bench.loop);
    uv_timer_init(&bench.loop, &bench.tick);
    uv_timer_start(&bench.tick, on_tick, 5, 5);
    bench.db = db_open(&bench.loop, &config);
}

static void run_for(int ms)
{
    int64_t until = clock_monotonic_ms() + ms;

    while (clock_monotonic_ms() < until)
        uv_run(&bench.loop, UV_RUN_ONCE);
}

static void await_ready(void)
{
    int64_t until = clock_monotonic_ms() + PATIENCE_MS;

    while (!db_ready(bench.db) && clock_monotonic_ms() < until)
        uv_run(&bench.loop, UV_RUN_ONCE);
    assert_true(db_ready(bench.db));
}

static void await_answers(void)
{
    int64_t until = clock_monotonic_ms() + PATIENCE_MS;

    while (bench.answered < bench.asked && clock_monotonic_ms() < until)
        uv_run(&bench.loop, UV_RUN_ONCE);
    assert_int_equal(bench.answered, bench.asked);
}

static void close_db(void)
{
    db_close(bench.db);
    uv_close((uv_handle_t *)&bench.tick, NULL);
    uv_run(&bench.loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&bench.loop), 0);
}

static int set_up(void **state)
{
    (void)state;
    log_set_level(LOG_ERROR);
    sql_do("DROP TABLE IF EXISTS probe; CREATE TABLE probe (n int PRIMARY KEY, xid xid8 DEFAULT pg_current_xact_id())");
    open_db(1, 1, MAX_ANSWERS, PATIENCE_MS);
    await_ready();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    close_db();
    return 0;
}

static void on_done(void *owner, const PGresult *rows, const struct err *err)
{
    struct answer *answer = owner;

    assert_int_equal(answer->order, 0);
    assert_true(!rows != !err);
    answer->order = ++bench.answered;
    if (err)
        answer->err = *err;
    else if (rows_count(rows) > 0) {
        struct row row = rows_at(rows, 0);
        (void)snprintf(answer->value, sizeof answer->value, "%s", row_text(&row));
    }
}

static struct answer *ask(struct query q)
{
    struct answer *answer = &bench.answers[bench.asked];

    assert_true(bench.asked++ < MAX_ANSWERS);
    assert_non_null(db_run(bench.db, &q, on_done, answer));
    assert_int_equal(answer->order, 0); /* never before db_run returns */
    return answer;
}

static struct query with(struct query q, int64_t n)
{
    query_add_int64(&q, n);
    return q;
}

static const char SAME[] = "SELECT $1::int", DIVIDE[] = "SELECT 10 / $1::int",
                  INSERT[] = "INSERT INTO probe (n) VALUES ($1) RETURNING n",
                  INSERT_DIVIDED[] = "INSERT INTO probe (n) VALUES (10 / $1) RETURNING n",
                  SLEEP[] = "SELECT pg_sleep($1 / 1000.0)::text",
                  INSERT_SLOWLY[] = "INSERT INTO probe (n) SELECT $1 FROM pg_sleep(0.4) RETURNING n",
                  PREPARED[] = "SELECT count(*) FROM pg_prepared_statements WHERE statement = $1";

static int number_of(const struct answer *answer) { return (int)strtol(answer->value, NULL, 10); }

static void many_reads_are_answered_in_their_order(void **state)
{
    (void)state;
    for (int i = 0; i < MAX_ANSWERS; i++) {
        (void)ask(with(query_read(SAME), i));
        if (i % 7 == 0)
            uv_run(&bench.loop, UV_RUN_NOWAIT); /* in several batches */
    }
    await_answers();
    for (int i = 0; i < MAX_ANSWERS; i++) {
        assert_int_equal(bench.answers[i].order, i + 1);
        assert_int_equal(number_of(&bench.answers[i]), i);
    }
}

static void a_read_that_fails_fails_alone(void **state)
{
    (void)state;
    for (int i = 0; i < 60; i++) {
        (void)ask(with(query_read(DIVIDE), i % 10));
        (void)ask(with(query_read(SAME), i));
    }
    await_answers();
    for (int i = 0; i < 60; i++) {
        const struct answer *divided = &bench.answers[2 * i];
        assert_int_equal(divided->err.kind, i % 10 ? ERR_NONE : ERR_INTERNAL);
        if (i % 10)
            assert_int_equal(number_of(divided), 10 / (i % 10));
        assert_int_equal(bench.answers[2 * i + 1].err.kind, ERR_NONE);
        assert_int_equal(number_of(&bench.answers[2 * i + 1]), i);
    }
}

static void writes_of_one_turn_share_a_commit(void **state)
{
    (void)state;
    for (int i = 0; i < 40; i++)
        (void)ask(with(query_write(INSERT), i));
    await_answers();
    assert_string_equal(sql_value("SELECT count(*) || ' in ' || count(DISTINCT xid) FROM probe"), "40 in 1");
}

static struct query alone(struct query q)
{
    query_alone(&q);
    return q;
}

static void a_write_that_is_alone_shares_its_commit_with_nobody(void **state)
{
    (void)state;
    for (int i = 0; i < 40; i++)
        (void)ask(i % 4 == 2 ? alone(with(query_write(INSERT), i)) : with(query_write(INSERT), i));
    await_answers();
    for (int i = 0; i < 40; i++) {
        assert_int_equal(bench.answers[i].err.kind, ERR_NONE);
        assert_int_equal(bench.answers[i].order, i + 1);
    }
    assert_string_equal(sql_value("SELECT count(*) || ' ' || bool_and(others = 1) FROM (SELECT n,"
                                  " count(*) OVER (PARTITION BY xid) AS others FROM probe) AS p WHERE n %% 4 = 2"),
                        "10 true");
    assert_string_equal(sql_value("SELECT count(DISTINCT xid) FROM probe WHERE n %% 4 <> 2"), "11");
}

/* Two batches, each of which locks both rows, in different order. */
static void writes_that_are_alone_do_not_wait_for_each_other_in_a_circle(void **state)
{
    static const char LOCK[] = "UPDATE probe SET xid = xid FROM pg_sleep(0.1) WHERE n = $1 RETURNING n";
    const char *before;
    char deadlocks[64];
    int64_t began;

    (void)state;
    close_db();
    open_db(1, 2, MAX_ANSWERS, PATIENCE_MS);
    run_for(300); /* both connections for writes */
    sql_do("INSERT INTO probe (n) VALUES (1), (2)");
    before = sql_value("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()");
    (void)snprintf(deadlocks, sizeof deadlocks, "%s", before);
    began = clock_monotonic_ms();
    (void)ask(alone(with(query_write(LOCK), 1)));
    (void)ask(alone(with(query_write(LOCK), 2)));
    uv_run(&bench.loop, UV_RUN_NOWAIT);
    (void)ask(alone(with(query_write(LOCK), 2)));
    (void)ask(alone(with(query_write(LOCK), 1)));
    await_answers();
    assert_true(clock_monotonic_ms() - began < 1000); /* PostgreSQL looks for a deadlock after a second */
    for (int i = 0; i < 4; i++)
        assert_int_equal(bench.answers[i].err.kind, ERR_NONE);
    run_for(100);
    assert_string_equal(sql_value("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"),
                        deadlocks);
}

static void a_write_that_fails_fails_alone(void **state)
{
    (void)state;
    sql_do("INSERT INTO probe (n) VALUES (1007)");
    for (int i = 0; i < 20; i++) {
        if (i == 13)
            (void)ask(with(query_write(INSERT_DIVIDED), 0));
        else
            (void)ask(with(query_write(INSERT), 1000 + i));
    }
    await_answers();
    for (int i = 0; i < 20; i++) {
        const struct answer *answer = &bench.answers[i];
        enum err_kind expected = i == 7 ? ERR_CONFLICT : i == 13 ? ERR_INTERNAL : ERR_NONE;
        assert_int_equal(answer->err.kind, expected);
        if (expected == ERR_NONE)
            assert_int_equal(number_of(answer), 1000 + i);
    }
    assert_string_equal(bench.answers[7].err.code, "already_exists");
    assert_string_equal(sql_value("SELECT count(*) || ' ' || sum(n) FROM probe"), "19 19177");
}

/* In the callback, with the eyes of another connection. */
static void on_written(void *owner, const PGresult *rows, const struct err *err)
{
    on_done(owner, rows, err);
    assert_string_equal(sql_value("SELECT count(*) FROM probe WHERE n IN (1, 2, 3)"), "3");
}

static void an_answer_means_that_the_write_is_committed(void **state)
{
    (void)state;
    for (int i = 1; i <= 3; i++) {
        struct query q = with(query_write(INSERT), i);
        (void)db_run(bench.db, &q, on_written, &bench.answers[bench.asked++]);
    }
    await_answers();
}

static void on_never(void *owner, const PGresult *rows, const struct err *err)
{
    (void)owner;
    (void)rows;
    (void)err;
    fail_msg("called although cancelled");
}

static void a_cancelled_operation_calls_nobody(void **state)
{
    struct query slow = with(query_write(INSERT_SLOWLY), 1), quick = with(query_read(SAME), 1);
    struct db_op *op = db_run(bench.db, &slow, on_never, NULL);

    (void)state;
    run_for(100); /* it is running by now */
    db_cancel(op);
    op = db_run(bench.db, &quick, on_never, NULL);
    db_cancel(op); /* not even sent */
    (void)ask(with(query_write(INSERT), 2));
    await_answers();
    assert_int_equal(bench.answers[0].err.kind, ERR_NONE);
    assert_string_equal(sql_value("SELECT count(*) FROM probe"), "2"); /* what was sent runs on */
}

static void the_youngest_are_refused_over_the_limit(void **state)
{
    (void)state;
    close_db();
    open_db(1, 1, 5, PATIENCE_MS); /* not connected yet: all of them wait */
    for (int i = 0; i < 12; i++)
        (void)ask(with(query_read(SAME), i));
    await_answers();
    for (int i = 0; i < 12; i++)
        assert_int_equal(bench.answers[i].err.kind, i < 5 ? ERR_NONE : ERR_BUSY);
    assert_string_equal(bench.answers[11].err.code, "busy");
}

static void an_operation_ends_at_its_time(void **state)
{
    int64_t began = clock_monotonic_ms();
    const struct answer *slow, *waits;

    (void)state;
    close_db();
    open_db(1, 1, MAX_ANSWERS, 400);
    await_ready();
    slow = ask(with(query_write(SLEEP), 3000));
    run_for(100);
    waits = ask(with(query_write(INSERT), 1)); /* behind it, on the only connection for writes */
    await_answers();
    assert_in_range(clock_monotonic_ms() - began, 300, 2900); /* the statement takes 3000 */
    assert_int_equal(slow->err.kind, ERR_BUSY);
    assert_string_equal(slow->err.code, "timeout");
    assert_true(waits->err.kind == ERR_NONE || waits->err.kind == ERR_BUSY);
    await_ready();
    (void)ask(with(query_write(INSERT), 2));
    await_answers();
    assert_int_equal(bench.answers[2].err.kind, ERR_NONE);
}

static void a_statement_is_prepared_once(void **state)
{
    struct query count = query_read(PREPARED);

    (void)state;
    for (int i = 0; i < 50; i++) {
        (void)ask(with(query_read(SAME), i));
        if (i % 10 == 0)
            await_answers();
    }
    query_add_text(&count, SAME);
    (void)ask(count);
    await_answers();
    assert_int_equal(number_of(&bench.answers[50]), 1);
}

static void a_statement_that_could_not_be_prepared_can_be_later(void **state)
{
    static const char LATE[] = "SELECT n FROM comes_late";

    (void)state;
    sql_do("DROP TABLE IF EXISTS comes_late");
    for (int i = 0; i < 3; i++)
        (void)ask(query_read(LATE));
    (void)ask(with(query_read(SAME), 8)); /* of the same batch, and new, too */
    await_answers();
    assert_int_equal(bench.answers[0].err.kind, ERR_INTERNAL);
    assert_non_null(strstr(bench.answers[0].err.detail, "comes_late"));
    for (int i = 1; i < 3; i++)
        assert_int_not_equal(bench.answers[i].err.kind, ERR_NONE);
    assert_int_equal(number_of(&bench.answers[3]), 8);
    sql_do("CREATE TABLE comes_late AS SELECT 77 AS n");
    (void)ask(query_read(LATE));
    (void)ask(query_read(LATE));
    await_answers();
    assert_int_equal(number_of(&bench.answers[4]), 77);
    assert_int_equal(number_of(&bench.answers[5]), 77);
    sql_do("DROP TABLE comes_late");
}

static void terminate_all(void)
{
    sql_do("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
           " WHERE pid <> pg_backend_pid() AND datname = current_database()");
}

static void what_is_running_fails_as_busy_when_the_server_goes(void **state)
{
    int64_t began;

    (void)state;
    (void)ask(with(query_read(SLEEP), 2000));
    (void)ask(with(query_write(INSERT_SLOWLY), 1));
    run_for(100);
    began = clock_monotonic_ms();
    terminate_all();
    await_answers();
    assert_true(clock_monotonic_ms() - began < 1800); /* the statement takes 2000, and began 100 before */
    for (int i = 0; i < 2; i++) {
        assert_int_equal(bench.answers[i].err.kind, ERR_BUSY);
        assert_string_equal(bench.answers[i].err.code, "database");
    }
    await_ready();
    (void)ask(with(query_read(SAME), 5));
    (void)ask(with(query_write(INSERT), 5));
    await_answers();
    assert_true(clock_monotonic_ms() - began < 3000);
    assert_int_equal(number_of(&bench.answers[2]), 5);
    assert_int_equal(number_of(&bench.answers[3]), 5);
    assert_string_equal(sql_value("SELECT string_agg(n::text, ' ') FROM probe"), "5"); /* nothing was repeated */
}

static void fails_at_once_while_there_is_no_server(void **state)
{
    const struct db_config config = {"postgresql:///none?host=/nonexistent", 1, 1, 10, 5000};
    struct db *db = db_open(&bench.loop, &config);
    struct query q = with(query_read(SAME), 1);
    int64_t began = clock_monotonic_ms();

    (void)state;
    (void)db_run(db, &q, on_done, &bench.answers[bench.asked++]);
    await_answers();
    assert_true(clock_monotonic_ms() - began < 4000); /* an operation may take 5000 */
    assert_int_equal(bench.answers[0].err.kind, ERR_BUSY);
    assert_false(db_ready(db));
    db_close(db);
}

static void closing_fails_what_is_left(void **state)
{
    (void)state;
    (void)ask(with(query_read(SLEEP), 1000));
    run_for(50);
    (void)ask(with(query_write(INSERT), 1));
    close_db();
    assert_int_equal(bench.answered, 2);
    assert_int_equal(bench.answers[0].err.kind, ERR_BUSY);
    assert_int_equal(bench.answers[1].err.kind, ERR_BUSY);
    open_db(1, 1, MAX_ANSWERS, PATIENCE_MS);
}

static void several_connections_share_the_reads(void **state)
{
    int64_t began;

    (void)state;
    close_db();
    open_db(4, 1, MAX_ANSWERS, PATIENCE_MS);
    run_for(300);
    began = clock_monotonic_ms();
    for (int i = 0; i < 4; i++) {
        (void)ask(with(query_read(SLEEP), 300));
        uv_run(&bench.loop, UV_RUN_NOWAIT);
    }
    await_answers();
    assert_in_range(clock_monotonic_ms() - began, 250, 1150); /* one behind the other: 1200 */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(many_reads_are_answered_in_their_order),
        TEST(a_read_that_fails_fails_alone),
        TEST(writes_of_one_turn_share_a_commit),
        TEST(a_write_that_is_alone_shares_its_commit_with_nobody),
        TEST(writes_that_are_alone_do_not_wait_for_each_other_in_a_circle),
        TEST(a_write_that_fails_fails_alone),
        TEST(an_answer_means_that_the_write_is_committed),
        TEST(a_cancelled_operation_calls_nobody),
        TEST(the_youngest_are_refused_over_the_limit),
        TEST(an_operation_ends_at_its_time),
        TEST(a_statement_is_prepared_once),
        TEST(a_statement_that_could_not_be_prepared_can_be_later),
        TEST(what_is_running_fails_as_busy_when_the_server_goes),
        TEST(fails_at_once_while_there_is_no_server),
        TEST(closing_fails_what_is_left),
        TEST(several_connections_share_the_reads),
    };

    return cmocka_run_group_tests(tests, sql_open, sql_close);
}
