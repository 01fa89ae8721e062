/* The signer against the examples in Amazon's documentation, and against a table that boto3 made. */
#include "storage/sigv4.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"

#define NOTHING "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" /* SHA-256 of no bytes */
#define PAIR(name, value)                                                                                              \
    {                                                                                                                  \
        TEXT(name), TEXT(value)                                                                                        \
    }

static struct sigv4 *published(void)
{
    return sigv4_open("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1");
}

static struct sigv4_request get_of(struct text path)
{
    return (struct sigv4_request){.method = "GET",
                                  .host = TEXT("examplebucket.s3.amazonaws.com"),
                                  .path = path,
                                  .payload = NOTHING,
                                  .now_s = 1369353600}; /* 24 May 2013 */
}

static void assert_signature(struct sigv4_request request, const char *names, const char *signature)
{
    struct sigv4 *sigv4 = published();
    char got[SIGV4_AUTHORIZATION_ROOM], expected[SIGV4_AUTHORIZATION_ROOM];

    (void)snprintf(expected, sizeof expected,
                   "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
                   "SignedHeaders=%s,Signature=%s",
                   names, signature);
    assert_true(sigv4_authorize(sigv4, &request, got));
    assert_string_equal(got, expected);
    sigv4_close(sigv4);
}

static void signs_the_published_requests(void **state)
{
    struct sigv4_pair range = PAIR("range", "bytes=0-9"), lifecycle = PAIR("lifecycle", "");
    struct sigv4_pair list[] = {PAIR("prefix", "J"), PAIR("max-keys", "2")};
    struct sigv4_pair more[] = {PAIR("x-amz-storage-class", "REDUCED_REDUNDANCY"),
                                PAIR("date", "Fri, 24 May 2013 00:00:00 GMT")};
    struct sigv4_request request = get_of(TEXT("/test.txt"));
    char payload[HEX_ROOM(SHA256_BYTES)];
    unsigned char hash[SHA256_BYTES];

    (void)state;
    request.headers = &range, request.header_count = 1;
    assert_signature(request, "host;range;x-amz-content-sha256;x-amz-date",
                     "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
    request = get_of(TEXT("/test$file.text"));
    crypto_sha256(TEXT("Welcome to Amazon S3."), hash);
    hex_write(hash, sizeof hash, payload);
    request.method = "PUT", request.payload = payload, request.headers = more, request.header_count = 2;
    assert_signature(request, "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
                     "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
    request = get_of(TEXT("/"));
    request.query = &lifecycle, request.query_count = 1;
    assert_signature(request, "host;x-amz-content-sha256;x-amz-date",
                     "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
    request.query = list, request.query_count = 2;
    assert_signature(request, "host;x-amz-content-sha256;x-amz-date",
                     "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

static void presigns_the_published_url(void **state)
{
    struct sigv4 *sigv4 = published();
    struct sigv4_request request = get_of(TEXT("/test.txt"));
    char url[600];
    size_t len = sigv4_presign(sigv4, &request, "https", 86400, url, sizeof url);

    (void)state;
    assert_int_equal(len, strlen(url));
    assert_string_equal(url, "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&"
                             "X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&"
                             "X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&"
                             "X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
    sigv4_close(sigv4);
}

/* 2026-01-15T10:00:00Z, AKAISHA, "a-secret/with+signs=": a GET for an hour, a PUT of 12345 bytes of image/jpeg for ten
   minutes, and a DELETE signed in its headers. */
static const struct {
    const char *region, *host, *path, *get, *put, *authorized;
} TABLE[] = {
#include "sigv4_table.inc"
};

static const char *end_of(const char *text) { return text + strlen(text) - 64; }

static void assert_row(size_t row)
{
    const struct sigv4_pair type_and_length[] = {PAIR("content-type", "image/jpeg"), PAIR("content-length", "12345")};
    struct sigv4 *sigv4 = sigv4_open("AKAISHA", "a-secret/with+signs=", TABLE[row].region);
    struct sigv4_request request = {.method = "GET", .payload = NOTHING, .now_s = 1768471200};
    char get[1000], put[1000], authorization[SIGV4_AUTHORIZATION_ROOM];

    request.host = text_of(TABLE[row].host);
    request.path = text_of(TABLE[row].path);
    assert_true(sigv4_presign(sigv4, &request, "https", 3600, get, sizeof get));
    request.method = "DELETE";
    assert_true(sigv4_authorize(sigv4, &request, authorization));
    request.method = "PUT", request.headers = type_and_length, request.header_count = 2;
    assert_true(sigv4_presign(sigv4, &request, "https", 600, put, sizeof put));
    if (strcmp(end_of(get), TABLE[row].get) != 0 || strcmp(end_of(put), TABLE[row].put) != 0 ||
        strcmp(end_of(authorization), TABLE[row].authorized) != 0)
        fail_msg("%s %s: %s", TABLE[row].region, TABLE[row].path, get);
    assert_non_null(strstr(put, "&X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost&"));
    sigv4_close(sigv4);
}

static void agrees_with_another_signer_on_odd_keys(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof TABLE / sizeof *TABLE; i++)
        assert_row(i);
}

static void writes_targets_as_they_were_signed(void **state)
{
    struct sigv4_pair query[] = {PAIR("prefix", "a/b c"), PAIR("list-type", "2"), PAIR("a", "")};
    struct sigv4_request request = get_of(TEXT("/b/\xd1\x84 +%/x"));
    struct sigv4 *sigv4 = published();
    char to[200];

    (void)state;
    request.query = query, request.query_count = 3;
    assert_int_equal(sigv4_target(sigv4, &request, to, sizeof to), 52);
    assert_string_equal(to, "/b/%D1%84%20%2B%25/x?a=&list-type=2&prefix=a%2Fb%20c");
    assert_int_equal(sigv4_target(sigv4, &request, to, strlen(to)), 0);
    sigv4_close(sigv4);
}

static void trims_values_as_they_are_signed(void **state)
{
    struct sigv4_pair plain = PAIR("x-amz-meta-a", "two spaces"), odd = PAIR("x-amz-meta-a", "  two   spaces ");
    char one[SIGV4_AUTHORIZATION_ROOM], other[SIGV4_AUTHORIZATION_ROOM];
    struct sigv4_request request = get_of(TEXT("/a"));
    struct sigv4 *sigv4 = published();

    (void)state;
    request.header_count = 1, request.headers = &plain;
    assert_true(sigv4_authorize(sigv4, &request, one));
    request.headers = &odd;
    assert_true(sigv4_authorize(sigv4, &request, other));
    assert_string_equal(one, other);
    sigv4_close(sigv4);
}

/* The day's key is kept: a request of another day must not be signed with it. */
static void changes_the_key_with_the_day(void **state)
{
    char first[SIGV4_AUTHORIZATION_ROOM], again[SIGV4_AUTHORIZATION_ROOM];
    struct sigv4_request request = get_of(TEXT("/a"));
    struct sigv4 *used = published(), *other = published();

    (void)state;
    for (int day = 0; day < 3; day++) {
        request.now_s += 24 * 3600 - 1;
        assert_true(sigv4_authorize(used, &request, first));
        assert_true(sigv4_authorize(used, &request, again));
        assert_string_equal(first, again);
        sigv4_close(other);
        other = published();
        assert_true(sigv4_authorize(other, &request, again));
        assert_string_equal(first, again);
    }
    sigv4_close(used);
    sigv4_close(other);
}

static void says_that_there_is_no_room(void **state)
{
    static struct sigv4_pair many[SIGV4_PAIRS_MAX];
    struct sigv4_request request = get_of(TEXT("/a"));
    char to[SIGV4_AUTHORIZATION_ROOM], long_path[20000];
    struct sigv4 *sigv4 = published();
    size_t len = sigv4_presign(sigv4, &request, "https", 1, to, sizeof to);

    (void)state;
    for (size_t room = 0; room <= len; room++)
        assert_int_equal(sigv4_presign(sigv4, &request, "https", 1, to, room), 0);
    assert_int_equal(sigv4_presign(sigv4, &request, "https", 1, to, len + 1), len);
    for (int i = 0; i < SIGV4_PAIRS_MAX; i++)
        many[i] = (struct sigv4_pair)PAIR("x-amz-meta-a", "b");
    request.headers = many, request.header_count = SIGV4_PAIRS_MAX;
    assert_false(sigv4_authorize(sigv4, &request, to));
    assert_int_equal(sigv4_presign(sigv4, &request, "https", 1, to, sizeof to), 0);
    memset(long_path, ' ', sizeof long_path);
    request = get_of((struct text){long_path, sizeof long_path});
    assert_false(sigv4_authorize(sigv4, &request, to));
    sigv4_close(sigv4);
}

static void presigns_quickly(void **state)
{
    struct sigv4_request request = get_of(TEXT("/2026/01/15/0198f0c2-5a1b-7c3d-8e4f-a1b2c3d4e5f6_small.webp"));
    struct sigv4 *sigv4 = published();
    int64_t began_us = clock_monotonic_us();
    char url[600];

    (void)state;
    for (int i = 0; i < 7200; i++)
        assert_true(sigv4_presign(sigv4, &request, "https", 86400, url, sizeof url));
    print_message("a URL takes %.1f us\n", (double)(clock_monotonic_us() - began_us) / 7200);
    sigv4_close(sigv4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_the_published_requests),
        cmocka_unit_test(presigns_the_published_url),
        cmocka_unit_test(agrees_with_another_signer_on_odd_keys),
        cmocka_unit_test(writes_targets_as_they_were_signed),
        cmocka_unit_test(trims_values_as_they_are_signed),
        cmocka_unit_test(changes_the_key_with_the_day),
        cmocka_unit_test(says_that_there_is_no_room),
        cmocka_unit_test(presigns_quickly),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
