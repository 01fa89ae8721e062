/* The journal proves that something was not sent only where it can. */
#include "jobs/journal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];
static struct journal *journal;

static int set_up(void **state)
{
    char made[] = "/tmp/journal_test-XXXXXX";
    struct err err;

    (void)state;
    if (!mkdtemp(made))
        return -1;
    (void)snprintf(folder, sizeof folder, "%s/.sent", made);
    journal = journal_open(folder, &err);
    return journal ? 0 : -1;
}

static void path_of(const char *name, char to[PATH_MAX]) { (void)snprintf(to, PATH_MAX, "%s/%s", folder, name); }

static int tear_down(void **state)
{
    char path[PATH_MAX];

    (void)state;
    path_of(journal_name(journal), path);
    journal_close(journal);
    (void)unlink(path);
    (void)rmdir(folder);
    *strrchr(folder, '/') = '\0';
    return rmdir(folder);
}

static enum journal_word look(int64_t id) { return journal_look(folder, journal_name(journal), id); }

static void tells_what_was_noted_from_what_was_not(void **state)
{
    (void)state;
    assert_int_equal(look(7), JOURNAL_NOT_NOTED);
    assert_true(journal_note(journal, 17));
    assert_true(journal_note(journal, 7));
    assert_int_equal(look(7), JOURNAL_NOTED);
    assert_int_equal(look(17), JOURNAL_NOTED);
    assert_int_equal(look(1), JOURNAL_NOT_NOTED);
    assert_int_equal(look(71), JOURNAL_NOT_NOTED);
}

static void says_nothing_about_a_file_that_is_not_there(void **state)
{
    (void)state;
    assert_int_equal(journal_look(folder, "0197a3b0-5b1e-7c40-9f9e-0c5c1f6f2a11", 7), JOURNAL_SILENT);
    assert_int_equal(journal_look(folder, "../x", 7), JOURNAL_SILENT);
    assert_int_equal(journal_look(folder, "", 7), JOURNAL_SILENT);
}

static void says_nothing_about_the_time_before_a_restart_of_the_machine(void **state)
{
    char path[PATH_MAX];
    int fd;

    (void)state;
    path_of(journal_name(journal), path);
    fd = open(path, O_WRONLY);
    assert_int_equal(pwrite(fd, "00000000", 8, 0), 8); /* the boot's id */
    close(fd);
    assert_int_equal(look(7), JOURNAL_SILENT);
}

static void throws_away_what_is_old_and_nothing_else(void **state)
{
    const struct timespec old[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
    char path[PATH_MAX], other_path[PATH_MAX];
    struct journal *other;
    struct err err;

    (void)state;
    path_of(journal_name(journal), path);
    assert_true((other = journal_open(folder, &err)) != NULL);
    assert_int_equal(access(path, F_OK), 0);
    path_of(journal_name(other), other_path);
    journal_close(other);
    assert_int_equal(utimensat(AT_FDCWD, other_path, old, 0), 0);
    assert_true((other = journal_open(folder, &err)) != NULL);
    assert_int_equal(access(other_path, F_OK), -1);
    path_of(journal_name(other), other_path);
    journal_close(other);
    assert_int_equal(unlink(other_path), 0);
}

static void says_when_it_cannot_be_opened(void **state)
{
    struct err err = {0};

    (void)state;
    assert_null(journal_open("/proc/nowhere", &err));
    assert_string_equal(err.code, "journal");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(tells_what_was_noted_from_what_was_not, set_up, tear_down),
        cmocka_unit_test_setup_teardown(says_nothing_about_a_file_that_is_not_there, set_up, tear_down),
        cmocka_unit_test_setup_teardown(says_nothing_about_the_time_before_a_restart_of_the_machine, set_up, tear_down),
        cmocka_unit_test_setup_teardown(throws_away_what_is_old_and_nothing_else, set_up, tear_down),
        cmocka_unit_test(says_when_it_cannot_be_opened),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
