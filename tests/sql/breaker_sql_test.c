/* When the way to an endpoint is closed, when it is tried, and when it is open again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/log.h"
#include "support/sql.h"

static int set_up(void **state)
{
    (void)state;
    log_set_level(LOG_ERROR);
    sql_do("DELETE FROM breakers WHERE endpoint <> ''; UPDATE breakers SET open_until = NULL, failures = 0, trips = 0,"
           " changed_at = now()");
    return 0;
}

static void note(const char *outcome, int times)
{
    for (int i = 0; i < times; i++)
        (void)sql_value("SELECT breaker_note('e', '%s', 'why')", outcome);
}

static const char *of(const char *endpoint, const char *what)
{
    return sql_value("SELECT %s FROM breakers WHERE endpoint = '%s'", what, endpoint);
}

static const char *passes(void) { return of("e", "breaker_passes(open_until, probe_until)"); }

static void five_failures_in_a_row_close_the_way_and_four_do_not(void **state)
{
    (void)state;
    note("failed", 4);
    assert_string_equal(passes(), "t");
    note("failed", 1);
    assert_string_equal(passes(), "f");
    assert_string_equal(of("e", "reason"), "why");
    assert_string_equal(of("", "open_until IS NULL"), "t"); /* other endpoints are as they were */
}

static void half_of_twenty_failures_close_it(void **state)
{
    (void)state;
    for (int i = 0; i < 9; i++) {
        note("failed", 1);
        note("ok", 1);
    }
    note("failed", 1);
    assert_string_equal(passes(), "t"); /* nineteen calls */
    note("failed", 1);
    assert_string_equal(passes(), "f");
}

static void failures_of_half_a_minute_ago_do_not_count(void **state)
{
    (void)state;
    for (int i = 0; i < 9; i++) {
        note("failed", 1);
        note("ok", 1);
    }
    sql_do("UPDATE breakers SET window_since = now() - interval '31 seconds' WHERE endpoint = 'e'");
    note("failed", 2);
    assert_string_equal(passes(), "t");
    assert_string_equal(of("e", "calls || ' ' || failures"), "2 2");
}

static void a_try_decides_and_another_failure_closes_it_for_longer(void **state)
{
    (void)state;
    note("failed", 5);
    assert_string_equal(of("e", "open_until BETWEEN now() + interval '3 seconds' AND now() + interval '7 seconds'"),
                        "t");
    sql_do("UPDATE breakers SET open_until = now() - interval '1 second' WHERE endpoint = 'e'");
    assert_string_equal(passes(), "t");
    note("failed", 1);
    assert_string_equal(of("e", "trips || ' ' || (open_until > now() + interval '7 seconds')"), "2 true");
    sql_do("UPDATE breakers SET open_until = now() - interval '1 second' WHERE endpoint = 'e'");
    note("ok", 1);
    assert_string_equal(of("e", "open_until IS NULL AND reason IS NULL"), "t");
}

static void a_refused_key_closes_all_ways_for_a_minute(void **state)
{
    (void)state;
    note("stopped", 1);
    assert_string_equal(of("", "open_until > now() + interval '50 seconds'"), "t");
    assert_string_equal(sql_value("SELECT count(*) FROM breakers"), "1");
    note("ok", 1);
    assert_string_equal(of("", "open_until IS NULL"), "t");
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(five_failures_in_a_row_close_the_way_and_four_do_not),
        TEST(half_of_twenty_failures_close_it),
        TEST(failures_of_half_a_minute_ago_do_not_count),
        TEST(a_try_decides_and_another_failure_closes_it_for_longer),
        TEST(a_refused_key_closes_all_ways_for_a_minute),
    };

    return cmocka_run_group_tests(tests, sql_open, sql_close);
}
