/* Settings of the object store: what follows from them, and what does not fit together. */
#include "base/config_storage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct buf problems;
static char endpoint[] = "http://127.0.0.1:9000", key[] = "AKAISHA", secret[] = "secret", region[] = "us-east-1";
static char yes[] = "true", no[] = "false", perhaps[] = "maybe";

static int set_up(void **state)
{
    (void)state;
    problems = buf_make(4000);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buf_done(&problems);
    return 0;
}

static struct config whole(void)
{
    return (struct config){.s3_endpoint = endpoint, .s3_access_key = key, .s3_secret_key = secret, .s3_region = region};
}

/* How many faults. */
static int derive(struct config *config)
{
    int lines = 0;

    buf_clear(&problems);
    config_derive_storage(config, &problems);
    for (size_t i = 0; i < problems.len; i++)
        lines += problems.bytes[i] == '\n';
    return lines;
}

static bool says(const char *words) { return problems.bytes && strstr(problems.bytes, words); }

static void without_s3_nothing_is_asked_for(void **state)
{
    struct config config = {.s3_region = region};

    (void)state;
    assert_int_equal(derive(&config), 0);
    assert_null(config.s3_public_endpoint);
    assert_false(config.storage_public);
}

static void others_reach_it_where_we_do_unless_said(void **state)
{
    static char elsewhere[] = "https://s3.example";
    struct config config = whole();

    (void)state;
    assert_int_equal(derive(&config), 0);
    assert_string_equal(config.s3_public_endpoint, endpoint);
    free(config.s3_public_endpoint);
    config = whole();
    config.s3_public_endpoint = elsewhere;
    assert_int_equal(derive(&config), 0);
    assert_string_equal(config.s3_public_endpoint, elsewhere);
    assert_true(config.storage_public);
}

static void every_missing_part_is_said_at_once(void **state)
{
    struct config config = {.s3_endpoint = endpoint, .s3_region = region};

    (void)state;
    assert_int_equal(derive(&config), 2);
    assert_true(says("S3_ACCESS_KEY is not set") && says("S3_SECRET_KEY is not set"));
    free(config.s3_public_endpoint);
    config = (struct config){.s3_secret_key = secret, .s3_region = region};
    assert_int_equal(derive(&config), 2);
    assert_true(says("S3_ENDPOINT is not set") && says("S3_ACCESS_KEY is not set"));
    config = (struct config){.s3_public_endpoint = endpoint, .s3_region = region};
    assert_int_equal(derive(&config), 3);
}

static void an_endpoint_has_no_path(void **state)
{
    static char path[] = "https://s3.example/bucket";
    struct config config = whole();

    (void)state;
    config.s3_endpoint = config.s3_public_endpoint = path;
    assert_int_equal(derive(&config), 2);
    assert_true(says("S3_ENDPOINT must be") && says("S3_PUBLIC_ENDPOINT must be"));
}

static void keys_and_regions_need_no_escapes(void **state)
{
    static char odd_key[] = "aisha:svc", odd_region[] = "us east";
    struct config config = whole();

    (void)state;
    config.s3_access_key = odd_key;
    config.s3_region = odd_region;
    assert_int_equal(derive(&config), 2);
    assert_true(says("S3_ACCESS_KEY may have") && says("S3_REGION may have"));
    free(config.s3_public_endpoint);
}

static void pages_by_https_need_pictures_by_https(void **state)
{
    static char site[] = "https://aisha.example", plain[] = "http://s3.example";
    struct config config = whole();

    (void)state;
    config.public_url = site;
    assert_int_equal(derive(&config), 0); /* loopback is fine */
    free(config.s3_public_endpoint);
    config.s3_public_endpoint = plain;
    assert_int_equal(derive(&config), 1);
    assert_true(says("S3_PUBLIC_ENDPOINT must be https"));
}

static void is_public_when_said_or_when_anybody_can_reach_it(void **state)
{
    static char open[] = "https://s3.example", private[] = "https://10.0.0.1", plain[] = "http://aisha.example";
    const struct {
        struct config config;
        bool is_public;
    } CASES[] = {
        {{.public_url = open}, true},
        {{.public_url = private}, false},
        {{.public_url = plain}, false}, /* a link that everybody on the way can read */
        {{.public_url = endpoint}, false},
        {{.public_url = open, .s3_public_endpoint = private}, false},
        {{.public_url = private, .s3_public_endpoint = open}, true},
        {{.public_url = endpoint, .storage_public_name = yes}, true},
        {{.public_url = open, .storage_public_name = no}, false},
        {{.public_url = endpoint, .test_mode = true, .training_test_mode = true}, true},
        {{.public_url = endpoint, .test_mode = true}, false}, /* trainings go to fal.ai */
        {{.public_url = endpoint, .training_test_mode = true}, false},
        {{.public_url = endpoint, .test_mode = true, .training_test_mode = true, .storage_public_name = no}, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct config config = CASES[i].config;
        if (config.s3_public_endpoint) {
            config.s3_endpoint = endpoint;
            config.s3_access_key = key;
            config.s3_secret_key = secret;
        }
        config.s3_region = region;
        assert_int_equal(derive(&config), 0);
        if (config.storage_public != CASES[i].is_public)
            fail_msg("case %zu", i);
    }
}

static void public_is_true_or_false(void **state)
{
    struct config config = {.storage_public_name = perhaps, .s3_region = region};

    (void)state;
    assert_int_equal(derive(&config), 1);
    assert_true(says("STORAGE_PUBLIC must be"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without_s3_nothing_is_asked_for),
        TEST(others_reach_it_where_we_do_unless_said),
        TEST(every_missing_part_is_said_at_once),
        TEST(an_endpoint_has_no_path),
        TEST(keys_and_regions_need_no_escapes),
        TEST(pages_by_https_need_pictures_by_https),
        TEST(is_public_when_said_or_when_anybody_can_reach_it),
        TEST(public_is_true_or_false),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
