#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "fetch/fetch.h"
#include "support/tiny_http.h"

#define OK(body_len, body) "HTTP/1.1 200 OK\r\nContent-Length: " #body_len "\r\n\r\n" body

struct bench {
    struct tiny_http *tiny;
    struct fetch *fetch;
    atomic_bool stop;
    struct fetch_response response;
    struct err err;
};

static int set_up(void **state)
{
    static struct bench bench;

    bench = (struct bench){.tiny = tiny_open()};
    bench.fetch = fetch_open(&(struct fetch_config){.origins = {tiny_url(bench.tiny)},
                                                    .media_hosts = "fal.media,*.fal.media,localhost",
                                                    .loopback = true,
                                                    .stop = &bench.stop},
                             &bench.err);
    *state = &bench;
    return bench.fetch ? 0 : -1;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;

    fetch_response_done(&bench->response);
    fetch_close(bench->fetch);
    tiny_close(bench->tiny);
    return 0;
}

static void will_answer(struct bench *bench, const char *bytes, enum tiny_then then)
{
    tiny_will_answer(bench->tiny, &(struct tiny_answer){bytes, then}, 1);
}

static struct fetch_request request_to(const char *url)
{
    return (struct fetch_request){
        .trust = FETCH_FAL, .url = url, .connect_timeout_ms = 1000, .timeout_ms = 5000, .max_bytes = 1000};
}

static enum fetch_outcome run(struct bench *bench, const struct fetch_request *request)
{
    fetch_response_done(&bench->response);
    return fetch_do(bench->fetch, request, &bench->response, &bench->err);
}

static enum fetch_outcome get(struct bench *bench)
{
    struct fetch_request request = request_to(tiny_url(bench->tiny));

    return run(bench, &request);
}

static enum fetch_outcome post(struct bench *bench, bool fresh)
{
    struct fetch_request request = request_to(tiny_url(bench->tiny));

    request.method = FETCH_POST;
    request.body = TEXT("{}");
    request.fresh = fresh;
    return run(bench, &request);
}

static void sends_what_it_was_given_and_brings_the_answer(void **state)
{
    struct bench *bench = *state;
    struct fetch_request request = request_to(tiny_url(bench->tiny));
    char url[100], sent[2000];

    will_answer(bench,
                "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nX-Fal-Request-Id: r-1\r\n"
                "X-Fal-Needs-Retry: 1\r\nX-FAL-ERROR-TYPE: x\r\nRetry-After: 7\r\nContent-Length: 2\r\n\r\n{}",
                TINY_KEEP);
    (void)snprintf(url, sizeof url, "%s/a/../b?c=%%2F", tiny_url(bench->tiny));
    request.url = url;
    request.method = FETCH_PUT;
    request.headers[0] = "Authorization: Key a:b";
    request.headers[1] = "Content-Type: application/json";
    request.body = TEXT("[1]");
    assert_int_equal(run(bench, &request), FETCH_OK);
    assert_int_equal(bench->response.status, 201);
    assert_string_equal(bench->response.body.bytes, "{}");
    assert_string_equal(bench->response.content_type, "application/json");
    assert_string_equal(bench->response.request_id, "r-1");
    assert_string_equal(bench->response.error_type, "x");
    assert_true(bench->response.needs_retry);
    assert_int_equal(bench->response.retry_after_s, 7);
    tiny_last_request(bench->tiny, sent, sizeof sent);
    assert_memory_equal(sent, "PUT /a/../b?c=%2F HTTP/1.1\r\n", 28);
    assert_non_null(strstr(sent, "\r\nAuthorization: Key a:b\r\n"));
    assert_non_null(strstr(sent, "\r\n\r\n[1]"));
}

static void does_not_wait_to_be_told_to_continue(void **state)
{
    static char body[1200 * 1024]; /* libcurl expects a 100 from 1 MiB on */
    struct bench *bench = *state;
    struct fetch_request request = request_to(tiny_url(bench->tiny));
    char sent[2000];

    memset(body, 'x', sizeof body);
    will_answer(bench, OK(0, ""), TINY_KEEP);
    request.method = FETCH_POST;
    request.body = (struct text){body, sizeof body};
    assert_int_equal(run(bench, &request), FETCH_OK);
    tiny_last_request(bench->tiny, sent, sizeof sent);
    assert_null(strstr(sent, "Expect"));
}

static void puts_an_empty_body_with_its_length(void **state)
{
    struct bench *bench = *state;
    struct fetch_request request = request_to(tiny_url(bench->tiny));
    char sent[2000];

    will_answer(bench, OK(0, ""), TINY_KEEP);
    request.method = FETCH_PUT;
    assert_int_equal(run(bench, &request), FETCH_OK);
    tiny_last_request(bench->tiny, sent, sizeof sent);
    assert_non_null(strstr(sent, "Content-Length: 0\r\n"));
}

static void reuses_connections_unless_told_otherwise(void **state)
{
    struct bench *bench = *state;

    will_answer(bench, OK(2, "ok"), TINY_KEEP);
    assert_int_equal(get(bench), FETCH_OK);
    assert_int_equal(get(bench), FETCH_OK);
    assert_int_equal(tiny_connections(bench->tiny), 1);
}

static void sends_a_fresh_post_once_although_a_kept_connection_is_there(void **state)
{
    struct bench *bench = *state;

    tiny_will_answer(bench->tiny,
                     (struct tiny_answer[]){{OK(2, "ok"), TINY_KEEP}, {"", TINY_CLOSE}, {OK(2, "ok"), TINY_KEEP}}, 3);
    assert_int_equal(get(bench), FETCH_OK);
    assert_int_equal(post(bench, true), FETCH_MAYBE_SENT);
    assert_int_equal(tiny_requests(bench->tiny), 2);
    assert_int_equal(tiny_connections(bench->tiny), 2);
}

static void does_not_keep_the_connection_of_a_fresh_post(void **state)
{
    struct bench *bench = *state;

    will_answer(bench, OK(2, "ok"), TINY_KEEP);
    assert_int_equal(post(bench, true), FETCH_OK);
    assert_int_equal(get(bench), FETCH_OK);
    assert_int_equal(tiny_connections(bench->tiny), 2);
}

/* The trap that fresh is there for: a server that takes the request and hangs up on a connection that was used before.
   A libcurl without it needs no rule; a request that is fresh is safe with both. */
static void sees_libcurl_repeat_a_post_that_is_not_fresh(void **state)
{
    struct bench *bench = *state;

    tiny_will_answer(bench->tiny,
                     (struct tiny_answer[]){{OK(2, "ok"), TINY_KEEP}, {"", TINY_CLOSE}, {OK(2, "ok"), TINY_KEEP}}, 3);
    assert_int_equal(get(bench), FETCH_OK);
    if (post(bench, false) == FETCH_MAYBE_SENT && tiny_requests(bench->tiny) == 2) {
        print_message("this libcurl does not send a request again\n");
        skip();
    }
    assert_int_equal(tiny_requests(bench->tiny), 3); /* the GET, and the POST twice */
    assert_int_equal(bench->response.status, 200);   /* and nobody is told */
}

static void stops_an_answer_at_its_limit(void **state)
{
    struct bench *bench = *state;
    struct fetch_request request = request_to(tiny_url(bench->tiny));

    request.max_bytes = 3;
    will_answer(bench, OK(4, "1234"), TINY_CLOSE);
    assert_int_equal(run(bench, &request), FETCH_MAYBE_SENT);
    assert_string_equal(bench->err.code, "fetch_too_large");
    will_answer(bench, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n1234\r\n0\r\n\r\n", TINY_CLOSE);
    assert_int_equal(run(bench, &request), FETCH_MAYBE_SENT);
    assert_string_equal(bench->err.code, "fetch_too_large");
    will_answer(bench, OK(3, "123"), TINY_CLOSE);
    assert_int_equal(run(bench, &request), FETCH_OK);
}

static void takes_a_short_body_for_a_failure(void **state)
{
    struct bench *bench = *state;

    will_answer(bench, OK(9, "123"), TINY_CLOSE);
    assert_int_equal(get(bench), FETCH_MAYBE_SENT);
}

static void gives_up_on_a_slow_drip(void **state)
{
    struct bench *bench = *state;
    struct fetch_request request = request_to(tiny_url(bench->tiny));
    int64_t begin_ms = clock_monotonic_ms();

    request.timeout_ms = 300;
    will_answer(bench, OK(3, "123"), TINY_DRIP);
    assert_int_equal(run(bench, &request), FETCH_MAYBE_SENT);
    assert_string_equal(bench->err.code, "fetch_timeout");
    assert_true(clock_monotonic_ms() - begin_ms < 2000);
}

static int closed_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    close(fd);
    return ntohs(address.sin_port);
}

static enum fetch_outcome post_to(const char *url, struct err *reterr)
{
    struct fetch *fetch = fetch_open(&(struct fetch_config){.origins = {url}, .loopback = true}, reterr);
    struct fetch_request request = request_to(url);
    struct fetch_response response;
    enum fetch_outcome outcome;

    assert_non_null(fetch);
    request.method = FETCH_POST;
    request.fresh = true;
    request.timeout_ms = 1500;
    outcome = fetch_do(fetch, &request, &response, reterr);
    fetch_response_done(&response);
    fetch_close(fetch);
    return outcome;
}

static void knows_what_was_surely_not_sent(void **state)
{
    struct bench *bench = *state;
    char url[64];

    (void)snprintf(url, sizeof url, "http://127.0.0.1:%d", closed_port());
    assert_int_equal(post_to(url, &bench->err), FETCH_NOT_SENT);
    assert_string_equal(bench->err.code, "fetch_unreachable");
    assert_int_equal(post_to("https://nowhere.invalid", &bench->err), FETCH_NOT_SENT);
}

static void knows_that_a_failed_tls_handshake_sent_nothing(void **state)
{
    struct bench *bench = *state;
    char url[64];

    will_answer(bench, OK(2, "ok"), TINY_CLOSE);
    (void)snprintf(url, sizeof url, "https%s", tiny_url(bench->tiny) + 4);
    assert_int_equal(post_to(url, &bench->err),
                     FETCH_NOT_SENT); /* the server waits for a line and hangs up at the end */
    assert_int_equal(tiny_requests(bench->tiny), 0);
}

static void cannot_know_when_the_answer_does_not_come(void **state)
{
    struct bench *bench = *state;

    will_answer(bench, "", TINY_HANG);
    assert_int_equal(post_to(tiny_url(bench->tiny), &bench->err), FETCH_MAYBE_SENT);
    assert_string_equal(bench->err.code, "fetch_timeout");
}

static void ends_soon_when_told_to_stop(void **state)
{
    struct bench *bench = *state;
    int64_t begin_ms = clock_monotonic_ms();

    will_answer(bench, "", TINY_HANG);
    atomic_store(&bench->stop, true);
    assert_int_not_equal(get(bench), FETCH_OK);
    assert_string_equal(bench->err.code, "fetch_stopped");
    assert_true(clock_monotonic_ms() - begin_ms < 2500);
}

static void does_not_follow_redirects(void **state)
{
    struct bench *bench = *state;

    will_answer(bench, "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n", TINY_KEEP);
    assert_int_equal(get(bench), FETCH_OK);
    assert_int_equal(bench->response.status, 302);
    assert_int_equal(tiny_requests(bench->tiny), 1);
}

static void refuses_header_lines_that_would_become_two(void **state)
{
    struct bench *bench = *state;
    struct fetch_request request = request_to(tiny_url(bench->tiny));

    request.headers[0] = "Authorization: a\r\nX: y";
    assert_int_equal(run(bench, &request), FETCH_NOT_SENT);
    assert_int_equal(tiny_connections(bench->tiny), 0);
}

static void assert_refused(struct bench *bench, enum fetch_trust trust, const char *url)
{
    struct fetch_request request = request_to(url);

    request.trust = trust;
    if (run(bench, &request) != FETCH_NOT_SENT || strcmp(bench->err.code, "fetch_not_allowed") != 0)
        fail_msg("%s: %s", url, bench->err.code);
}

static void stays_on_the_configured_origins(void **state)
{
    struct bench *bench = *state;
    char url[100];

    assert_refused(bench, FETCH_FAL, "https://fal.media/x");
    assert_refused(bench, FETCH_FAL, "http://127.0.0.1:1/x");
    assert_refused(bench, FETCH_FAL, "file:///etc/passwd");
    assert_refused(bench, FETCH_FAL, "gopher://127.0.0.1/x");
    (void)snprintf(url, sizeof url, "http://a@%s/", tiny_url(bench->tiny) + 7);
    assert_refused(bench, FETCH_FAL, url);
    (void)snprintf(url, sizeof url, "https%s/", tiny_url(bench->tiny) + 4);
    assert_refused(bench, FETCH_FAL, url);
}

static void takes_media_from_listed_public_hosts_alone(void **state)
{
    struct bench *bench = *state;

    assert_refused(bench, FETCH_MEDIA, "https://evil.example/x");
    assert_refused(bench, FETCH_MEDIA, "https://fal.media.evil.example/x");
    assert_refused(bench, FETCH_MEDIA, "https://evilfal.media/x");
    assert_refused(bench, FETCH_MEDIA, "http://v3.fal.media/x");
    assert_refused(bench, FETCH_MEDIA, "https://v3.fal.media:8443/x");
    assert_refused(bench, FETCH_MEDIA, "https://169.254.169.254/latest");
    assert_refused(bench, FETCH_MEDIA, "https://0x7f000001/x");
    assert_refused(bench, FETCH_MEDIA, "https://localhost/x"); /* listed, yet not at a public address */
}

static void takes_media_from_the_simulator_when_loopback_is_allowed(void **state)
{
    struct bench *bench = *state;
    struct fetch_request request = request_to(tiny_url(bench->tiny));
    struct err err;

    request.trust = FETCH_MEDIA;
    will_answer(bench, OK(2, "ok"), TINY_KEEP);
    assert_int_equal(run(bench, &request), FETCH_OK);
    assert_null(fetch_open(&(struct fetch_config){.origins = {tiny_url(bench->tiny)}}, &err));
    assert_string_equal(err.code, "fetch_origin");
}

#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SERVER(sends_what_it_was_given_and_brings_the_answer),
        WITH_SERVER(does_not_wait_to_be_told_to_continue),
        WITH_SERVER(puts_an_empty_body_with_its_length),
        WITH_SERVER(reuses_connections_unless_told_otherwise),
        WITH_SERVER(sends_a_fresh_post_once_although_a_kept_connection_is_there),
        WITH_SERVER(does_not_keep_the_connection_of_a_fresh_post),
        WITH_SERVER(sees_libcurl_repeat_a_post_that_is_not_fresh),
        WITH_SERVER(stops_an_answer_at_its_limit),
        WITH_SERVER(takes_a_short_body_for_a_failure),
        WITH_SERVER(gives_up_on_a_slow_drip),
        WITH_SERVER(knows_what_was_surely_not_sent),
        WITH_SERVER(knows_that_a_failed_tls_handshake_sent_nothing),
        WITH_SERVER(cannot_know_when_the_answer_does_not_come),
        WITH_SERVER(ends_soon_when_told_to_stop),
        WITH_SERVER(does_not_follow_redirects),
        WITH_SERVER(refuses_header_lines_that_would_become_two),
        WITH_SERVER(stays_on_the_configured_origins),
        WITH_SERVER(takes_media_from_listed_public_hosts_alone),
        WITH_SERVER(takes_media_from_the_simulator_when_loopback_is_allowed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
