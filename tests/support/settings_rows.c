#include "support/settings_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/fake_db.h"
#include "support/house.h"

#define OTHER_SESSION "01990000-0000-7000-8000-00000000000b"

static void answer_figures(bool has_account)
{
    assert_non_null(strstr(fake_db_sql(), "FROM user_counts"));
    assert_string_equal(fake_db_value(0), HOUSE_USER);
    assert_string_equal(fake_db_value(1), "Asia/Kathmandu");
    fake_db_answer(fake_rows(8, has_account ? 4 : 2,
                             (const char *[]){"all",      NULL,      "731",  "17", "0", "0", has_account ? "2" : "0",
                                              "43", /* */
                                              "now",      "2026-02", "0",    "0",  "0", "0", "0",
                                              "0", /* */
                                              "pictures", "",        "1042", "88", "0", "0", "0",
                                              "0", /* */
                                              "month",    "2026-02", "53",   "0",  "0", "0", "0",
                                              "0"}));
}

static void answer_credits(bool has_account)
{
    static const char *const LINES[] = {
        "15.01.2026, 15:47",
        "settle",
        NULL,
        "6",
        "2",
        SETTINGS_ROWS_GENERATION,
        SETTINGS_ROWS_HOSTILE,
        NULL, /* */
        "15.01.2026, 15:46",
        "release",
        NULL,
        "8",
        NULL,
        NULL,
        "A cat",
        SETTINGS_ROWS_AVATAR, /* */
        "15.01.2026, 15:45",
        "reserve",
        NULL,
        "8",
        NULL,
        SETTINGS_ROWS_GENERATION,
        "A cat",
        NULL, /* */
        "14.01.2026, 15:45",
        "grant",
        SETTINGS_ROWS_HOSTILE,
        "500",
        NULL,
        NULL,
        NULL,
        NULL, /* */
        "13.01.2026, 15:45",
        "grant",
        "first",
        "1000",
        NULL,
        NULL,
        NULL,
        NULL, /* */
    };

    assert_non_null(strstr(fake_db_sql(), "FROM accounts"));
    assert_string_equal(fake_db_value(0), HOUSE_USER);
    fake_db_answer(fake_rows(4, has_account, (const char *[]){"1500", "1482", "12", "6"}));
    answer_figures(has_account);
    assert_non_null(strstr(fake_db_sql(), "FROM ledger"));
    assert_string_equal(fake_db_value(0), HOUSE_USER);
    assert_string_equal(fake_db_value(1), "Asia/Kathmandu");
    fake_db_answer(fake_rows(8, has_account ? 5 : 0, LINES));
}

static void answer(const char *name, const char *zone, bool has_account)
{
    assert_non_null(strstr(fake_db_sql(), "FROM users"));
    assert_string_equal(fake_db_value(0), HOUSE_USER);
    fake_db_answer(fake_rows(
        9, 1, (const char *[]){HOUSE_USER, NULL, name, "ru", zone, "balanced", "light", "f", SETTINGS_ROWS_TIME}));
    answer_credits(has_account);
    assert_non_null(strstr(fake_db_sql(), "FROM api_tokens"));
    assert_string_equal(fake_db_value(0), HOUSE_USER);
    assert_string_equal(fake_db_value(1), "Asia/Kathmandu");
    fake_db_answer(fake_rows(10, 2,
                             (const char *[]){"15.01.2026, 15:45",
                                              NULL,
                                              "15.02.2026, 15:45",
                                              "t",
                                              SETTINGS_ROWS_TOKEN,
                                              SETTINGS_ROWS_HOSTILE,
                                              "9",
                                              SETTINGS_ROWS_TIME,
                                              NULL,
                                              SETTINGS_ROWS_TIME,
                                              "15.01.2026, 15:45",
                                              "16.01.2026, 00:00",
                                              NULL,
                                              "f",
                                              HOUSE_USER,
                                              "b",
                                              "6",
                                              SETTINGS_ROWS_TIME,
                                              SETTINGS_ROWS_TIME,
                                              NULL}));
    assert_non_null(strstr(fake_db_sql(), "FROM sessions"));
    fake_db_answer(fake_rows(3, 2,
                             (const char *[]){HOUSE_SESSION, "15.01.2026, 15:45", "16.01.2026, 01:00", OTHER_SESSION,
                                              "14.01.2026, 15:45", "14.01.2026, 16:00"}));
    assert_non_null(strstr(fake_db_sql(), "FROM time_zones"));
    fake_db_answer(fake_rows(3, 4,
                             (const char *[]){"America", "New York", "America/New_York", "Europe", "Moscow",
                                              "Europe/Moscow", "Europe", "Paris", "Europe/Paris", "", "UTC", "UTC"}));
    assert_false(fake_db_waits());
}

void settings_rows_answer(const char *name, const char *zone) { answer(name, zone, true); }

void settings_rows_answer_without_account(const char *name, const char *zone) { answer(name, zone, false); }
