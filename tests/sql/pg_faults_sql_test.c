/* The blocking executor in a build with fault points. */
#ifndef FAULTS
#define FAULTS 1
#endif
#include "base/fault_point.c" /* NOLINT(bugprone-suspicious-include) */
#include "db/pg.c"            /* NOLINT(bugprone-suspicious-include) */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <sys/wait.h>

#include "support/sql.h"

static struct pg *pg;
static struct err err;

static void use(const char *rules) { assert_true(fault_point_rules(rules, 1, &err)); }

static int set_up(void **state)
{
    (void)state;
    use("");
    sql_do("DROP TABLE IF EXISTS probe; CREATE TABLE probe (n int PRIMARY KEY)");
    pg = pg_open(getenv("DATABASE_URL"));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    use("");
    pg_close(pg);
    return 0;
}

static bool insert(int64_t n)
{
    struct query q = query_write("INSERT INTO probe (n) VALUES ($1)");

    query_add_int64(&q, n);
    err = (struct err){0};
    return pg_do(pg, &q, &err);
}

static bool commit_two(int64_t n) { return pg_begin(pg, &err) && insert(n) && insert(n + 1) && pg_commit(pg, &err); }

/* What another connection sees, when no rule is in force. */
static const char *rows_in_probe(void)
{
    use("");
    return sql_value("SELECT string_agg(n::text, ' ' ORDER BY n) FROM probe");
}

static void assert_lost(void)
{
    assert_int_equal(err.kind, ERR_BUSY);
    assert_string_equal(err.code, "database");
}

static void a_statement_struck_before_is_not_carried_out(void **state)
{
    (void)state;
    use("error:#1:db.insert.before");
    assert_false(insert(1));
    assert_lost();
    assert_true(insert(2)); /* over a new connection */
    assert_string_equal(rows_in_probe(), "2");
}

static void a_statement_struck_after_is_carried_out_and_not_told(void **state)
{
    (void)state;
    use("error:#1:db.insert.after");
    assert_false(insert(1));
    assert_lost();
    assert_true(insert(2));
    assert_string_equal(rows_in_probe(), "1 2");
}

static void a_transaction_struck_within_is_gone(void **state)
{
    (void)state;
    use("error:#2:db.insert.after");
    assert_true(pg_begin(pg, &err));
    assert_true(insert(1));
    assert_false(insert(2));
    assert_lost();
    assert_false(insert(3)); /* not on another connection, as if nothing was */
    assert_lost();
    assert_false(pg_commit(pg, &err));
    assert_lost();
    assert_true(insert(4));
    assert_string_equal(rows_in_probe(), "4");
}

static void a_commit_struck_before_commits_nothing(void **state)
{
    (void)state;
    use("error:#1:db.commit_two.before");
    assert_false(commit_two(1));
    assert_lost();
    assert_true(commit_two(3));
    assert_string_equal(rows_in_probe(), "3 4");
}

static void a_commit_struck_after_has_committed(void **state)
{
    (void)state;
    use("error:#1:db.commit_two.after");
    assert_false(commit_two(1));
    assert_lost();
    assert_true(commit_two(3));
    assert_string_equal(rows_in_probe(), "1 2 3 4");
}

static void a_statement_that_fails_by_itself_passes_nothing_after(void **state)
{
    (void)state;
    assert_true(insert(1));
    use("error:1:db.insert.after");
    assert_false(insert(1));
    assert_int_equal(err.kind, ERR_CONFLICT);
    assert_string_equal(rows_in_probe(), "1");
}

/* In a process that is killed there; its connection is its own. */
static void killed_at(const char *rules, bool (*work)(int64_t n))
{
    pid_t child = fork();
    int status;

    if (child == 0) {
        use(rules);
        pg = pg_open(getenv("DATABASE_URL"));
        (void)work(1);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void killed_before_a_commit_nothing_is_left(void **state)
{
    (void)state;
    killed_at("kill:1:db.commit_two.before", commit_two);
    assert_string_equal(rows_in_probe(), "");
}

static void killed_after_a_commit_all_of_it_is_there(void **state)
{
    (void)state;
    killed_at("kill:1:db.commit_two.after", commit_two);
    assert_string_equal(rows_in_probe(), "1 2");
}

static void killed_after_a_statement_without_a_transaction_it_is_there(void **state)
{
    (void)state;
    killed_at("kill:1:db.insert.after", insert);
    assert_string_equal(rows_in_probe(), "1");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_statement_struck_before_is_not_carried_out),
        TEST(a_statement_struck_after_is_carried_out_and_not_told),
        TEST(a_transaction_struck_within_is_gone),
        TEST(a_commit_struck_before_commits_nothing),
        TEST(a_commit_struck_after_has_committed),
        TEST(a_statement_that_fails_by_itself_passes_nothing_after),
        TEST(killed_before_a_commit_nothing_is_left),
        TEST(killed_after_a_commit_all_of_it_is_there),
        TEST(killed_after_a_statement_without_a_transaction_it_is_there),
    };

    return cmocka_run_group_tests(tests, sql_open, sql_close);
}
