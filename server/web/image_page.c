#include "web/image_page.h"

#include "http/await_rows.h"
#include "http/body.h"
#include "http/reply.h"
#include "web/generation_picture.h"
#include "web/image_view.h"

const struct page image_page = {"image/show", &image_view_type, PLACE_IMAGES};

struct image_query {
    bool favorite;
    char done[PAGE_DONE_ROOM];
};

static const struct query_field FIELDS[] = {
    QUERY_FIELD(QUERY_BOOL, struct image_query, favorite, .present = 0),
    PAGE_FIELDS(struct image_query),
    {0},
};

struct image_show {
    struct image_query query;
    const PGresult *detail, *descent; /* descent NULL: none */
};

static struct next got_detail(struct call *call, const PGresult *rows);
static struct next got_descent(struct call *call, const PGresult *rows);
static struct next find_children(struct call *call);
static struct next got_children(struct call *call, const PGresult *rows);

struct next image_page_show(struct call *call)
{
    struct image_show *state = call_state_make(call, sizeof *state);
    struct image_query *query = &state->query;
    struct next refused;
    struct uuid id;

    if (!body_query(call, FIELDS, query, &refused))
        return refused;
    if (!call_param_uuid(call, 0, &id))
        return reply_not_found(call);
    return await_rows(call, image_detail_by_id(call->who.user, id, query->favorite, call->who.time_zone), got_detail);
}

static struct next got_detail(struct call *call, const PGresult *rows)
{
    struct image_show *state = call->state;
    struct uuid generation;
    struct image image;

    if (rows_count(rows) == 0)
        return reply_not_found(call);
    state->detail = rows_keep(call, rows);
    image = image_from_row(rows_at(rows, 0));
    if (image.parent.at && uuid_read(image.generation_id, &generation))
        return await_rows(call, descent_of(call->who.user, generation), got_descent);
    return find_children(call);
}

static struct next got_descent(struct call *call, const PGresult *rows)
{
    struct image_show *state = call->state;

    state->descent = rows_count(rows) ? rows_keep(call, rows) : NULL;
    return find_children(call);
}

static struct next reply_view(struct call *call, struct view_items children)
{
    const struct image_show *state = call->state;
    struct image_detail detail = image_detail_from_row(rows_at(state->detail, 0));
    struct descent descent;
    struct image_view view;

    image_view_fill(&view, call, &detail);
    view.favorites = state->query.favorite;
    view.has_descent = state->descent != NULL;
    if (view.has_descent) {
        descent = descent_from_row(rows_at(state->descent, 0));
        descent_view_fill(call, &descent, &view.descent);
    }
    view.children = children;
    view.children_count = detail.children;
    view.has_children = children.count > 0;
    return page_reply(call, 200, &image_page, &view);
}

static struct next find_children(struct call *call)
{
    const struct image_show *state = call->state;
    struct uuid id;

    (void)call_param_uuid(call, 0, &id);
    if (!image_detail_from_row(rows_at(state->detail, 0)).children)
        return reply_view(call, (struct view_items){NULL, 0});
    return await_rows(call, images_of_parent(call->who.user, id, IMAGE_VIEW_CHILDREN_MAX), got_children);
}

static struct next got_children(struct call *call, const PGresult *rows)
{
    struct generation_picture pictures[IMAGE_VIEW_CHILDREN_MAX];
    size_t count = (size_t)rows_count(rows);

    for (size_t i = 0; i < count; i++) {
        const struct image image = image_from_row(rows_at(rows, (int)i));
        generation_picture_fill(call, &image, &pictures[i]);
    }
    return reply_view(call, (struct view_items){pictures, count});
}

struct next image_page_reply_typed(struct call *call, struct row row, const struct image_page_typed *typed)
{
    struct image_detail detail = image_detail_from_row(row);
    struct image_view view;

    image_view_fill(&view, call, &detail);
    view.favorites = typed->favorites;
    (void)text_copy(view.typed_name, sizeof view.typed_name, text_of(typed->custom_name));
    view.faults = form_faults_of(call, typed->faults, "image");
    view.has_faults = view.faults.count > 0;
    view.name_fault = form_fault_at(view.faults, "custom_name");
    return page_reply(call, 422, &image_page, &view);
}
