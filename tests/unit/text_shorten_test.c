/* The beginning of a long text is made of whole characters. */
#include "base/text_shorten.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void check(const char *text, size_t count, const char *expected)
{
    struct text short_one = text_shorten(text_of(text), count);

    assert_int_equal(short_one.len, strlen(expected));
    assert_memory_equal(short_one.at, expected, short_one.len);
}

static void what_is_short_enough_stays(void **state)
{
    (void)state;
    check("", 5, "");
    check("кот", 3, "кот");
    check("кот", 80, "кот");
    check("🐱🐱", 2, "🐱🐱");
}

static void code_points_are_counted_and_never_torn(void **state)
{
    (void)state;
    check("коты", 3, "кот");
    check("🐱🐱🐱", 2, "🐱🐱");
    check("a字🐱é", 3, "a字🐱");
}

static void marks_stay_with_their_letter(void **state)
{
    (void)state;
    check("cafe\xcc\x81s", 4, "caf"); /* e and its accent */
    check("cafe\xcc\x81s", 5, "cafe\xcc\x81");
    check("к\xd0\xb8\xcc\x86от", 2, "к");
}

static void emoji_of_several_parts_stay_whole(void **state)
{
    static const char FAMILY[] = "a👩‍👩‍👧‍👦b", THUMB[] = "a👍🏽b", HEART[] = "a❤️b",
                      FLAGS[] = "🇷🇺🇺🇸";

    (void)state;
    for (size_t count = 1; count < 8; count++)
        check(FAMILY, count, "a");
    check(FAMILY, 8, "a👩‍👩‍👧‍👦");
    check(THUMB, 2, "a");
    check(HEART, 2, "a");
    check(FLAGS, 3, "🇷🇺");
    check(FLAGS, 2, "🇷🇺");
}

static void a_pile_of_marks_is_cut_all_the_same(void **state)
{
    char zalgo[2 * 100 + 2] = "a";

    (void)state;
    for (int i = 0; i < 100; i++)
        memcpy(zalgo + 1 + 2 * i, "\xcc\x81", 2);
    assert_int_equal(text_shorten(text_of(zalgo), 50).len, 1 + 2 * 49); /* no whole character fits */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_short_enough_stays),          cmocka_unit_test(code_points_are_counted_and_never_torn),
        cmocka_unit_test(marks_stay_with_their_letter),        cmocka_unit_test(emoji_of_several_parts_stay_whole),
        cmocka_unit_test(a_pile_of_marks_is_cut_all_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
