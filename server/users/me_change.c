#include "users/me_change.h"

#include "base/buf.h"

const struct text ME_CHANGE_LOCALES = {"ru, en", 6}, ME_CHANGE_THEMES = {"auto, light, dark", 17};

static void check_preset(const struct catalog *catalog, const char *name, struct faults *faults)
{
    CLEANUP(buf_done) struct buf names = buf_make(1024);
    const struct preset *preset;

    if (!*name || catalog_preset(catalog, name))
        return;
    for (int i = 0; (preset = catalog_preset_at(catalog, i)); i++)
        (void)buf_add_format(&names, "%s%s", i ? ", " : "", preset->name);
    (void)faults_add_what(faults, "default_preset", "not_one_of", (struct text){names.bytes, names.len});
}

void me_change_check(const struct me_change *change, const struct catalog *catalog, struct faults *faults)
{
    if (*change->name && text_is_blank(text_of(change->name)))
        (void)faults_add(faults, "name", "blank");
    if (*change->locale && !user_locale_is_known(change->locale))
        (void)faults_add_what(faults, "locale", "not_one_of", ME_CHANGE_LOCALES);
    if (*change->theme && !user_theme_is_known(change->theme))
        (void)faults_add_what(faults, "theme", "not_one_of", ME_CHANGE_THEMES);
    check_preset(catalog, change->default_preset, faults);
}

void me_change_zone_unknown(struct faults *faults) { (void)faults_add(faults, "time_zone", "unknown_time_zone"); }

bool me_change_is_empty(const struct me_change *change)
{
    return !change->has_name && !change->has_locale && !change->has_time_zone && !change->has_default_preset &&
           !change->has_theme;
}

struct user_change me_change_for_user(const struct me_change *change)
{
    return (struct user_change){
        .name = change->has_name ? change->name : NULL,
        .locale = change->has_locale ? change->locale : NULL,
        .time_zone = change->has_time_zone ? change->time_zone : NULL,
        .default_preset = change->has_default_preset ? change->default_preset : NULL,
        .theme = change->has_theme ? change->theme : NULL,
    };
}
