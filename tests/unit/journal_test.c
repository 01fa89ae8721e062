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

#include "base/buf.h"

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

static char request_id[JOURNAL_ID_ROOM]; /* of the last look */

static enum journal_word look(int64_t id) { return journal_look(folder, journal_name(journal), id, request_id); }

static void write_by_hand(const char *text, off_t at)
{
    char path[PATH_MAX];
    int fd;

    path_of(journal_name(journal), path);
    fd = open(path, O_WRONLY | (at < 0 ? O_APPEND : 0));
    assert_int_equal(at < 0 ? write(fd, text, strlen(text)) : pwrite(fd, text, strlen(text), at), strlen(text));
    close(fd);
}

static void assert_accepted_as(int64_t id, const char *as)
{
    assert_int_equal(look(id), JOURNAL_NOTED);
    assert_string_equal(request_id, as);
}

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
    assert_int_equal(journal_look(folder, "0197a3b0-5b1e-7c40-9f9e-0c5c1f6f2a11", 7, request_id), JOURNAL_SILENT);
    assert_int_equal(journal_look(folder, "../x", 7, request_id), JOURNAL_SILENT);
    assert_int_equal(journal_look(folder, "", 7, request_id), JOURNAL_SILENT);
}

static void says_nothing_about_the_time_before_a_restart_of_the_machine(void **state)
{
    (void)state;
    assert_true(journal_note(journal, 8));
    write_by_hand("00000000", 0); /* the boot's id */
    assert_int_equal(look(7), JOURNAL_SILENT);
    assert_int_equal(look(8), JOURNAL_SILENT);
}

static void knows_what_was_accepted_and_as_what(void **state)
{
    (void)state;
    assert_true(journal_note(journal, 7));
    assert_true(journal_note(journal, 17));
    assert_true(journal_accepted(journal, 17, "764cabcf-b745-4b3e-ae38-1200304cf45b"));
    assert_true(journal_accepted(journal, 9, "short_ID"));
    assert_accepted_as(17, "764cabcf-b745-4b3e-ae38-1200304cf45b");
    assert_accepted_as(9, "short_ID");
    assert_accepted_as(7, "");
    assert_int_equal(look(1), JOURNAL_NOT_NOTED);
    assert_string_equal(request_id, "");
}

static void knows_after_a_restart_of_the_machine_what_was_accepted(void **state)
{
    (void)state;
    assert_true(journal_accepted(journal, 7, "r-7"));
    write_by_hand("00000000", 0);
    assert_accepted_as(7, "r-7");
    assert_int_equal(look(8), JOURNAL_SILENT);
}

static void notes_no_id_that_it_could_not_read_again(void **state)
{
    char long_id[JOURNAL_ID_ROOM + 1];

    (void)state;
    memset(long_id, 'a', sizeof long_id);
    long_id[JOURNAL_ID_ROOM] = '\0';
    assert_false(journal_accepted(journal, 7, long_id));
    assert_false(journal_accepted(journal, 7, ""));
    assert_false(journal_accepted(journal, 7, "a\n8"));
    assert_false(journal_accepted(journal, 7, "a b"));
    assert_true(journal_accepted(journal, 7, long_id + 1));
    assert_accepted_as(7, long_id + 1);
}

/* What a full disk leaves of a line is not taken for a whole one, and spoils nothing behind it. */
static void is_not_misled_by_torn_lines(void **state)
{
    (void)state;
    write_by_hand("\n7 764cabcf-b745", -1);
    assert_accepted_as(7, "");
    assert_true(journal_note(journal, 8));
    assert_accepted_as(7, "");
    assert_accepted_as(8, "");
    write_by_hand("\n9", -1);
    assert_true(journal_accepted(journal, 10, "r-10"));
    assert_accepted_as(10, "r-10");
    assert_int_equal(look(910), JOURNAL_NOT_NOTED);
}

static void reads_what_an_earlier_version_wrote(void **state)
{
    (void)state;
    write_by_hand("21\n22\n", -1);
    assert_int_equal(look(21), JOURNAL_NOTED);
    assert_int_equal(look(22), JOURNAL_NOTED);
    assert_int_equal(look(2), JOURNAL_NOT_NOTED);
}

static void finds_a_line_behind_very_many(void **state)
{
    CLEANUP(buf_done) struct buf many = buf_make(16 << 20);

    (void)state;
    for (int i = 0; i < 100000; i++)
        assert_true(buf_add_format(&many, "%d 764cabcf-b745-4b3e-ae38-1200304cf45b .\n", 1000000 + i));
    write_by_hand(many.bytes, -1);
    assert_true(journal_note(journal, 7));
    assert_accepted_as(7, "");
    assert_int_equal(look(8), JOURNAL_NOT_NOTED);
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
        cmocka_unit_test_setup_teardown(knows_what_was_accepted_and_as_what, set_up, tear_down),
        cmocka_unit_test_setup_teardown(knows_after_a_restart_of_the_machine_what_was_accepted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(notes_no_id_that_it_could_not_read_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(is_not_misled_by_torn_lines, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reads_what_an_earlier_version_wrote, set_up, tear_down),
        cmocka_unit_test_setup_teardown(finds_a_line_behind_very_many, set_up, tear_down),
        cmocka_unit_test_setup_teardown(throws_away_what_is_old_and_nothing_else, set_up, tear_down),
        cmocka_unit_test(says_when_it_cannot_be_opened),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
