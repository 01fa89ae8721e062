#include "styles/style_shelf.h"

#include "gallery/image_links.h"
#include "http/reply.h"
#include "local.h"
#include "users/caches.h"

static struct next got_avatar(struct call *call, const PGresult *rows);
static struct next got_favorites(struct call *call, const PGresult *rows);
static struct next got_uses(struct call *call, const PGresult *rows);
static struct next got_history(struct call *call, const PGresult *rows);
static struct next got_own(struct call *call, const PGresult *rows);

/* Own rows come last: they may be many, and are borrowed by the answer. */
struct next style_shelf_gather(struct call *call)
{
    struct style_shelf *shelf = call->state;
    struct uuid user = call->who.user;
    struct cached place;

    if (!shelf->looked_for_avatar && *shelf->avatar_id.text)
        return await_rows(call, avatar_by_id(user, shelf->avatar_id), got_avatar);
    if (!shelf->looked_for_avatar && shelf->needs & STYLE_NEED_MAIN_AVATAR)
        return await_rows(call, avatar_main(user), got_avatar);
    if (!shelf->favorites) {
        place = cached_favorites(call, "");
        return await_rows_cached(call, &place, style_favorites_of(user), got_favorites);
    }
    if (shelf->needs & STYLE_NEED_USES && !shelf->uses) {
        place = cached_popular_styles("");
        return await_rows_cached(call, &place, style_popular_uses(local_of(call)->styles), got_uses);
    }
    if (shelf->needs & STYLE_NEED_HISTORY && !shelf->history)
        return await_rows(call, style_history_of(user), got_history);
    if (shelf->needs & STYLE_NEED_OWN) {
        place = cached_own_styles(call, "");
        return await_rows_cached(call, &place, own_styles_of(user), got_own);
    }
    return shelf->answer(call, NULL);
}

static struct next got_avatar(struct call *call, const PGresult *rows)
{
    struct style_shelf *shelf = call->state;

    if (rows_count(rows) == 0 && *shelf->avatar_id.text)
        return reply_not_found(call);
    shelf->looked_for_avatar = true;
    shelf->has_avatar = rows_count(rows) > 0;
    if (shelf->has_avatar)
        shelf->avatar = avatar_from_row(rows_at(rows, 0));
    return style_shelf_gather(call);
}

static struct next got_favorites(struct call *call, const PGresult *rows)
{
    struct style_shelf *shelf = call->state;

    shelf->favorites = rows_keep(call, rows);
    return style_shelf_gather(call);
}

static struct next got_uses(struct call *call, const PGresult *rows)
{
    struct style_shelf *shelf = call->state;

    shelf->uses = rows_keep(call, rows);
    return style_shelf_gather(call);
}

static struct next got_history(struct call *call, const PGresult *rows)
{
    struct style_shelf *shelf = call->state;

    shelf->history = rows_keep(call, rows);
    return style_shelf_gather(call);
}

static struct next got_own(struct call *call, const PGresult *rows)
{
    const struct style_shelf *shelf = call->state;

    return shelf->answer(call, rows);
}

struct style_shown style_shelf_shown(struct call *call)
{
    const struct style_shelf *shelf = call->state;
    const struct local *local = local_of(call);

    return (struct style_shown){.styles = local->styles,
                                .catalog = local->catalog,
                                .public_url = local->config->public_url,
                                .user = call->who.user,
                                .favorites = shelf->favorites,
                                .avatar = shelf->has_avatar ? &shelf->avatar : NULL,
                                .links = image_links_of(call)};
}
