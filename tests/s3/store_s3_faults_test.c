/* The object store on an S3 server whose answers fail, get lost, or come by another clock: through tests/s3/proxy.mjs.
 */
#include <stdint.h>

int64_t clock_wall_s(void);
#define clock_wall_s right_wall_s
#include "base/clock.c" /* NOLINT(bugprone-suspicious-include) */
#undef clock_wall_s

static int64_t wrong_by_s;
int64_t clock_wall_s(void) { return right_wall_s() + wrong_by_s; }

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "storage/store_driver.h"
#include "support/s3_bucket.h"

enum { MIB = 1024 * 1024, PARTS = 5, LARGE = 65 * MIB };

static const struct text KEY = {"a/b.zip", 7};
static atomic_bool stop;

static struct fetch_response proxy_ask(const char *path, enum fetch_method method, const char *body)
{
    struct err err;
    struct fetch *fetch = fetch_open(&(struct fetch_config){.storage = getenv("S3_PROXY")}, &err);
    struct fetch_request request = {.trust = FETCH_STORAGE,
                                    .method = method,
                                    .body = text_of(body),
                                    .connect_timeout_ms = 2000,
                                    .timeout_ms = 20000,
                                    .max_bytes = 100};
    struct fetch_response response;
    char url[100];

    (void)snprintf(url, sizeof url, "%s%s", getenv("S3_PROXY"), path);
    request.url = url;
    assert_non_null(fetch);
    assert_int_equal(fetch_do(fetch, &request, &response, &err), FETCH_OK);
    fetch_close(fetch);
    return response;
}

static void order(const char *faults)
{
    struct fetch_response response = proxy_ask("/_faults", FETCH_PUT, faults);

    fetch_response_done(&response);
}

static int requests(void)
{
    struct fetch_response response = proxy_ask("/_requests", FETCH_GET, "");
    int64_t count;

    assert_true(text_int64(text_of(response.body.bytes), 0, 1000, &count));
    fetch_response_done(&response);
    return (int)count;
}

static struct store *open_with(struct s3_bucket *bucket, struct s3_config config)
{
    store_close(bucket->store);
    config.stop = &stop;
    return bucket->store = store_s3_open(&config, &bucket->err);
}

static int set_up(void **state)
{
    wrong_by_s = 0;
    atomic_store(&stop, false);
    order("");
    return s3_bucket_open(state) == 0 && open_with(*state, s3_bucket_config(getenv("S3_PROXY"))) ? 0 : -1;
}

static bool put(struct s3_bucket *bucket, const char *bytes)
{
    return store_put(bucket->store, bucket->name, KEY, text_of(bytes), &bucket->err);
}

static bool has(struct s3_bucket *bucket, const char *bytes)
{
    CLEANUP(buf_done) struct buf got = buf_make(1000);

    return store_get(bucket->store, bucket->name, KEY, &got, &bucket->err) && strcmp(got.bytes, bytes) == 0;
}

static void assert_failed(struct s3_bucket *bucket, bool ok, const char *code)
{
    assert_false(ok);
    assert_string_equal(bucket->err.code, code);
}

static void asks_again_after_what_may_pass(void **state)
{
    static const char *const FAULTS[] = {"503", "500", "429", "400", "cut", "half", "lost"};
    struct s3_bucket *bucket = *state;
    int64_t bytes;

    assert_true(put(bucket, "kept"));
    for (size_t i = 0; i < sizeof FAULTS / sizeof *FAULTS; i++) {
        order(FAULTS[i]);
        assert_true(has(bucket, "kept"));
        assert_int_equal(requests(), 2);
        order(FAULTS[i]);
        assert_true(put(bucket, "kept"));
        if (strcmp(FAULTS[i], "half") != 0) /* half of nothing is a whole answer */
            assert_int_equal(requests(), 2);
        if (strcmp(FAULTS[i], "400") == 0) /* says why in its body, which a HEAD has not */
            continue;
        order(FAULTS[i]);
        assert_true(store_size(bucket->store, bucket->name, KEY, &bytes, &bucket->err));
        assert_int_equal(bytes, 4);
    }
    order("lost");
    assert_true(store_delete(bucket->store, bucket->name, KEY, &bucket->err));
    assert_int_equal(requests(), 2);
    assert_false(has(bucket, "kept"));
    assert_string_equal(bucket->err.code, "storage_missing");
}

/* The server compares with the hash that was signed: what is stored is what was sent. */
static void sends_again_what_was_damaged_on_its_way(void **state)
{
    struct s3_bucket *bucket = *state;

    order("damage");
    assert_true(put(bucket, "whole"));
    assert_int_equal(requests(), 2);
    assert_true(has(bucket, "whole"));
    order("damage damage damage damage");
    assert_failed(bucket, put(bucket, "other"), "storage_failed");
    assert_non_null(strstr(bucket->err.detail, "SHA256"));
    assert_true(has(bucket, "whole"));
}

static void gives_up_after_four_tries(void **state)
{
    struct s3_bucket *bucket = *state;
    int64_t began_ms = clock_monotonic_ms();

    order("503 503 503 503 503");
    assert_failed(bucket, put(bucket, "x"), "storage_failed");
    assert_int_equal(bucket->err.kind, ERR_INTERNAL);
    assert_int_equal(requests(), 4);
    assert_true(clock_monotonic_ms() - began_ms >= 50 + 100 + 200);
    assert_true(clock_monotonic_ms() - began_ms < 20000);
    order("cut cut cut cut cut");
    assert_failed(bucket, has(bucket, "x"), "storage_failed");
    assert_in_range(requests(), 4, 5); /* libcurl repeats one by itself, on the kept connection */
}

static void waits_as_long_as_the_server_asks(void **state)
{
    struct s3_bucket *bucket = *state;
    int64_t began_ms = clock_monotonic_ms();

    order("later");
    assert_true(put(bucket, "x"));
    assert_true(clock_monotonic_ms() - began_ms >= 1000);
    assert_int_equal(requests(), 2);
}

static void knows_a_full_store(void **state)
{
    struct s3_bucket *bucket = *state;

    order("507");
    assert_failed(bucket, put(bucket, "x"), "storage_full");
    assert_int_equal(bucket->err.kind, ERR_BUSY);
    assert_int_equal(requests(), 1);
}

static void is_refused_with_a_wrong_key_and_tells_no_secret(void **state)
{
    struct s3_config config = s3_bucket_config(getenv("S3_PROXY"));
    struct s3_bucket *bucket = *state;
    bool there;

    config.secret_key = "another-secret";
    assert_non_null(open_with(bucket, config));
    assert_failed(bucket, put(bucket, "x"), "storage_failed");
    assert_int_equal(requests(), 1);
    assert_non_null(strstr(bucket->err.detail, "403 SignatureDoesNotMatch"));
    for (size_t i = 0; i < 3; i++)
        assert_null(strstr(bucket->err.detail, (const char *[]){"http", config.access_key, "secret"}[i]));
    assert_failed(bucket, store_exists(bucket->store, bucket->name, KEY, &there, &bucket->err), "storage_failed");
    config.access_key = "NOBODY";
    assert_non_null(open_with(bucket, config));
    assert_failed(bucket, has(bucket, "x"), "storage_failed");
}

static void says_that_the_server_is_away(void **state)
{
    struct s3_bucket *bucket = *state;
    int64_t began_ms = clock_monotonic_ms();

    assert_non_null(open_with(bucket, s3_bucket_config("http://127.0.0.1:1")));
    assert_failed(bucket, put(bucket, "x"), "storage_failed");
    assert_true(clock_monotonic_ms() - began_ms < 20000);
    assert_null(open_with(bucket, s3_bucket_config("http://127.0.0.1:1/path")));
    assert_string_equal(bucket->err.code, "s3_endpoint");
}

static void signs_by_the_servers_clock(void **state)
{
    static const int64_t WRONG[] = {3600, -3600, 400 * 24 * 3600};
    struct s3_bucket *bucket = *state;
    int64_t bytes;

    assert_true(put(bucket, "kept"));
    for (int i = 0; i < 3; i++) {
        wrong_by_s = WRONG[i];
        assert_non_null(open_with(bucket, s3_bucket_config(getenv("S3_PROXY"))));
        order("");
        assert_true(has(bucket, "kept"));
        assert_int_equal(requests(), 2);
        assert_true(put(bucket, "kept"));
        assert_int_equal(requests(), 3); /* it has learnt */
        assert_non_null(open_with(bucket, s3_bucket_config(getenv("S3_PROXY"))));
        assert_true(store_size(bucket->store, bucket->name, KEY, &bytes, &bucket->err)); /* whose answer has no words */
    }
    wrong_by_s = 0; /* the clock is set while it runs */
    assert_true(has(bucket, "kept"));
}

static void *stop_soon(void *unused)
{
    (void)usleep(200 * 1000);
    atomic_store(&stop, true);
    return unused;
}

static void assert_stops(struct s3_bucket *bucket, const char *faults)
{
    int64_t began_ms = clock_monotonic_ms();
    pthread_t thread;

    order(faults);
    atomic_store(&stop, false);
    assert_int_equal(pthread_create(&thread, NULL, stop_soon, NULL), 0);
    assert_failed(bucket, put(bucket, "x"), "storage_failed");
    assert_true(clock_monotonic_ms() - began_ms < 8000); /* alone it would last ten seconds and more */
    pthread_join(thread, NULL);
}

static void ends_soon_when_told_to_stop(void **state)
{
    assert_stops(*state, "hang");
    assert_stops(*state, "503 503 503 hang");
    assert_stops(*state, "tomorrow");
}

static int large_file(void)
{
    int fd = memfd_create("large", MFD_CLOEXEC);

    assert_int_equal(ftruncate(fd, LARGE), 0);
    assert_int_equal(pwrite(fd, "end", 3, LARGE - 3), 3);
    return fd;
}

static bool put_large(struct s3_bucket *bucket, const char *faults)
{
    int fd = large_file();
    bool ok;

    order(faults);
    ok = store_put_file(bucket->store, bucket->name, KEY, fd, LARGE, &bucket->err);
    close(fd);
    return ok;
}

static int64_t size_there(struct s3_bucket *bucket)
{
    int64_t bytes = -1;

    return store_size(bucket->store, bucket->name, KEY, &bytes, &bucket->err) ? bytes : -1;
}

/* Uploads that were begun and neither ended nor given up. */
static bool has_unfinished(struct s3_bucket *bucket)
{
    const struct sigv4_pair query = {TEXT("uploads"), TEXT("")};
    struct s3_config config = s3_bucket_config(NULL);
    struct s3_client *client = s3_client_open(&config, &bucket->err);
    struct s3_answer answer;
    bool has;

    assert_true(s3_call(
        client, &(struct s3_call){.method = FETCH_GET, .bucket = bucket->name, .query = &query, .query_count = 1},
        &answer, &bucket->err));
    assert_non_null(strstr(answer.response.body.bytes, "ListMultipartUploadsResult"));
    has = strstr(answer.response.body.bytes, "<UploadId>") != NULL;
    s3_answer_done(&answer);
    s3_client_close(client);
    return has;
}

static void sends_parts_again_one_by_one(void **state)
{
    struct s3_bucket *bucket = *state;

    assert_true(put_large(bucket, "503 pass pass cut 500 pass lost pass damage pass pass"));
    assert_int_equal(requests(), 1 + PARTS + 1 + 5);
    assert_int_equal(size_there(bucket), LARGE);
    assert_false(has_unfinished(bucket));
}

static void knows_that_an_upload_was_ended_though_the_answer_was_lost(void **state)
{
    struct s3_bucket *bucket = *state;

    assert_true(put_large(bucket, "pass pass pass pass pass pass lost"));
    assert_int_equal(size_there(bucket), LARGE);
    assert_true(put_large(bucket, "pass pass pass pass pass pass gone"));
    assert_int_equal(size_there(bucket), LARGE);
    assert_true(store_delete(bucket->store, bucket->name, KEY, &bucket->err));
    assert_failed(bucket, put_large(bucket, "pass pass pass pass pass pass gone 503 503 503 503"), "storage_failed");
    assert_true(put_large(bucket, "pass pass pass pass pass pass error200"));
    assert_int_equal(requests(), 1 + PARTS + 2);
}

static void leaves_no_parts_of_what_could_not_be_sent(void **state)
{
    struct s3_bucket *bucket = *state;

    assert_failed(bucket, put_large(bucket, "pass pass pass 503 503 503 503"), "storage_failed");
    assert_int_equal(size_there(bucket), -1);
    assert_false(has_unfinished(bucket));
    assert_failed(bucket, put_large(bucket, "pass pass pass pass pass pass 503 503 503 503"), "storage_failed");
    assert_int_equal(size_there(bucket), -1);
    assert_false(has_unfinished(bucket));
}

static void on_entry(void *owner, const struct store_entry *entry)
{
    (void)entry;
    ++*(int *)owner;
}

static void takes_no_half_list(void **state)
{
    struct s3_bucket *bucket = *state;
    int count = 0;

    assert_true(put(bucket, "x"));
    order("junk");
    assert_failed(bucket, store_list(bucket->store, bucket->name, "", 10, on_entry, &count, &bucket->err),
                  "storage_failed");
    order("endless");
    assert_failed(bucket, store_list(bucket->store, bucket->name, "", 10, on_entry, &count, &bucket->err),
                  "storage_failed");
    assert_int_equal(count, 0);
    order("half 503");
    assert_true(store_list(bucket->store, bucket->name, "", 10, on_entry, &count, &bucket->err));
    assert_int_equal(count, 1);
}

static void does_without_settings_that_the_server_does_not_know(void **state)
{
    struct s3_bucket *bucket = *state;
    struct s3_bucket_report report;

    order("pass 501 501");
    assert_true(store_s3_make_bucket(bucket->store, bucket->name, "https://a.example", &report, &bucket->err));
    assert_true(!report.made && !report.cors && !report.lifecycle);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, s3_bucket_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(asks_again_after_what_may_pass),
        TEST(sends_again_what_was_damaged_on_its_way),
        TEST(gives_up_after_four_tries),
        TEST(waits_as_long_as_the_server_asks),
        TEST(knows_a_full_store),
        TEST(is_refused_with_a_wrong_key_and_tells_no_secret),
        TEST(says_that_the_server_is_away),
        TEST(signs_by_the_servers_clock),
        TEST(ends_soon_when_told_to_stop),
        TEST(sends_parts_again_one_by_one),
        TEST(knows_that_an_upload_was_ended_though_the_answer_was_lost),
        TEST(leaves_no_parts_of_what_could_not_be_sent),
        TEST(takes_no_half_list),
        TEST(does_without_settings_that_the_server_does_not_know),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
