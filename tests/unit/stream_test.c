/* Answers that go on: what is written arrives in order, a slow reader has a limit, and everything ends. */
#include "http/stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/house.h"

static struct stream *stream; /* of the open call */
static int gone;

static void on_gone(struct call *call)
{
    stream_done(call->state);
    gone++;
}

static struct next begin(struct call *call)
{
    stream = call_state_make(call, sizeof *stream);
    call->on_gone = on_gone;
    return stream_open(call, stream, "text/event-stream");
}

static const struct route ROUTES[] = {{"GET", "/stream", ACCESS_PUBLIC, 0, begin}, {0}};

static int set_up(void **state)
{
    (void)state;
    house_open(ROUTES, NULL);
    gone = 0;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    house_close();
    return 0;
}

static struct loopback *open_stream(bool slow)
{
    return house_send(&(struct loopback_message){.method = "GET", .path = "/stream", .slow = slow});
}

/* The body without the lengths of its chunks. */
static const char *read_body(const struct loopback *l)
{
    static char body[4 * STREAM_MAX_PENDING];
    const char *at = loopback_body(l);
    size_t used = 0;

    while (*at) {
        char *end;
        size_t len = strtoul(at, &end, 16);
        assert_memory_equal(end, "\r\n", 2);
        assert_true(used + len < sizeof body);
        memcpy(body + used, end + 2, len);
        used += len;
        at = end + 2 + len;
        assert_memory_equal(at, "\r\n", 2);
        at += 2;
    }
    body[used] = '\0';
    return body;
}

static void what_is_written_arrives_at_once_and_in_order(void **state)
{
    struct loopback *l = open_stream(false);

    (void)state;
    assert_true(stream_write(stream, TEXT("a")));
    assert_string_equal(read_body(l), "a");
    assert_true(stream_write(stream, TEXT("bc")));
    assert_true(stream_write(stream, TEXT("d")));
    assert_string_equal(read_body(l), "abcd");
    assert_false(loopback_answered(l));
    stream_end(stream);
    assert_true(loopback_answered(l));
    assert_int_equal(loopback_status(l), 200);
    assert_string_equal(loopback_header(l, "content-type", 0), "text/event-stream");
    assert_string_equal(loopback_header(l, "cache-control", 0), "private, no-store");
    assert_non_null(loopback_header(l, "x-request-id", 0));
    loopback_close(l);
    assert_int_equal(gone, 1);
}

static void a_slow_reader_gets_everything_up_to_the_limit(void **state)
{
    struct loopback *l = open_stream(true);

    (void)state;
    assert_true(stream_write(stream, TEXT("first ")));
    for (int i = 0; i < 100; i++)
        assert_true(stream_write(stream, TEXT("more ")));
    assert_string_equal(read_body(l), "first ");
    loopback_take(l);
    assert_int_equal(strlen(read_body(l)), 6 + 500);
    loopback_take(l); /* nothing is left */
    assert_true(stream_write(stream, TEXT("last")));
    stream_end(stream);
    assert_false(loopback_answered(l)); /* not before the reader has taken it */
    loopback_take(l);
    assert_true(loopback_answered(l));
    assert_string_equal(read_body(l) + 506, "last");
    loopback_close(l);
}

static void a_reader_that_is_too_slow_is_ended(void **state)
{
    static char piece[16 * 1024];
    struct loopback *l = open_stream(true);
    struct text bytes = {piece, sizeof piece};
    int written = 0;

    (void)state;
    memset(piece, 'x', sizeof piece);
    while (stream_write(stream, bytes))
        written++;
    assert_in_range(written * (int)sizeof piece, STREAM_MAX_PENDING, 2 * STREAM_MAX_PENDING);
    assert_false(stream_write(stream, TEXT("more")));
    stream_end(stream); /* it is ended already */
    loopback_take(l);
    assert_true(loopback_answered(l));
    assert_int_equal(strlen(read_body(l)), (size_t)written * sizeof piece);
    loopback_close(l);
    assert_int_equal(gone, 1);
}

static void one_piece_over_the_limit_ends_the_stream_too(void **state)
{
    static char piece[STREAM_MAX_PENDING + 1];
    struct loopback *l = open_stream(false);

    (void)state;
    memset(piece, 'x', sizeof piece);
    assert_true(stream_write(stream, TEXT("a")));
    assert_false(stream_write(stream, (struct text){piece, sizeof piece}));
    assert_true(loopback_answered(l)); /* else it would stay open for ever, and silent */
    assert_string_equal(read_body(l), "a");
    loopback_close(l);
}

static void an_end_without_a_word_is_an_end(void **state)
{
    struct loopback *l = open_stream(false);

    (void)state;
    stream_end(stream);
    assert_true(loopback_answered(l));
    assert_string_equal(read_body(l), "");
    loopback_close(l);
}

/* What came behind its head would be taken for the next answer of the connection. */
static void a_head_request_gets_no_stream(void **state)
{
    struct loopback *l = house_send(&(struct loopback_message){.method = "HEAD", .path = "/stream"});

    (void)state;
    assert_false(stream_write(stream, TEXT("a")));
    assert_true(loopback_answered(l));
    assert_int_equal(loopback_status(l), 200);
    assert_string_equal(loopback_header(l, "content-type", 0), "text/event-stream");
    assert_string_equal(loopback_body(l), "");
    loopback_close(l);
    assert_int_equal(gone, 1);
}

static void a_reader_that_goes_frees_what_waits(void **state)
{
    struct loopback *l = open_stream(true);

    (void)state;
    assert_true(stream_write(stream, TEXT("a")));
    assert_true(stream_write(stream, TEXT("b")));
    loopback_close(l);
    assert_int_equal(gone, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_written_arrives_at_once_and_in_order),
        TEST(a_slow_reader_gets_everything_up_to_the_limit),
        TEST(a_reader_that_is_too_slow_is_ended),
        TEST(one_piece_over_the_limit_ends_the_stream_too),
        TEST(an_end_without_a_word_is_an_end),
        TEST(a_head_request_gets_no_stream),
        TEST(a_reader_that_goes_frees_what_waits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
