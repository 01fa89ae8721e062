#include "users/access_inside.h"

#include <inttypes.h>
#include <stdio.h>

#include "http/await_rows.h"
#include "http/reply.h"
#include "users/user.h"

enum { ACTING_NAME_MAX = 64 };

/* For whom the service acts, as its headers say. */
struct acting {
    int64_t telegram_id;
    char name[4 * ACTING_NAME_MAX + 1];
    char locale[3]; /* "": not said */
};

static struct next got_user(struct call *call, const PGresult *rows);
static struct next made_user(struct call *call, const PGresult *rows);
static struct next got_anothers(struct call *call, const PGresult *rows);

static bool read_name(const struct call *call, struct acting *ret)
{
    struct text encoded = text_trim(call_header(call, "x-acting-user-name")), name;

    if (!encoded.len) {
        (void)snprintf(ret->name, sizeof ret->name, "Telegram %" PRId64, ret->telegram_id);
        return true;
    }
    if (!text_percent_decode(encoded, ret->name, sizeof ret->name))
        return false;
    name = text_of(ret->name);
    return text_is_utf8(name) && text_code_points(name) <= ACTING_NAME_MAX && !text_is_blank(name);
}

static bool read_locale(const struct call *call, struct acting *ret)
{
    struct text locale = text_trim(call_header(call, "x-acting-user-locale"));

    return !locale.len || (text_copy(ret->locale, sizeof ret->locale, locale) && user_locale_is_known(ret->locale));
}

/* False: answered. */
static bool read_acting(struct call *call, struct acting *ret, struct next *refused)
{
    struct text user = text_trim(call_header(call, "x-acting-user")), id = user, kind = text_cut(&id, ':');

    *ret = (struct acting){0};
    if (!user.len)
        *refused = access_refuse(call, ERR_UNAUTHENTICATED, "acting_user_required");
    else if (!text_equal(kind, TEXT("telegram")) || !id.at || !text_int64(id, 1, INT64_MAX, &ret->telegram_id))
        *refused = access_refuse(call, ERR_UNAUTHENTICATED, "acting_user_invalid");
    else if (!read_name(call, ret) || !read_locale(call, ret))
        *refused = access_refuse(call, ERR_BAD_REQUEST, "bad_request");
    else
        return true;
    return false;
}

static struct next ask_user(struct call *call, rows_fn then, const char *step)
{
    struct acting acting;
    struct next refused;

    if (!read_acting(call, &acting, &refused))
        return refused;
    return await_rows_named(call, user_by_telegram(acting.telegram_id), then, step);
}

struct next access_by_service(struct call *call) { return ask_user(call, got_user, "got_user"); }

static struct next enter(struct call *call, const PGresult *rows)
{
    struct row row = rows_at(rows, 0);

    call->who.kind = WHO_SERVICE;
    call->who.scopes = ACCESS_EVERYDAY; /* a service is no admin, whoever it acts for */
    (void)access_read_user(&row, &call->who);
    return call_enter(call);
}

static struct next got_user(struct call *call, const PGresult *rows)
{
    struct acting acting;
    struct next refused;
    struct user_new user;

    if (rows_count(rows) > 0)
        return enter(call, rows);
    if (!read_acting(call, &acting, &refused))
        return refused;
    user = (struct user_new){.id = uuid_make(), .telegram_id = acting.telegram_id, .name = acting.name};
    user.locale = *acting.locale ? acting.locale : NULL;
    return await_rows(call, user_insert(&user), made_user);
}

/* No row: the same user's other request was first. */
static struct next made_user(struct call *call, const PGresult *rows)
{
    return rows_count(rows) > 0 ? enter(call, rows) : ask_user(call, got_anothers, "got_anothers");
}

static struct next got_anothers(struct call *call, const PGresult *rows)
{
    return rows_count(rows) > 0 ? enter(call, rows) : access_refuse(call, ERR_BUSY, "busy");
}
