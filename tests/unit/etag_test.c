#include "http/etag.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool knows(const char *header)
{
    size_t len = strlen(header);
    char *exact = malloc(len ? len : 1);
    bool known;

    assert_non_null(exact);
    memcpy(exact, header, len);
    known = etag_is_known((struct text){exact, len}, TEXT("\"abc\""));
    free(exact);
    return known;
}

static void finds_the_tag_in_a_list(void **state)
{
    static const char *const KNOWN[] = {"\"abc\"",           "W/\"abc\"",        "*",     "\"x\", \"abc\"",
                                        "\"x\",W/\"abc\",y", " \t\"abc\" \t, z", "x, * ", ",,\"abc\""};

    (void)state;
    for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN; i++)
        assert_true(knows(KNOWN[i]));
}

static void takes_no_other_for_it(void **state)
{
    static const char *const OTHER[] = {"",          "abc",      "\"abc",      "\"ABC\"", "\"abcd\"", "\"ab\"",
                                        "w/\"abc\"", "W\"abc\"", "W/ \"abc\"", "\"*\"",   ",",        "W/"};

    (void)state;
    for (size_t i = 0; i < sizeof OTHER / sizeof *OTHER; i++)
        assert_false(knows(OTHER[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_tag_in_a_list),
        cmocka_unit_test(takes_no_other_for_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
