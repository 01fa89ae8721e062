/* Requests in a build with fault points. */
#ifndef FAULTS
#define FAULTS 1
#endif
#include "base/fault_point.c" /* NOLINT(bugprone-suspicious-include) */
#include "fetch/fetch.c"      /* NOLINT(bugprone-suspicious-include) */
#include "fetch/transfer.c"   /* NOLINT(bugprone-suspicious-include) */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <sys/mman.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "support/tiny_http.h"

static const char ANSWER[] =
    "HTTP/1.1 200 OK\r\nX-Fal-Request-Id: r-1\r\nContent-Length: 2\r\nContent-Type: text/plain\r\n\r\nok";

static struct tiny_http *tiny;
static struct fetch *client;
static struct fetch_response response;
static struct err err;

static int set_up(void **state)
{
    (void)state;
    tiny = tiny_open();
    tiny_will_answer(tiny, &(struct tiny_answer){ANSWER, TINY_KEEP}, 1);
    client = fetch_open(&(struct fetch_config){.origins = {tiny_url(tiny)}, .loopback = true}, &err);
    return client ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    fetch_response_done(&response);
    fetch_close(client);
    tiny_close(tiny);
    return 0;
}

static enum fetch_outcome send_with(const char *rules, enum fetch_method method)
{
    struct fetch_request request = {.url = tiny_url(tiny), .method = method, .max_bytes = 1000};

    if (method == FETCH_POST || method == FETCH_PUT)
        request.body = TEXT("{\"a\":1}");
    request.connect_timeout_ms = 1000;
    request.timeout_ms = 5000;
    request.fresh = true;
    assert_true(fault_point_rules(rules, 1, &err));
    fetch_response_done(&response);
    err = (struct err){0};
    return fetch_do(client, &request, &response, &err);
}

static void a_fault_before_sends_nothing(void **state)
{
    (void)state;
    assert_int_equal(send_with("error:1:http.POST.before", FETCH_POST), FETCH_NOT_SENT);
    assert_int_equal(err.kind, ERR_UPSTREAM);
    assert_int_equal(tiny_connections(tiny), 0);
    assert_int_equal(send_with("error:1:http.POST.*", FETCH_GET), FETCH_OK); /* another method's */
    assert_int_equal(send_with("error:1:http.GET.before", FETCH_GET), FETCH_NOT_SENT);
    assert_int_equal(send_with("error:1:http.PUT.before", FETCH_PUT), FETCH_NOT_SENT);
    assert_int_equal(tiny_requests(tiny), 1);
}

static void a_fault_when_sent_takes_no_answer(void **state)
{
    static const enum fetch_method METHODS[] = {FETCH_POST, FETCH_PUT, FETCH_GET, FETCH_DELETE, FETCH_HEAD};

    (void)state;
    for (int i = 0; i < 5; i++) {
        int64_t began = clock_monotonic_ms();
        assert_int_equal(send_with("error:1:http.*.sent", METHODS[i]), FETCH_MAYBE_SENT);
        assert_int_equal(err.kind, ERR_UPSTREAM);
        assert_string_equal(err.code, "fetch_failed");
        assert_int_equal(response.status, 0);
        while (tiny_requests(tiny) < i + 1 && clock_monotonic_ms() - began < 2000)
            (void)usleep(1000);
        assert_int_equal(tiny_requests(tiny), i + 1);
        assert_int_equal(tiny_connections(tiny), i + 1);
    }
}

static void a_fault_when_a_file_is_sent_waits_for_its_last_byte(void **state)
{
    struct fetch_request request = {.url = tiny_url(tiny), .method = FETCH_PUT, .max_bytes = 1000};
    int64_t began = clock_monotonic_ms();

    (void)state;
    request.connect_timeout_ms = request.timeout_ms = 5000;
    request.body_fd = memfd_create("body", MFD_CLOEXEC);
    request.body_bytes = 1000 * 1000;
    assert_int_equal(ftruncate(request.body_fd, request.body_bytes), 0);
    assert_true(fault_point_rules("error:1:http.PUT.sent", 1, &err));
    assert_int_equal(fetch_do(client, &request, &response, &err), FETCH_MAYBE_SENT);
    while (!tiny_requests(tiny) && clock_monotonic_ms() - began < 2000)
        (void)usleep(1000);
    assert_int_equal(tiny_requests(tiny), 1);
    close(request.body_fd);
}

static void a_fault_after_hides_the_answer(void **state)
{
    (void)state;
    assert_int_equal(send_with("error:1:http.POST.after", FETCH_POST), FETCH_MAYBE_SENT);
    assert_int_equal(err.kind, ERR_UPSTREAM);
    assert_int_equal(response.status, 0);
    assert_int_equal(response.body.len, 0);
    assert_string_equal(response.request_id, "");
    assert_int_equal(tiny_requests(tiny), 1);
}

static void each_request_passes_each_point_once(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        assert_int_equal(
            send_with("error:#2:http.POST.before,error:#2:http.POST.sent,error:#2:http.POST.after", FETCH_POST),
            FETCH_OK);
    assert_string_equal(response.body.bytes, "ok");
    assert_string_equal(response.request_id, "r-1");
}

/* Requests that arrived from a process that was killed there. */
static int requests_of_one_killed(const char *rules)
{
    int64_t began = clock_monotonic_ms();
    pid_t child = fork();
    int status;

    if (child == 0) {
        (void)send_with(rules, FETCH_POST);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    while (!tiny_requests(tiny) && clock_monotonic_ms() - began < 300)
        (void)usleep(1000);
    return tiny_requests(tiny);
}

static void a_process_killed_before_has_sent_nothing(void **state)
{
    (void)state;
    assert_int_equal(requests_of_one_killed("kill:1:http.POST.before"), 0);
}

static void a_process_killed_when_sent_has_sent_it_whole(void **state)
{
    (void)state;
    tiny_will_answer(tiny, &(struct tiny_answer){"", TINY_HANG}, 1); /* there is no answer to be read */
    assert_int_equal(requests_of_one_killed("kill:1:http.POST.sent"), 1);
}

static void a_process_killed_after_has_sent_it(void **state)
{
    (void)state;
    assert_int_equal(requests_of_one_killed("kill:1:http.POST.after"), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_fault_before_sends_nothing),
        TEST(a_fault_when_sent_takes_no_answer),
        TEST(a_fault_when_a_file_is_sent_waits_for_its_last_byte),
        TEST(a_fault_after_hides_the_answer),
        TEST(each_request_passes_each_point_once),
        TEST(a_process_killed_before_has_sent_nothing),
        TEST(a_process_killed_when_sent_has_sent_it_whole),
        TEST(a_process_killed_after_has_sent_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
