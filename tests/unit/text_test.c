/* Text from outside: UTF-8 by the table of the standard, numbers to their last value, cutting and comparing. */
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A copy that ends where its memory ends, so that sanitizers see a read behind it. */
static struct text tight(const char *bytes, size_t len)
{
    char *copy = test_malloc(len ? len : 1);

    memcpy(copy, bytes, len);
    return (struct text){copy, len};
}

static bool is_utf8(const char *bytes, size_t len)
{
    struct text t = tight(bytes, len);
    bool ok = text_is_utf8(t);

    test_free((char *)(uintptr_t)t.at);
    return ok;
}

static void takes_every_code_point_and_no_surrogate(void **state)
{
    (void)state;
    for (uint32_t c = 1; c <= 0x10ffff; c++) {
        char b[4];
        size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
        static const unsigned char LEAD[] = {0, 0, 0xc0, 0xe0, 0xf0};
        uint32_t rest = c;
        for (size_t i = len - 1; i > 0; i--, rest >>= 6)
            b[i] = (char)(0x80 | (rest & 0x3f));
        b[0] = (char)(LEAD[len] | rest);
        assert_int_equal(text_is_utf8((struct text){b, len}), c < 0xd800 || c > 0xdfff);
        assert_int_equal(text_code_point((struct text){b, len}, 0), c);
        assert_int_equal(text_code_points((struct text){b, len}), 1);
    }
}

/* The well-formed sequences of table 3-7 by their first two bytes; the others are 80..BF. */
static bool in_table(unsigned lead, unsigned second)
{
    if (lead >= 0xc2 && lead <= 0xdf)
        return second >= 0x80 && second <= 0xbf;
    switch (lead) {
    case 0xe0: return second >= 0xa0 && second <= 0xbf;
    case 0xed: return second >= 0x80 && second <= 0x9f;
    case 0xf0: return second >= 0x90 && second <= 0xbf;
    case 0xf4: return second >= 0x80 && second <= 0x8f;
    default: return lead >= 0xe1 && lead <= 0xf3 && second >= 0x80 && second <= 0xbf;
    }
}

static void knows_the_table_of_well_formed_bytes(void **state)
{
    (void)state;
    for (unsigned lead = 0x80; lead < 0x100; lead++)
        for (unsigned second = 0; second < 0x100; second++) {
            const char b[4] = {(char)lead, (char)second, (char)0x80, (char)0xbf};
            size_t len = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
            assert_int_equal(is_utf8(b, len), in_table(lead, second));
            assert_false(is_utf8(b, 1));
        }
}

static void refuses_what_ends_too_early_or_goes_on_wrongly(void **state)
{
    static const char *const BAD[] = {"\xe2\x82",         "\xf0\x9f\x98",     "a\xe2\x82z", "\xf0\x9f\x98z",
                                      "\xf0\x9f\x98\xc0", "\xe2\x82\x7f",     "\x80",       "\xbfyes",
                                      "\xc0\x80",         "\xf8\x88\x80\x80", "\xff",       "good\xc3"};

    (void)state;
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++)
        assert_false(is_utf8(BAD[i], strlen(BAD[i])));
    assert_true(is_utf8("", 0));
    assert_true(is_utf8("\0\0", 2)); /* NUL is a character: others refuse it */
    assert_true(is_utf8("a\xd0\xb9\xe2\x82\xac\xf0\x9f\x98\x80", 10));
}

static void blank_is_white_space_alone(void **state)
{
    static const char *const BLANK[] = {
        "", " ", "\t\n\v\f\r ", "\xc2\xa0", "\xe1\x9a\x80", "\xe2\x80\x80\xe2\x80\x8a", "\xe3\x80\x80", "\xef\xbb\xbf"};
    static const char *const NOT[] = {"a", " . ", "\xe2\x80\x8b", "\xc2\xad", "\xe2\xa0\x80"};

    (void)state;
    for (size_t i = 0; i < sizeof BLANK / sizeof *BLANK; i++)
        assert_true(text_is_blank(text_of(BLANK[i])));
    for (size_t i = 0; i < sizeof NOT / sizeof *NOT; i++)
        assert_false(text_is_blank(text_of(NOT[i])));
}

struct number {
    const char *text;
    int64_t min, max;
    bool ok;
    int64_t value;
};

static const struct number NUMBERS[] = {
    {"0", 0, 0, true, 0},
    {"-0", 0, 0, true, 0},
    {"007", 0, 10, true, 7},
    {"9223372036854775807", INT64_MIN, INT64_MAX, true, INT64_MAX},
    {"-9223372036854775808", INT64_MIN, INT64_MAX, true, INT64_MIN},
    {"9223372036854775808", INT64_MIN, INT64_MAX, false, 0},
    {"-9223372036854775809", INT64_MIN, INT64_MAX, false, 0},
    {"99999999999999999999", INT64_MIN, INT64_MAX, false, 0},
    {"100", 1, 100, true, 100},
    {"101", 1, 100, false, 0},
    {"0", 1, 100, false, 0},
    {"-1", 1, 100, false, 0},
    {"", INT64_MIN, INT64_MAX, false, 0},
    {"-", INT64_MIN, INT64_MAX, false, 0},
    {"+1", INT64_MIN, INT64_MAX, false, 0},
    {"--1", INT64_MIN, INT64_MAX, false, 0},
    {" 1", INT64_MIN, INT64_MAX, false, 0},
    {"1 ", INT64_MIN, INT64_MAX, false, 0},
    {"1.0", INT64_MIN, INT64_MAX, false, 0},
    {"1e3", INT64_MIN, INT64_MAX, false, 0},
    {"0x10", INT64_MIN, INT64_MAX, false, 0},
    {"12a", INT64_MIN, INT64_MAX, false, 0},
    {"\xd9\xa1", INT64_MIN, INT64_MAX, false, 0}, /* an Arabic one */
};

static void reads_numbers_to_their_last_value(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof NUMBERS / sizeof *NUMBERS; i++) {
        const struct number *n = &NUMBERS[i];
        struct text t = tight(n->text, strlen(n->text));
        int64_t value = 0;
        bool ok = text_int64(t, n->min, n->max, &value);
        if (ok != n->ok || (ok && value != n->value))
            print_error("text_int64(\"%s\")\n", n->text);
        assert_int_equal(ok, n->ok);
        if (ok)
            assert_true(value == n->value);
        test_free((char *)(uintptr_t)t.at);
    }
}

static void a_number_ends_at_its_length(void **state)
{
    int64_t value;

    (void)state;
    assert_true(text_int64((struct text){"12345", 2}, 0, 100, &value));
    assert_int_equal(value, 12);
    assert_false(text_int64((struct text){"1\0002", 3}, 0, 1000, &value));
}

static void cuts_at_the_first_separator(void **state)
{
    struct text rest = TEXT("a,,b,");

    (void)state;
    assert_true(text_equal(text_cut(&rest, ','), TEXT("a")));
    assert_true(text_equal(text_cut(&rest, ','), TEXT("")));
    assert_true(text_equal(text_cut(&rest, ','), TEXT("b")));
    assert_non_null(rest.at); /* nothing stands behind it, but the separator was there */
    assert_true(text_equal(text_cut(&rest, ','), TEXT("")));
    assert_null(rest.at);
    assert_int_equal(text_cut(&rest, ',').len, 0);
}

static void copies_what_fits_and_nothing_else(void **state)
{
    char to[4] = "xyz";

    (void)state;
    assert_true(text_copy(to, sizeof to, TEXT("abc")));
    assert_string_equal(to, "abc");
    assert_false(text_copy(to, sizeof to, TEXT("abcd")));
    assert_string_equal(to, "");
    assert_true(text_copy(to, 1, (struct text){NULL, 0}));
    assert_string_equal(to, "");
}

static void compares_by_length_and_letters(void **state)
{
    (void)state;
    assert_true(text_equal(TEXT("a\0b"), TEXT("a\0b")));
    assert_false(text_equal(TEXT("a\0b"), TEXT("a\0c")));
    assert_false(text_equal(TEXT("a"), TEXT("ab")));
    assert_true(text_equal((struct text){NULL, 0}, TEXT("")));
    assert_true(text_equal_ignoring_case(TEXT("X-Key"), TEXT("x-kEY")));
    assert_false(text_equal_ignoring_case(TEXT("[a"), TEXT("{A")));
    assert_true(text_starts(TEXT("abc"), TEXT("ab")));
    assert_false(text_starts(TEXT("a"), TEXT("ab")));
    assert_true(text_starts((struct text){NULL, 0}, TEXT("")));
    assert_true(text_equal(text_trim(TEXT(" \t a b\t ")), TEXT("a b")));
    assert_int_equal(text_trim(TEXT(" \t ")).len, 0);
    assert_true(text_equal(text_trim(TEXT("\na\n")), TEXT("\na\n")));
}

static void numbers_without_a_sign_reach_to_64_bits(void **state)
{
    static const char *const WRONG[] = {"",
                                        "-1",
                                        "+1",
                                        " 1",
                                        "1 ",
                                        "0x1",
                                        "1.0",
                                        "18446744073709551616",
                                        "99999999999999999999",
                                        "000000000000000000001"};
    uint64_t value = 7;

    (void)state;
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++)
        assert_false(text_uint64(text_of(WRONG[i]), &value));
    assert_int_equal(value, 7);
    assert_true(text_uint64(TEXT("18446744073709551615"), &value) && value == UINT64_MAX);
    assert_true(text_uint64(TEXT("00"), &value) && value == 0);
    assert_true(text_uint64((struct text){"12345", 2}, &value) && value == 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_without_a_sign_reach_to_64_bits),
        cmocka_unit_test(takes_every_code_point_and_no_surrogate),
        cmocka_unit_test(knows_the_table_of_well_formed_bytes),
        cmocka_unit_test(refuses_what_ends_too_early_or_goes_on_wrongly),
        cmocka_unit_test(blank_is_white_space_alone),
        cmocka_unit_test(reads_numbers_to_their_last_value),
        cmocka_unit_test(a_number_ends_at_its_length),
        cmocka_unit_test(cuts_at_the_first_separator),
        cmocka_unit_test(copies_what_fits_and_nothing_else),
        cmocka_unit_test(compares_by_length_and_letters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
