#include "web/generation_page.h"

#include <stdio.h>
#include <string.h>

#include "gallery/image.h"
#include "generations/history.h"
#include "http/await_rows.h"
#include "http/body.h"
#include "http/reply.h"
#include "jobs/bell.h"
#include "local.h"
#include "web/create_form.h"
#include "web/day.h"
#include "web/descent_view.h"
#include "web/form.h"
#include "web/generation_card.h"
#include "web/generation_picture.h"

struct generation_view {
    struct generation_card card;
    const char *avatar_name, *avatar_id; /* avatar_id NULL: it was deleted */
    char made[DAY_ROOM];
    struct view_items pictures; /* of a completed one */
    bool has_pictures;
    bool all_deleted; /* it is completed, its pictures are in the trash */
    bool may_repeat;  /* the form of "again", with its key */
    struct uuid key;
    const char *retry_of; /* NULL: none */
    bool has_descent;
    struct descent_view descent;
};

static const struct view_field FIELDS[] = {
    VIEW_FIELD(VIEW_STRUCT, struct generation_view, card, .type = &generation_card_type),
    VIEW_FIELD(VIEW_STRING, struct generation_view, avatar_name),
    VIEW_FIELD(VIEW_STRING, struct generation_view, avatar_id),
    VIEW_FIELD(VIEW_CHARS, struct generation_view, made),
    VIEW_FIELD(VIEW_ITEMS, struct generation_view, pictures, .type = &generation_picture_type),
    VIEW_FIELD(VIEW_BOOL, struct generation_view, has_pictures),
    VIEW_FIELD(VIEW_BOOL, struct generation_view, all_deleted),
    VIEW_FIELD(VIEW_BOOL, struct generation_view, may_repeat),
    VIEW_FIELD(VIEW_STRING, struct generation_view, retry_of),
    VIEW_FIELD(VIEW_BOOL, struct generation_view, has_descent),
    VIEW_FIELD(VIEW_STRUCT, struct generation_view, descent, .type = &descent_view_type),
    {.name = "key", .kind = VIEW_CHARS, .offset = offsetof(struct generation_view, key)},
    {0},
};
static const struct view_type TYPE = VIEW_TYPE(struct generation_view, FIELDS);

const struct page generation_page = {"generation/show", &TYPE, PLACE_CREATE};

/* GET /generations/{id} */

struct show_query {
    char done[PAGE_DONE_ROOM];
};

struct show {
    const PGresult *rows;    /* of history_one */
    const PGresult *descent; /* NULL: none */
};

static const struct query_field QUERY_FIELDS[] = {PAGE_FIELDS(struct show_query), {0}};

static struct next got_generation(struct call *call, const PGresult *rows);
static struct next got_descent(struct call *call, const PGresult *rows);
static struct next find_images(struct call *call);
static struct next got_images(struct call *call, const PGresult *rows);

struct next generation_page_show(struct call *call)
{
    struct show_query query;
    struct next refused;
    struct uuid id;

    if (!call_param_uuid(call, 0, &id))
        return reply_not_found(call);
    if (!body_query(call, QUERY_FIELDS, &query, &refused))
        return refused;
    return await_rows(call, history_one(call->who.user, id, call->who.time_zone), got_generation);
}

static struct next reply_view(struct call *call, const struct history_item *item, struct view_items pictures)
{
    const struct show *show = call->state;
    const struct generation *g = &item->generation;
    struct generation_view view = {
        .card = generation_card_of(call, g),
        .avatar_name = item->avatar_name,
        .avatar_id = g->avatar_deleted ? NULL : g->avatar_id.text,
        .pictures = pictures,
        .has_pictures = pictures.count > 0,
        .may_repeat = generation_status_is_final(g->status) && !g->avatar_deleted,
        .key = uuid_make(),
        .retry_of = *g->retry_of.text ? g->retry_of.text : NULL,
        .has_descent = show->descent != NULL,
    };
    struct descent descent;

    view.all_deleted = view.card.is_completed && !view.has_pictures;
    day_moment(local_of(call)->texts, call->lang, item->made, item->today, view.made);
    if (view.has_descent) {
        descent = descent_from_row(rows_at(show->descent, 0));
        descent_view_fill(call, &descent, &view.descent);
    }
    return page_reply(call, 200, &generation_page, &view);
}

static struct next got_generation(struct call *call, const PGresult *rows)
{
    struct generation generation;
    struct show *show;

    if (rows_count(rows) == 0)
        return reply_not_found(call);
    show = call_state_make(call, sizeof *show);
    show->rows = rows_keep(call, rows);
    generation = history_from_row(rows_at(rows, 0)).generation;
    if (*generation.parent_image.text)
        return await_rows(call, descent_of(call->who.user, generation.id), got_descent);
    return find_images(call);
}

static struct next got_descent(struct call *call, const PGresult *rows)
{
    struct show *show = call->state;

    show->descent = rows_count(rows) ? rows_keep(call, rows) : NULL;
    return find_images(call);
}

static struct next find_images(struct call *call)
{
    const struct show *show = call->state;
    const struct history_item item = history_from_row(rows_at(show->rows, 0));

    if (strcmp(item.generation.status, "completed") != 0)
        return reply_view(call, &item, (struct view_items){NULL, 0});
    return await_rows(call, images_of_generation(call->who.user, item.generation.id), got_images);
}

static struct next got_images(struct call *call, const PGresult *rows)
{
    const struct show *show = call->state;
    const struct history_item item = history_from_row(rows_at(show->rows, 0));
    size_t count = (size_t)(rows_count(rows) < CREATE_IMAGES_MAX ? rows_count(rows) : CREATE_IMAGES_MAX);
    struct generation_picture pictures[CREATE_IMAGES_MAX];

    for (size_t i = 0; i < count; i++) {
        const struct image image = image_from_row(rows_at(rows, (int)i));
        generation_picture_fill(call, &image, &pictures[i]);
        pictures[i].may_vary = !pictures[i].is_hidden && !item.generation.avatar_deleted;
        pictures[i].vary_key = uuid_make();
    }
    return reply_view(call, &item, (struct view_items){pictures, count});
}

/* POST /generations/{id}/cancel */

static struct next cancelled(struct call *call, const PGresult *rows);
static struct next got_uncancelled(struct call *call, const PGresult *rows);

struct next generation_page_cancel(struct call *call)
{
    struct next refused;
    struct uuid id;

    if (!call_param_uuid(call, 0, &id))
        return reply_not_found(call);
    if (!body_no_query(call, &refused) || !form_empty(call, &refused))
        return refused;
    return await_rows(call, generation_cancel(call->who.user, id), cancelled);
}

/* query: "", or what the page is to say. */
static struct next back_to_it(struct call *call, const char *query)
{
    struct uuid id;
    char location[80];

    (void)call_param_uuid(call, 0, &id);
    (void)snprintf(location, sizeof location, "/generations/%s%s", id.text, query);
    return reply_redirect(call, location);
}

static struct next cancelled(struct call *call, const PGresult *rows)
{
    struct uuid id;

    if (rows_count(rows) > 0) {
        bell_ring(local_of(call)->bell);
        return back_to_it(call, "");
    }
    (void)call_param_uuid(call, 0, &id);
    return await_rows(call, generation_by_id(call->who.user, id), got_uncancelled);
}

static struct next got_uncancelled(struct call *call, const PGresult *rows)
{
    if (rows_count(rows) == 0)
        return reply_not_found(call);
    return back_to_it(call, "?done=ended_before");
}
