/* Listings of a bucket on a real S3 server (scripts/with-s3). */
#include "storage/store_s3.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "storage/store_driver.h"
#include "support/s3_bucket.h"

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
    s3_bucket_must(bucket, store_list(bucket->store, bucket->name, after, limit, on_entry, &seen, &bucket->err));
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
        s3_bucket_put(bucket, ORDER[i], "12345");
    s3_bucket_must(bucket, bucket->store->driver->put(bucket->store, s3_bucket_path(bucket, "a&<none of ours>"),
                                                      TEXT("x"), &bucket->err));
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, s3_bucket_open, s3_bucket_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(lists_in_the_order_of_bytes),
        TEST(lists_more_than_a_page),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
