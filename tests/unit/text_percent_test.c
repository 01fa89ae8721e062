#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/text.h"

static void encodes_all_but_the_unreserved_characters(void **state)
{
    char to[100];

    (void)state;
    assert_true(text_percent_encode(TEXT("aZ09-._~ /?&=+%#\xd0\xb6"), to, sizeof to));
    assert_string_equal(to, "aZ09-._~%20%2F%3F%26%3D%2B%25%23%D0%B6");
    assert_true(text_percent_encode(TEXT(""), to, sizeof to));
    assert_string_equal(to, "");
}

static void gives_back_every_byte_when_decoded(void **state)
{
    char all[256], encoded[800], decoded[300];

    (void)state;
    for (int i = 1; i < 256; i++)
        all[i - 1] = (char)i;
    assert_true(text_percent_encode((struct text){all, 255}, encoded, sizeof encoded));
    assert_true(text_percent_decode(text_of(encoded), decoded, sizeof decoded));
    assert_int_equal(strlen(decoded), 255);
    assert_memory_equal(decoded, all, 255);
}

static void leaves_nothing_half_written_without_room(void **state)
{
    char to[4];

    (void)state;
    assert_true(text_percent_encode(TEXT("/"), to, 4));
    assert_false(text_percent_encode(TEXT("a/"), to, 4));
    assert_string_equal(to, "");
    assert_false(text_percent_encode(TEXT("abcd"), to, 4));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encodes_all_but_the_unreserved_characters),
        cmocka_unit_test(gives_back_every_byte_when_decoded),
        cmocka_unit_test(leaves_nothing_half_written_without_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
