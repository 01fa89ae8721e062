/* Buffers with a limit, lists, and the lines of the log. */
#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/list.h"
#include "base/log.h"

static void a_buffer_grows_to_its_limit_and_no_further(void **state)
{
    CLEANUP(buf_done) struct buf b = buf_make(10);

    (void)state;
    assert_null(b.bytes);
    assert_true(buf_add(&b, NULL, 0));
    assert_true(buf_add_text(&b, "12345"));
    assert_true(buf_add_format(&b, "%d", 678));
    assert_false(buf_add_text(&b, "abc")); /* nothing of it */
    assert_false(buf_add_format(&b, "%s", "abc"));
    assert_string_equal(b.bytes, "12345678");
    assert_true(buf_add(&b, "\0x", 2));
    assert_int_equal(b.len, 10);
    assert_int_equal(b.bytes[10], '\0');
    assert_false(buf_add_text(&b, "y"));
    assert_true(buf_add_text(&b, ""));
    assert_null(buf_reserve(&b, SIZE_MAX));
    buf_clear(&b);
    assert_string_equal(b.bytes, "");
    assert_true(buf_add_text(&b, "0123456789"));
}

static void reserved_room_is_the_callers_to_fill(void **state)
{
    CLEANUP(buf_done) struct buf b = buf_make(1000);
    char *at = buf_reserve(&b, 1000);

    (void)state;
    memset(at, 'x', 1000); /* sanitizers see the edge */
    b.len += 1000;
    assert_null(buf_reserve(&b, 1));
    assert_non_null(buf_reserve(&b, 0));
}

struct item {
    struct list link;
    int n;
};

static void assert_order(const struct list *head, const char *expected)
{
    char order[20] = "";
    size_t used = 0;

    for (const struct list *l = head->next; l != head; l = l->next)
        order[used++] = (char)('0' + LIST_ENTRY(l, const struct item, link)->n);
    assert_string_equal(order, expected);
}

static void lists_keep_their_order(void **state)
{
    struct list a, b;
    struct item items[5];

    (void)state;
    list_init(&a);
    list_init(&b);
    for (int i = 0; i < 5; i++)
        items[i].n = i;
    for (int i = 0; i < 3; i++)
        list_add_last(&a, &items[i].link);
    list_add_first(&a, &items[3].link);
    list_add_last(&b, &items[4].link);
    assert_order(&a, "3012");
    list_remove(&items[1].link);
    list_remove(&items[1].link); /* it is in no list: fine */
    assert_order(&a, "302");
    list_move_all(&b, &a);
    assert_true(list_empty(&a));
    assert_order(&b, "4302");
}

static void times_are_written_in_utc(void **state)
{
    char text[CLOCK_RFC3339_ROOM];

    (void)state;
    clock_rfc3339(0, text);
    assert_string_equal(text, "1970-01-01T00:00:00.000Z");
    clock_rfc3339(1768471201120999, text);
    assert_string_equal(text, "2026-01-15T10:00:01.120Z");
}

static void a_quoted_value_cannot_leave_its_quotes(void **state)
{
    char longest[1000];
    struct log_quoted q;

    (void)state;
    assert_string_equal(LOG_QUOTE("a \"b\" \\ c"), "\"a \\\"b\\\" \\\\ c\"");
    assert_string_equal(LOG_QUOTE("a\nlevel=error\x7f\x01"), "\"a\\x0alevel=error\\x7f\\x01\"");
    assert_string_equal(LOG_QUOTE(""), "\"\"");
    for (int c = '!'; c <= '#'; c++) {
        memset(longest, c, sizeof longest - 1);
        longest[sizeof longest - 1] = '\0';
        q = log_quote(longest);
        assert_true(strlen(q.text) < sizeof q.text);
        assert_int_equal(q.text[strlen(q.text) - 1], '"');
    }
}

/* What log_write writes to standard error, of one call. */
static void written(enum log_level level, const char *event, const char *pairs, char *to, size_t room)
{
    int pipes[2], kept = dup(STDERR_FILENO);
    ssize_t len;

    assert_int_equal(pipe(pipes), 0);
    assert_true(dup2(pipes[1], STDERR_FILENO) >= 0);
    log_write(level, event, "%s", pairs);
    assert_true(write(STDERR_FILENO, "|", 1) == 1);
    assert_true(dup2(kept, STDERR_FILENO) >= 0);
    len = read(pipes[0], to, room - 1);
    assert_true(len > 0);
    to[len] = '\0';
    close(pipes[0]);
    close(pipes[1]);
    close(kept);
}

static void a_line_is_one_line_and_no_longer_than_it_may_be(void **state)
{
    char line[8192], pairs[4000];

    (void)state;
    log_set_level(LOG_INFO);
    written(LOG_WARN, "probe", "a=1", line, sizeof line);
    assert_int_equal(strncmp(line, "time=20", 7), 0);
    assert_non_null(strstr(line, "Z level=warn event=probe a=1\n|"));
    memset(pairs, 'x', sizeof pairs - 1);
    pairs[sizeof pairs - 1] = '\0';
    written(LOG_ERROR, "probe", pairs, line, sizeof line);
    assert_true(strlen(line) < 2100 && line[strlen(line) - 2] == '\n');
    written(LOG_DEBUG, "probe", "a=1", line, sizeof line);
    assert_string_equal(line, "|"); /* below the level */
}

static void levels_are_read_by_name(void **state)
{
    enum log_level level;

    (void)state;
    assert_true(log_level_read("debug", &level) && level == LOG_DEBUG);
    assert_true(log_level_read("error", &level) && level == LOG_ERROR);
    assert_false(log_level_read("ERROR", &level));
    assert_false(log_level_read("", &level));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_buffer_grows_to_its_limit_and_no_further),
        cmocka_unit_test(reserved_room_is_the_callers_to_fill),
        cmocka_unit_test(lists_keep_their_order),
        cmocka_unit_test(times_are_written_in_utc),
        cmocka_unit_test(a_quoted_value_cannot_leave_its_quotes),
        cmocka_unit_test(a_line_is_one_line_and_no_longer_than_it_may_be),
        cmocka_unit_test(levels_are_read_by_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
