/* Counts and times of requests as Prometheus reads them. */
#include "http/stats.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>

#include "http/call.h"

static const struct route ROUTES[] = {{"GET", "/a", ACCESS_PUBLIC, 0, NULL},
                                      {"POST", "/a/{id}", ACCESS_PUBLIC, 0, NULL},
                                      {"GET", "/unused", ACCESS_PUBLIC, 0, NULL},
                                      {0}};
static const struct route STRANGE = {.path = "unmatched"};

static struct http_stats *stats;
static struct buf text;

static int set_up(void **state)
{
    (void)state;
    stats = stats_open(ROUTES);
    text = buf_make(64 * 1024);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    stats_close(stats);
    buf_done(&text);
    return 0;
}

static void assert_line(const char *line)
{
    const char *found;

    buf_clear(&text);
    stats_write(stats, &text);
    found = strstr(text.bytes, line);
    if (!found || (found != text.bytes && found[-1] != '\n') || found[strlen(line)] != '\n')
        fail_msg("no line %s in\n%s", line, text.bytes);
}

static void counts_by_route_and_class(void **state)
{
    static const int STATUSES[] = {200, 202, 303, 404, 422, 499, 500, 503, 99, 700};

    (void)state;
    for (size_t i = 0; i < sizeof STATUSES / sizeof *STATUSES; i++)
        stats_count(stats, &ROUTES[1], STATUSES[i], 10);
    stats_count(stats, &STRANGE, 404, 10);
    assert_line("http_requests_total{method=\"POST\",route=\"/a/{id}\",status=\"2xx\"} 2");
    assert_line("http_requests_total{method=\"POST\",route=\"/a/{id}\",status=\"3xx\"} 1");
    assert_line("http_requests_total{method=\"POST\",route=\"/a/{id}\",status=\"4xx\"} 3");
    assert_line("http_requests_total{method=\"POST\",route=\"/a/{id}\",status=\"5xx\"} 4");
    assert_line("http_requests_total{method=\"\",route=\"unmatched\",status=\"4xx\"} 1");
    assert_null(strstr(text.bytes, "/unused"));
    assert_null(strstr(text.bytes, "route=\"/a\""));
}

static void times_lie_in_buckets_that_add_up(void **state)
{
    static const int64_t TOOK_US[] = {0, 100, 101, 5000, 4999999, 5000001};

    (void)state;
    for (size_t i = 0; i < sizeof TOOK_US / sizeof *TOOK_US; i++)
        stats_count(stats, &ROUTES[0], 200, TOOK_US[i]);
    assert_line("http_request_duration_seconds_bucket{method=\"GET\",route=\"/a\",le=\"0.0001\"} 2");
    assert_line("http_request_duration_seconds_bucket{method=\"GET\",route=\"/a\",le=\"0.00025\"} 3");
    assert_line("http_request_duration_seconds_bucket{method=\"GET\",route=\"/a\",le=\"0.005\"} 4");
    assert_line("http_request_duration_seconds_bucket{method=\"GET\",route=\"/a\",le=\"5\"} 5");
    assert_line("http_request_duration_seconds_bucket{method=\"GET\",route=\"/a\",le=\"+Inf\"} 6");
    assert_line("http_request_duration_seconds_sum{method=\"GET\",route=\"/a\"} 10.005201");
    assert_line("http_request_duration_seconds_count{method=\"GET\",route=\"/a\"} 6");
}

static void each_metric_says_its_type_once(void **state)
{
    (void)state;
    assert_line("# TYPE http_requests_total counter");
    assert_line("# TYPE http_request_duration_seconds histogram");
    assert_string_equal(strstr(text.bytes, "# TYPE http_request_duration"), /* and nothing behind it yet */
                        "# TYPE http_request_duration_seconds histogram\n");
}

static void *count_often(void *arg)
{
    for (int i = 0; i < 10000; i++)
        stats_count(stats, arg, 200, 100);
    return NULL;
}

static void threads_lose_no_count(void **state)
{
    pthread_t threads[4];

    (void)state;
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count_often, (void *)(uintptr_t)&ROUTES[0]), 0);
    buf_clear(&text);
    stats_write(stats, &text); /* meanwhile */
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_line("http_requests_total{method=\"GET\",route=\"/a\",status=\"2xx\"} 40000");
    assert_line("http_request_duration_seconds_sum{method=\"GET\",route=\"/a\"} 4.000000");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(counts_by_route_and_class),
        TEST(times_lie_in_buckets_that_add_up),
        TEST(each_metric_says_its_type_once),
        TEST(threads_lose_no_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
