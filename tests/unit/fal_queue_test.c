/* The client against a real socket that answers well, badly, slowly, or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fal/fal.h"
#include "support/tiny_http.h"

enum { ANSWER_ROOM = 2048, BIG = 300 * 1024 };

static const char ENDPOINT[] = "fal-ai/flux-pro/v1.1-ultra-finetuned";

struct bench {
    struct tiny_http *tiny;
    struct fal *fal;
    struct fal_ticket ticket;
    struct err err;
    char answer[ANSWER_ROOM];
};

static struct fal *open_at(const char *url, struct err *reterr)
{
    return fal_open(&(struct fal_config){.queue_url = url,
                                         .rest_url = url,
                                         .platform_url = url,
                                         .key = "kid:secret",
                                         .media_hosts = "fal.media,*.invalid",
                                         .loopback = true},
                    reterr);
}

static int set_up(void **state)
{
    static struct bench bench;

    bench = (struct bench){.tiny = tiny_open()};
    bench.fal = open_at(tiny_url(bench.tiny), &bench.err);
    *state = &bench;
    return bench.fal ? 0 : -1;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;

    fal_close(bench->fal);
    tiny_close(bench->tiny);
    return 0;
}

static void will_send(struct bench *bench, const char *bytes, enum tiny_then then)
{
    tiny_will_answer(bench->tiny, &(struct tiny_answer){bytes, then}, 1);
}

static void will_answer(struct bench *bench, const char *status, const char *body)
{
    assert_true(snprintf(bench->answer, sizeof bench->answer,
                         "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s", status,
                         strlen(body), body) < (int)sizeof bench->answer);
    will_send(bench, bench->answer, TINY_KEEP);
}

static enum fal_submitted submit(struct bench *bench)
{
    return fal_submit(bench->fal, ENDPOINT, TEXT("{\"prompt\":\"x\",\"seed\":7}"),
                      "https://aisha.example/h/fal/1.mac?a=b&c=d", 300, &bench->ticket, &bench->err);
}

static void assert_sent(struct bench *bench, const char *begin, const char *const *parts)
{
    char sent[4096];

    tiny_last_request(bench->tiny, sent, sizeof sent);
    assert_memory_equal(sent, begin, strlen(begin));
    for (; *parts; parts++)
        if (!strstr(sent, *parts))
            fail_msg("%s not in %s", *parts, sent);
}

static void submits_with_key_deadline_and_encoded_webhook(void **state)
{
    struct bench *bench = *state;

    will_answer(bench, "200 OK", "{\"status\":\"IN_QUEUE\",\"request_id\":\"r-1\"}");
    assert_int_equal(submit(bench), FAL_ACCEPTED);
    assert_sent(bench,
                "POST /fal-ai/flux-pro/v1.1-ultra-finetuned?fal_webhook="
                "https%3A%2F%2Faisha.example%2Fh%2Ffal%2F1.mac%3Fa%3Db%26c%3Dd HTTP/1.1\r\n",
                (const char *const[]){"\r\nAuthorization: Key kid:secret\r\n", "\r\nX-Fal-Request-Timeout: 300\r\n",
                                      "\r\nContent-Type: application/json\r\n", "\r\n\r\n{\"prompt\":\"x\",\"seed\":7}",
                                      NULL});
}

static void submits_without_a_webhook_when_there_is_none(void **state)
{
    struct bench *bench = *state;

    will_answer(bench, "200 OK", "{\"request_id\":\"r-1\"}");
    assert_int_equal(fal_submit(bench->fal, "fal-ai/flux-lora", TEXT("{}"), NULL, 300, &bench->ticket, &bench->err),
                     FAL_ACCEPTED);
    assert_sent(bench, "POST /fal-ai/flux-lora HTTP/1.1\r\n", (const char *const[]){NULL});
}

static bool refuse(void *asked)
{
    ++*(int *)asked;
    return false;
}

static bool allow(void *asked)
{
    ++*(int *)asked;
    return true;
}

static void a_submission_goes_out_only_when_its_guard_says_so(void **state)
{
    struct bench *bench = *state;
    int asked = 0;

    will_answer(bench, "200 OK", "{\"request_id\":\"r-1\"}");
    fal_guard(bench->fal, refuse, &asked);
    assert_int_equal(submit(bench), FAL_NOT_ACCEPTED);
    assert_int_equal(tiny_requests(bench->tiny), 0);
    fal_guard(bench->fal, allow, &asked);
    assert_int_equal(submit(bench), FAL_ACCEPTED);
    assert_int_equal(asked, 2);
    fal_guard(bench->fal, NULL, NULL);
}

static void assert_url(const struct bench *bench, const char *url, const char *path)
{
    char wanted[FAL_URL_ROOM];

    (void)snprintf(wanted, sizeof wanted, "%s%s", tiny_url(bench->tiny), path);
    assert_string_equal(url, wanted);
}

static void keeps_returned_urls_of_its_own_origin(void **state)
{
    struct bench *bench = *state;
    char body[1024];
    const char *url = tiny_url(bench->tiny);

    (void)snprintf(body, sizeof body,
                   "{\"request_id\":\"r-1\",\"status_url\":\"%s/a/s\",\"response_url\":\"%s/a/r\","
                   "\"cancel_url\":\"%s/a/c\"}",
                   url, url, url);
    will_answer(bench, "200 OK", body);
    assert_int_equal(submit(bench), FAL_ACCEPTED);
    assert_url(bench, bench->ticket.status_url, "/a/s");
    assert_url(bench, bench->ticket.response_url, "/a/r");
    assert_url(bench, bench->ticket.cancel_url, "/a/c");
}

static void rebuilds_foreign_and_absent_urls_by_the_path_rule(void **state)
{
    struct bench *bench = *state;

    will_answer(bench, "200 OK",
                "{\"request_id\":\"r-1\",\"status_url\":\"https://evil.example/s\","
                "\"response_url\":\"http://127.0.0.1:1/r\"}");
    assert_int_equal(submit(bench), FAL_ACCEPTED);
    assert_url(bench, bench->ticket.status_url, "/fal-ai/flux-pro/requests/r-1/status");
    assert_url(bench, bench->ticket.response_url, "/fal-ai/flux-pro/requests/r-1");
    assert_url(bench, bench->ticket.cancel_url, "/fal-ai/flux-pro/requests/r-1/cancel");
}

static void tells_not_accepted_from_ambiguous(void **state)
{
    struct bench *bench = *state;

    will_answer(bench, "503 Service Unavailable", "{\"detail\":\"x\",\"error_type\":\"runner_connection_refused\"}");
    assert_int_equal(submit(bench), FAL_NOT_ACCEPTED);
    will_answer(bench, "500 Internal Server Error", "{\"detail\":\"x\",\"error_type\":\"internal_error\"}");
    assert_int_equal(submit(bench), FAL_AMBIGUOUS);
    will_answer(bench, "200 OK", "garbage");
    assert_int_equal(submit(bench), FAL_AMBIGUOUS);
    will_send(bench,
              "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 17\r\nX-Fal-needs-retry: 1\r\n"
              "Content-Length: 2\r\n\r\n{}",
              TINY_KEEP);
    assert_int_equal(submit(bench), FAL_NOT_ACCEPTED);
    assert_int_equal(bench->ticket.retry_after_s, 17);
    will_send(bench, "HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{\"request_id\":\"r-1\"}", TINY_CLOSE);
    assert_int_equal(submit(bench), FAL_AMBIGUOUS);
    will_answer(bench, "401 Unauthorized", "{\"detail\":\"No user\"}");
    assert_int_equal(submit(bench), FAL_STOP);
    assert_int_equal(tiny_requests(bench->tiny), 6);
}

static void is_not_accepted_where_nobody_listens(void **state)
{
    struct bench *bench = *state;

    fal_close(bench->fal);
    bench->fal = open_at("http://127.0.0.1:1", &bench->err);
    assert_int_equal(submit(bench), FAL_NOT_ACCEPTED);
    assert_string_equal(bench->err.code, "fetch_unreachable");
}

static void sends_a_paid_post_once_when_the_server_hangs_up(void **state)
{
    struct bench *bench = *state;
    int position;

    will_answer(bench, "202 Accepted", "{\"status\":\"IN_PROGRESS\"}");
    (void)snprintf(bench->ticket.endpoint, sizeof bench->ticket.endpoint, "a/b");
    (void)snprintf(bench->ticket.request_id, sizeof bench->ticket.request_id, "r-1");
    assert_int_equal(fal_status(bench->fal, &bench->ticket, &position, &bench->err), FAL_RUNNING);
    assert_int_equal(fal_status(bench->fal, &bench->ticket, &position, &bench->err), FAL_RUNNING);
    assert_int_equal(tiny_connections(bench->tiny), 1); /* there is a kept connection to fall for */
    will_send(bench, "", TINY_CLOSE);
    assert_int_equal(submit(bench), FAL_AMBIGUOUS);
    assert_int_equal(tiny_requests(bench->tiny), 3);
    assert_int_equal(tiny_connections(bench->tiny), 2);
}

static void takes_an_oversize_answer_for_ambiguous(void **state)
{
    static char big[BIG + 200];
    struct bench *bench = *state;
    int head =
        snprintf(big, sizeof big, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n{\"request_id\":\"r-1\",\"x\":\"", BIG);

    memset(big + head, 'x', sizeof big - (size_t)head - 1);
    will_send(bench, big, TINY_CLOSE);
    assert_int_equal(submit(bench), FAL_AMBIGUOUS);
    assert_string_equal(bench->err.code, "fetch_too_large");
}

static void follows_a_ticket_that_has_only_endpoint_and_id(void **state)
{
    struct bench *bench = *state;
    struct fal_outcome outcome;
    int position;

    bench->ticket = (struct fal_ticket){.endpoint = "fal-ai/flux-lora/image-to-image", .request_id = "r-9"};
    (void)snprintf(bench->ticket.status_url, FAL_URL_ROOM, "http://127.0.0.1:1/from/an/earlier/configuration");
    will_answer(bench, "202 Accepted", "{\"status\":\"IN_QUEUE\",\"queue_position\":3}");
    assert_int_equal(fal_status(bench->fal, &bench->ticket, &position, &bench->err), FAL_QUEUED);
    assert_int_equal(position, 3);
    assert_sent(bench, "GET /fal-ai/flux-lora/requests/r-9/status HTTP/1.1\r\n", (const char *const[]){NULL});
    will_answer(bench, "200 OK", "{\"images\":[{\"url\":\"https://v3.fal.media/x\"}],\"seed\":18446744073709551615}");
    assert_int_equal(fal_result(bench->fal, &bench->ticket, &outcome, &bench->err), FAL_RESULT_READY);
    assert_true(outcome.seed == UINT64_MAX);
    assert_sent(bench, "GET /fal-ai/flux-lora/requests/r-9 HTTP/1.1\r\n", (const char *const[]){NULL});
    will_answer(bench, "202 Accepted", "{\"status\":\"CANCELLATION_REQUESTED\"}");
    assert_int_equal(fal_cancel(bench->fal, &bench->ticket, &bench->err), FAL_CANCEL_REQUESTED);
    assert_sent(bench, "PUT /fal-ai/flux-lora/requests/r-9/cancel HTTP/1.1\r\n",
                (const char *const[]){"\r\nContent-Length: 0\r\n", NULL});
}

static void does_not_follow_an_empty_ticket(void **state)
{
    struct bench *bench = *state;
    struct fal_outcome outcome;
    int position;

    bench->ticket = (struct fal_ticket){.endpoint = "a/b"};
    assert_int_equal(fal_status(bench->fal, &bench->ticket, &position, &bench->err), FAL_UNREACHABLE);
    assert_int_equal(fal_result(bench->fal, &bench->ticket, &outcome, &bench->err), FAL_RESULT_UNREACHABLE);
    assert_int_equal(fal_cancel(bench->fal, &bench->ticket, &bench->err), FAL_CANCEL_UNREACHABLE);
    assert_int_equal(tiny_connections(bench->tiny), 0);
}

static void refuses_what_is_not_an_endpoint_before_it_sends(void **state)
{
    struct bench *bench = *state;

    assert_int_equal(fal_submit(bench->fal, "../admin", TEXT("{}"), NULL, 300, &bench->ticket, &bench->err),
                     FAL_REFUSED);
    assert_int_equal(tiny_connections(bench->tiny), 0);
}

#define PAGE(json)                                                                                                     \
    {                                                                                                                  \
        "HTTP/1.1 200 OK\r\n\r\n" json, TINY_CLOSE                                                                     \
    }

static bool take(void *id, const char *request_id) { return text_copy(id, FAL_ID_ROOM, text_of(request_id)); }

static void pages_through_the_listing(void **state)
{
    struct bench *bench = *state;
    char id[FAL_ID_ROOM];

    tiny_will_answer(bench->tiny,
                     (struct tiny_answer[]){PAGE("{\"items\":[],\"next_cursor\":\"Mg==\"}"),
                                            PAGE("{\"items\":[{\"request_id\":\"r-5\",\"json_input\":{\"seed\":5}}]}")},
                     2);
    assert_int_equal(fal_find(bench->fal,
                              &(struct fal_sent){.endpoint = "fal-ai/flux-lora", .seed = 5, .since_s = 1767225600},
                              take, id, &bench->err),
                     FAL_FOUND);
    assert_string_equal(id, "r-5");
    assert_sent(bench,
                "GET /models/requests/by-endpoint?endpoint_id=fal-ai%2Fflux-lora&start=2026-01-01T00%3A00%3A00.000Z"
                "&expand=payloads&limit=100&cursor=Mg%3D%3D HTTP/1.1\r\n",
                (const char *const[]){"\r\nAuthorization: Key kid:secret\r\n", NULL});
}

static void ends_a_listing_without_an_end(void **state)
{
    struct bench *bench = *state;
    char id[FAL_ID_ROOM];

    will_answer(bench, "200 OK", "{\"items\":[],\"next_cursor\":\"Mg==\"}");
    assert_int_equal(fal_find(bench->fal, &(struct fal_sent){.endpoint = "a/b", .seed = 5}, take, id, &bench->err),
                     FAL_LISTING_UNREACHABLE);
    assert_int_equal(tiny_requests(bench->tiny), 20);
}

static enum fal_state status_logs(struct bench *bench, double *share)
{
    struct fal_ticket ticket = {.endpoint = "a/b/c", .request_id = "r-1"};
    int position;

    return fal_status_logs(bench->fal, &ticket, &position, share, &bench->err);
}

static void asks_for_the_log_lines_and_reads_how_far_it_is(void **state)
{
    struct bench *bench = *state;
    double share;

    will_answer(bench, "202 Accepted", "{\"status\":\"IN_PROGRESS\",\"logs\":[{\"message\":\"step 250/1000\"}]}");
    assert_int_equal(status_logs(bench, &share), FAL_RUNNING);
    assert_float_equal(share, 0.25, 1e-9);
    assert_sent(bench, "GET /a/b/requests/r-1/status?logs=1 HTTP/1.1\r\n", (const char *const[]){NULL});
    will_answer(bench, "202 Accepted", "{\"status\":\"IN_PROGRESS\",\"logs\":null}");
    assert_int_equal(status_logs(bench, &share), FAL_RUNNING);
    assert_float_equal(share, -1, 0);
    will_answer(bench, "404 Not Found", "{\"status\":\"NOT_FOUND\"}");
    assert_int_equal(status_logs(bench, &share), FAL_LOST);
    assert_float_equal(share, -1, 0);
}

/* An answer of this status, however large. The caller frees it. */
static char *make_answer(const char *status, const char *body)
{
    size_t room = strlen(body) + 200;
    char *answer = malloc(room);

    assert_non_null(answer);
    assert_true(snprintf(answer, room, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n%s", status, strlen(body), body) <
                (int)room);
    return answer;
}

/* The second answer is the one without the lines. */
static void check_hidden(struct bench *bench, const char *first)
{
    char *answers[] = {make_answer("202 A", first), make_answer("202 A", "{\"status\":\"IN_PROGRESS\"}")};
    double share;

    tiny_will_answer(bench->tiny, (struct tiny_answer[]){{answers[0], TINY_KEEP}, {answers[1], TINY_KEEP}}, 2);
    assert_int_equal(status_logs(bench, &share), FAL_RUNNING);
    assert_float_equal(share, -1, 0);
    assert_sent(bench, "GET /a/b/requests/r-1/status HTTP/1.1\r\n", (const char *const[]){NULL});
    free(answers[0]);
    free(answers[1]);
}

static void hostile_log_lines_hide_no_status(void **state)
{
    static char huge[(1 << 20) + 100];

    memset(huge, ' ', sizeof huge - 1);
    check_hidden(*state, huge);
    check_hidden(*state, "{\"status\":\"IN_PROGRESS\",\"logs\":[{\"message\":\"\\u0000\"}]}");
    check_hidden(*state, "{\"status\":\"IN_PROGRESS\",\"logs\":[{\"message\":\"\xff\"}]}");
    check_hidden(*state, "{\"status\":\"IN_PROGRESS\",\"logs\":[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]}");
}

static void downloads_without_the_key(void **state)
{
    struct bench *bench = *state;
    char sent[4096], url[100];
    struct buf file;

    (void)snprintf(url, sizeof url, "%s/files/x.jpeg", tiny_url(bench->tiny));
    will_answer(bench, "200 OK", "bytes");
    assert_true(fal_download(bench->fal, url, 5, &file, &bench->err));
    assert_string_equal(file.bytes, "bytes");
    buf_done(&file);
    tiny_last_request(bench->tiny, sent, sizeof sent);
    assert_null(strstr(sent, "Authorization"));
    assert_false(fal_download(bench->fal, url, 4, &file, &bench->err));
    assert_string_equal(bench->err.code, "fetch_too_large");
    buf_done(&file);
    will_answer(bench, "404 Not Found", "");
    assert_false(fal_download(bench->fal, url, 4, &file, &bench->err));
    assert_string_equal(bench->err.code, "fal_media_gone");
    buf_done(&file);
    assert_false(fal_download(bench->fal, "https://listed.invalid/x", 4, &file, &bench->err));
    assert_string_equal(bench->err.code, "fetch_unreachable"); /* it may be asked, were it there */
    buf_done(&file);
    assert_false(fal_download(bench->fal, "https://evil.example/x", 4, &file, &bench->err));
    assert_string_equal(bench->err.code, "fetch_not_allowed");
    buf_done(&file);
}

static void refuses_a_strange_configuration(void **state)
{
    struct fal_config config = {.queue_url = "https://q", .rest_url = "https://r", .platform_url = "https://p/v1"};
    struct err err;

    (void)state;
    config.key = "a:b\r\nX: y";
    assert_null(fal_open(&config, &err));
    assert_string_equal(err.code, "fal_key");
    config.key = "a:b";
    config.queue_url = "http://q";
    assert_null(fal_open(&config, &err));
    assert_string_equal(err.code, "fetch_origin");
    config.queue_url = "queue";
    assert_null(fal_open(&config, &err));
    assert_string_equal(err.code, "fal_url");
}

#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SERVER(submits_with_key_deadline_and_encoded_webhook),
        WITH_SERVER(submits_without_a_webhook_when_there_is_none),
        WITH_SERVER(a_submission_goes_out_only_when_its_guard_says_so),
        WITH_SERVER(keeps_returned_urls_of_its_own_origin),
        WITH_SERVER(rebuilds_foreign_and_absent_urls_by_the_path_rule),
        WITH_SERVER(tells_not_accepted_from_ambiguous),
        WITH_SERVER(is_not_accepted_where_nobody_listens),
        WITH_SERVER(sends_a_paid_post_once_when_the_server_hangs_up),
        WITH_SERVER(takes_an_oversize_answer_for_ambiguous),
        WITH_SERVER(follows_a_ticket_that_has_only_endpoint_and_id),
        WITH_SERVER(does_not_follow_an_empty_ticket),
        WITH_SERVER(refuses_what_is_not_an_endpoint_before_it_sends),
        WITH_SERVER(pages_through_the_listing),
        WITH_SERVER(ends_a_listing_without_an_end),
        WITH_SERVER(asks_for_the_log_lines_and_reads_how_far_it_is),
        WITH_SERVER(hostile_log_lines_hide_no_status),
        WITH_SERVER(downloads_without_the_key),
        cmocka_unit_test(refuses_a_strange_configuration),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
