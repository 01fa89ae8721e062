#include "web/batch_page.h"

#include <stdio.h>

#include "batches/batch_change.h"
#include "http/await_rows.h"
#include "http/body.h"
#include "http/reply.h"
#include "jobs/bell.h"
#include "local.h"
#include "web/batch_view.h"
#include "web/form.h"

const struct page batch_page = {"batch/show", &batch_view_type, PLACE_CREATE};

struct show {
    const PGresult *batch, *items;
    struct batch_shown shown;
};

struct show_query {
    char done[PAGE_DONE_ROOM];
};

static const struct query_field QUERY_FIELDS[] = {PAGE_FIELDS(struct show_query), {0}};

static struct next got_batch(struct call *call, const PGresult *rows);
static struct next got_items(struct call *call, const PGresult *rows);
static struct next got_images(struct call *call, const PGresult *rows);

struct next batch_page_show(struct call *call)
{
    struct show_query query;
    struct next refused;
    struct uuid id;

    if (!call_param_uuid(call, 0, &id))
        return reply_not_found(call);
    if (!body_query(call, QUERY_FIELDS, &query, &refused))
        return refused;
    return await_rows(call, batch_shown(call->who.user, id, call->who.time_zone), got_batch);
}

static struct next got_batch(struct call *call, const PGresult *rows)
{
    struct show *show;

    if (rows_count(rows) == 0)
        return reply_not_found(call);
    show = call_state_make(call, sizeof *show);
    show->batch = rows_keep(call, rows);
    show->shown = batch_shown_from_row(rows_at(show->batch, 0));
    return await_rows(call, batch_items(call->who.user, show->shown.batch.id), got_items);
}

static struct next got_items(struct call *call, const PGresult *rows)
{
    struct show *show = call->state;

    show->items = rows_keep(call, rows);
    return await_rows(call, batch_images(call->who.user, show->shown.batch.id), got_images);
}

static struct next got_images(struct call *call, const PGresult *rows)
{
    const struct show *show = call->state;

    return page_reply(call, 200, &batch_page, batch_view_make(call, &show->shown, show->items, rows));
}

/* POST /batches/{id}/cancel */

static struct next cancelled(struct call *call, const PGresult *rows);

struct next batch_page_cancel(struct call *call)
{
    struct next refused;
    struct uuid id;

    if (!call_param_uuid(call, 0, &id))
        return reply_not_found(call);
    if (!body_no_query(call, &refused) || !form_empty(call, &refused))
        return refused;
    return await_rows(call, batch_cancel(call->who.user, id), cancelled);
}

static struct next cancelled(struct call *call, const PGresult *rows)
{
    struct row row = rows_at(rows, 0);
    char location[80];
    struct uuid id;
    bool ended;

    if (row_is_null(&row))
        return reply_not_found(call);
    ended = !row_bool(&row);
    if (!ended)
        bell_ring(local_of(call)->bell);
    (void)call_param_uuid(call, 0, &id);
    (void)snprintf(location, sizeof location, "/batches/%s%s", id.text, ended ? "?done=ended_before" : "");
    return reply_redirect(call, location);
}
