/* Ids: well formed, in the order of their making, never the same. */
#include "base/uuid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"

enum { MANY = 20000 };

static void they_are_well_formed(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++) {
        struct uuid id = uuid_make(), read;
        assert_int_equal(strlen(id.text), 36);
        assert_int_equal(id.text[14], '7');
        assert_non_null(strchr("89ab", id.text[19]));
        assert_true(uuid_read(text_of(id.text), &read));
        assert_string_equal(read.text, id.text);
    }
}

static void one_threads_are_in_the_order_of_their_making(void **state)
{
    struct uuid last = uuid_make();

    (void)state;
    for (int i = 0; i < MANY; i++) { /* many in each millisecond */
        struct uuid id = uuid_make();
        assert_true(strcmp(last.text, id.text) < 0);
        last = id;
    }
}

static void they_begin_with_the_time(void **state)
{
    uint64_t before = (uint64_t)clock_wall_us() / 1000, ms;
    struct uuid id = uuid_make();
    char digits[13] = {0};

    (void)state;
    memcpy(digits, id.text, 8);
    memcpy(digits + 8, id.text + 9, 4);
    ms = strtoull(digits, NULL, 16);
    assert_in_range(ms, before, before + 1000); /* ids made fast borrow from the next milliseconds */
}

static void their_ends_are_random(void **state)
{
    struct uuid a = uuid_make(), b = uuid_make();

    (void)state;
    assert_string_not_equal(a.text + 24, b.text + 24);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_are_well_formed),
        cmocka_unit_test(one_threads_are_in_the_order_of_their_making),
        cmocka_unit_test(they_begin_with_the_time),
        cmocka_unit_test(their_ends_are_random),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
