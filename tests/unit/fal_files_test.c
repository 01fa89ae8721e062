/* Large files: up to fal.ai's own storage, and down from there, over a real socket. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/file.h"
#include "fal/fal.h"
#include "support/tiny_http.h"

enum { MIB = 1 << 20, ANSWERS_MAX = 16, WEEK_S = 7 * 24 * 3600 };

struct bench {
    struct tiny_http *tiny;
    struct fal *fal;
    struct err err;
    int fd;
    char file_url[FAL_URL_ROOM];
    char answers[ANSWERS_MAX][1024];
    int count;
};

static int set_up(void **state)
{
    static struct bench bench;
    const char *url;

    bench = (struct bench){.tiny = tiny_open()};
    url = tiny_url(bench.tiny);
    bench.fal = fal_open(&(struct fal_config){.queue_url = url,
                                              .rest_url = url,
                                              .platform_url = url,
                                              .key = "kid:secret",
                                              .media_hosts = "fal.media,*.invalid",
                                              .loopback = true},
                         &bench.err);
    bench.fd = file_unnamed("/tmp", &bench.err);
    *state = &bench;
    return bench.fal && bench.fd >= 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;

    fal_close(bench->fal);
    tiny_close(bench->tiny);
    return close(bench->fd);
}

static void add(struct bench *bench, const char *status, const char *body)
{
    assert_true(bench->count < ANSWERS_MAX);
    assert_true(snprintf(bench->answers[bench->count++], sizeof bench->answers[0],
                         "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s", status,
                         strlen(body), body) < (int)sizeof bench->answers[0]);
}

/* Where the bytes are to go: on the server itself, or on another host. */
static void add_place(struct bench *bench, const char *host)
{
    char body[500];

    (void)snprintf(body, sizeof body,
                   "{\"upload_url\":\"%s/put/here?sign=a%%2Fb\",\"file_url\":\"https://v3.fal.media/files/x.zip\"}",
                   host ? host : tiny_url(bench->tiny));
    add(bench, "200 OK", body);
}

static void send_all(struct bench *bench)
{
    struct tiny_answer answers[ANSWERS_MAX];

    for (int i = 0; i < bench->count; i++)
        answers[i] = (struct tiny_answer){bench->answers[i], TINY_KEEP, 0};
    tiny_will_answer(bench->tiny, answers, bench->count);
    bench->count = 0;
}

static bool upload(struct bench *bench, int64_t bytes)
{
    send_all(bench);
    return fal_upload(bench->fal, bench->fd, bytes, "application/zip", "photos.zip", WEEK_S, bench->file_url,
                      &bench->err);
}

static void write_at(struct bench *bench, int64_t at, const char *text)
{
    assert_int_equal(pwrite(bench->fd, text, strlen(text), at), strlen(text));
}

static void assert_sent(struct bench *bench, const char *begin, const char *const *parts)
{
    static char sent[64 * 1024];

    tiny_last_request(bench->tiny, sent, sizeof sent);
    if (strncmp(sent, begin, strlen(begin)) != 0)
        fail_msg("%s is not the beginning of %s", begin, sent);
    for (; *parts; parts++)
        if (!strstr(sent, *parts))
            fail_msg("%s not in %s", *parts, sent);
}

static void assert_not_sent(struct bench *bench, const char *part)
{
    static char sent[64 * 1024];

    tiny_last_request(bench->tiny, sent, sizeof sent);
    assert_null(strstr(sent, part));
}

static void asks_for_a_place_with_the_key_and_a_lifetime(void **state)
{
    struct bench *bench = *state;

    add(bench, "500 No", "{}");
    assert_false(upload(bench, 5));
    assert_string_equal(bench->err.code, "fal_upload_failed");
    assert_sent(bench, "POST /storage/upload/initiate?storage_type=fal-cdn-v3 HTTP/1.1\r\n",
                (const char *const[]){"\r\nAuthorization: Key kid:secret\r\n",
                                      "\r\nX-Fal-Object-Lifecycle: {\"expiration_duration_seconds\":604800}\r\n",
                                      "{\"content_type\":\"application/zip\",\"file_name\":\"photos.zip\"}", NULL});
}

static void puts_the_bytes_without_the_key(void **state)
{
    struct bench *bench = *state;

    write_at(bench, 0, "bytes of an archive, and what is behind it");
    add_place(bench, NULL);
    add(bench, "200 OK", "");
    assert_true(upload(bench, 19));
    assert_string_equal(bench->file_url, "https://v3.fal.media/files/x.zip");
    assert_int_equal(tiny_requests(bench->tiny), 2);
    assert_sent(bench, "PUT /put/here?sign=a%2Fb HTTP/1.1\r\n",
                (const char *const[]){"\r\nContent-Type: application/zip\r\n", "\r\nContent-Length: 19\r\n",
                                      "\r\n\r\nbytes of an archive", NULL});
    assert_not_sent(bench, "Authorization");
    assert_not_sent(bench, "behind it");
}

static void an_upload_that_is_refused_has_failed(void **state)
{
    struct bench *bench = *state;

    add_place(bench, NULL);
    add(bench, "403 Expired", "<xml>");
    write_at(bench, 0, "12345");
    assert_false(upload(bench, 5));
    assert_string_equal(bench->err.code, "fal_upload_failed");
}

static void nothing_goes_to_a_host_that_is_not_listed(void **state)
{
    struct bench *bench = *state;
    static const char *const HOSTS[] = {"https://evil.example", "http://fal.media", "https://fal.media:8443",
                                        "file:///tmp", "https://127.0.0.1"};

    write_at(bench, 0, "12345");
    for (size_t i = 0; i < sizeof HOSTS / sizeof *HOSTS; i++) {
        add_place(bench, HOSTS[i]);
        assert_false(upload(bench, 5));
        assert_string_equal(bench->err.code, "fetch_not_allowed");
    }
    assert_int_equal(tiny_requests(bench->tiny), 5);
}

static void an_answer_without_addresses_is_a_failure(void **state)
{
    static const char *const BODIES[] = {"", "[]", "{}", "{\"upload_url\":\"https://fal.media/x\"}",
                                         "{\"upload_url\":7,\"file_url\":\"x\"}"};
    struct bench *bench = *state;

    for (size_t i = 0; i < sizeof BODIES / sizeof *BODIES; i++) {
        add(bench, "200 OK", BODIES[i]);
        assert_false(upload(bench, 5));
        assert_string_equal(bench->err.code, "fal_upload_failed");
    }
    assert_false(upload(bench, 0));
}

static void a_large_file_goes_in_parts(void **state)
{
    struct bench *bench = *state;
    char etag[40];

    write_at(bench, 90 * MIB, "the last part");
    add_place(bench, NULL);
    for (int part = 1; part <= 10; part++) {
        (void)snprintf(etag, sizeof etag, "{\"partNumber\":%d,\"etag\":\"\\\"e%d\\\"\"}", part, part);
        add(bench, "200 OK", etag);
    }
    add(bench, "200 OK", "{}");
    assert_true(upload(bench, 90 * MIB + 13));
    assert_int_equal(tiny_requests(bench->tiny), 12);
    assert_sent(bench, "POST /put/here/complete?sign=a%2Fb HTTP/1.1\r\n",
                (const char *const[]){"{\"parts\":[{\"partNumber\":1,\"etag\":\"\\\"e1\\\"\"},{\"partNumber\":2,",
                                      "{\"partNumber\":10,\"etag\":\"\\\"e10\\\"\"}]}", NULL});
    assert_not_sent(bench, "Authorization");
}

static void a_part_is_tried_three_times(void **state)
{
    struct bench *bench = *state;

    assert_int_equal(ftruncate(bench->fd, 91 * MIB), 0);
    write_at(bench, 10 * MIB, "the second part");
    add_place(bench, NULL);
    add(bench, "500 No", "");
    add(bench, "200 OK", "{\"partNumber\":1,\"etag\":\"e1\"}");
    add(bench, "503 No", "");
    assert_false(upload(bench, 91 * MIB));
    assert_string_equal(bench->err.code, "fal_upload_failed");
    assert_int_equal(tiny_requests(bench->tiny), 1 + 2 + 3);
    assert_sent(bench, "PUT /put/here/2?sign=a%2Fb HTTP/1.1\r\n",
                (const char *const[]){"\r\nContent-Length: 10485760\r\n", "\r\n\r\nthe second part", NULL});
    assert_not_sent(bench, "Content-Type");
}

static void a_refused_part_is_not_tried_again(void **state)
{
    struct bench *bench = *state;

    assert_int_equal(ftruncate(bench->fd, 91 * MIB), 0);
    add_place(bench, NULL);
    add(bench, "403 Expired", "");
    assert_false(upload(bench, 91 * MIB));
    assert_int_equal(tiny_requests(bench->tiny), 2);
}

/* Down */

static bool download(struct bench *bench, int64_t max_bytes, struct fal_file *ret)
{
    char url[100];

    (void)snprintf(url, sizeof url, "%s/files/x.safetensors", tiny_url(bench->tiny));
    send_all(bench);
    return fal_download_to(bench->fal, url, max_bytes, bench->fd, ret, &bench->err);
}

static void a_file_is_taken_with_its_hash(void **state)
{
    struct bench *bench = *state;
    unsigned char wanted[SHA256_BYTES];
    struct fal_file file;
    char bytes[40] = {0};

    write_at(bench, 0, "what an earlier try has left behind");
    add(bench, "200 OK", "the weights");
    assert_true(download(bench, 11, &file));
    assert_int_equal(file.bytes, 11);
    crypto_sha256(TEXT("the weights"), wanted);
    assert_memory_equal(file.sha256, wanted, sizeof wanted);
    assert_int_equal(pread(bench->fd, bytes, sizeof bytes, 0), 11);
    assert_string_equal(bytes, "the weights");
    assert_not_sent(bench, "Authorization");
}

static void a_file_has_its_limit(void **state)
{
    struct bench *bench = *state;
    struct fal_file file;

    add(bench, "200 OK", "the weights");
    assert_false(download(bench, 10, &file));
    assert_string_equal(bench->err.code, "fetch_too_large");
}

static void a_file_that_is_not_there_or_half_is_none(void **state)
{
    struct bench *bench = *state;
    struct fal_file file;

    add(bench, "404 Not Found", "the weights");
    assert_false(download(bench, 100, &file));
    assert_string_equal(bench->err.code, "fal_media_gone");
    assert_int_equal(bench->err.kind, ERR_NOT_FOUND);
    add(bench, "500 No", "");
    assert_false(download(bench, 100, &file));
    assert_string_equal(bench->err.code, "fal_media_failed");
    assert_int_equal(file.bytes, 0);
    tiny_will_answer(bench->tiny,
                     &(struct tiny_answer){"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nthe we", TINY_CLOSE, 0}, 1);
    assert_false(download(bench, 100, &file));
    assert_string_equal(bench->err.code, "fetch_failed");
}

static void a_file_from_a_strange_host_is_not_asked_for(void **state)
{
    struct bench *bench = *state;
    struct fal_file file;

    assert_false(fal_download_to(bench->fal, "https://evil.example/x", 10, bench->fd, &file, &bench->err));
    assert_string_equal(bench->err.code, "fetch_not_allowed");
}

static void a_full_disk_is_said(void **state)
{
    struct bench *bench = *state;
    FILE *full = fopen("/dev/full", "w");
    struct fal_file file;
    char url[100];

    assert_non_null(full);
    add(bench, "200 OK", "the weights");
    send_all(bench);
    (void)snprintf(url, sizeof url, "%s/files/x", tiny_url(bench->tiny));
    assert_false(fal_download_to(bench->fal, url, 100, fileno(full), &file, &bench->err));
    assert_string_equal(bench->err.code, "fal_media_unwritten");
    (void)fclose(full);
}

#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SERVER(asks_for_a_place_with_the_key_and_a_lifetime),
        WITH_SERVER(puts_the_bytes_without_the_key),
        WITH_SERVER(an_upload_that_is_refused_has_failed),
        WITH_SERVER(nothing_goes_to_a_host_that_is_not_listed),
        WITH_SERVER(an_answer_without_addresses_is_a_failure),
        WITH_SERVER(a_large_file_goes_in_parts),
        WITH_SERVER(a_part_is_tried_three_times),
        WITH_SERVER(a_refused_part_is_not_tried_again),
        WITH_SERVER(a_file_is_taken_with_its_hash),
        WITH_SERVER(a_file_has_its_limit),
        WITH_SERVER(a_file_that_is_not_there_or_half_is_none),
        WITH_SERVER(a_file_from_a_strange_host_is_not_asked_for),
        WITH_SERVER(a_full_disk_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
