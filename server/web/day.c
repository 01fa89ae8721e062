#include "web/day.h"

#include <stdio.h>

enum { DATE_LEN = 10, TIME_AT = 11, TIME_LEN = 5 };

struct date {
    int64_t year, month, day;
};

static bool read_date(struct text t, struct date *ret)
{
    return t.len >= DATE_LEN && t.at[4] == '-' && t.at[7] == '-' &&
           text_int64((struct text){t.at, 4}, 0, 9999, &ret->year) &&
           text_int64((struct text){t.at + 5, 2}, 1, 12, &ret->month) &&
           text_int64((struct text){t.at + 8, 2}, 1, 31, &ret->day);
}

/* Days since a certain day, by the Gregorian calendar: years are counted from March, so that the leap day is the
   last. */
static int64_t number(const struct date *date)
{
    int64_t year = date->year - (date->month <= 2), month = (date->month + 9) % 12;

    return 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + date->day;
}

static const char *month_name(const struct texts *texts, enum lang lang, int64_t month)
{
    char key[24];

    (void)snprintf(key, sizeof key, "day.month_%02d", (int)month);
    return texts_get(texts, lang, key);
}

static void write_date(const struct texts *texts, enum lang lang, const struct date *date, bool with_year,
                       char to[DAY_ROOM])
{
    const char *month = month_name(texts, lang, date->month);
    int day = (int)date->day;
    size_t len;

    if (lang == LANG_EN)
        len = (size_t)snprintf(to, DAY_ROOM, "%s %d", month, day);
    else
        len = (size_t)snprintf(to, DAY_ROOM, "%d %s", day, month);
    if (with_year && len < DAY_ROOM)
        (void)snprintf(to + len, DAY_ROOM - len, lang == LANG_EN ? ", %d" : " %d", (int)date->year);
}

void day_title(const struct texts *texts, enum lang lang, struct text date, struct text today, char to[DAY_ROOM])
{
    struct date then, now;
    int64_t ago;

    if (!read_date(date, &then) || !read_date(today, &now)) {
        (void)text_copy(to, DAY_ROOM, date);
        return;
    }
    ago = number(&now) - number(&then);
    if (ago == 0 || ago == 1)
        (void)snprintf(to, DAY_ROOM, "%s", texts_get(texts, lang, ago ? "day.yesterday" : "day.today"));
    else
        write_date(texts, lang, &then, then.year != now.year, to);
}

void day_moment(const struct texts *texts, enum lang lang, struct text moment, struct text today, char to[DAY_ROOM])
{
    size_t len;

    day_title(texts, lang, moment, today, to);
    len = text_of(to).len;
    if (moment.len >= TIME_AT + TIME_LEN && len < DAY_ROOM)
        (void)snprintf(to + len, DAY_ROOM - len, ", %.*s", TIME_LEN, moment.at + TIME_AT);
}
