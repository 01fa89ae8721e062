/* Where the next claim begins to look. */
#include "jobs/low_water.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#define S 1000000LL
#define NOW (1800000000LL * S)

static int set_up(void **state)
{
    *state = low_water_open();
    return 0;
}

static int tear_down(void **state)
{
    low_water_close(*state);
    return 0;
}

static void begins_with_everything(void **state)
{
    struct low_bound bound = low_water_ask(*state);

    assert_int_equal(bound.us, 0);
    assert_false(bound.near);
}

static void goes_on_where_something_was_found(void **state)
{
    struct low_water *low = *state;

    low_water_found(low, low_water_ask(low), NOW);
    assert_int_equal(low_water_ask(low).us, NOW);
    assert_true(low_water_ask(low).near);
    low_water_found(low, low_water_ask(low), NOW + 3);
    assert_int_equal(low_water_ask(low).us, NOW + 3);
}

static void looks_further_back_when_there_is_nothing(void **state)
{
    struct low_water *low = *state;
    struct low_bound bound;

    low_water_found(low, low_water_ask(low), NOW);
    bound = low_water_ask(low);
    assert_true(bound.near);
    low_water_nothing(low, bound, NOW + 60 * S);
    bound = low_water_ask(low);
    assert_false(bound.near);
    assert_int_equal(bound.us, NOW - 5 * S);
    low_water_nothing(low, bound, NOW + 60 * S); /* so there is nothing older than that */
    bound = low_water_ask(low);
    assert_int_equal(bound.us, NOW + 55 * S);
    assert_false(bound.near);
}

static void looks_further_back_every_200_ms(void **state)
{
    struct low_water *low = *state;
    struct low_bound bound;

    low_water_found(low, low_water_ask(low), NOW);
    (void)usleep(210000);
    bound = low_water_ask(low);
    assert_false(bound.near);
    assert_int_equal(bound.us, NOW - 5 * S);
    assert_true(low_water_ask(low).near); /* one of all */
}

static void goes_back_to_what_came_late(void **state)
{
    struct low_water *low = *state;
    struct low_bound old;

    low_water_found(low, low_water_ask(low), NOW);
    old = low_water_ask(low);
    low_water_found(low, low_water_ask(low), NOW - 90 * S);
    assert_int_equal(low_water_ask(low).us, NOW - 90 * S);
    low_water_found(low, old, NOW + 1); /* asked before that: does not take it forward again */
    assert_int_equal(low_water_ask(low).us, NOW - 90 * S);
    low_water_nothing(low, old, NOW + S);
    assert_int_equal(low_water_ask(low).us, NOW - 95 * S);
    low_water_found(low, low_water_ask(low), NOW - 80 * S);
    assert_int_equal(low_water_ask(low).us, NOW - 80 * S);
}

static void everything_is_looked_at_on_demand(void **state)
{
    struct low_water *low = *state;

    low_water_found(low, low_water_ask(low), NOW);
    low_water_forget(low);
    assert_int_equal(low_water_ask(low).us, 0);
    assert_int_equal(low_water_ask(low).us, NOW); /* one of all */
}

static void nothing_at_all_means_now_even_when_the_clock_was_set_back(void **state)
{
    struct low_water *low = *state;

    low_water_found(low, low_water_ask(low), NOW);
    low_water_forget(low);
    low_water_nothing(low, low_water_ask(low), NOW - 3600 * S);
    assert_int_equal(low_water_ask(low).us, NOW - 3605 * S);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(begins_with_everything),
        TEST(goes_on_where_something_was_found),
        TEST(looks_further_back_when_there_is_nothing),
        TEST(looks_further_back_every_200_ms),
        TEST(goes_back_to_what_came_late),
        TEST(everything_is_looked_at_on_demand),
        TEST(nothing_at_all_means_now_even_when_the_clock_was_set_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
