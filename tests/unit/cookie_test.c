#include "http/cookie.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The value in a header that ends where its memory ends; "(none)" for none. */
static const char *find(const char *header)
{
    static char kept[64];
    char *exact = malloc(strlen(header) + 1);
    struct text value;

    assert_non_null(exact);
    memcpy(exact, header, strlen(header));
    if (!cookie_find((struct text){exact, strlen(header)}, "sid", &value))
        value = TEXT("(none)");
    assert_true(text_copy(kept, sizeof kept, value));
    free(exact);
    return kept;
}

static void finds_the_cookie_wherever_it_stands(void **state)
{
    (void)state;
    assert_string_equal(find("sid=x"), "x");
    assert_string_equal(find("a=1; sid=x"), "x");
    assert_string_equal(find("sid=x; a=1"), "x");
    assert_string_equal(find("a=1;sid=x;b=2"), "x");
    assert_string_equal(find(" \t sid = x \t; b"), "x");
    assert_string_equal(find("; ;; sid=x"), "x");
    assert_string_equal(find("sid=a=b="), "a=b=");
    assert_string_equal(find("sid="), "");
    assert_string_equal(find("sid=x; sid=y"), "x");
}

static void takes_no_other_for_it(void **state)
{
    (void)state;
    assert_string_equal(find(""), "(none)");
    assert_string_equal(find("sid"), "(none)");
    assert_string_equal(find("SID=x"), "(none)");
    assert_string_equal(find("sid2=x; xsid=y; si=z; s id=a"), "(none)");
    assert_string_equal(find("a=sid=x"), "(none)");
    assert_string_equal(find("a=\"; sid"), "(none)");
    assert_string_equal(find("=sid"), "(none)");
    assert_string_equal(find(",sid=x"), "(none)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_cookie_wherever_it_stands),
        cmocka_unit_test(takes_no_other_for_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
