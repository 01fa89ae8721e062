/* Addresses of stored objects: of our own files on local disk, presigned ones with S3. */
#include "storage/object_link.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/config.h"

#define NOW INT64_C(1369353600) /* 2013-05-24 00:00:00 UTC */
#define DAY (24 * 3600)
#define BASE TEXT("https://aisha.example")
#define BUCKET TEXT("aisha-v2-generated")

static char secret[] = "a secret of at least 32 characters", public_url[] = "https://aisha.example";
static char endpoint[] = "http://127.0.0.1:9000", amazon[] = "https://s3.amazonaws.com:443", region[] = "us-east-1";
static char key_id[] = "AKIAIOSFODNN7EXAMPLE", key_secret[] = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

static struct config config;
static struct object_links *links;
static char url[OBJECT_LINK_ROOM], other[OBJECT_LINK_ROOM];

static int on_disk(void **state)
{
    (void)state;
    config = (struct config){.secret_key = secret, .public_url = public_url};
    links = object_links_open(&config);
    return 0;
}

static int in_s3(void **state)
{
    (void)state;
    config = (struct config){.secret_key = secret,
                             .public_url = public_url,
                             .s3_endpoint = endpoint,
                             .s3_public_endpoint = endpoint,
                             .s3_region = region,
                             .s3_access_key = key_id,
                             .s3_secret_key = key_secret,
                             .s3_path_style = true};
    links = object_links_open(&config);
    return 0;
}

static int at_amazon(void **state)
{
    (void)in_s3(state);
    object_links_close(links);
    config.s3_public_endpoint = amazon;
    config.s3_path_style = false;
    links = object_links_open(&config);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    object_links_close(links);
    return 0;
}

static void get(const char *key, int64_t now_s, char to[OBJECT_LINK_ROOM])
{
    size_t len = object_link_get(links, BASE, BUCKET, text_of(key), now_s, DAY, to);

    assert_int_equal(len, strlen(to));
}

static enum signed_url_verdict check(const char *link, int64_t now_s)
{
    struct text path = text_of(link + strlen("https://aisha.example/files/")), query = path, bucket, key;

    path = text_cut(&query, '?');
    return object_link_check(links, path, query, now_s, &bucket, &key);
}

static void a_link_to_a_file_of_ours_opens_it_until_it_expires(void **state)
{
    (void)state;
    get("2026/11/20/a.jpg", NOW + 5, url);
    assert_memory_equal(url, "https://aisha.example/files/aisha-v2-generated/2026/11/20/a.jpg?expires=", 72);
    assert_int_equal(check(url, NOW + 5 + DAY), SIGNED_URL_OK);
    assert_int_equal(check(url, NOW + 2 * DAY), SIGNED_URL_EXPIRED);
}

/* Signed once for the files of one picture that stand together: it must not stick to the next one. */
static void every_picture_has_a_signature_of_its_own(void **state)
{
    static const char *const KEYS[] = {"p/a.jpg", "p/a_small.webp", "p/b.jpg", "p/ab.jpg", "q/a.jpg", "p/a.jpg"};

    (void)state;
    for (size_t i = 0; i < sizeof KEYS / sizeof *KEYS; i++) {
        get(KEYS[i], NOW, url);
        assert_int_equal(check(url, NOW), SIGNED_URL_OK);
    }
    assert_true(object_link_get(links, BASE, TEXT("aisha-v2-photos"), TEXT("p/a.jpg"), NOW, DAY, url) > 0);
    assert_int_equal(check(url, NOW), SIGNED_URL_OK);
    get("p/a.jpg", NOW + 3600, other);
    assert_int_equal(check(other, NOW + DAY + 3600), SIGNED_URL_OK);
    assert_true(object_link_get(links, BASE, BUCKET, TEXT("p/a.jpg"), NOW, 60, other) > 0);
    assert_int_equal(check(other, NOW + 3600), SIGNED_URL_EXPIRED);
}

static void on_disk_a_file_is_saved_by_a_word_behind_the_signature(void **state)
{
    size_t len;

    (void)state;
    get("p/a.jpg", NOW, url);
    len = strlen(url);
    assert_int_equal(object_link_save(links, BASE, BUCKET, TEXT("p/a.jpg"), NOW, DAY, other), len + 11);
    assert_memory_equal(other, url, len);
    assert_string_equal(other + len, "&download=1");
}

static void on_disk_nothing_is_put_by_others_and_no_origin_is_foreign(void **state)
{
    static const char *const BUCKETS[] = {"aisha-v2-generated", NULL};
    CLEANUP(buf_done) struct buf origins = buf_make(100);

    (void)state;
    assert_int_equal(object_link_put(links, BUCKET, TEXT("a"), TEXT("image/png"), 5, NOW, 600, url), 0);
    object_link_origins(links, BUCKETS, &origins);
    assert_null(origins.bytes);
}

/* Amazon S3 API reference, "Authenticating Requests: Using Query Parameters": its example. */
static void a_presigned_link_is_the_published_one(void **state)
{
    (void)state;
    (void)object_link_get(links, BASE, TEXT("examplebucket"), TEXT("test.txt"), NOW, DAY - 3600, url);
    assert_string_equal(url, "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
                             "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
                             "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
                             "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}

static void a_presigned_link_stays_the_same_for_an_hour(void **state)
{
    (void)state;
    get("p/a.jpg", NOW, url);
    assert_memory_equal(url, "http://127.0.0.1:9000/aisha-v2-generated/p/a.jpg?X-Amz-", 55);
    assert_non_null(strstr(url, "&X-Amz-Expires=90000&"));
    get("p/a.jpg", NOW + 3599, other);
    assert_string_equal(other, url);
    get("p/a.jpg", NOW + 3600, other);
    assert_string_not_equal(other, url);
}

/* What links have in common is written once: it must not stick to another bucket, hour or time. */
static void presigned_links_do_not_depend_on_those_before(void **state)
{
    static const struct {
        const char *bucket;
        int64_t now_s, ttl_s;
    } LINKS[] = {{"aisha-v2-generated", NOW, DAY},
                 {"aisha-v2-photos", NOW, DAY},
                 {"aisha-v2-photos", NOW + 3600, DAY},
                 {"aisha-v2-photos", NOW + 3600, 600},
                 {"aisha-v2-generated", NOW + DAY, DAY}};

    for (size_t i = 0; i < sizeof LINKS / sizeof *LINKS; i++) {
        struct object_links *fresh = object_links_open(&config);
        (void)object_link_get(links, BASE, text_of(LINKS[i].bucket), TEXT("p/a.jpg"), LINKS[i].now_s, LINKS[i].ttl_s,
                              url);
        (void)object_link_get(fresh, BASE, text_of(LINKS[i].bucket), TEXT("p/a.jpg"), LINKS[i].now_s, LINKS[i].ttl_s,
                              other);
        assert_string_equal(url, other);
        object_links_close(fresh);
    }
    (void)state;
}

static void in_s3_a_file_is_saved_by_a_signed_word(void **state)
{
    (void)state;
    assert_true(object_link_save(links, BASE, BUCKET, TEXT("p/a.jpg"), NOW, DAY, url) > 0);
    assert_non_null(strstr(url, "&response-content-disposition=attachment%3B%20filename%3D%22aisha-a.jpg%22&"));
    get("p/a.jpg", NOW, other);
    assert_string_not_equal(strstr(url, "X-Amz-Signature="), strstr(other, "X-Amz-Signature="));
}

static void a_put_is_for_one_length_of_one_type(void **state)
{
    const char *signature;
    size_t len = object_link_put(links, BUCKET, TEXT("a"), TEXT("image/png"), 5, NOW + 7, 600, url);

    (void)state;
    assert_int_equal(len, strlen(url));
    assert_non_null(strstr(url, "&X-Amz-Date=20130524T000007Z&X-Amz-Expires=600"
                                "&X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost&"));
    signature = strstr(url, "X-Amz-Signature=");
    (void)object_link_put(links, BUCKET, TEXT("a"), TEXT("image/png"), 6, NOW + 7, 600, other);
    assert_string_not_equal(strstr(other, "X-Amz-Signature="), signature);
    (void)object_link_put(links, BUCKET, TEXT("a"), TEXT("image/gif"), 5, NOW + 7, 600, other);
    assert_string_not_equal(strstr(other, "X-Amz-Signature="), signature);
}

static void pages_are_told_where_the_objects_lie(void **state)
{
    static const char *const BUCKETS[] = {"aisha-v2-generated", "aisha-v2-photos", NULL};
    CLEANUP(buf_done) struct buf origins = buf_make(1000);

    object_link_origins(links, BUCKETS, &origins);
    assert_string_equal(origins.bytes, "http://127.0.0.1:9000");
    object_links_close(links);
    (void)at_amazon(state);
    buf_clear(&origins);
    object_link_origins(links, BUCKETS, &origins);
    assert_string_equal(origins.bytes,
                        "https://aisha-v2-generated.s3.amazonaws.com https://aisha-v2-photos.s3.amazonaws.com");
}

static void the_longest_of_everything_has_room(void **state)
{
    static char long_endpoint[CONFIG_URL_MAX + 1], long_key[129], long_region[33];
    char bucket[STORE_BUCKET_MAX], key[STORE_KEY_MAX];

    (void)state;
    object_links_close(links);
    memset(long_endpoint, 'e', CONFIG_URL_MAX);
    memcpy(long_endpoint, "https://", 8);
    memset(long_key, 'K', 128);
    memset(long_region, 'r', 32);
    memset(bucket, 'b', sizeof bucket);
    memset(key, 'k', sizeof key);
    config.s3_public_endpoint = long_endpoint;
    config.s3_access_key = long_key;
    config.s3_region = long_region;
    links = object_links_open(&config);
    assert_true(object_link_save(links, BASE, (struct text){bucket, sizeof bucket}, (struct text){key, sizeof key}, NOW,
                                 OBJECT_LINK_TTL_MAX_S, url) > 1000);
    assert_true(object_link_put(links, (struct text){bucket, sizeof bucket}, (struct text){key, sizeof key},
                                TEXT("application/octet-stream"), INT64_MAX, NOW, 600, url) > 800);
}

#define TEST(name, set_up) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_link_to_a_file_of_ours_opens_it_until_it_expires, on_disk),
        TEST(every_picture_has_a_signature_of_its_own, on_disk),
        TEST(on_disk_a_file_is_saved_by_a_word_behind_the_signature, on_disk),
        TEST(on_disk_nothing_is_put_by_others_and_no_origin_is_foreign, on_disk),
        TEST(a_presigned_link_is_the_published_one, at_amazon),
        TEST(a_presigned_link_stays_the_same_for_an_hour, in_s3),
        TEST(presigned_links_do_not_depend_on_those_before, in_s3),
        TEST(presigned_links_do_not_depend_on_those_before, at_amazon),
        TEST(in_s3_a_file_is_saved_by_a_signed_word, in_s3),
        TEST(a_put_is_for_one_length_of_one_type, in_s3),
        TEST(pages_are_told_where_the_objects_lie, in_s3),
        TEST(the_longest_of_everything_has_room, in_s3),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
