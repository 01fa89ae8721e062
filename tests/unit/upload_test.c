/* Bodies that are kept from libh2o, over real sockets: whole, in pieces, one behind the other, and everything that ends
   one early. */
#include "http/upload.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "http/connection.h"
#include "http/reply.h"
#include "support/wire.h"

enum { LIMIT = 3 << 20, SPACE = 4 << 20, IDLE_S = 2, LONGEST_S = 4 };

static atomic_int gone; /* requests that ended before their upload was there */

static uint32_t sum_of(const unsigned char *bytes, size_t len, uint32_t sum)
{
    for (size_t i = 0; i < len; i++)
        sum = sum * 31 + bytes[i];
    return sum;
}

/* In the server's thread: nothing that the call knows may lie in the buffer that bodies go through. */
static bool knows_itself(struct call *call)
{
    const h2o_buffer_t *input = call->req->conn->callbacks->get_socket(call->req->conn)->input;
    const char *const known[] = {call_header(call, "x-name").at, call->params[0].at, call->req->method.base,
                                 call->req->path.base, call->req->authority.base};

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i] >= input->bytes && known[i] < input->bytes + input->capacity)
            return false;
    return true;
}

static struct next got(struct call *call, const struct upload *upload)
{
    static _Thread_local unsigned char bytes[LIMIT];
    struct text name = call_header(call, "x-name");
    char answer[200];

    call->on_gone = NULL;
    if (upload->bytes && pread(upload->fd, bytes, sizeof bytes, 0) != upload->bytes)
        return reply_bytes(call, 500, "text/plain", TEXT("the file is not as long"));
    (void)snprintf(answer, sizeof answer, "%lld %x %.*s %.*s%s", (long long)upload->bytes,
                   sum_of(bytes, (size_t)upload->bytes, 0), (int)name.len, name.at, (int)call->params[0].len,
                   call->params[0].at, knows_itself(call) ? "" : " lost");
    return reply_bytes(call, 200, "text/plain", text_of(answer));
}

static void on_gone(struct call *call)
{
    (void)call;
    atomic_fetch_add(&gone, 1);
}

static struct next take(struct call *call)
{
    call->on_gone = on_gone;
    return await_upload(call, got);
}

static struct next refuse(struct call *call) { return reply_not_found(call); }
static struct next say_get(struct call *call) { return reply_bytes(call, 200, "text/plain", TEXT("get")); }
static struct next say_body(struct call *call) { return reply_bytes(call, 200, "text/plain", call_body(call)); }

static const struct route ROUTES[] = {
    {"GET", "/up/{id}", ACCESS_PUBLIC, 0, say_get},
    {"POST", "/up/{id}", ACCESS_PUBLIC, 0, take, .upload_limit = LIMIT},
    {"PUT", "/up/{id}", ACCESS_PUBLIC, 0, take, .upload_limit = LIMIT},
    {"POST", "/refused", ACCESS_PUBLIC, 0, refuse, .upload_limit = LIMIT},
    {"POST", "/plain", ACCESS_PUBLIC, 100, say_body},
    {0},
};

static struct http_server *server;
static struct wire wire;
static char body[2 * LIMIT];

static int set_up(void **state)
{
    const struct http_config config = {.listen = "127.0.0.1:0",
                                       .threads = 1,
                                       .max_connections = 20,
                                       .max_body = 64 * 1024,
                                       .request_timeout_s = 10,
                                       .write_timeout_s = 10,
                                       .public_origin = "http://127.0.0.1",
                                       .upload_space = SPACE,
                                       .upload_idle_s = IDLE_S,
                                       .upload_longest_s = LONGEST_S};
    const struct http_site site = {.routes = ROUTES};
    struct err err;

    (void)state;
    atomic_store(&gone, 0);
    server = http_server_start(&config, &site, &err);
    assert_non_null(server);
    wire_open(&wire, http_server_port(server));
    for (size_t i = 0; i < sizeof body; i++)
        body[i] = (char)(i * 7 + (i >> 8) * 13);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    wire_close(&wire);
    assert_true(http_server_stop(server, 2000)); /* nothing still runs */
    return 0;
}

static const char *head_of(const char *method, size_t len, const char *more)
{
    static char head[500];

    (void)snprintf(head, sizeof head, "%s /up/7?x=y HTTP/1.1\r\nHost: h\r\nX-Name: n\r\ncontent-Length: %zu\r\n%s\r\n",
                   method, len, more);
    return head;
}

static void is_answered(struct wire *from, size_t len)
{
    const struct wire_answer *answer = wire_read(from);
    char wanted[200];

    (void)snprintf(wanted, sizeof wanted, "%zu %x n 7", len, sum_of((const unsigned char *)body, len, 0));
    if (answer->status != 200 || strcmp(answer->body, wanted) != 0)
        fail_msg("not \"%s\" but %s%s", wanted, answer->head, answer->body);
}

static void is_refused(struct wire *from, int status, const char *code)
{
    const struct wire_answer *answer = wire_read(from);
    char wanted[80];

    (void)snprintf(wanted, sizeof wanted, "\"code\":\"%s\"", code);
    if (answer->status != status || !strstr(answer->body, wanted) || !strcasestr(answer->head, "connection: close") ||
        !strstr(answer->head, "application/problem+json"))
        fail_msg("not %d %s but %s%s", status, code, answer->head, answer->body);
}

static void a_body_arrives_whole(void **state)
{
    static const size_t LENS[] = {1, 2, 4096, 65536, 65537, 1 << 20, LIMIT};

    (void)state;
    for (size_t i = 0; i < sizeof LENS / sizeof *LENS; i++) {
        wire_say(&wire, head_of(i % 2 ? "POST" : "PUT", LENS[i], ""));
        wire_send(&wire, body, LENS[i]);
        is_answered(&wire, LENS[i]); /* on one connection, one after the other */
    }
}

static void a_body_may_come_byte_by_byte(void **state)
{
    const char *head = head_of("POST", 50, "");

    (void)state;
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; head[i]; i++)
            wire_send(&wire, head + i, 1);
        for (size_t i = 0; i < 50; i++)
            wire_send(&wire, body + i, 1);
        is_answered(&wire, 50);
    }
}

static void no_body_is_an_empty_upload(void **state)
{
    (void)state;
    wire_say(&wire, "POST /up/7 HTTP/1.1\r\nHost: h\r\nX-Name: n\r\n\r\n");
    assert_string_equal(wire_read(&wire)->body,
                        "0 0 n 7 lost"); /* libh2o copies the head of a request with a body only */
    wire_say(&wire, head_of("POST", 0, ""));
    is_answered(&wire, 0);
}

/* All in one piece: no wait for an answer, other framings in between, and one that is cut off by the end of the piece.
 */
static void requests_behind_a_body_wait_for_their_turn(void **state)
{
    static const char BETWEEN[] = "GET /up/7 HTTP/1.1\r\nHost: h\r\n\r\n"
                                  "POST /plain HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nplain"
                                  "POST /plain HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                                  "3\r\nabc\r\n0\r\n\r\n"
                                  "\r\nPUT /up/7 HTTP/1.1\nHost: h\nx-name: n\ncontent-length: 100000\n\n";
    CLEANUP(buf_done) struct buf all = buf_make(1 << 20);

    (void)state;
    for (int round = 0; round < 3; round++) {
        buf_clear(&all);
        assert_true(buf_add_text(&all, head_of("POST", 5, "")) && buf_add(&all, body, 5));
        assert_true(buf_add(&all, BETWEEN, sizeof BETWEEN - 1) && buf_add(&all, body, round == 0 ? 10 : 100000));
        wire_send(&wire, all.bytes, all.len - (round == 2 ? 100010 : 0)); /* in the third round even its head is cut */
        is_answered(&wire, 5);
        assert_string_equal(wire_read(&wire)->body, "get");
        assert_string_equal(wire_read(&wire)->body, "plain");
        assert_string_equal(wire_read(&wire)->body, "abc");
        if (round == 0)
            wire_send(&wire, body + 10, 100000 - 10);
        if (round == 2)
            wire_send(&wire, all.bytes + all.len - 100010, 100010);
        is_answered(&wire, 100000);
    }
}

static void the_client_that_expects_a_100_gets_one(void **state)
{
    (void)state;
    wire_say(&wire, head_of("POST", 100000, "Expect: 100-continue\r\n"));
    assert_string_equal(wire_read(&wire)->head, "HTTP/1.1 100 Continue\r\n\r\n");
    wire_send(&wire, body, 100000);
    is_answered(&wire, 100000);
    wire_say(&wire, "POST /refused HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\nExpect: 100-Continue\r\n\r\n");
    is_refused(&wire, 404, "not_found"); /* nobody wants the body */
    assert_true(wire_ends(&wire));
}

static void another_expectation_is_libh2os_to_refuse(void **state)
{
    (void)state;
    wire_say(&wire, head_of("POST", 10, "Expect: much\r\n"));
    is_refused(&wire, 417, "expectation_failed");
}

static void a_body_over_the_limit_is_refused_before_it_comes(void **state)
{
    (void)state;
    wire_say(&wire, head_of("POST", LIMIT + 1, ""));
    is_refused(&wire, 413, "upload_too_large");
    assert_true(wire_ends(&wire));
}

/* The answer is read by a client that has sent everything first, and by one whose body is endless. */
static void the_answer_survives_what_is_still_sent(void **state)
{
    (void)state;
    wire_say(&wire, head_of("POST", 900000000, ""));
    wire_send(&wire, body, 1 << 20);
    is_refused(&wire, 413, "upload_too_large");
    wire_close(&wire);
    wire_open(&wire, http_server_port(server));
    wire_say(&wire, "POST /refused HTTP/1.1\r\nHost: h\r\nContent-Length: 900000\r\n\r\n");
    wire_send(&wire, body, 900000);
    is_refused(&wire, 404, "not_found");
    assert_true(wire_ends(&wire));
}

static void a_body_in_chunks_is_refused(void **state)
{
    (void)state;
    wire_say(&wire, "POST /up/7 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nbytes\r\n0\r\n\r\n");
    is_refused(&wire, 411, "length_required");
    assert_true(wire_ends(&wire));
}

static void two_lengths_are_refused(void **state)
{
    static const char *const HEADS[] = {
        "Content-Length: 5\r\nContent-Length: 5\r\n\r\nbytes",
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nbytes\r\n0\r\n\r\n",
        "Content-Length: 5\r\n folded\r\n\r\nbytes",
    };

    (void)state;
    for (size_t i = 0; i < sizeof HEADS / sizeof *HEADS; i++) {
        wire_say(&wire, "POST /up/7 HTTP/1.1\r\nHost: h\r\n");
        wire_say(&wire, HEADS[i]);
        is_refused(&wire, 400, "bad_request");
        wire_close(&wire);
        wire_open(&wire, http_server_port(server));
    }
}

static void a_length_that_is_no_number_is_refused(void **state)
{
    static const char *const LENGTHS[] = {"-1", "+5", "5, 5", "0x10", "1e3", "99999999999999999999999"};

    (void)state;
    for (size_t i = 0; i < sizeof LENGTHS / sizeof *LENGTHS; i++) {
        wire_say(&wire, "POST /up/7 HTTP/1.1\r\nHost: h\r\nContent-Length: ");
        wire_say(&wire, LENGTHS[i]);
        wire_say(&wire, "\r\n\r\n");
        is_refused(&wire, 400, "bad_request");
        wire_close(&wire);
        wire_open(&wire, http_server_port(server));
    }
}

static bool soon(atomic_int *value, int wanted)
{
    for (int i = 0; i < 500; i++) {
        if (atomic_load(value) == wanted)
            return true;
        (void)usleep(10 * 1000);
    }
    return false;
}

static void a_client_that_goes_ends_the_wait(void **state)
{
    (void)state;
    wire_say(&wire, head_of("POST", LIMIT, ""));
    wire_send(&wire, body, 100000);
    (void)usleep(100 * 1000);
    assert_int_equal(atomic_load(&gone), 0);
    wire_close(&wire);
    assert_true(soon(&gone, 1));
    wire_open(&wire, http_server_port(server));
}

static void a_client_that_stops_sending_is_told_so(void **state)
{
    int64_t began_ms = clock_monotonic_ms();

    (void)state;
    wire_say(&wire, head_of("POST", LIMIT, ""));
    wire_send(&wire, body, 10);
    is_refused(&wire, 408, "upload_too_slow");
    assert_in_range(clock_monotonic_ms() - began_ms, IDLE_S * 1000, IDLE_S * 1000 + 2500);
    assert_true(wire_ends(&wire));
}

static void a_client_that_only_drips_is_told_so(void **state)
{
    int64_t began_ms = clock_monotonic_ms();

    (void)state;
    wire_say(&wire, head_of("POST", LIMIT, ""));
    while (wire_is_silent(&wire, 500))
        wire_send(&wire, body, 1);
    is_refused(&wire, 408, "upload_too_slow");
    assert_in_range(clock_monotonic_ms() - began_ms, LONGEST_S * 1000, LONGEST_S * 1000 + 2500);
}

static void uploads_have_so_much_space_and_no_more(void **state)
{
    struct wire second;

    (void)state;
    wire_open(&second, http_server_port(server));
    wire_say(&wire, head_of("POST", LIMIT, ""));
    wire_send(&wire, body, 10);
    (void)usleep(100 * 1000);
    wire_say(&second, head_of("POST", SPACE - LIMIT + 1, ""));
    is_refused(&second, 503, "busy");
    wire_close(&second);
    wire_send(&wire, body + 10, LIMIT - 10);
    is_answered(&wire, LIMIT);
    wire_open(&second, http_server_port(server)); /* what was taken is free again */
    wire_say(&second, head_of("POST", LIMIT, ""));
    wire_send(&second, body, LIMIT);
    is_answered(&second, LIMIT);
    wire_close(&second);
}

static void others_are_served_meanwhile(void **state)
{
    struct wire second;

    (void)state;
    wire_open(&second, http_server_port(server));
    wire_say(&wire, head_of("POST", 10, ""));
    (void)usleep(50 * 1000);
    wire_say(&second, "GET /up/7 HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_string_equal(wire_read(&second)->body, "get");
    wire_say(&second, "HEAD /up/7 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    wire_close(&second);
    wire_send(&wire, body, 10);
    is_answered(&wire, 10);
}

static void a_stop_cuts_an_upload_off(void **state)
{
    (void)state;
    wire_say(&wire, head_of("POST", 10, ""));
    (void)usleep(50 * 1000);
    assert_true(http_server_stop(server, 500));
    assert_int_equal(atomic_load(&gone), 1);
    assert_int_equal(set_up(NULL), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_body_arrives_whole),
        TEST(a_body_may_come_byte_by_byte),
        TEST(no_body_is_an_empty_upload),
        TEST(requests_behind_a_body_wait_for_their_turn),
        TEST(the_client_that_expects_a_100_gets_one),
        TEST(another_expectation_is_libh2os_to_refuse),
        TEST(a_body_over_the_limit_is_refused_before_it_comes),
        TEST(the_answer_survives_what_is_still_sent),
        TEST(a_body_in_chunks_is_refused),
        TEST(two_lengths_are_refused),
        TEST(a_length_that_is_no_number_is_refused),
        TEST(a_client_that_goes_ends_the_wait),
        TEST(a_client_that_stops_sending_is_told_so),
        TEST(a_client_that_only_drips_is_told_so),
        TEST(uploads_have_so_much_space_and_no_more),
        TEST(others_are_served_meanwhile),
        TEST(a_stop_cuts_an_upload_off),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
