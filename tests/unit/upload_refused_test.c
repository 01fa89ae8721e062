/* Bodies that are not taken: who sent them learns why, and the connection ends. */
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
#include "support/uploads.h"

/* A timer counts from the time that its loop has last looked at the clock. */
enum { LAG_MS = 200 };

static void another_expectation_is_libh2os_to_refuse(void **state)
{
    (void)state;
    wire_say(&uploads_wire, uploads_head("POST", 10, "Expect: much\r\n"));
    uploads_refused(&uploads_wire, 417, "expectation_failed");
}

static void a_body_over_the_limit_is_refused_before_it_comes(void **state)
{
    (void)state;
    wire_say(&uploads_wire, uploads_head("POST", UPLOADS_LIMIT + 1, ""));
    uploads_refused(&uploads_wire, 413, "upload_too_large");
    assert_true(wire_ends(&uploads_wire));
}

/* The answer is read by a client that has sent everything first, and by one whose body is endless. */
static void the_answer_survives_what_is_still_sent(void **state)
{
    (void)state;
    wire_say(&uploads_wire, uploads_head("POST", 900000000, ""));
    wire_send(&uploads_wire, uploads_body, 1 << 20);
    uploads_refused(&uploads_wire, 413, "upload_too_large");
    wire_close(&uploads_wire);
    wire_open(&uploads_wire, uploads_port());
    wire_say(&uploads_wire, "POST /refused HTTP/1.1\r\nHost: h\r\nContent-Length: 900000\r\n\r\n");
    for (int i = 0; i < 9; i++) {
        assert_true(wire_send(&uploads_wire, uploads_body, 100000));
        (void)usleep(10 * 1000); /* the answer is out by now */
    }
    uploads_refused(&uploads_wire, 404, "not_found");
    assert_true(wire_ends(&uploads_wire));
}

static void a_body_in_chunks_is_refused(void **state)
{
    (void)state;
    wire_say(&uploads_wire,
             "POST /up/7 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nbytes\r\n0\r\n\r\n");
    uploads_refused(&uploads_wire, 411, "length_required");
    assert_true(wire_ends(&uploads_wire));
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
        wire_say(&uploads_wire, "POST /up/7 HTTP/1.1\r\nHost: h\r\n");
        wire_say(&uploads_wire, HEADS[i]);
        uploads_refused(&uploads_wire, 400, "bad_request");
        wire_close(&uploads_wire);
        wire_open(&uploads_wire, uploads_port());
    }
}

static void a_length_that_is_no_number_is_refused(void **state)
{
    static const char *const LENGTHS[] = {"-1", "+5", "5, 5", "0x10", "1e3", "99999999999999999999999"};

    (void)state;
    for (size_t i = 0; i < sizeof LENGTHS / sizeof *LENGTHS; i++) {
        wire_say(&uploads_wire, "POST /up/7 HTTP/1.1\r\nHost: h\r\nContent-Length: ");
        wire_say(&uploads_wire, LENGTHS[i]);
        wire_say(&uploads_wire, "\r\n\r\n");
        uploads_refused(&uploads_wire, 400, "bad_request");
        wire_close(&uploads_wire);
        wire_open(&uploads_wire, uploads_port());
    }
}

static void a_client_that_stops_sending_is_told_so(void **state)
{
    int64_t began_ms = clock_monotonic_ms();

    (void)state;
    wire_say(&uploads_wire, uploads_head("POST", UPLOADS_LIMIT, ""));
    wire_send(&uploads_wire, uploads_body, 10);
    uploads_refused(&uploads_wire, 408, "upload_too_slow");
    assert_in_range(clock_monotonic_ms() - began_ms, UPLOADS_IDLE_S * 1000 - LAG_MS, UPLOADS_LONGEST_S * 1000 - 500);
    assert_true(wire_ends(&uploads_wire));
}

static void a_client_that_only_drips_is_told_so(void **state)
{
    int64_t began_ms = clock_monotonic_ms();

    (void)state;
    wire_say(&uploads_wire, uploads_head("POST", UPLOADS_LIMIT, ""));
    while (wire_is_silent(&uploads_wire, 500))
        wire_send(&uploads_wire, uploads_body, 1);
    uploads_refused(&uploads_wire, 408, "upload_too_slow");
    assert_in_range(clock_monotonic_ms() - began_ms, UPLOADS_LONGEST_S * 1000 - LAG_MS,
                    UPLOADS_LONGEST_S * 1000 + 2500);
}

static void a_full_disk_is_told_of(void **state)
{
    (void)state;
    wire_say(&uploads_wire, uploads_head("POST", 100000, ""));
    wire_send(&uploads_wire, uploads_body, 50000);
    (void)usleep(50 * 1000);
    atomic_store(&uploads_disk_full, true);
    wire_send(&uploads_wire, uploads_body, 50000);
    uploads_refused(&uploads_wire, 507, "upload_no_space");
    atomic_store(&uploads_disk_full, false);
    assert_true(wire_ends(&uploads_wire));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, uploads_open, uploads_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(another_expectation_is_libh2os_to_refuse),
        TEST(a_body_over_the_limit_is_refused_before_it_comes),
        TEST(the_answer_survives_what_is_still_sent),
        TEST(a_body_in_chunks_is_refused),
        TEST(two_lengths_are_refused),
        TEST(a_length_that_is_no_number_is_refused),
        TEST(a_client_that_stops_sending_is_told_so),
        TEST(a_client_that_only_drips_is_told_so),
        TEST(a_full_disk_is_told_of),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
