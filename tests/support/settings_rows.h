#pragma once
/* Answers to the six reads of the settings page, which must be the ones that are waited for. */

#define SETTINGS_ROWS_TOKEN "01990000-0000-7000-8000-0000000000aa"
#define SETTINGS_ROWS_GENERATION "01990000-0000-7000-8000-0000000000b0"
#define SETTINGS_ROWS_AVATAR "01990000-0000-7000-8000-0000000000b1" /* that was trained */
#define SETTINGS_ROWS_TIME "2026-01-15 10:00:01.123456+00"
#define SETTINGS_ROWS_HOSTILE "<script>alert(1)</script>\" onx='1' \xe2\x80\xae"

/* Of the house's user, who lives in Kathmandu and has that name and zone. */
void settings_rows_answer(const char *name, const char *zone);
/* The same of somebody whose account has not been opened yet. */
void settings_rows_answer_without_account(const char *name, const char *zone);
