#include "web/style_desk.h"

#include <stdio.h>

#include "avatars/avatar.h"
#include "local.h"
#include "styles/own_style.h"
#include "users/caches.h"

static const struct view_field FIELDS[] = {
    VIEW_FIELD(VIEW_ITEMS, struct style_desk, avatars, .type = &avatar_choice_type),
    VIEW_FIELD(VIEW_POINTER, struct style_desk, avatar, .type = &avatar_choice_type),
    VIEW_FIELD(VIEW_POINTER, struct style_desk, first, .type = &avatar_choice_type),
    VIEW_FIELD(VIEW_BOOL, struct style_desk, has_avatars),
    VIEW_FIELD(VIEW_BOOL, struct style_desk, has_others),
    VIEW_FIELD(VIEW_BOOL, struct style_desk, is_main),
    VIEW_FIELD(VIEW_BOOL, struct style_desk, is_off),
    VIEW_FIELD(VIEW_BOOL, struct style_desk, is_short),
    VIEW_FIELD(VIEW_BOOL, struct style_desk, has_held),
    VIEW_FIELD(VIEW_INT64, struct style_desk, price),
    VIEW_FIELD(VIEW_INT64, struct style_desk, available),
    VIEW_FIELD(VIEW_INT64, struct style_desk, held),
    VIEW_FIELD(VIEW_BOOL, struct style_desk, may_make),
    VIEW_FIELD(VIEW_STRING, struct style_desk, here_path),
    VIEW_FIELD(VIEW_STRING, struct style_desk, avatar_query),
    {0},
};
const struct view_type style_desk_type = VIEW_TYPE(struct style_desk, FIELDS);

static struct next got_account(struct call *call, const PGresult *rows);
static struct next got_avatars(struct call *call, const PGresult *rows);
static struct next got_favorites(struct call *call, const PGresult *rows);
static struct next got_own(struct call *call, const PGresult *rows);

struct next style_reads_begin(struct call *call, step_fn then)
{
    struct style_reads *reads = call->state;

    reads->then = then;
    return await_rows(call, account_of(call->who.user), got_account);
}

static struct next got_account(struct call *call, const PGresult *rows)
{
    struct style_reads *reads = call->state;

    reads->account = account_from_rows(rows, local_of(call)->config->default_quota);
    return await_rows(call, avatars_of(call->who.user, (struct uuid){""}, CREATE_AVATARS_MAX), got_avatars);
}

static struct next got_avatars(struct call *call, const PGresult *rows)
{
    struct style_reads *reads = call->state;
    struct cached place;

    reads->avatars = rows_keep(call, rows);
    place = cached_favorites(call, "");
    return await_rows_cached(call, &place, style_favorites_of(call->who.user), got_favorites);
}

static struct next got_favorites(struct call *call, const PGresult *rows)
{
    struct style_reads *reads = call->state;

    reads->favorites = rows_keep(call, rows);
    return await_rows(call, own_styles_of(call->who.user), got_own);
}

static struct next got_own(struct call *call, const PGresult *rows)
{
    struct style_reads *reads = call->state;

    reads->own = rows_keep(call, rows);
    return reads->then(call);
}

bool style_reads_like(const struct style_reads *reads, const char *style_id)
{
    return style_favorites_have(reads->favorites, style_id);
}

static void fill_money(struct style_desk *desk, const struct account *account)
{
    desk->available = account->available;
    desk->held = account->held;
    desk->has_held = account->held > 0;
    desk->price = desk->avatar ? desk->avatar->credits : 0;
    desk->is_short = desk->avatar && desk->price > account->available;
}

static const char *query_of(struct call *call, const struct avatar_choice *avatar)
{
    char query[sizeof "?avatar=" + sizeof avatar->id.text];

    if (!avatar || avatar->is_main)
        return "";
    (void)snprintf(query, sizeof query, "?avatar=%s", avatar->id.text);
    return call_text(call, text_of(query));
}

struct style_desk style_desk_make(struct call *call, const struct style_reads *reads, struct uuid wanted,
                                  const char *here)
{
    struct style_desk desk = {.avatars = create_avatars(call, reads->avatars, wanted), .here_path = here};
    struct err off;

    desk.avatar = create_avatar_checked(desk.avatars);
    desk.first = desk.avatars.count ? desk.avatars.at : NULL;
    desk.has_avatars = desk.avatars.count > 0;
    desk.has_others = desk.avatars.count > 1;
    desk.is_main = desk.avatar && desk.avatar->is_main;
    desk.is_off = !generation_create_is_on(call, &off);
    fill_money(&desk, &reads->account);
    desk.may_make = desk.avatar && !desk.is_off && !desk.is_short;
    desk.avatar_query = query_of(call, desk.avatar);
    return desk;
}
