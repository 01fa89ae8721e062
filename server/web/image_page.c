#include "web/image_page.h"

#include "http/await_rows.h"
#include "http/body.h"
#include "http/reply.h"
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

static struct next got_detail(struct call *call, const PGresult *rows);

struct next image_page_show(struct call *call)
{
    struct image_query *query = call_state_make(call, sizeof *query);
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
    const struct image_query *query = call->state;
    struct image_detail detail;
    struct image_view view;

    if (rows_count(rows) == 0)
        return reply_not_found(call);
    detail = image_detail_from_row(rows_at(rows, 0));
    image_view_fill(&view, call, &detail);
    view.favorites = query->favorite;
    return page_reply(call, 200, &image_page, &view);
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
