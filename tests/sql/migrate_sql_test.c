/* Migrations: each once, in order, whole or not at all, and never two processes at the same. */
#include "db/migrate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "support/sql.h"

enum { MAX_FILES = 16, PROCESSES = 4 };

static struct bench {
    char folder[64];
    int file_count;
    struct err err;
    int count;
} bench;
static char files[MAX_FILES][128];

static int set_up(void **state)
{
    (void)state;
    log_set_level(LOG_ERROR);
    bench = (struct bench){.folder = "/tmp/aisha-migrations-XXXXXX"};
    sql_do("DROP TABLE IF EXISTS probe, probe_two; DELETE FROM schema_migrations WHERE name LIKE '%probe%'");
    return mkdtemp(bench.folder) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    for (int i = 0; i < bench.file_count; i++)
        (void)unlink(files[i]);
    return rmdir(bench.folder);
}

static void write_file(const char *name, const char *text)
{
    char *path = files[bench.file_count++];
    FILE *file;

    assert_true(bench.file_count <= MAX_FILES);
    (void)snprintf(path, sizeof files[0], "%s/%s", bench.folder, name);
    assert_non_null(file = fopen(path, "w"));
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static bool migrate(void)
{
    bench.err = (struct err){0};
    return migrate_run(getenv("DATABASE_URL"), bench.folder, &bench.count, &bench.err);
}

static const char *history(void)
{
    return sql_value("SELECT string_agg(name, ' ' ORDER BY name) FROM schema_migrations WHERE name LIKE '%%probe%%'");
}

static void runs_each_file_once_and_in_order(void **state)
{
    (void)state;
    write_file("9002_probe_more.sql", "ALTER TABLE probe ADD COLUMN m int; INSERT INTO probe VALUES (1, 2);");
    write_file("9001_probe.sql", "CREATE TABLE probe (n int); -- first\nINSERT INTO probe VALUES (7);");
    write_file("readme.sql", "SELECT nonsense");
    write_file("9003_probe.sql~", "SELECT nonsense");
    write_file("903_probe.sql", "SELECT nonsense");
    assert_true(migrate());
    assert_int_equal(bench.count, 2);
    assert_true(migrate());
    assert_int_equal(bench.count, 0);
    assert_string_equal(sql_value("SELECT count(*) || ' ' || sum(n) || ' ' || sum(m) FROM probe"), "2 8 2");
    assert_string_equal(history(), "9001_probe.sql 9002_probe_more.sql");
    write_file("9004_probe.sql", "INSERT INTO probe VALUES (3)");
    assert_true(migrate());
    assert_int_equal(bench.count, 1);
}

static void refuses_a_file_that_was_changed_after_it_ran(void **state)
{
    (void)state;
    write_file("9001_probe.sql", "CREATE TABLE probe (n int)");
    assert_true(migrate());
    write_file("9001_probe.sql", "CREATE TABLE probe (n bigint)");
    write_file("9002_probe.sql", "CREATE TABLE probe_two (n int)");
    assert_false(migrate());
    assert_non_null(strstr(bench.err.detail, "9001_probe.sql"));
    assert_int_equal(bench.count, 0);
    assert_string_equal(sql_value("SELECT count(*) FROM pg_tables WHERE tablename = 'probe_two'"), "0");
    write_file("9001_probe.sql", "CREATE TABLE probe (n int)");
    assert_true(migrate());
    assert_int_equal(bench.count, 1);
}

static void a_broken_file_leaves_nothing_of_itself(void **state)
{
    (void)state;
    write_file("9001_probe.sql", "CREATE TABLE probe (n int)");
    write_file("9002_probe.sql", "CREATE TABLE probe_two (n int); INSERT INTO probe VALUES (1); SELECT nonsense;");
    write_file("9003_probe.sql", "INSERT INTO probe VALUES (3)");
    assert_false(migrate());
    assert_non_null(strstr(bench.err.detail, "9002_probe.sql"));
    assert_non_null(strstr(bench.err.detail, "nonsense"));
    assert_string_equal(history(), "9001_probe.sql");
    assert_string_equal(sql_value("SELECT count(*) FROM pg_tables WHERE tablename = 'probe_two'"), "0");
    assert_string_equal(sql_value("SELECT count(*) FROM probe"), "0");
    write_file("9002_probe.sql", "CREATE TABLE probe_two (n int)");
    assert_true(migrate());
    assert_int_equal(bench.count, 2);
}

static void a_folder_or_a_server_that_is_not_there_is_said(void **state)
{
    struct err err = {0};
    int count = 7;

    (void)state;
    assert_false(migrate_run(getenv("DATABASE_URL"), "/nonexistent", &count, &err));
    assert_string_equal(err.code, "migration");
    assert_int_equal(count, 0);
    assert_false(migrate_run("postgresql:///x?host=/nonexistent", bench.folder, &count, &err));
    assert_int_equal(err.kind, ERR_BUSY);
}

/* How many files this process ran; 100: it failed. */
static int migrate_in_a_process(void)
{
    pid_t pid = fork();

    if (pid == 0)
        _exit(migrate() ? bench.count : 100);
    return pid;
}

static void of_several_processes_at_once_each_file_runs_in_one(void **state)
{
    int ran = 0, pids[PROCESSES];

    (void)state;
    write_file("9001_probe.sql",
               "CREATE TABLE probe (n int); SELECT pg_sleep(4);"); /* beyond a session's lock_timeout */
    write_file("9002_probe.sql", "INSERT INTO probe VALUES (1)");
    write_file("9003_probe.sql", "INSERT INTO probe VALUES (2)");
    for (int i = 0; i < PROCESSES; i++)
        pids[i] = migrate_in_a_process();
    for (int i = 0; i < PROCESSES; i++) {
        int status = 0;
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_true(WIFEXITED(status));
        ran += WEXITSTATUS(status);
    }
    assert_int_equal(ran, 3);
    assert_string_equal(sql_value("SELECT count(*) FROM probe"), "2");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(runs_each_file_once_and_in_order),
        TEST(refuses_a_file_that_was_changed_after_it_ran),
        TEST(a_broken_file_leaves_nothing_of_itself),
        TEST(a_folder_or_a_server_that_is_not_there_is_said),
        TEST(of_several_processes_at_once_each_file_runs_in_one),
    };

    return cmocka_run_group_tests(tests, sql_open, sql_close);
}
