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

static void must(struct s3_bucket *bucket, bool ok)
{
    if (!ok)
        fail_msg("%s: %s", bucket->err.code, bucket->err.detail);
}

static void put(struct s3_bucket *bucket, const char *key, const char *bytes)
{
    must(bucket, store_put(bucket->store, bucket->name, text_of(key), text_of(bytes), &bucket->err));
}

static void assert_has(struct s3_bucket *bucket, const char *key, const char *bytes)
{
    CLEANUP(buf_done) struct buf got = buf_make(1000);

    must(bucket, store_get(bucket->store, bucket->name, text_of(key), &got, &bucket->err));
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

    put(bucket, "2026/01/a.jpg", "first");
    put(bucket, "2026/01/a.jpg", "second one");
    assert_true(buf_add_text(&got, "before "));
    must(bucket, store_get(bucket->store, bucket->name, key, &got, &bucket->err));
    assert_string_equal(got.bytes, "before second one");
    must(bucket, store_size(bucket->store, bucket->name, key, &bytes, &bucket->err));
    assert_int_equal(bytes, 10);
    must(bucket, store_exists(bucket->store, bucket->name, key, &there, &bucket->err));
    assert_true(there);
    put(bucket, "empty", "");
    must(bucket, store_size(bucket->store, bucket->name, TEXT("empty"), &bytes, &bucket->err));
    assert_int_equal(bytes, 0);
    put(bucket, "2026", "a folder's name is free"); /* unlike on a disk */
    assert_has(bucket, "2026/01/a.jpg", "second one");
}

static void says_that_nothing_is_there(void **state)
{
    struct s3_bucket *bucket = *state;
    CLEANUP(buf_done) struct buf got = buf_make(100);
    const struct text key = TEXT("nowhere");
    bool there = true;
    int64_t bytes;

    put(bucket, "a", "x");
    must(bucket, store_delete(bucket->store, bucket->name, TEXT("a"), &bucket->err));
    must(bucket, store_delete(bucket->store, bucket->name, TEXT("a"), &bucket->err));
    assert_failed(bucket, store_get(bucket->store, bucket->name, TEXT("a"), &got, &bucket->err), ERR_NOT_FOUND,
                  "storage_missing");
    assert_int_equal(got.len, 0);
    assert_failed(bucket, store_size(bucket->store, bucket->name, key, &bytes, &bucket->err), ERR_NOT_FOUND,
                  "storage_missing");
    must(bucket, store_exists(bucket->store, bucket->name, key, &there, &bucket->err));
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

    put(bucket, "ten", "0123456789");
    assert_failed(bucket, store_get(bucket->store, bucket->name, TEXT("ten"), &small, &bucket->err), ERR_TOO_LARGE,
                  "storage_too_large");
    assert_int_equal(small.len, 0);
    must(bucket, store_put(bucket->store, bucket->name, TEXT("large"), (struct text){large, MIB}, &bucket->err));
    assert_failed(bucket, store_get(bucket->store, bucket->name, TEXT("large"), &small, &bucket->err), ERR_TOO_LARGE,
                  "storage_too_large");
    assert_failed(bucket, store_get(bucket->store, bucket->name, TEXT("large"), &none, &bucket->err), ERR_TOO_LARGE,
                  "storage_too_large");
    assert_failed(bucket, store_get(bucket->store, bucket->name, TEXT("nowhere"), &none, &bucket->err), ERR_NOT_FOUND,
                  "storage_missing");
    free(large);
}

/* An object's type and how long browsers keep it, as a stranger with a link sees it. */
static void says_of_what_kind_an_object_is(void **state)
{
    static const char *const KINDS[][2] = {{"a.jpg", "image/jpeg"},
                                           {"a_small.webp", "image/webp"},
                                           {"a.zip", "application/zip"},
                                           {"model", "application/octet-stream"}};
    struct s3_bucket *bucket = *state;

    for (int i = 0; i < 4; i++) {
        struct fetch_response response;
        put(bucket, KINDS[i][0], "bytes");
        response = s3_bucket_get(bucket, KINDS[i][0]);
        assert_int_equal(response.status, 200);
        assert_string_equal(response.content_type, KINDS[i][1]);
        assert_string_equal(response.body.bytes, "bytes");
        fetch_response_done(&response);
    }
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
        must(bucket, driver->put(bucket->store, path, text_of(KEYS[i]), &bucket->err));
        must(bucket, driver->get(bucket->store, path, &got, &bucket->err));
        assert_string_equal(got.bytes, KEYS[i]);
        response = s3_bucket_get(bucket, KEYS[i]);
        if (response.status != 200 || strcmp(response.body.bytes, KEYS[i]) != 0)
            fail_msg("%s: %d", KEYS[i], response.status);
        fetch_response_done(&response);
        must(bucket, driver->remove(bucket->store, path, &bucket->err));
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
    must(bucket, by_host != NULL);
    put(bucket, "a/b.jpg", "by path");
    bucket->store = by_host;
    assert_has(bucket, "a/b.jpg", "by path");
    put(bucket, "c.jpg", "by host");
    must(bucket, store_s3_make_bucket(by_host, bucket->name, NULL, &report, &bucket->err));
    assert_false(report.made);
    bucket->store = by_path;
    assert_has(bucket, "c.jpg", "by host");
    store_close(by_host);
}

struct seen {
    char keys[1200][64];
    int count;
    int64_t bytes, oldest_s, newest_s;
};

static void on_entry(void *owner, const struct store_entry *entry)
{
    struct seen *seen = owner;

    assert_true(seen->count < 1200 && !entry->leftover);
    assert_true(text_copy(seen->keys[seen->count++], 64, entry->key));
    seen->bytes += entry->bytes;
    seen->oldest_s = seen->oldest_s && seen->oldest_s < entry->written_s ? seen->oldest_s : entry->written_s;
    seen->newest_s = seen->newest_s > entry->written_s ? seen->newest_s : entry->written_s;
}

static const struct seen *list(struct s3_bucket *bucket, const char *after, int limit)
{
    static struct seen seen;

    seen = (struct seen){0};
    must(bucket, store_list(bucket->store, bucket->name, after, limit, on_entry, &seen, &bucket->err));
    return &seen;
}

static void lists_in_the_order_of_bytes(void **state)
{
    static const char *const ORDER[] = {"A", "a", "a-b", "a.jpg", "a/b", "a0", "a_b", "b"};
    struct s3_bucket *bucket = *state;
    const struct seen *seen;
    int64_t began_s = clock_wall_s();
    char longer[3000];

    for (int i = 7; i >= 0; i--)
        put(bucket, ORDER[i], "12345");
    must(bucket, bucket->store->driver->put(bucket->store, s3_bucket_path(bucket, "a&<none of ours>"), TEXT("x"),
                                            &bucket->err));
    seen = list(bucket, "", 100);
    assert_int_equal(seen->count, 8);
    for (int i = 0; i < 8; i++)
        assert_string_equal(seen->keys[i], ORDER[i]);
    assert_int_equal(seen->bytes, 40);
    assert_true(seen->oldest_s >= began_s - 2 && seen->newest_s <= clock_wall_s() + 2);
    seen = list(bucket, "a", 3); /* with the strange one in between */
    assert_int_equal(seen->count, 3);
    assert_string_equal(seen->keys[0], "a-b");
    assert_string_equal(seen->keys[2], "a/b");
    assert_int_equal(list(bucket, "a b&%/?", 100)->count, 6);
    assert_int_equal(list(bucket, "b", 100)->count, 0);
    memset(longer, 'a', sizeof longer);
    longer[sizeof longer - 1] = '\0';
    assert_string_equal(list(bucket, longer, 100)->keys[0], "b");
    bucket->name = TEXT("no-such-bucket");
    assert_int_equal(list(bucket, "", 100)->count, 0);
}

static void *put_many(void *owner)
{
    struct s3_bucket *bucket = ((void **)owner)[0];
    int from = *(int *)((void **)owner)[1];
    struct err err;
    char key[20];

    for (int i = from; i < 1100; i += 4) {
        (void)snprintf(key, sizeof key, "%04d/a.jpg", i);
        if (!store_put(bucket->store, bucket->name, text_of(key), TEXT("x"), &err))
            return bucket;
    }
    return NULL;
}

/* Also: one store, used by four threads at once. */
static void lists_more_than_a_page(void **state)
{
    struct s3_bucket *bucket = *state;
    const struct seen *seen;
    pthread_t threads[4];
    int from[4];
    void *owners[4][2], *failed;

    for (int i = 0; i < 4; i++) {
        from[i] = i;
        owners[i][0] = bucket, owners[i][1] = &from[i];
        assert_int_equal(pthread_create(&threads[i], NULL, put_many, owners[i]), 0);
    }
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
    seen = list(bucket, "", 1200);
    assert_int_equal(seen->count, 1100);
    for (int i = 1; i < 1100; i++)
        assert_true(strcmp(seen->keys[i - 1], seen->keys[i]) < 0);
    seen = list(bucket, "0050/a.jpg", 1003);
    assert_int_equal(seen->count, 1003);
    assert_string_equal(seen->keys[0], "0051/a.jpg");
    assert_string_equal(seen->keys[1002], "1053/a.jpg");
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

    must(bucket, store_put_file(bucket->store, bucket->name, text_of(key), fd, bytes, &bucket->err));
    put_ms = clock_monotonic_ms() - began_ms;
    must(bucket, store_get(bucket->store, bucket->name, text_of(key), &got, &bucket->err));
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

    must(bucket, store_put_file(bucket->store, bucket->name, TEXT("none"), fd, 0, &bucket->err));
    must(bucket, store_size(bucket->store, bucket->name, TEXT("none"), &bytes, &bucket->err));
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
    must(bucket, store_exists(bucket->store, bucket->name, TEXT("a"), &there, &bucket->err));
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
    must(bucket, store_s3_make_bucket(bucket->store, text_of(name), "https://aisha.example", &report, &bucket->err));
    assert_true(report.made && report.cors && report.lifecycle);
    must(bucket, store_s3_make_bucket(bucket->store, text_of(name), NULL, &report, &bucket->err));
    assert_true(!report.made && !report.cors && report.lifecycle);
    assert_failed(bucket, store_s3_make_bucket(bucket->store, TEXT("-no"), NULL, &report, &bucket->err), ERR_INVALID,
                  "storage_key");
    assert_failed(bucket, store_s3_make_bucket(bucket->store, bucket->name, "https://a<b", &report, &bucket->err),
                  ERR_INTERNAL, "storage_failed");
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

    put(bucket, "a.jpg", "mine");
    put(bucket, "b.jpg", "also");
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
    must(bucket, store_exists(bucket->store, bucket->name, TEXT("up.jpg"), &there, &bucket->err));
    assert_false(there);
    assert_int_equal(status_of(url, "image/jpeg", "12345"), 200);
    assert_has(bucket, "up.jpg", "12345");
}

static void costs_little_for_small_objects(void **state)
{
    struct s3_bucket *bucket = *state;
    CLEANUP(buf_done) struct buf got = buf_make(MIB);
    static char bytes[40 * 1024];
    int64_t began_us = clock_monotonic_us(), half_us;
    clock_t began = clock();

    for (int i = 0; i < 100; i++)
        must(bucket,
             store_put(bucket->store, bucket->name, TEXT("a.jpg"), (struct text){bytes, sizeof bytes}, &bucket->err));
    half_us = clock_monotonic_us() - began_us;
    for (int i = 0; i < 100; i++) {
        buf_clear(&got);
        must(bucket, store_get(bucket->store, bucket->name, TEXT("a.jpg"), &got, &bucket->err));
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
        TEST(says_of_what_kind_an_object_is),
        TEST(takes_keys_with_odd_characters),
        TEST(finds_buckets_in_the_path_and_in_the_host),
        TEST(lists_in_the_order_of_bytes),
        TEST(lists_more_than_a_page),
        TEST(keeps_files_small_and_large),
        TEST(leaves_nothing_of_a_file_that_is_too_short),
        TEST(makes_buckets_with_their_settings),
        TEST(lets_nobody_in_by_altered_or_old_links),
        TEST(takes_a_put_by_link_of_its_type_and_length_alone),
        TEST(costs_little_for_small_objects),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
