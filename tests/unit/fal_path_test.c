#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fal/fal_path.h"

static const char ID[] = "78b5784e-0822-4cd8-a8f0-002dfaca4a44";

static void assert_paths(const char *endpoint, const char *submit, const char *base)
{
    char path[200];

    assert_true(fal_path_submit(endpoint, path, sizeof path));
    assert_string_equal(path, submit);
    assert_true(fal_path_request(endpoint, "r_1", path, sizeof path));
    assert_string_equal(path, base);
}

static void submits_to_the_whole_endpoint_and_follows_under_owner_and_alias(void **state)
{
    (void)state;
    assert_paths("fal-ai/flux-lora", "/fal-ai/flux-lora", "/fal-ai/flux-lora/requests/r_1");
    assert_paths("fal-ai/flux-lora/image-to-image", "/fal-ai/flux-lora/image-to-image",
                 "/fal-ai/flux-lora/requests/r_1");
    assert_paths("fal-ai/flux-pro/v1.1-ultra-finetuned", "/fal-ai/flux-pro/v1.1-ultra-finetuned",
                 "/fal-ai/flux-pro/requests/r_1");
    assert_paths("workflows/me/mine/deep", "/workflows/me/mine/deep", "/workflows/me/mine/requests/r_1");
    assert_paths("comfy/me/mine", "/comfy/me/mine", "/comfy/me/mine/requests/r_1");
    assert_paths("110602490-my-app", "/110602490/my-app", "/110602490/my-app/requests/r_1");
}

static void refuses_what_is_not_an_endpoint(void **state)
{
    static const char *const BAD[] = {
        "",      "flux-lora",    "/fal-ai/x", "fal-ai/", "fal-ai//x",        "fal-ai/../x", "./x",
        "a/b?c", "a/b#c",        "a/b c",     "a/b%2f",  "a/b\r\n",          "a/\xc3\xa9",  "-x",
        "12-",   "x/http://y/z", "a/b@c",     "12-a_b",  "1/2/3/4/5/6/7/8/9"};
    char path[200];

    (void)state;
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++)
        if (fal_path_submit(BAD[i], path, sizeof path) || fal_path_request(BAD[i], ID, path, sizeof path))
            fail_msg("%s", BAD[i]);
    assert_false(fal_path_request("workflows/me", ID, path, sizeof path));
}

static void refuses_strange_request_ids(void **state)
{
    char path[200];

    (void)state;
    assert_true(fal_path_is_id(ID));
    assert_false(fal_path_is_id(""));
    assert_false(fal_path_is_id("a/b"));
    assert_false(fal_path_is_id("a?b"));
    assert_false(fal_path_is_id("a.b"));
    assert_false(fal_path_is_id("0123456789012345678901234567890123456789012345678901234567890123"));
    assert_false(fal_path_request("a/b", "../c", path, sizeof path));
}

static void says_when_there_is_no_room(void **state)
{
    char path[17];

    (void)state;
    assert_false(fal_path_submit("fal-ai/flux-lora", path, sizeof path)); /* 17 characters and a NUL */
    assert_true(fal_path_submit("fal-ai/flux-lor", path, sizeof path));
    assert_false(fal_path_request("a/b", "123", path, sizeof path));
    assert_true(fal_path_request("a/b", "12", path, sizeof path));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(submits_to_the_whole_endpoint_and_follows_under_owner_and_alias),
        cmocka_unit_test(refuses_what_is_not_an_endpoint),
        cmocka_unit_test(refuses_strange_request_ids),
        cmocka_unit_test(says_when_there_is_no_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
