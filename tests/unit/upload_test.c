/* Bodies that are kept from libh2o, over real sockets: whole, in pieces, one behind the other, and beside each other.
 */
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

#include "base/buf.h"
#include "http/upload_space.h"
#include "support/uploads.h"

enum { POOL_THREADS = 4 };

static void a_body_arrives_whole(void **state)
{
    static const size_t LENS[] = {1, 2, 4096, 65536, 65537, 1 << 20, UPLOADS_LIMIT};

    (void)state;
    for (size_t i = 0; i < sizeof LENS / sizeof *LENS; i++) {
        wire_say(&uploads_wire, uploads_head(i % 2 ? "POST" : "PUT", LENS[i], ""));
        wire_send(&uploads_wire, uploads_body, LENS[i]);
        uploads_answered(&uploads_wire, LENS[i]); /* on one connection, one after the other */
    }
}

static void a_body_may_come_byte_by_byte(void **state)
{
    const char *head = uploads_head("POST", 50, "");

    (void)state;
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; head[i]; i++)
            wire_send(&uploads_wire, head + i, 1);
        for (size_t i = 0; i < 50; i++)
            wire_send(&uploads_wire, uploads_body + i, 1);
        uploads_answered(&uploads_wire, 50);
    }
}

static void no_body_is_an_empty_upload(void **state)
{
    (void)state;
    wire_say(&uploads_wire, "POST /up/7 HTTP/1.1\r\nHost: h\r\nX-Name: n\r\n\r\n");
    assert_string_equal(wire_read(&uploads_wire)->body,
                        "0 0 n 7 lost"); /* libh2o copies the head of a request with a body only */
    wire_say(&uploads_wire, uploads_head("POST", 0, ""));
    uploads_answered(&uploads_wire, 0);
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
        assert_true(buf_add_text(&all, uploads_head("POST", 5, "")) && buf_add(&all, uploads_body, 5));
        assert_true(buf_add(&all, BETWEEN, sizeof BETWEEN - 1) &&
                    buf_add(&all, uploads_body, round == 0 ? 10 : 100000));
        wire_send(&uploads_wire, all.bytes,
                  all.len - (round == 2 ? 100010 : 0)); /* in the third round even its head is cut */
        uploads_answered(&uploads_wire, 5);
        assert_string_equal(wire_read(&uploads_wire)->body, "get");
        assert_string_equal(wire_read(&uploads_wire)->body, "plain");
        assert_string_equal(wire_read(&uploads_wire)->body, "abc");
        if (round == 0)
            wire_send(&uploads_wire, uploads_body + 10, 100000 - 10);
        if (round == 2)
            wire_send(&uploads_wire, all.bytes + all.len - 100010, 100010);
        uploads_answered(&uploads_wire, 100000);
    }
}

static void the_client_that_expects_a_100_gets_one(void **state)
{
    (void)state;
    wire_say(&uploads_wire, uploads_head("POST", 100000, "Expect: 100-continue\r\n"));
    assert_string_equal(wire_read(&uploads_wire)->head, "HTTP/1.1 100 Continue\r\n\r\n");
    wire_send(&uploads_wire, uploads_body, 100000);
    uploads_answered(&uploads_wire, 100000);
    wire_say(&uploads_wire, "POST /refused HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\nExpect: 100-Continue\r\n\r\n");
    uploads_refused(&uploads_wire, 404, "not_found"); /* nobody wants the body */
    assert_true(wire_ends(&uploads_wire));
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
    wire_say(&uploads_wire, uploads_head("POST", UPLOADS_LIMIT, ""));
    wire_send(&uploads_wire, uploads_body, 100000);
    (void)usleep(100 * 1000);
    assert_int_equal(atomic_load(&uploads_gone), 0);
    wire_close(&uploads_wire);
    assert_true(soon(&uploads_gone, 1));
    wire_open(&uploads_wire, uploads_port());
}

static bool space_is_free(void)
{
    const struct uuid nobody = {""};

    if (!upload_space_take(nobody, UPLOADS_SPACE, UPLOADS_SPACE))
        return false;
    upload_space_give_back(nobody, UPLOADS_SPACE);
    return true;
}

static bool space_is_free_soon(void)
{
    for (int i = 0; i < 500 && !space_is_free(); i++)
        (void)usleep(10 * 1000);
    return space_is_free();
}

static void uploads_have_so_much_space_and_no_more(void **state)
{
    struct wire second;

    (void)state;
    wire_open(&second, uploads_port());
    wire_say(&uploads_wire, uploads_head("POST", UPLOADS_LIMIT, ""));
    wire_send(&uploads_wire, uploads_body, 10);
    (void)usleep(100 * 1000);
    wire_say(&second, uploads_head("POST", UPLOADS_SPACE - UPLOADS_LIMIT + 1, ""));
    uploads_refused(&second, 503, "busy");
    wire_close(&second);
    wire_send(&uploads_wire, uploads_body + 10, UPLOADS_LIMIT - 10);
    uploads_answered(&uploads_wire, UPLOADS_LIMIT);
    assert_true(space_is_free_soon());
    wire_open(&second, uploads_port());
    wire_say(&second, uploads_head("POST", UPLOADS_LIMIT, ""));
    wire_send(&second, uploads_body, UPLOADS_LIMIT);
    uploads_answered(&second, UPLOADS_LIMIT);
    wire_close(&second);
}

static atomic_bool pool_is_free;

static void hold_thread(uv_work_t *work)
{
    (void)work;
    while (!atomic_load(&pool_is_free))
        (void)usleep(1000);
}

/* Files are closed on the pool, which may be busy for long. */
static void space_stays_taken_until_the_file_is_gone(void **state)
{
    uv_work_t works[POOL_THREADS];
    uv_loop_t loop;
    bool gone, was_free;

    (void)state;
    atomic_store(&pool_is_free, false);
    assert_int_equal(uv_loop_init(&loop), 0);
    for (int i = 0; i < POOL_THREADS; i++)
        assert_int_equal(uv_queue_work(&loop, &works[i], hold_thread, NULL), 0);
    wire_say(&uploads_wire, uploads_head("POST", UPLOADS_LIMIT, ""));
    wire_send(&uploads_wire, uploads_body, 100000);
    wire_close(&uploads_wire);
    gone = soon(&uploads_gone, 1);
    was_free = space_is_free();
    atomic_store(&pool_is_free, true); /* before anything fails: the process waits for the pool */
    (void)uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    assert_true(gone && !was_free);
    assert_true(space_is_free_soon());
    wire_open(&uploads_wire, uploads_port());
}

/* Uploads and other requests, one behind the other, in pieces of any length: as if each had come alone. */
static void any_split_of_a_conversation_is_answered_the_same(void **state)
{
    uint32_t chance = 7;

    (void)state;
    for (int round = 0; round < 100; round++) {
        CLEANUP(buf_done) struct buf all = buf_make(1 << 20);
        size_t lens[8], at = 0;
        for (int i = 0; i < 8; i++) {
            lens[i] = (chance = chance * 1103515245 + 12345) >> 8 & (i % 2 ? 0x3f : 0x3fff);
            lens[i] = lens[i] % 3 ? lens[i] + 1 : 0; /* 0: a request without a body, instead */
            assert_true(
                buf_add_text(&all, lens[i] ? uploads_head("POST", lens[i], "") : "GET /up/7 HTTP/1.1\r\nA: b\r\n\r\n"));
            assert_true(buf_add(&all, uploads_body, lens[i]));
        }
        while (at < all.len) {
            size_t piece = (chance = chance * 1103515245 + 12345) >> 8 & (round % 2 ? 0xfff : 0xffff);
            piece = piece < all.len - at ? piece : all.len - at;
            wire_send(&uploads_wire, all.bytes + at, piece);
            at += piece;
        }
        for (int i = 0; i < 8; i++) {
            if (lens[i])
                uploads_answered(&uploads_wire, lens[i]);
            else
                assert_string_equal(wire_read(&uploads_wire)->body, "get");
        }
    }
}

/* A turn of the loop in which libh2o reads first: what it knows of a request then stays as it is. */
static void a_head_that_libh2o_has_read_itself_is_left_alone(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        wire_say(&uploads_wire, "GET /unseen HTTP/1.1\r\nHost: h\r\n\r\n");
        assert_string_equal(wire_read(&uploads_wire)->body, "soon");
        assert_true(soon(&uploads_unseen, i + 1));
        wire_say(&uploads_wire, uploads_head("POST", 1000, ""));
        (void)usleep(2 * UPLOADS_UNSEEN_MS * 1000);
        wire_send(&uploads_wire, uploads_body, 1000); /* libh2o waits for it */
        uploads_answered(&uploads_wire, 1000);
        wire_say(&uploads_wire, uploads_head("POST", 100000, "")); /* more than libh2o takes here */
        wire_send(&uploads_wire, uploads_body, 100000);
        uploads_answered(&uploads_wire, 100000);
    }
}

static void others_are_served_meanwhile(void **state)
{
    struct wire second;

    (void)state;
    wire_open(&second, uploads_port());
    wire_say(&uploads_wire, uploads_head("POST", 10, ""));
    (void)usleep(50 * 1000);
    wire_say(&second, "GET /up/7 HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_string_equal(wire_read(&second)->body, "get");
    wire_say(&second, "HEAD /up/7 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    wire_close(&second);
    wire_send(&uploads_wire, uploads_body, 10);
    uploads_answered(&uploads_wire, 10);
}

static void a_stop_cuts_an_upload_off(void **state)
{
    (void)state;
    wire_say(&uploads_wire, uploads_head("POST", 10, ""));
    (void)usleep(50 * 1000);
    uploads_stop(500);
    assert_int_equal(atomic_load(&uploads_gone), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, uploads_open, uploads_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_body_arrives_whole),
        TEST(a_body_may_come_byte_by_byte),
        TEST(no_body_is_an_empty_upload),
        TEST(requests_behind_a_body_wait_for_their_turn),
        TEST(the_client_that_expects_a_100_gets_one),
        TEST(a_client_that_goes_ends_the_wait),
        TEST(uploads_have_so_much_space_and_no_more),
        TEST(space_stays_taken_until_the_file_is_gone),
        TEST(any_split_of_a_conversation_is_answered_the_same),
        TEST(a_head_that_libh2o_has_read_itself_is_left_alone),
        TEST(others_are_served_meanwhile),
        TEST(a_stop_cuts_an_upload_off),
    };

    (void)setenv("UV_THREADPOOL_SIZE", "4", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
