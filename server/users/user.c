#include "users/user.h"

#include <string.h>

#define USER_COLUMNS                                                                                                   \
    "id, (SELECT a.id FROM avatars a WHERE a.user_id = users.id AND a.is_main), name, locale, time_zone,"              \
    " default_preset, theme, is_admin, created_at"

struct query user_by_id(struct uuid id)
{
    struct query q = query_read("SELECT " USER_COLUMNS " FROM users WHERE id = $1");

    query_add_uuid(&q, id);
    return q;
}

struct query user_update(struct uuid id, const struct user_change *change)
{
    struct query q = query_write("UPDATE users SET name = coalesce($2, name), locale = coalesce($3, locale),"
                                 " time_zone = coalesce($4, time_zone), default_preset = coalesce($5, default_preset),"
                                 " theme = coalesce($6, theme) WHERE id = $1 RETURNING " USER_COLUMNS);

    query_add_uuid(&q, id);
    query_add_text(&q, change->name);
    query_add_text(&q, change->locale);
    query_add_text(&q, change->time_zone);
    query_add_text(&q, change->default_preset);
    query_add_text(&q, change->theme);
    return q;
}

struct user user_from_row(struct row row)
{
    struct user user = {.id = row_uuid(&row)};

    user.main_avatar = row_uuid(&row);
    (void)text_copy(user.name, sizeof user.name, row_piece(&row));
    (void)text_copy(user.locale, sizeof user.locale, row_piece(&row));
    (void)text_copy(user.time_zone, sizeof user.time_zone, row_piece(&row));
    (void)text_copy(user.default_preset, sizeof user.default_preset, row_piece(&row));
    (void)text_copy(user.theme, sizeof user.theme, row_piece(&row));
    user.is_admin = row_bool(&row);
    row_time(&row, user.created_at);
    return user;
}

void user_write(struct json_out *out, const struct user *user)
{
    json_key_text(out, "id", user->id.text);
    json_key_text(out, "name", user->name);
    json_key_text(out, "locale", user->locale);
    json_key_text(out, "time_zone", user->time_zone);
    json_key_text(out, "default_preset", user->default_preset);
    json_key_text(out, "theme", user->theme);
    json_key_text(out, "main_avatar_id", user->main_avatar.text[0] ? user->main_avatar.text : NULL);
    json_key_bool(out, "is_admin", user->is_admin);
    json_key_text(out, "created_at", user->created_at);
}

struct query user_by_telegram(int64_t telegram_id)
{
    struct query q = query_read("SELECT id, is_admin, locale, time_zone, default_preset, theme, " USER_VERSIONS(
        "users") " FROM users WHERE telegram_id = $1");

    query_add_int64(&q, telegram_id);
    return q;
}

struct query user_insert(const struct user_new *user)
{
    struct query q =
        query_write("INSERT INTO users (id, telegram_id, name, locale, time_zone, is_admin)"
                    " VALUES ($1, $2, $3, coalesce($4, 'ru'), coalesce($5, 'Europe/Moscow'), $6)"
                    " ON CONFLICT (telegram_id) DO NOTHING RETURNING id, is_admin, locale, time_zone, default_preset,"
                    " theme, " USER_VERSIONS("users"));

    query_add_uuid(&q, user->id);
    if (user->telegram_id)
        query_add_int64(&q, user->telegram_id);
    else
        query_add_null(&q);
    query_add_text(&q, user->name);
    query_add_text(&q, user->locale);
    query_add_text(&q, user->time_zone);
    query_add_bool(&q, user->is_admin);
    return q;
}

struct query user_time_zone(const char *name)
{
    struct query q = query_read("SELECT name FROM time_zones WHERE name = $1");

    query_add_text(&q, name);
    return q;
}

struct query user_time_zones(void)
{
    return query_read("SELECT CASE WHEN strpos(name, '/') > 0 THEN split_part(name, '/', 1) ELSE '' END,"
                      " translate(substr(name, strpos(name, '/') + 1), '_', ' '), name FROM time_zones WHERE name ~"
                      " '^(Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific)/'"
                      " OR name = 'UTC' ORDER BY name COLLATE \"C\"");
}

bool user_locale_is_known(const char *locale) { return strcmp(locale, "ru") == 0 || strcmp(locale, "en") == 0; }

bool user_theme_is_known(const char *theme)
{
    return strcmp(theme, "auto") == 0 || strcmp(theme, "light") == 0 || strcmp(theme, "dark") == 0;
}
