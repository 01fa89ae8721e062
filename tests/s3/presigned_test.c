/* What strangers with an address get from a real S3 server (scripts/with-s3), and what not. */
#include "storage/sigv4.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "support/s3_bucket.h"

static void assert_has(struct s3_bucket *bucket, const char *key, const char *bytes)
{
    CLEANUP(buf_done) struct buf got = buf_make(1000);

    s3_bucket_must(bucket, store_get(bucket->store, bucket->name, text_of(key), &got, &bucket->err));
    assert_string_equal(got.bytes, bytes);
}

/* An object's type and how long browsers keep it, as a stranger with a link sees it. */
static void says_of_what_kind_an_object_is(void **state)
{
    static const char *const KINDS[][2] = {{"a.jpg", "image/jpeg"},
                                           {"a.jpeg", "image/jpeg"},
                                           {"a_small.webp", "image/webp"},
                                           {"a.zip", "application/zip"},
                                           {"model", "application/octet-stream"}};
    struct s3_bucket *bucket = *state;

    for (int i = 0; i < 5; i++) {
        struct fetch_response response;
        s3_bucket_put(bucket, KINDS[i][0], "bytes");
        response = s3_bucket_get(bucket, KINDS[i][0]);
        assert_int_equal(response.status, 200);
        assert_string_equal(response.content_type, KINDS[i][1]);
        assert_string_equal(response.body.bytes, "bytes");
        fetch_response_done(&response);
    }
}

static int status_of(const char *url, const char *type, const char *body)
{
    struct fetch_response response = s3_bucket_ask(url, type, text_of(body));

    fetch_response_done(&response);
    return response.status;
}

static void lets_nobody_in_by_altered_or_old_links(void **state)
{
    struct s3_bucket *bucket = *state;
    int64_t now_s = clock_wall_s();
    char url[2000], *at;

    s3_bucket_put(bucket, "a.jpg", "mine");
    s3_bucket_put(bucket, "b.jpg", "also");
    (void)snprintf(url, sizeof url, "%s", s3_bucket_url(bucket, "GET", "a.jpg", NULL, 0, now_s, 60));
    assert_int_equal(status_of(url, NULL, ""), 200);
    assert_int_equal(status_of(url, "image/jpeg", "yours"), 403); /* a PUT */
    at = strstr(url, "a.jpg");
    *at = 'b';
    assert_int_equal(status_of(url, NULL, ""), 403);
    *at = 'a';
    at = strstr(url, "Expires=60");
    memcpy(at, "Expires=90", 10);
    assert_int_equal(status_of(url, NULL, ""), 403);
    memcpy(at, "Expires=60", 10);
    url[strlen(url) - 1] ^= 1;
    assert_int_equal(status_of(url, NULL, ""), 403);
    *strchr(url, '?') = '\0';
    assert_int_equal(status_of(url, NULL, ""), 403);
    assert_int_equal(status_of(s3_bucket_url(bucket, "GET", "a.jpg", NULL, 0, now_s - 100, 60), NULL, ""), 403);
    assert_has(bucket, "a.jpg", "mine");
}

static void takes_a_put_by_link_of_its_type_and_length_alone(void **state)
{
    struct sigv4_pair headers[] = {{TEXT("content-type"), TEXT("image/jpeg")}, {TEXT("content-length"), TEXT("5")}};
    struct s3_bucket *bucket = *state;
    char url[2000];
    bool there = true;

    (void)snprintf(url, sizeof url, "%s", s3_bucket_url(bucket, "PUT", "up.jpg", headers, 2, clock_wall_s(), 60));
    assert_int_equal(status_of(url, "text/html", "12345"), 403);
    assert_int_equal(status_of(url, "image/jpeg", "123456"), 403);
    assert_int_equal(status_of(url, "image/jpeg", "1234"), 403);
    s3_bucket_must(bucket, store_exists(bucket->store, bucket->name, TEXT("up.jpg"), &there, &bucket->err));
    assert_false(there);
    assert_int_equal(status_of(url, "image/jpeg", "12345"), 200);
    assert_has(bucket, "up.jpg", "12345");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, s3_bucket_open, s3_bucket_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(says_of_what_kind_an_object_is),
        TEST(lets_nobody_in_by_altered_or_old_links),
        TEST(takes_a_put_by_link_of_its_type_and_length_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
