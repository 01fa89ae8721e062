/* The secret address of a submission, and what it was told to keep of a result. */
#include "hooks/hook_token.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/uuid.h"
#include "generations/outputs.h"
#include "json/json_in.h"

static struct mac *mac;

static int set_up(void **state)
{
    (void)state;
    mac = mac_open("key", 3);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    mac_close(mac);
    return 0;
}

static void a_token_names_its_submission(void **state)
{
    static const int64_t IDS[] = {1, 10, 4711, INT64_MAX};
    char token[HOOK_TOKEN_ROOM];
    int64_t id;

    (void)state;
    for (size_t i = 0; i < sizeof IDS / sizeof *IDS; i++) {
        hook_token_write(mac, IDS[i], token);
        assert_int_equal(strlen(strchr(token, '.')), 1 + 22);
        assert_true(hook_token_read(mac, text_of(token), &id));
        assert_true(id == IDS[i]);
        assert_int_equal(strspn(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."),
                         strlen(token)); /* nothing that an address would need to escape */
    }
}

static void a_changed_or_foreign_token_names_nothing(void **state)
{
    char token[HOOK_TOKEN_ROOM], bad[HOOK_TOKEN_ROOM + 8];
    struct mac *other = mac_open("other", 5);
    int64_t id;

    (void)state;
    hook_token_write(mac, 4711, token);
    assert_false(hook_token_read(other, text_of(token), &id));
    mac_close(other);
    for (size_t at = 0; token[at]; at++) {
        (void)snprintf(bad, sizeof bad, "%s", token);
        bad[at] = bad[at] == '1' ? '2' : '1';
        assert_false(hook_token_read(mac, text_of(bad), &id));
    }
    for (size_t len = 0; token[len]; len++)
        assert_false(hook_token_read(mac, (struct text){token, len}, &id));
    (void)snprintf(bad, sizeof bad, "0%s", token);
    assert_false(hook_token_read(mac, text_of(bad), &id));
    (void)snprintf(bad, sizeof bad, "%s.x", token);
    assert_false(hook_token_read(mac, text_of(bad), &id));
    (void)snprintf(bad, sizeof bad, "%s==", token);
    assert_false(hook_token_read(mac, text_of(bad), &id));
}

static void an_address_without_a_submission_is_none(void **state)
{
    static const int64_t IDS[] = {0, -1};
    char token[HOOK_TOKEN_ROOM];
    int64_t id;

    (void)state;
    for (size_t i = 0; i < sizeof IDS / sizeof *IDS; i++) {
        hook_token_write(mac, IDS[i], token);
        assert_false(hook_token_read(mac, text_of(token), &id));
    }
    assert_false(hook_token_read(mac, TEXT(""), &id));
    assert_false(hook_token_read(mac, TEXT("."), &id));
    assert_false(hook_token_read(mac, TEXT("1"), &id));
}

static void outputs_have_a_place_an_id_and_an_address_each(void **state)
{
    static struct fal_outcome outcome = {.image_count = FAL_IMAGES_MAX};
    CLEANUP(buf_done) struct buf out = buf_make(16 * 1024);
    yajl_val root;
    struct err err;
    struct uuid id;

    (void)state;
    for (int i = 0; i < FAL_IMAGES_MAX; i++) {
        memset(outcome.images[i].url, '"', sizeof outcome.images[i].url - 1); /* the longest that it can become */
        outcome.images[i].nsfw = i == 1;
    }
    outputs_write(&outcome, &out);
    assert_true(json_parse((struct text){out.bytes, out.len}, &root, &err));
    assert_int_equal(YAJL_GET_ARRAY(root)->len, FAL_IMAGES_MAX);
    for (int i = 0; i < FAL_IMAGES_MAX; i++) {
        yajl_val output = YAJL_GET_ARRAY(root)->values[i];
        assert_int_equal(json_get_int64(output, "position", -1), i);
        assert_string_equal(json_get_text(output, "url"), outcome.images[i].url);
        assert_true(uuid_read(text_of(json_get_text(output, "image_id")), &id));
        assert_int_equal(YAJL_IS_TRUE(json_get(output, "nsfw")), i == 1);
    }
    yajl_tree_free(root);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_token_names_its_submission),
        TEST(a_changed_or_foreign_token_names_nothing),
        TEST(an_address_without_a_submission_is_none),
        cmocka_unit_test(outputs_have_a_place_an_id_and_an_address_each),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
