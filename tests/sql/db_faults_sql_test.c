/* The asynchronous executor in a build with fault points. */
#ifndef FAULTS
#define FAULTS 1
#endif
#include "base/fault_point.c" /* NOLINT(bugprone-suspicious-include) */
#include "db/db.c"            /* NOLINT(bugprone-suspicious-include) */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "support/sql.h"

enum { MANY = 20, PATIENCE_MS = 5000 };

static uv_loop_t loop;
static uv_timer_t tick; /* turns the loop, so that waiting for it can end */
static struct db *db;
static struct err err, errors[MANY];
static int answered;

static void use(const char *rules) { assert_true(fault_point_rules(rules, 1, &err)); }

static void on_tick(uv_timer_t *timer) { (void)timer; }

static int set_up(void **state)
{
    const struct db_config config = {getenv("DATABASE_URL"), 1, 1, 100, PATIENCE_MS};
    int64_t until = clock_monotonic_ms() + PATIENCE_MS;

    (void)state;
    use("");
    sql_do("DROP TABLE IF EXISTS probe; CREATE TABLE probe (n int PRIMARY KEY)");
    answered = 0;
    uv_loop_init(&loop);
    uv_timer_init(&loop, &tick);
    uv_timer_start(&tick, on_tick, 5, 5);
    db = db_open(&loop, &config);
    while (!db_ready(db) && clock_monotonic_ms() < until)
        uv_run(&loop, UV_RUN_ONCE);
    return db_ready(db) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    use("");
    db_close(db);
    uv_close((uv_handle_t *)&tick, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    return uv_loop_close(&loop);
}

static void on_done(void *owner, const PGresult *rows, const struct err *failure)
{
    assert_true(!rows != !failure);
    *(struct err *)owner = failure ? *failure : (struct err){0};
    answered++;
}

static struct query insert(int64_t n)
{
    struct query q = query_write("INSERT INTO probe (n) VALUES ($1)");

    query_add_int64(&q, n);
    return q;
}

static void insert_many(void)
{
    int64_t until = clock_monotonic_ms() + PATIENCE_MS;

    for (int i = 0; i < MANY; i++) {
        struct query q = insert(i);
        (void)db_run(db, &q, on_done, &errors[i]);
    }
    while (answered < MANY && clock_monotonic_ms() < until)
        uv_run(&loop, UV_RUN_ONCE);
    assert_int_equal(answered, MANY);
    use("");
}

static void assert_only_failed(int only)
{
    for (int i = 0; i < MANY; i++)
        assert_int_equal(errors[i].kind, i == only ? ERR_BUSY : ERR_NONE);
    assert_string_equal(errors[only].code, "database");
}

static void one_struck_before_is_not_carried_out_and_the_others_are(void **state)
{
    (void)state;
    use("error:#4:db.insert.before");
    insert_many();
    assert_only_failed(3);
    assert_string_equal(sql_value("SELECT count(*) || ' ' || min(n) FROM probe WHERE n <> 3"), "19 0");
    assert_string_equal(sql_value("SELECT count(*) FROM probe"), "19");
}

static void one_struck_after_is_committed_and_not_told(void **state)
{
    (void)state;
    use("error:#4:db.insert.after");
    insert_many();
    assert_only_failed(3);
    assert_string_equal(sql_value("SELECT count(*) FROM probe"), "20");
}

static void all_can_be_struck(void **state)
{
    (void)state;
    use("error:1:db.*.before");
    insert_many();
    for (int i = 0; i < MANY; i++)
        assert_int_equal(errors[i].kind, ERR_BUSY);
    assert_string_equal(sql_value("SELECT count(*) FROM probe"), "0");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_struck_before_is_not_carried_out_and_the_others_are),
        TEST(one_struck_after_is_committed_and_not_told),
        TEST(all_can_be_struck),
    };

    return cmocka_run_group_tests(tests, sql_open, sql_close);
}
