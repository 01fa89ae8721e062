#include "batches/batch_api.h"

#include "batches/batch_change.h"
#include "batches/batch_write.h"
#include "http/await_rows.h"
#include "http/body.h"
#include "http/paging.h"
#include "http/reply.h"
#include "jobs/bell.h"
#include "local.h"

static const char LIST[] = "batches";

/* GET /api/v1/generations/batches/{id} */

struct show {
    struct uuid id;
    int status;
    const PGresult *batch, *items;
};

static struct next show(struct call *call, int status);
static struct next got_batch(struct call *call, const PGresult *rows);
static struct next got_items(struct call *call, const PGresult *rows);
static struct next got_images(struct call *call, const PGresult *rows);

struct next batch_show(struct call *call)
{
    struct show *state = call_state_make(call, sizeof *state);
    struct next refused;

    if (!body_only_id(call, &state->id, &refused))
        return refused;
    return show(call, 200);
}

static struct next show(struct call *call, int status)
{
    struct show *state = call->state;

    state->status = status;
    return await_rows(call, batch_by_id(call->who.user, state->id), got_batch);
}

static struct next got_batch(struct call *call, const PGresult *rows)
{
    struct show *state = call->state;

    if (rows_count(rows) == 0)
        return reply_not_found(call);
    state->batch = rows_keep(call, rows);
    return await_rows(call, batch_items(call->who.user, state->id), got_items);
}

static struct next got_items(struct call *call, const PGresult *rows)
{
    struct show *state = call->state;

    state->items = rows_keep(call, rows);
    return await_rows(call, batch_images(call->who.user, state->id), got_images);
}

static struct next got_images(struct call *call, const PGresult *rows)
{
    const struct show *state = call->state;
    struct batch batch = batch_from_row(rows_at(state->batch, 0));
    struct json_out out = reply_json_begin(call);

    json_object(&out);
    batch_write(&out, &batch, call->lang);
    batch_write_items(&out, call, state->items, rows);
    json_end_object(&out);
    return reply_json(call, state->status, &out);
}

/* POST /api/v1/generations/batches/{id}/cancel */

static struct next cancelled(struct call *call, const PGresult *rows);
static struct next got_uncancelled(struct call *call, const PGresult *rows);

struct next batch_cancel_asked(struct call *call)
{
    struct show *state = call_state_make(call, sizeof *state);
    struct next refused;

    if (!body_only_id(call, &state->id, &refused))
        return refused;
    return await_rows(call, batch_cancel(call->who.user, state->id), cancelled);
}

static struct next cancelled(struct call *call, const PGresult *rows)
{
    const struct show *state = call->state;
    struct row row = rows_at(rows, 0);

    if (row_is_null(&row))
        return reply_not_found(call);
    if (!row_bool(&row))
        return await_rows(call, batch_by_id(call->who.user, state->id), got_uncancelled);
    bell_ring(local_of(call)->bell);
    return show(call, 202);
}

/* It has ended: by an earlier request like this one, or by itself. */
static struct next got_uncancelled(struct call *call, const PGresult *rows)
{
    struct batch batch;
    struct err err;

    if (rows_count(rows) == 0)
        return reply_not_found(call);
    batch = batch_from_row(rows_at(rows, 0));
    if (batch.cancel_requested)
        return show(call, 202);
    (void)err_set(&err, ERR_CONFLICT, "not_cancellable", "it has ended");
    return reply_err(call, &err);
}

/* GET /api/v1/generations/batches */

struct list_query {
    int64_t limit;
    char cursor[PAGING_CURSOR_ROOM];
};

static const struct query_field LIST_FIELDS[] = {PAGING_FIELDS(struct list_query), {0}};

static struct next got_page(struct call *call, const PGresult *rows);

struct next batch_list(struct call *call)
{
    struct list_query *query = call_state_make(call, sizeof *query);
    struct next refused;
    struct uuid after;

    query->limit = PAGING_LIMIT_DEFAULT;
    if (!body_query(call, LIST_FIELDS, query, &refused) ||
        !paging_after(call, local_of(call)->cursor_mac, LIST, "", query->cursor, &after, &refused))
        return refused;
    return await_rows(call, batches_of(call->who.user, after, query->limit + 1), got_page);
}

static struct next got_page(struct call *call, const PGresult *rows)
{
    const struct list_query *query = call->state;
    bool has_more = rows_count(rows) > query->limit;
    int count = has_more ? (int)query->limit : rows_count(rows);
    struct json_out out = reply_json_begin(call);
    struct batch batch;

    json_object(&out);
    json_key(&out, "items");
    json_array(&out);
    for (int i = 0; i < count; i++) {
        batch = batch_from_row(rows_at(rows, i));
        json_object(&out);
        batch_write(&out, &batch, call->lang);
        json_end_object(&out);
    }
    json_end_array(&out);
    paging_write_next(&out, call, local_of(call)->cursor_mac, LIST, "", has_more ? &batch.id : NULL);
    json_end_object(&out);
    return reply_json(call, 200, &out);
}
