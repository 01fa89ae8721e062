#include "users/next_path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void paths_of_this_site_are_safe(void **state)
{
    static const char *const SAFE[] = {
        "/",
        "/docs",
        "/docs?x=1&y=a-b_c.d~e",
        "/images/0197a3b0-5b1e-7c40-9f9e-0c5c1f6f2a11",
        "/a/b/c/",
        "/?",
        "/?a=b",
        "/.well-known/x",
        "/~anna",
        "/-",
        "/a//b",
        "/..",
    };

    (void)state;
    for (size_t i = 0; i < sizeof SAFE / sizeof *SAFE; i++)
        if (!next_path_is_safe(text_of(SAFE[i])))
            fail_msg("refused: %s", SAFE[i]);
}

static const char *const ATTACKS[] = {
    "",
    " ",
    "docs",
    "./docs",
    "../docs",
    "?x=1",
    "#x",
    " /docs",
    "/docs ",
    "//evil.example",
    "///evil.example",
    "//evil.example/docs",
    "/\\evil.example",
    "\\/evil.example",
    "\\\\evil.example",
    "/\\/evil.example",
    "/a\\b",
    "/\tevil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r/evil.example",
    "\t//evil.example",
    "/%2fevil.example",
    "/%5cevil.example",
    "/%2F%2Fevil.example",
    "/%09/evil.example",
    "/@evil.example",
    "/:80",
    "/x:y@evil.example",
    "http://evil.example",
    "https://evil.example/",
    "https:evil.example",
    "HTTPS://evil.example",
    "javascript:alert(1)",
    "/javascript:alert(1)",
    "data:text/html,x",
    "/docs\r\nset-cookie: a=b",
    "/docs\n",
    "/docs\r",
    "/docs?x=1\n",
    "/docs?x=/y",
    "/docs?x=1?y=2",
    "/docs?next=//evil.example",
    "/docs?x=%0a",
    "/docs#fragment",
    "/docs;x=1",
    "/docs,x",
    "/<script>",
    "/\"onload=",
    "/'",
    "/документы",
    "/\xff",
    "/\xe2\x80\xae",
    "/\xef\xbc\x8f/evil.example",
    "/\x7f",
    "/\x01",
};

static void ways_to_another_site_are_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ATTACKS / sizeof *ATTACKS; i++)
        if (next_path_is_safe(text_of(ATTACKS[i])))
            fail_msg("let through: %s", ATTACKS[i]);
    assert_false(next_path_is_safe((struct text){"/docs\0x", 7}));
    assert_false(next_path_is_safe((struct text){"/docs?\0", 7}));
}

static void a_path_has_200_bytes_at_most(void **state)
{
    char path[NEXT_PATH_MAX + 2];

    (void)state;
    memset(path, 'a', sizeof path);
    path[0] = '/';
    assert_true(next_path_is_safe((struct text){path, NEXT_PATH_MAX}));
    assert_false(next_path_is_safe((struct text){path, NEXT_PATH_MAX + 1}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_of_this_site_are_safe),
        cmocka_unit_test(ways_to_another_site_are_not),
        cmocka_unit_test(a_path_has_200_bytes_at_most),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
