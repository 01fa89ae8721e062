#include "users/me_api.h"

#include <string.h>

#include "catalog/catalog.h"
#include "http/await_rows.h"
#include "http/body.h"
#include "http/reply.h"
#include "local.h"
#include "users/user.h"
#include "users/web_session.h"

struct change_me {
    char name[USER_NAME_ROOM], locale[3], time_zone[USER_TIME_ZONE_ROOM], default_preset[USER_PRESET_ROOM];
    bool has_name, has_locale, has_time_zone, has_default_preset;
    struct faults faults;
};

static struct next got_me(struct call *call, const PGresult *rows);
static struct next got_time_zone(struct call *call, const PGresult *rows);
static struct next save(struct call *call);

struct next me_show(struct call *call)
{
    struct next refused;

    if (!body_no_query(call, &refused))
        return refused;
    return await_rows(call, user_by_id(call->who.user), got_me);
}

static struct next got_me(struct call *call, const PGresult *rows)
{
    struct json_out out;
    struct user user;

    if (rows_count(rows) == 0)
        return reply_not_found(call);
    user = user_from_row(rows_at(rows, 0));
    out = reply_json_begin(call);
    json_object(&out);
    user_write(&out, &user);
    if (call->who.kind == WHO_SESSION) {
        char token[WEB_SESSION_CSRF_ROOM];
        web_session_csrf(local_of(call)->csrf_mac, call->who.credential, token);
        json_key_text(&out, "csrf_token", token);
    }
    json_end_object(&out);
    return reply_json(call, 200, &out);
}

static void read_locale(yajl_val value, void *at, const char *field, struct faults *faults)
{
    const char *locale = YAJL_GET_STRING(value);

    if (!locale)
        (void)faults_add(faults, field, "not_a_string");
    else if (user_locale_is_known(locale))
        (void)text_copy(at, sizeof((struct change_me *)0)->locale, text_of(locale));
    else
        (void)faults_add_what(faults, field, "not_one_of", TEXT("ru, en"));
}

#define OPTIONAL(member) .optional = true, .present = offsetof(struct change_me, has_##member)

static const struct json_field FIELDS[] = {
    JSON_FIELD(JSON_TEXT, struct change_me, name, .min = 1, .max = USER_NAME_MAX, OPTIONAL(name)),
    JSON_FIELD(JSON_CUSTOM, struct change_me, locale, .custom = read_locale, OPTIONAL(locale)),
    JSON_FIELD(JSON_TEXT, struct change_me, time_zone, .min = 1, .max = USER_TIME_ZONE_ROOM - 1, OPTIONAL(time_zone)),
    JSON_FIELD(JSON_TEXT, struct change_me, default_preset, .min = 1, .max = USER_PRESET_ROOM - 1,
               OPTIONAL(default_preset)),
    {0},
};

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

struct next me_change(struct call *call)
{
    struct change_me *me = call_state_make(call, sizeof *me);
    struct next refused;

    if (!body_no_query(call, &refused) || !body_json_faults(call, FIELDS, me, &me->faults, &refused))
        return refused;
    if (*me->name && text_is_blank(text_of(me->name)))
        (void)faults_add(&me->faults, "name", "blank");
    check_preset(local_of(call)->catalog, me->default_preset, &me->faults);
    if (!me->faults.count && !me->has_name && !me->has_locale && !me->has_time_zone && !me->has_default_preset)
        (void)faults_add(&me->faults, "", "nothing_to_change");
    if (*me->time_zone)
        return await_rows(call, user_time_zone(me->time_zone), got_time_zone);
    return save(call);
}

static struct next got_time_zone(struct call *call, const PGresult *rows)
{
    struct change_me *me = call->state;

    if (rows_count(rows) == 0)
        (void)faults_add(&me->faults, "time_zone", "unknown_time_zone");
    return save(call);
}

static struct next save(struct call *call)
{
    const struct change_me *me = call->state;
    struct user_change change = {
        .name = me->has_name ? me->name : NULL,
        .locale = me->has_locale ? me->locale : NULL,
        .time_zone = me->has_time_zone ? me->time_zone : NULL,
        .default_preset = me->has_default_preset ? me->default_preset : NULL,
    };

    if (me->faults.count)
        return reply_faults(call, &me->faults);
    return await_rows(call, user_update(call->who.user, &change), got_me);
}
