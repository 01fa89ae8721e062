/* Days in words. */
#include "web/day.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static struct texts *texts;

static int set_up(void **state)
{
    struct err err;

    (void)state;
    texts = texts_open(getenv("AISHA_ROOT") ? getenv("AISHA_ROOT") : ".", &err);
    return texts ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    texts_close(texts);
    return 0;
}

static void check(const char *date, const char *today, const char *ru, const char *en)
{
    char to[DAY_ROOM];

    day_title(texts, LANG_RU, text_of(date), text_of(today), to);
    assert_string_equal(to, ru);
    day_title(texts, LANG_EN, text_of(date), text_of(today), to);
    assert_string_equal(to, en);
}

static void days_near_by_have_names(void **state)
{
    (void)state;
    check("2026-11-20", "2026-11-20", "Сегодня", "Today");
    check("2026-11-19", "2026-11-20", "Вчера", "Yesterday");
    check("2026-11-18", "2026-11-20", "18 ноября", "November 18");
    check("2026-11-21", "2026-11-20", "21 ноября", "November 21"); /* a clock went back */
}

static void yesterday_may_be_in_another_month_or_year(void **state)
{
    (void)state;
    check("2026-02-28", "2026-03-01", "Вчера", "Yesterday");
    check("2028-02-29", "2028-03-01", "Вчера", "Yesterday");
    check("2028-02-28", "2028-03-01", "28 февраля", "February 28");
    check("2000-02-29", "2000-03-01", "Вчера", "Yesterday");
    check("2100-02-28", "2100-03-01", "Вчера", "Yesterday");
    check("2025-12-31", "2026-01-01", "Вчера", "Yesterday");
    check("2026-10-31", "2026-11-01", "Вчера", "Yesterday");
}

static void other_years_are_told(void **state)
{
    (void)state;
    check("2025-01-15", "2026-11-20", "15 января 2025", "January 15, 2025");
    check("2026-01-01", "2026-11-20", "1 января", "January 1");
    check("2027-05-09", "2026-11-20", "9 мая 2027", "May 9, 2027");
}

static void every_month_has_its_name(void **state)
{
    static const char *const DATES[12][3] = {
        {"2026-01-03", "3 января", "January 3"},
        {"2026-02-03", "3 февраля", "February 3"},
        {"2026-03-03", "3 марта", "March 3"},
        {"2026-04-03", "3 апреля", "April 3"},
        {"2026-05-03", "3 мая", "May 3"},
        {"2026-06-03", "3 июня", "June 3"},
        {"2026-07-03", "3 июля", "July 3"},
        {"2026-08-03", "3 августа", "August 3"},
        {"2026-09-03", "3 сентября", "September 3"},
        {"2026-10-03", "3 октября", "October 3"},
        {"2026-11-03", "3 ноября", "November 3"},
        {"2026-12-03", "3 декабря", "December 3"},
    };

    (void)state;
    for (int i = 0; i < 12; i++)
        check(DATES[i][0], "2026-12-31", DATES[i][1], DATES[i][2]);
}

static void moments_have_a_time_of_day(void **state)
{
    char to[DAY_ROOM];

    (void)state;
    day_moment(texts, LANG_RU, TEXT("2026-11-20 14:03:22"), TEXT("2026-11-20"), to);
    assert_string_equal(to, "Сегодня, 14:03");
    day_moment(texts, LANG_EN, TEXT("2025-09-30 00:00:59"), TEXT("2026-11-20"), to);
    assert_string_equal(to, "September 30, 2025, 00:00");
}

static void what_is_no_date_stays_as_it_is(void **state)
{
    char to[DAY_ROOM];

    (void)state;
    check("infinity", "2026-11-20", "infinity", "infinity");
    check("2026-13-01", "2026-11-20", "2026-13-01", "2026-13-01");
    check("", "2026-11-20", "", "");
    day_moment(texts, LANG_RU, TEXT("infinity"), TEXT("2026-11-20"), to);
    assert_string_equal(to, "infinity");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_near_by_have_names),    cmocka_unit_test(yesterday_may_be_in_another_month_or_year),
        cmocka_unit_test(other_years_are_told),       cmocka_unit_test(every_month_has_its_name),
        cmocka_unit_test(moments_have_a_time_of_day), cmocka_unit_test(what_is_no_date_stays_as_it_is),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
