#include "users/create_once.h"

#include <stdio.h>

#include "http/await_rows.h"
#include "http/reply.h"

static struct next looked_up(struct call *call, const PGresult *rows);
static struct next created(struct call *call, const PGresult *rows);
static struct next looked_up_again(struct call *call, const PGresult *rows);
static struct next answer(struct call *call, const PGresult *rows);
static struct next stored(struct call *call, const PGresult *rows_or_null);
static struct next replay(struct call *call, const PGresult *rows);
static struct next got_kept(struct call *call, const PGresult *rows);

struct next create_once_begin(struct call *call)
{
    const struct create_once *state = call->state;

    if (state->key.given)
        return await_rows(call, idempotency_find(call->who.user, &state->key), looked_up);
    return state->ways->begin(call);
}

static struct next looked_up(struct call *call, const PGresult *rows)
{
    const struct create_once *state = call->state;

    return rows_count(rows) ? replay(call, rows) : state->ways->begin(call);
}

struct next create_once_insert(struct call *call, struct query query) { return await_rows(call, query, created); }

static struct next refuse_more(struct call *call)
{
    const struct create_once *state = call->state;
    struct err err;

    (void)err_set(&err, ERR_CONFLICT, "limit_reached", "%s", state->ways->too_many);
    return reply_err(call, &err);
}

/* No row: there are too many, or the key was taken meanwhile. */
static struct next created(struct call *call, const PGresult *rows)
{
    const struct create_once *state = call->state;

    if (rows_count(rows)) {
        if (state->ways->made)
            state->ways->made(call);
        return answer(call, rows);
    }
    if (state->key.given)
        return await_rows(call, idempotency_find(call->who.user, &state->key), looked_up_again);
    return refuse_more(call);
}

static struct next looked_up_again(struct call *call, const PGresult *rows)
{
    return rows_count(rows) ? replay(call, rows) : refuse_more(call);
}

static struct next reply_body(struct call *call)
{
    const struct create_once *state = call->state;
    char location[80];

    (void)snprintf(location, sizeof location, "%s%s", state->ways->path, state->id.text);
    reply_header(call, "location", location);
    return reply_bytes(call, 201, "application/json", text_of(state->body));
}

static struct next answer(struct call *call, const PGresult *rows)
{
    struct create_once *state = call->state;
    struct json_out out = reply_json_begin(call);

    state->ways->write(call, &out, rows);
    state->body = call_text(call, (struct text){out.buf->bytes, out.buf->len});
    if (!state->key.given)
        return reply_body(call);
    return await_rows_or_null(call, idempotency_store(call->who.user, &state->key, state->body), stored);
}

/* Or not, when the database has just gone: the thing is made all the same. */
static struct next stored(struct call *call, const PGresult *rows_or_null)
{
    (void)rows_or_null;
    return reply_body(call);
}

/* Asked again */

static struct next replay(struct call *call, const PGresult *rows)
{
    struct create_once *state = call->state;
    struct idempotency_kept kept;

    if (idempotency_match(rows, &state->key, &kept) == IDEMPOTENCY_REUSED)
        return idempotency_refuse_reuse(call);
    state->id = kept.ref;
    idempotency_mark_replayed(call);
    if (!kept.response.at)
        return await_rows(call, state->ways->by_id(call->who.user, kept.ref), got_kept);
    state->body = call_text(call, kept.response);
    return reply_body(call);
}

/* The first answer is not stored (yet): it was this, unless the thing has been changed since. */
static struct next got_kept(struct call *call, const PGresult *rows)
{
    return rows_count(rows) ? answer(call, rows) : reply_not_found(call);
}
