#pragma once
/* A person: the row, its JSON, and what may be changed in it. */
#include "base/messages.h"
#include "db/query.h"
#include "db/rows.h"
#include "json/json_out.h"

enum { USER_NAME_MAX = 128, USER_NAME_ROOM = 4 * USER_NAME_MAX + 1, USER_TIME_ZONE_ROOM = 64, USER_PRESET_ROOM = 24 };
enum { USER_THEME_ROOM = 6 };

struct user {
    struct uuid id, main_avatar; /* main_avatar "": none */
    char name[USER_NAME_ROOM];
    char locale[3];
    char time_zone[USER_TIME_ZONE_ROOM];
    char default_preset[USER_PRESET_ROOM];
    char theme[USER_THEME_ROOM]; /* "auto", "light", "dark" */
    bool is_admin;
    char created_at[ROW_TIME_ROOM];
};

/* For making one. NULL for what the database's defaults give; telegram_id 0: none. */
struct user_new {
    struct uuid id;
    int64_t telegram_id;
    const char *name, *locale, *time_zone;
    bool is_admin;
};

/* NULL: stays as it is. */
struct user_change {
    const char *name, *locale, *time_zone, *default_preset, *theme;
};

/* Rows for user_from_row: none or one. */
struct query user_by_id(struct uuid id);
struct query user_update(struct uuid id, const struct user_change *change);
struct user user_from_row(struct row row);
/* The members of the contract's Me; the object is the caller's. */
void user_write(struct json_out *out, const struct user *user);

/* Two columns: the versions of what the user has (struct who), NULL without an account. users: the table's name. */
#define USER_VERSIONS(users) "(SELECT history FROM accounts WHERE user_id = " users ".id), " users ".taste"

/* Rows of id, is_admin, locale, time_zone, default_preset, theme, USER_VERSIONS: what access wants to know. Making one
   that is there already (telegram_id) gives no row, however many try at once. */
struct query user_by_telegram(int64_t telegram_id);
struct query user_insert(const struct user_new *user);

/* One row when the database knows the zone by this name. */
struct query user_time_zone(const char *name);

/* Of places and UTC, for people to choose from: rows of the region ("Europe"; of UTC itself: ""), the place in it as
   people write it ("New York") and the whole name; in their order. */
struct query user_time_zones(void);

bool user_locale_is_known(const char *locale);
bool user_theme_is_known(const char *theme);
