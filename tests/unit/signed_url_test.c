#include "storage/signed_url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#define NOW INT64_C(1800000100)
#define EXPIRES INT64_C(1800007200) /* now + 1 h lies between 1800003600 and this hour */
#define STEM "2026/11/20/018f3a5e-0000-7000-8000-000000000001"

static struct mac *open_mac(void) { return mac_open("0123456789abcdef0123456789abcdef", 32); }

static enum signed_url_verdict check(const char *path, const char *query, int64_t now)
{
    struct mac *mac = open_mac();
    struct text bucket, key;
    enum signed_url_verdict verdict = signed_url_check(mac, text_of(path), text_of(query), now, &bucket, &key);

    mac_close(mac);
    return verdict;
}

static struct signed_url make(const char *bucket, const char *key)
{
    struct mac *mac = open_mac();
    struct signed_url url = signed_url_make(mac, text_of(bucket), text_of(key), NOW, 3600);

    mac_close(mac);
    return url;
}

/* The query without its '?'. */
static const char *query_of(const struct signed_url *url) { return url->query + 1; }

static void writes_the_url_and_reads_its_parts_back(void **state)
{
    struct signed_url url = make("images", STEM ".jpg");
    struct mac *mac = open_mac();
    char to[SIGNED_URL_ROOM];
    struct text bucket, key;
    size_t len = signed_url_write(&url, TEXT("https://a.example"), TEXT("images"), TEXT(STEM ".jpg"), to);
    const char *path = to + strlen("https://a.example/files/"), *query = strchr(to, '?') + 1;

    (void)state;
    assert_int_equal(len, strlen(to));
    assert_memory_equal(to, "https://a.example/files/images/" STEM ".jpg?expires=1800007200&signature=",
                        strlen("https://a.example/files/images/" STEM ".jpg?expires=1800007200&signature="));
    assert_int_equal(
        signed_url_check(mac, (struct text){path, (size_t)(query - 1 - path)}, text_of(query), NOW, &bucket, &key),
        SIGNED_URL_OK);
    assert_true(text_equal(bucket, TEXT("images")));
    assert_true(text_equal(key, TEXT(STEM ".jpg")));
    mac_close(mac);
}

static void signs_the_documented_message(void **state)
{
    unsigned char digest[SHA256_BYTES];
    char expected[BASE64URL_ROOM(16)];
    struct signed_url url = make("images", STEM "_small.webp");
    struct mac *mac = open_mac();

    (void)state;
    mac_sign(mac, TEXT("images/" STEM "\n1800007200"), digest);
    base64url_write(digest, 16, expected);
    assert_string_equal(strstr(url.query, "signature=") + strlen("signature="), expected);
    mac_close(mac);
}

static void one_signature_opens_all_files_of_a_picture(void **state)
{
    struct signed_url url = make("images", STEM ".jpg");

    (void)state;
    assert_int_equal(check("images/" STEM ".jpg", query_of(&url), NOW), SIGNED_URL_OK);
    assert_int_equal(check("images/" STEM "_small.webp", query_of(&url), NOW), SIGNED_URL_OK);
    assert_int_equal(check("images/" STEM "_medium.webp", query_of(&url), NOW), SIGNED_URL_OK);
}

static void no_signature_opens_another_picture_or_bucket(void **state)
{
    struct signed_url url = make("images", STEM ".jpg"), top = make("images", "a.jpg");
    static const char *const OTHERS[] = {
        "images/2026/11/20/018f3a5e-0000-7000-8000-000000000002.jpg",
        "images/2026/11/21/018f3a5e-0000-7000-8000-000000000001.jpg",
        "images/2026/11/20/018f3a5e-0000-7000-8000-00000000000.jpg", /* a shorter name */
        "images/" STEM "1.jpg",                                      /* a longer one */
        "images/" STEM "/x.jpg",
        "avatars/" STEM ".jpg",
        "image/s/" STEM ".jpg",
        "images/x/" STEM ".jpg",
    };

    (void)state;
    for (size_t i = 0; i < sizeof OTHERS / sizeof *OTHERS; i++)
        if (check(OTHERS[i], query_of(&url), NOW) != SIGNED_URL_BAD)
            fail_msg("opened %s", OTHERS[i]);
    assert_int_equal(check("images/a.jpg", query_of(&top), NOW), SIGNED_URL_OK);
    assert_int_equal(check("images/aa.jpg", query_of(&top), NOW), SIGNED_URL_BAD);
}

static void refuses_paths_that_are_no_keys(void **state)
{
    struct signed_url url = make("images", STEM ".jpg");
    static const char *const PATHS[] = {
        "",
        "images",
        "images/",
        "/images/" STEM ".jpg",
        "images//" STEM ".jpg",
        "images/" STEM ".jpg/",
        "images/../images/" STEM ".jpg",
        "images/./" STEM ".jpg",
        "../images/" STEM ".jpg",
        "images/2026/11/20/../20/018f3a5e-0000-7000-8000-000000000001.jpg",
        "images/" STEM ".jpg%00",
        "images/" STEM "%2ejpg",
        "images/%2e%2e/" STEM ".jpg",
        "images/" STEM ".jpg\\",
        "images/" STEM " .jpg",
        "images/" STEM "~.jpg",
        "images/2026/11/20/.jpg",
        "images/2026/11/20/_small.webp",
        "Images/" STEM ".jpg",
    };

    (void)state;
    for (size_t i = 0; i < sizeof PATHS / sizeof *PATHS; i++)
        if (check(PATHS[i], query_of(&url), NOW) != SIGNED_URL_BAD)
            fail_msg("opened %s", PATHS[i]);
}

static void refuses_a_nul_byte_in_the_path(void **state)
{
    struct signed_url url = make("images", STEM ".jpg");
    struct mac *mac = open_mac();
    struct text bucket, key;

    (void)state;
    assert_int_equal(
        signed_url_check(mac, TEXT("images/" STEM ".jpg\0.png"), text_of(query_of(&url)), NOW, &bucket, &key),
        SIGNED_URL_BAD);
    mac_close(mac);
}

static void refuses_every_other_spelling_of_the_query(void **state)
{
    struct signed_url url = make("images", STEM ".jpg");
    char good[32], text[200];
    static const char *const QUERIES[] = {
        "",
        "expires=1800007200",
        "expires=1800007200&signature=",
        "signature=%s",
        "expires=1800007200&signature=%s&",
        "&expires=1800007200&signature=%s",
        "expires=1800007200&signature=%s&x=1",
        "x=1&expires=1800007200&signature=%s",
        "signature=%s&expires=1800007200",
        "expires=1800007200&expires=1800007200&signature=%s",
        "expires=1800007200&signature=%s&signature=%s",
        "expires=01800007200&signature=%s",
        "expires=+1800007200&signature=%s",
        "expires=-1800007200&signature=%s",
        "expires=1800007200.0&signature=%s",
        "expires=18000072000000000000000000&signature=%s",
        "expires=&signature=%s",
        "expires=1800010800&signature=%s",
        "expires=1800007201&signature=%s",
        "Expires=1800007200&signature=%s",
        "expires=1800007200&signature=%s=",
        "expires=1800007200&signature=%s%%3D",
        "expires=1800007200&signature=A%s",
        "expires=1800007200;signature=%s",
        "?expires=1800007200&signature=%s",
    };

    (void)state;
    (void)snprintf(good, sizeof good, "%s", strstr(url.query, "signature=") + strlen("signature="));
    for (size_t i = 0; i < sizeof QUERIES / sizeof *QUERIES; i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        (void)snprintf(text, sizeof text, QUERIES[i], good, good);
#pragma GCC diagnostic pop
        if (check("images/" STEM ".jpg", text, NOW) != SIGNED_URL_BAD)
            fail_msg("accepted %s", text);
    }
    (void)snprintf(text, sizeof text, "expires=1800007200&signature=%s", good);
    assert_int_equal(check("images/" STEM ".jpg", text, NOW), SIGNED_URL_OK);
}

static void notices_every_changed_character_of_the_signature(void **state)
{
    struct signed_url url = make("images", STEM ".jpg");
    size_t start = url.query_len - 22;

    (void)state;
    for (size_t i = start; i < url.query_len; i++) {
        struct signed_url tampered = url;
        tampered.query[i] = tampered.query[i] == 'A' ? 'B' : 'A';
        assert_int_equal(check("images/" STEM ".jpg", query_of(&tampered), NOW), SIGNED_URL_BAD);
    }
}

static void needs_the_same_secret(void **state)
{
    struct signed_url url = make("images", STEM ".jpg");
    struct mac *other = mac_open("another-secret-another-secret-32", 32);
    struct text bucket, key;

    (void)state;
    assert_int_equal(signed_url_check(other, TEXT("images/" STEM ".jpg"), text_of(query_of(&url)), NOW, &bucket, &key),
                     SIGNED_URL_BAD);
    mac_close(other);
}

static void expires_at_its_second_and_not_before(void **state)
{
    struct signed_url url = make("images", STEM ".jpg"), forged = url;

    (void)state;
    forged.query[url.query_len - 1] = forged.query[url.query_len - 1] == 'A' ? 'Q' : 'A';
    assert_int_equal(check("images/" STEM ".jpg", query_of(&url), EXPIRES - 1), SIGNED_URL_OK);
    assert_int_equal(check("images/" STEM ".jpg", query_of(&url), EXPIRES), SIGNED_URL_EXPIRED);
    assert_int_equal(check("images/" STEM ".jpg", query_of(&forged), EXPIRES), SIGNED_URL_BAD);
}

static void stays_the_same_for_an_hour_and_lasts_at_least_its_time(void **state)
{
    struct mac *mac = open_mac();
    struct signed_url first = signed_url_make(mac, TEXT("images"), TEXT("a.jpg"), 1800000000, 3600);

    (void)state;
    for (int64_t now = 1800000000; now < 1800000000 + 3600; now += 599) {
        struct signed_url later = signed_url_make(mac, TEXT("images"), TEXT("a.jpg"), now, 3600);
        assert_string_equal(later.query, first.query);
        assert_true(later.expires > now + 3600 - 1 && later.expires <= now + 7200);
        assert_int_equal(later.expires % 3600, 0);
    }
    mac_close(mac);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_the_url_and_reads_its_parts_back),
        cmocka_unit_test(signs_the_documented_message),
        cmocka_unit_test(one_signature_opens_all_files_of_a_picture),
        cmocka_unit_test(no_signature_opens_another_picture_or_bucket),
        cmocka_unit_test(refuses_paths_that_are_no_keys),
        cmocka_unit_test(refuses_a_nul_byte_in_the_path),
        cmocka_unit_test(refuses_every_other_spelling_of_the_query),
        cmocka_unit_test(notices_every_changed_character_of_the_signature),
        cmocka_unit_test(needs_the_same_secret),
        cmocka_unit_test(expires_at_its_second_and_not_before),
        cmocka_unit_test(stays_the_same_for_an_hour_and_lasts_at_least_its_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
