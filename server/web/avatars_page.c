#include "web/avatars_page.h"

#include "http/await_rows.h"
#include "http/body.h"
#include "local.h"
#include "web/avatar_view.h"
#include "web/when.h"

struct avatars_query {
    char done[PAGE_DONE_ROOM];
};

static const struct query_field PARAMETERS[] = {PAGE_FIELDS(struct avatars_query), {0}};

/* GET /avatars */

struct avatars_view {
    const struct call *call;
    const PGresult *rows;
    bool has_avatars, is_training, is_full; /* is_full: no room for one more */
    int64_t limit, min_photos, max_photos;
};

static size_t count_avatars(const void *owner)
{
    return (size_t)rows_count(((const struct avatars_view *)owner)->rows);
}

struct avatar_item {
    struct avatar_view avatar;
    struct avatar_shown shown;
};

static void avatar_at(const void *owner, size_t index, void *item)
{
    const struct avatars_view *view = owner;
    struct avatar_item *made = item;

    made->shown = avatar_shown_from_row(rows_at(view->rows, (int)index));
    made->avatar = avatar_view_of(view->call, &made->shown);
}

static const struct view_field ITEM_FIELDS[] = {
    VIEW_FIELD(VIEW_STRUCT, struct avatar_item, avatar, .type = &avatar_view_type),
    {0},
};
static const struct view_type ITEM_TYPE = VIEW_TYPE(struct avatar_item, ITEM_FIELDS);

static const struct view_field LIST_FIELDS[] = {
    VIEW_FIELD_EACH("avatars", &ITEM_TYPE, count_avatars, avatar_at),
    VIEW_FIELD(VIEW_BOOL, struct avatars_view, has_avatars),
    VIEW_FIELD(VIEW_BOOL, struct avatars_view, is_training),
    VIEW_FIELD(VIEW_BOOL, struct avatars_view, is_full),
    VIEW_FIELD(VIEW_INT64, struct avatars_view, limit),
    VIEW_FIELD(VIEW_INT64, struct avatars_view, min_photos),
    VIEW_FIELD(VIEW_INT64, struct avatars_view, max_photos),
    {0},
};
static const struct view_type LIST_TYPE = VIEW_TYPE(struct avatars_view, LIST_FIELDS);
const struct page avatars_page = {"avatars/index", &LIST_TYPE, PLACE_AVATARS};

_Static_assert(sizeof(struct avatar_item) <= VIEW_ITEM_ROOM, "an item is made in that room");

static struct next got_avatars(struct call *call, const PGresult *rows);

struct next avatars_page_show(struct call *call)
{
    struct avatars_query query = {0};
    struct next refused;

    if (!body_query(call, PARAMETERS, &query, &refused))
        return refused;
    return await_rows(call, avatar_shown_all(call->who.user, call->who.time_zone, when_pattern(call->lang)),
                      got_avatars);
}

static bool one_is_training(const PGresult *rows)
{
    for (int i = 0; i < rows_count(rows); i++) {
        struct avatar_shown shown = avatar_shown_from_row(rows_at(rows, i));
        if (text_equal(text_of(shown.avatar.status), TEXT("training")))
            return true;
    }
    return false;
}

static struct next got_avatars(struct call *call, const PGresult *rows)
{
    const struct avatars_view view = {
        .call = call,
        .rows = rows,
        .has_avatars = rows_count(rows) > 0,
        .is_training = one_is_training(rows),
        .is_full = rows_count(rows) >= local_of(call)->config->avatars_per_user,
        .limit = local_of(call)->config->avatars_per_user,
        .min_photos = local_of(call)->config->avatar_min_photos,
        .max_photos = local_of(call)->config->avatar_max_photos,
    };

    return page_reply(call, 200, &avatars_page, &view);
}
