#pragma once
/* What somebody wants to have changed in the settings, by the API or by the form: the same rules for both. */
#include "base/faults.h"
#include "catalog/catalog.h"
#include "users/user.h"

/* All zero before it is read. */
struct me_change {
    char name[USER_NAME_ROOM], locale[3], time_zone[USER_TIME_ZONE_ROOM], default_preset[USER_PRESET_ROOM];
    char theme[USER_THEME_ROOM];
    bool has_name, has_locale, has_time_zone, has_default_preset, has_theme;
};

/* The names of the values that a setting may have, for faults: "ru, en". */
extern const struct text ME_CHANGE_LOCALES, ME_CHANGE_THEMES;

/* Values that are there and not faulty otherwise. Whether the database knows the time zone is left to user_time_zone
   and me_change_zone_unknown. */
void me_change_check(const struct me_change *change, const struct catalog *catalog, struct faults *faults);
void me_change_zone_unknown(struct faults *faults);
bool me_change_is_empty(const struct me_change *change);
/* For user_update; borrows change. */
struct user_change me_change_for_user(const struct me_change *change);
