/* The object store on a real S3 server (scripts/with-s3). */
#include "storage/store_s3.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "storage/store_driver.h"
#include "support/s3_bucket.h"

enum { MIB = 1024 * 1024 };

static void assert_has(struct s3_bucket *bucket, const char *key, const char *bytes)
{
    CLEANUP(buf_done) struct buf got = buf_make(1000);

    s3_bucket_must(bucket, store_get(bucket->store, bucket->name, text_of(key), &got, &bucket->err));
    assert_string_equal(got.bytes, bytes);
}

static void assert_failed(struct s3_bucket *bucket, bool ok, enum err_kind kind, const char *code)
{
    assert_false(ok);
    assert_string_equal(bucket->err.code, code);
    assert_int_equal(bucket->err.kind, kind);
}

static void keeps_what_it_was_given(void **state)
{
    struct s3_bucket *bucket = *state;
    CLEANUP(buf_done) struct buf got = buf_make(100);
    const struct text key = TEXT("2026/01/a.jpg");
    bool there = false;
    int64_t bytes = -1;

    s3_bucket_put(bucket, "2026/01/a.jpg", "first");
    s3_bucket_put(bucket, "2026/01/a.jpg", "second one");
    assert_true(buf_add_text(&got, "before "));
    s3_bucket_must(bucket, store_get(bucket->store, bucket->name, key, &got, &bucket->err));
    assert_string_equal(got.bytes, "before second one");
    s3_bucket_must(bucket, store_size(bucket->store, bucket->name, key, &bytes, &bucket->err));
    assert_int_equal(bytes, 10);
    s3_bucket_must(bucket, store_exists(bucket->store, bucket->name, key, &there, &bucket->err));
    assert_true(there);
    s3_bucket_put(bucket, "empty", "");
    s3_bucket_must(bucket, store_size(bucket->store, bucket->name, TEXT("empty"), &bytes, &bucket->err));
    assert_int_equal(bytes, 0);
    s3_bucket_put(bucket, "2026", "a folder's name is free"); /* unlike on a disk */
    assert_has(bucket, "2026/01/a.jpg", "second one");
}

static void says_that_nothing_is_there(void **state)
{
    struct s3_bucket *bucket = *state;
    CLEANUP(buf_done) struct buf got = buf_make(100);
    const struct text key = TEXT("nowhere");
    bool there = true;
    int64_t bytes;

    s3_bucket_put(bucket, "a", "x");
    s3_bucket_must(bucket, store_delete(bucket->store, bucket->name, TEXT("a"), &bucket->err));
    s3_bucket_must(bucket, store_delete(bucket->store, bucket->name, TEXT("a"), &bucket->err));
    assert_failed(bucket, store_get(bucket->store, bucket->name, TEXT("a"), &got, &bucket->err), ERR_NOT_FOUND,
                  "storage_missing");
    assert_int_equal(got.len, 0);
    assert_failed(bucket, store_size(bucket->store, bucket->name, key, &bytes, &bucket->err), ERR_NOT_FOUND,
                  "storage_missing");
    s3_bucket_must(bucket, store_exists(bucket->store, bucket->name, key, &there, &bucket->err));
    assert_false(there);
    assert_failed(bucket, store_get(bucket->store, TEXT("no-such-bucket"), key, &got, &bucket->err), ERR_NOT_FOUND,
                  "storage_missing");
    assert_failed(bucket, store_put(bucket->store, TEXT("no-such-bucket"), key, TEXT("x"), &bucket->err), ERR_INTERNAL,
                  "storage_failed");
    assert_failed(bucket, store_put(bucket->store, bucket->name, TEXT("a b"), TEXT("x"), &bucket->err), ERR_INVALID,
                  "storage_key");
}

static void reads_no_more_than_it_may(void **state)
{
    struct s3_bucket *bucket = *state;
    CLEANUP(buf_done) struct buf small = buf_make(9), none = buf_make(0);
    char *large = calloc(1, MIB);

    s3_bucket_put(bucket, "ten", "0123456789");
    assert_failed(bucket, store_get(bucket->store, bucket->name, TEXT("ten"), &small, &bucket->err), ERR_TOO_LARGE,
                  "storage_too_large");
    assert_int_equal(small.len, 0);
    s3_bucket_must(bucket,
                   store_put(bucket->store, bucket->name, TEXT("large"), (struct text){large, MIB}, &bucket->err));
    assert_failed(bucket, store_get(bucket->store, bucket->name, TEXT("large"), &small, &bucket->err), ERR_TOO_LARGE,
                  "storage_too_large");
    assert_failed(bucket, store_get(bucket->store, bucket->name, TEXT("large"), &none, &bucket->err), ERR_TOO_LARGE,
                  "storage_too_large");
    assert_failed(bucket, store_get(bucket->store, bucket->name, TEXT("nowhere"), &none, &bucket->err), ERR_NOT_FOUND,
                  "storage_missing");
    free(large);
}

static void takes_keys_with_odd_characters(void **state)
{
    static const char *const KEYS[] = {
        "space b.jpg", "plus+b.jpg", "(1).jpg", "\xd1\x84.jpg",   "a=b&c.jpg", "%41.jpg", "100%",   "a//b.jpg",
        "~t'!*.jpg",   "a:b@c,d;e",  "q?x#y",   "\"<&>|^`{}[]\\", "a/./b",     "a/../b",  "trail/", "\xf0\x9f\x98\x80"};
    struct s3_bucket *bucket = *state;
    const struct store_driver *driver = bucket->store->driver;

    for (size_t i = 0; i < sizeof KEYS / sizeof *KEYS; i++) {
        const char *path = s3_bucket_path(bucket, KEYS[i]);
        CLEANUP(buf_done) struct buf got = buf_make(1000);
        struct fetch_response response;
        s3_bucket_must(bucket, driver->put(bucket->store, path, text_of(KEYS[i]), &bucket->err));
        s3_bucket_must(bucket, driver->get(bucket->store, path, &got, &bucket->err));
        assert_string_equal(got.bytes, KEYS[i]);
        response = s3_bucket_get(bucket, KEYS[i]);
        if (response.status != 200 || strcmp(response.body.bytes, KEYS[i]) != 0)
            fail_msg("%s: %d", KEYS[i], response.status);
        fetch_response_done(&response);
        s3_bucket_must(bucket, driver->remove(bucket->store, path, &bucket->err));
        assert_false(driver->get(bucket->store, path, &got, &bucket->err));
    }
}

static void finds_buckets_in_the_path_and_in_the_host(void **state)
{
    struct s3_bucket *bucket = *state;
    struct s3_config config = s3_bucket_config(getenv("S3_HOST_ENDPOINT"));
    struct store *by_path = bucket->store, *by_host;
    struct s3_bucket_report report;

    config.path_style = false;
    by_host = store_s3_open(&config, &bucket->err);
    s3_bucket_must(bucket, by_host != NULL);
    s3_bucket_put(bucket, "a/b.jpg", "by path");
    bucket->store = by_host;
    assert_has(bucket, "a/b.jpg", "by path");
    s3_bucket_put(bucket, "c.jpg", "by host");
    s3_bucket_must(bucket, store_s3_make_bucket(by_host, bucket->name, NULL, &report, &bucket->err));
    assert_false(report.made);
    bucket->store = by_path;
    assert_has(bucket, "c.jpg", "by host");
    store_close(by_host);
}

/* A file whose bytes say where they stand, with a few more in front and behind. */
static int file_of(int64_t bytes)
{
    int fd = memfd_create("file", MFD_CLOEXEC);
    uint32_t *at;

    assert_int_equal(ftruncate(fd, bytes + 100), 0);
    if (!bytes)
        return fd;
    at = mmap(NULL, (size_t)bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    assert_ptr_not_equal(at, MAP_FAILED);
    for (uint32_t i = 0; i < bytes / 4; i++)
        at[i] = i * 2654435761u;
    munmap(at, (size_t)bytes);
    return fd;
}

static void keeps_a_file(struct s3_bucket *bucket, int64_t bytes, const char *key)
{
    CLEANUP(buf_done) struct buf got = buf_make((size_t)bytes);
    int64_t began_ms = clock_monotonic_ms(), put_ms;
    clock_t began = clock();
    int fd = file_of(bytes);
    uint32_t word;

    s3_bucket_must(bucket, store_put_file(bucket->store, bucket->name, text_of(key), fd, bytes, &bucket->err));
    put_ms = clock_monotonic_ms() - began_ms;
    s3_bucket_must(bucket, store_get(bucket->store, bucket->name, text_of(key), &got, &bucket->err));
    print_message("%lld MiB: put %lld ms, get %lld ms, CPU %ld ms\n", (long long)bytes / MIB, (long long)put_ms,
                  (long long)(clock_monotonic_ms() - began_ms - put_ms), (clock() - began) * 1000 / CLOCKS_PER_SEC);
    assert_int_equal(got.len, bytes);
    for (uint32_t i = 0; i < bytes / 4; i++) {
        memcpy(&word, got.bytes + 4 * (size_t)i, 4);
        if (word != i * 2654435761u)
            fail_msg("byte %u differs", 4 * i);
    }
    close(fd);
}

static void keeps_files_small_and_large(void **state)
{
    struct s3_bucket *bucket = *state;
    int64_t bytes;
    int fd = file_of(0);

    s3_bucket_must(bucket, store_put_file(bucket->store, bucket->name, TEXT("none"), fd, 0, &bucket->err));
    s3_bucket_must(bucket, store_size(bucket->store, bucket->name, TEXT("none"), &bytes, &bucket->err));
    assert_int_equal(bytes, 0);
    close(fd);
    keeps_a_file(bucket, 1000, "a.zip");
    keeps_a_file(bucket, 20 * MIB, "b.zip");
    keeps_a_file(bucket, 80 * MIB, "c.zip"); /* in parts */
    keeps_a_file(bucket, 64 * MIB + 4, "d.zip");
}

static void leaves_nothing_of_a_file_that_is_too_short(void **state)
{
    struct s3_bucket *bucket = *state;
    int fd = file_of(65 * MIB);
    bool there = true;

    assert_failed(bucket, store_put_file(bucket->store, bucket->name, TEXT("a"), fd, 66 * MIB, &bucket->err),
                  ERR_INTERNAL, "storage_failed");
    s3_bucket_must(bucket, store_exists(bucket->store, bucket->name, TEXT("a"), &there, &bucket->err));
    assert_false(there);
    assert_failed(bucket, store_put_file(bucket->store, bucket->name, TEXT("b"), fd, 66 * MIB, &bucket->err),
                  ERR_INTERNAL, "storage_failed");
    close(fd);
}

static void makes_buckets_with_their_settings(void **state)
{
    struct s3_bucket *bucket = *state;
    struct s3_bucket_report report;
    char name[64];

    (void)snprintf(name, sizeof name, "new-%.50s", bucket->name_room);
    s3_bucket_must(bucket,
                   store_s3_make_bucket(bucket->store, text_of(name), "https://aisha.example", &report, &bucket->err));
    assert_true(report.made && report.cors && report.lifecycle);
    s3_bucket_must(bucket, store_s3_make_bucket(bucket->store, text_of(name), NULL, &report, &bucket->err));
    assert_true(!report.made && !report.cors && report.lifecycle);
    assert_failed(bucket, store_s3_make_bucket(bucket->store, TEXT("-no"), NULL, &report, &bucket->err), ERR_INVALID,
                  "storage_key");
    assert_failed(bucket, store_s3_make_bucket(bucket->store, bucket->name, "https://a<b", &report, &bucket->err),
                  ERR_INTERNAL, "storage_failed");
}

static void costs_little_for_small_objects(void **state)
{
    struct s3_bucket *bucket = *state;
    CLEANUP(buf_done) struct buf got = buf_make(MIB);
    static char bytes[40 * 1024];
    int64_t began_us = clock_monotonic_us(), half_us;
    clock_t began = clock();

    for (int i = 0; i < 100; i++)
        s3_bucket_must(bucket, store_put(bucket->store, bucket->name, TEXT("a.jpg"), (struct text){bytes, sizeof bytes},
                                         &bucket->err));
    half_us = clock_monotonic_us() - began_us;
    for (int i = 0; i < 100; i++) {
        buf_clear(&got);
        s3_bucket_must(bucket, store_get(bucket->store, bucket->name, TEXT("a.jpg"), &got, &bucket->err));
    }
    print_message("40 KiB: put %.2f ms, get %.2f ms, CPU of both %.2f ms\n", (double)half_us / 1e5,
                  (double)(clock_monotonic_us() - began_us - half_us) / 1e5, (double)(clock() - began) / 1e5);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, s3_bucket_open, s3_bucket_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(keeps_what_it_was_given),
        TEST(says_that_nothing_is_there),
        TEST(reads_no_more_than_it_may),
        TEST(takes_keys_with_odd_characters),
        TEST(finds_buckets_in_the_path_and_in_the_host),
        TEST(keeps_files_small_and_large),
        TEST(leaves_nothing_of_a_file_that_is_too_short),
        TEST(makes_buckets_with_their_settings),
        TEST(costs_little_for_small_objects),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
