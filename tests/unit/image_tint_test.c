/* The colour that a ThumbHash stands for. */
#include "gallery/image_tint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "image/thumbhash.h"

/* Every pixel of one colour: what comes back differs by no more than six bits of a mean leave. */
static void check(int red, int green, int blue)
{
    unsigned char rgba[32 * 24 * 4], hash[THUMBHASH_ROOM];
    unsigned long value;
    char tint[IMAGE_TINT_ROOM];
    size_t len;

    for (int i = 0; i < 32 * 24; i++)
        memcpy(rgba + 4 * i, (unsigned char[]){(unsigned char)red, (unsigned char)green, (unsigned char)blue, 255}, 4);
    len = thumbhash_encode(32, 24, rgba, hash);
    image_tint(hash, len, tint);
    assert_int_equal(strlen(tint), 7);
    assert_int_equal(tint[0], '#');
    value = strtoul(tint + 1, NULL, 16);
    assert_in_range(abs((int)(value >> 16) - red), 0, 9);
    assert_in_range(abs((int)(value >> 8 & 255) - green), 0, 9);
    assert_in_range(abs((int)(value & 255) - blue), 0, 9);
}

static void a_picture_of_one_colour_has_that_colour(void **state)
{
    (void)state;
    check(0, 0, 0);
    check(255, 255, 255);
    check(255, 0, 0);
    check(0, 255, 0);
    check(0, 0, 255);
    check(120, 90, 60);
    check(200, 10, 130);
}

static void what_is_too_short_has_none(void **state)
{
    char tint[IMAGE_TINT_ROOM] = "x";

    (void)state;
    image_tint((const unsigned char *)"\x01\x02", 2, tint);
    assert_string_equal(tint, "");
    image_tint((const unsigned char *)"", 0, tint);
    assert_string_equal(tint, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_picture_of_one_colour_has_that_colour),
        cmocka_unit_test(what_is_too_short_has_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
