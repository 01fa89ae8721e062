#include "users/me_api.h"

#include "http/await_rows.h"
#include "http/body.h"
#include "http/reply.h"
#include "local.h"
#include "users/account.h"
#include "users/me_change.h"
#include "users/web_session.h"

/* The state of both. */
struct me {
    struct me_change change;
    struct faults faults;
    const PGresult *user;
};

static struct next got_me(struct call *call, const PGresult *rows);
static struct next got_account(struct call *call, const PGresult *rows);
static struct next got_time_zone(struct call *call, const PGresult *rows);
static struct next save(struct call *call);

struct next me_show(struct call *call)
{
    struct next refused;

    if (!body_no_query(call, &refused))
        return refused;
    (void)call_state_make(call, sizeof(struct me));
    return await_rows(call, user_by_id(call->who.user), got_me);
}

static struct next got_me(struct call *call, const PGresult *rows)
{
    struct me *me = call->state;

    if (rows_count(rows) == 0)
        return reply_not_found(call);
    me->user = rows_keep(call, rows);
    return await_rows(call, account_of(call->who.user), got_account);
}

static struct next got_account(struct call *call, const PGresult *rows)
{
    const struct me *me = call->state;
    struct account account = account_from_rows(rows, local_of(call)->config->default_quota);
    struct user user = user_from_row(rows_at(me->user, 0));
    struct json_out out = reply_json_begin(call);

    json_object(&out);
    user_write(&out, &user);
    json_key(&out, "quota");
    account_write(&out, &account);
    if (call->who.kind == WHO_SESSION) {
        char token[WEB_SESSION_CSRF_ROOM];
        web_session_csrf(local_of(call)->csrf_mac, call->who.credential, token);
        json_key_text(&out, "csrf_token", token);
    }
    json_end_object(&out);
    return reply_json(call, 200, &out);
}

/* A text that is none of these is judged here: it may not fit its member. */
static void read_name(yajl_val value, bool (*is_known)(const char *), struct text names, void *at, size_t room,
                      const char *field, struct faults *faults)
{
    const char *given = YAJL_GET_STRING(value);

    if (!given)
        (void)faults_add(faults, field, "not_a_string");
    else if (is_known(given))
        (void)text_copy(at, room, text_of(given));
    else
        (void)faults_add_what(faults, field, "not_one_of", names);
}

static void read_locale(yajl_val value, void *at, const char *field, struct faults *faults)
{
    read_name(value, user_locale_is_known, ME_CHANGE_LOCALES, at, sizeof((struct me_change *)0)->locale, field, faults);
}

static void read_theme(yajl_val value, void *at, const char *field, struct faults *faults)
{
    read_name(value, user_theme_is_known, ME_CHANGE_THEMES, at, USER_THEME_ROOM, field, faults);
}

#define OPTIONAL(member) .optional = true, .present = offsetof(struct me_change, has_##member)

static const struct json_field FIELDS[] = {
    JSON_FIELD(JSON_TEXT, struct me_change, name, .min = 1, .max = USER_NAME_MAX, OPTIONAL(name)),
    JSON_FIELD(JSON_CUSTOM, struct me_change, locale, .custom = read_locale, OPTIONAL(locale)),
    JSON_FIELD(JSON_TEXT, struct me_change, time_zone, .min = 1, .max = USER_TIME_ZONE_ROOM - 1, OPTIONAL(time_zone)),
    JSON_FIELD(JSON_TEXT, struct me_change, default_preset, .min = 1, .max = USER_PRESET_ROOM - 1,
               OPTIONAL(default_preset)),
    JSON_FIELD(JSON_CUSTOM, struct me_change, theme, .custom = read_theme, OPTIONAL(theme)),
    {0},
};

struct next me_change(struct call *call)
{
    struct me *me = call_state_make(call, sizeof *me);
    struct next refused;

    if (!body_no_query(call, &refused) || !body_json_faults(call, FIELDS, &me->change, &me->faults, &refused))
        return refused;
    me_change_check(&me->change, local_of(call)->catalog, &me->faults);
    if (!me->faults.count && me_change_is_empty(&me->change))
        (void)faults_add(&me->faults, "", "nothing_to_change");
    if (*me->change.time_zone)
        return await_rows(call, user_time_zone(me->change.time_zone), got_time_zone);
    return save(call);
}

static struct next got_time_zone(struct call *call, const PGresult *rows)
{
    struct me *me = call->state;

    if (rows_count(rows) == 0)
        me_change_zone_unknown(&me->faults);
    return save(call);
}

static struct next save(struct call *call)
{
    const struct me *me = call->state;
    struct user_change change = me_change_for_user(&me->change);

    if (me->faults.count)
        return reply_faults(call, &me->faults);
    return await_rows(call, user_update(call->who.user, &change), got_me);
}
