/* Bodies that are too large for memory, requests without any, and what an answer's head says of an object. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fetch/fetch.h"
#include "support/tiny_http.h"

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

static struct tiny_http *tiny;
static struct fetch *client;
static struct fetch_response response;
static struct err err;
static struct buf taken;
static size_t take_at_most;

static int set_up(void **state)
{
    (void)state;
    tiny = tiny_open();
    taken = buf_make(1 << 20);
    take_at_most = SIZE_MAX;
    client = fetch_open(&(struct fetch_config){.origins = {tiny_url(tiny)}, .loopback = true}, &err);
    return client ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    fetch_response_done(&response);
    buf_done(&taken);
    fetch_close(client);
    tiny_close(tiny);
    return 0;
}

static struct fetch_request request_of(enum fetch_method method)
{
    return (struct fetch_request){
        .method = method, .url = tiny_url(tiny), .connect_timeout_ms = 1000, .timeout_ms = 5000, .max_bytes = 1000};
}

static enum fetch_outcome run(const struct fetch_request *request)
{
    fetch_response_done(&response);
    err = (struct err){0};
    return fetch_do(client, request, &response, &err);
}

static void will_answer(const char *bytes, enum tiny_then then)
{
    tiny_will_answer(tiny, &(struct tiny_answer){bytes, then}, 1);
}

static void assert_sent(const char *start, const char *end)
{
    static char sent[64 * 1024];

    tiny_last_request(tiny, sent, sizeof sent);
    if (strncmp(sent, start, strlen(start)) != 0 || strlen(sent) < strlen(end) ||
        strcmp(sent + strlen(sent) - strlen(end), end) != 0)
        fail_msg("%s", sent);
}

/* A file of count bytes: "0123456789012…". */
static int file_of(int count)
{
    int fd = memfd_create("body", MFD_CLOEXEC);

    for (int i = 0; i < count; i++)
        assert_int_equal(write(fd, &"0123456789"[i % 10], 1), 1);
    return fd;
}

static void head_brings_what_is_known_of_an_object(void **state)
{
    struct fetch_request request = request_of(FETCH_HEAD);

    (void)state;
    will_answer("HTTP/1.1 200 OK\r\nContent-Length: 5000000000\r\nETag: \"a-1\"\r\n"
                "Last-Modified: Thu, 01 Jan 1970 00:00:07 GMT\r\nDate: Fri, 20 Nov 2026 22:00:00 GMT\r\n\r\n",
                TINY_KEEP);
    assert_int_equal(run(&request), FETCH_OK);
    assert_sent("HEAD / HTTP/1.1\r\n", "\r\n\r\n");
    assert_true(response.length == 5000000000);
    assert_int_equal(response.body.len, 0);
    assert_string_equal(response.etag, "\"a-1\"");
    assert_int_equal(response.modified_s, 7);
    assert_int_equal(response.date_s, 1795212000);
    request.method = FETCH_GET; /* on the same connection */
    will_answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nDate: soon\r\n\r\n0\r\n\r\n", TINY_KEEP);
    assert_int_equal(run(&request), FETCH_OK);
    assert_true(response.length == -1 && response.modified_s == 0 && response.date_s == 0 && !response.etag[0]);
    assert_int_equal(tiny_connections(tiny), 1);
}

static void delete_has_no_body(void **state)
{
    struct fetch_request request = request_of(FETCH_DELETE);

    (void)state;
    will_answer("HTTP/1.1 204 No Content\r\n\r\n", TINY_KEEP);
    assert_int_equal(run(&request), FETCH_OK);
    assert_int_equal(response.status, 204);
    assert_sent("DELETE / HTTP/1.1\r\n", "\r\n\r\n");
}

static void puts_a_piece_of_a_file_with_its_length(void **state)
{
    struct fetch_request request = request_of(FETCH_PUT);
    char sent[2000];

    (void)state;
    will_answer(OK, TINY_KEEP);
    request.body_fd = file_of(40);
    request.body_from = 12;
    request.body_bytes = 20;
    assert_int_equal(run(&request), FETCH_OK);
    assert_string_equal(response.body.bytes, "ok");
    assert_sent("PUT / HTTP/1.1\r\n", "\r\n\r\n23456789012345678901");
    tiny_last_request(tiny, sent, sizeof sent);
    assert_non_null(strstr(sent, "Content-Length: 20\r\n"));
    assert_null(strstr(sent, "Expect:"));
    assert_null(strstr(sent, "Transfer-Encoding:"));
    close(request.body_fd);
}

static void sends_a_file_from_its_beginning_when_a_kept_connection_is_closed(void **state)
{
    struct fetch_request request = request_of(FETCH_PUT);

    (void)state;
    request.body_fd = file_of(30000);
    request.body_bytes = 30000;
    tiny_will_answer(tiny, (struct tiny_answer[]){{OK, TINY_KEEP}, {"", TINY_CLOSE}, {OK, TINY_KEEP}}, 3);
    assert_int_equal(run(&request), FETCH_OK);
    assert_int_equal(run(&request), FETCH_OK);
    assert_int_equal(tiny_requests(tiny), 3);
    assert_sent("PUT / HTTP/1.1\r\n", "0123456789");
    close(request.body_fd);
}

static void says_that_a_file_is_shorter_than_promised(void **state)
{
    struct fetch_request request = request_of(FETCH_PUT);

    (void)state;
    will_answer(OK, TINY_KEEP);
    request.body_fd = file_of(10);
    request.body_bytes = 11;
    assert_int_equal(run(&request), FETCH_MAYBE_SENT);
    assert_string_equal(err.code, "fetch_body");
    assert_int_equal(err.kind, ERR_INTERNAL);
    assert_int_equal(tiny_requests(tiny), 0); /* never a whole one */
    close(request.body_fd);
}

static bool take(void *taker, const char *bytes, size_t len)
{
    assert_ptr_equal(taker, &taken);
    return taken.len + len <= take_at_most && buf_add(&taken, bytes, len);
}

static enum fetch_outcome get_in_pieces(const char *answer, size_t max_bytes)
{
    struct fetch_request request = request_of(FETCH_GET);

    request.take = take;
    request.taker = &taken;
    request.max_bytes = max_bytes;
    will_answer(answer, TINY_KEEP);
    return run(&request);
}

static void gives_an_answer_in_pieces(void **state)
{
    (void)state;
    assert_int_equal(
        get_in_pieces("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", 5),
        FETCH_OK);
    assert_string_equal(taken.bytes, "abcde");
    assert_int_equal(response.body.len, 0);
}

static void gives_no_pieces_of_an_error(void **state)
{
    (void)state;
    assert_int_equal(get_in_pieces("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone", 1), FETCH_OK);
    assert_int_equal(taken.len, 0);
    assert_string_equal(response.body.bytes, "gone");
}

static void bounds_the_body_of_an_error(void **state)
{
    static char answer[70000];
    int head = snprintf(answer, sizeof answer, "HTTP/1.1 500 Oh\r\nContent-Length: 65537\r\n\r\n");

    (void)state;
    memset(answer + head, 'x', 65537);
    assert_int_equal(get_in_pieces(answer, 1 << 20), FETCH_MAYBE_SENT);
    assert_string_equal(err.code, "fetch_too_large");
}

static void stops_the_pieces_at_the_limit(void **state)
{
    (void)state;
    assert_int_equal(get_in_pieces("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde", 4), FETCH_MAYBE_SENT);
    assert_string_equal(err.code, "fetch_too_large");
    assert_int_equal(taken.len, 0);
}

static void ends_when_a_piece_is_not_taken(void **state)
{
    (void)state;
    take_at_most = 4;
    assert_int_equal(get_in_pieces("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde", 100), FETCH_MAYBE_SENT);
    assert_string_equal(err.code, "fetch_refused");
}

static void takes_pieces_that_stop_short_for_a_failure(void **state)
{
    struct fetch_request request = request_of(FETCH_GET);

    (void)state;
    request.take = take;
    request.taker = &taken;
    will_answer("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabcde", TINY_CLOSE);
    assert_int_equal(run(&request), FETCH_MAYBE_SENT);
    assert_string_equal(err.code, "fetch_failed");
    assert_string_equal(taken.bytes, "abcde");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(head_brings_what_is_known_of_an_object),
        TEST(delete_has_no_body),
        TEST(puts_a_piece_of_a_file_with_its_length),
        TEST(sends_a_file_from_its_beginning_when_a_kept_connection_is_closed),
        TEST(says_that_a_file_is_shorter_than_promised),
        TEST(gives_an_answer_in_pieces),
        TEST(gives_no_pieces_of_an_error),
        TEST(bounds_the_body_of_an_error),
        TEST(stops_the_pieces_at_the_limit),
        TEST(ends_when_a_piece_is_not_taken),
        TEST(takes_pieces_that_stop_short_for_a_failure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
