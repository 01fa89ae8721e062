#include "avatars/make_api.h"

#include <stdio.h>
#include <string.h>

#include "http/await_rows.h"
#include "http/body.h"
#include "http/reply.h"
#include "local.h"

static struct next looked_up(struct call *call, const PGresult *rows);
static struct next create(struct call *call);
static struct next created(struct call *call, const PGresult *rows);
static struct next looked_up_again(struct call *call, const PGresult *rows);
static struct next replay(struct call *call, const PGresult *rows);
static struct next got_kept_avatar(struct call *call, const PGresult *rows);
static struct next answer(struct call *call, const PGresult *rows);
static struct next stored(struct call *call, const PGresult *rows_or_null);

bool make_api_begin(struct call *call, struct avatar_make *make, struct next *refused)
{
    return body_no_query(call, refused) && idempotency_read(call, &make->key, refused);
}

struct next make_api_run(struct call *call)
{
    const struct avatar_make *state = call->state;

    if (state->key.given)
        return await_rows(call, idempotency_find(call->who.user, &state->key), looked_up);
    return create(call);
}

static struct next looked_up(struct call *call, const PGresult *rows)
{
    return rows_count(rows) ? replay(call, rows) : create(call);
}

static struct next create(struct call *call)
{
    struct avatar_make *state = call->state;
    int64_t most = local_of(call)->config->avatars_per_user;

    state->id = uuid_make();
    return await_rows(call, state->insert(call, most), created);
}

static struct next refuse_more(struct call *call)
{
    struct err err;

    (void)err_set(&err, ERR_CONFLICT, "limit_reached", "too many avatars");
    return reply_err(call, &err);
}

/* No row: there are too many, or the key was taken meanwhile. */
static struct next created(struct call *call, const PGresult *rows)
{
    struct avatar_make *state = call->state;

    if (rows_count(rows))
        return answer(call, rows);
    if (state->key.given)
        return await_rows(call, idempotency_find(call->who.user, &state->key), looked_up_again);
    return refuse_more(call);
}

static struct next looked_up_again(struct call *call, const PGresult *rows)
{
    return rows_count(rows) ? replay(call, rows) : refuse_more(call);
}

/* The answer is the same for whoever asks again, whatever became of the avatar: it is kept with the key. */
static struct next reply_body(struct call *call)
{
    const struct avatar_make *state = call->state;
    char location[80];

    (void)snprintf(location, sizeof location, "/api/v1/avatars/%s", state->id.text);
    reply_header(call, "location", location);
    return reply_bytes(call, 201, "application/json", text_of(state->body));
}

static struct next answer(struct call *call, const PGresult *rows)
{
    struct avatar_make *state = call->state;
    struct json_out out = reply_json_begin(call);
    struct avatar avatar = avatar_from_row(rows_at(rows, 0));

    avatar_write(&out, &avatar, local_of(call)->catalog, call->lang);
    state->body = call_text(call, (struct text){out.buf->bytes, out.buf->len});
    if (!state->key.given)
        return reply_body(call);
    return await_rows_or_null(call, idempotency_store(call->who.user, &state->key, state->body), stored);
}

/* Or not, when the database has just gone: the avatar is made all the same. */
static struct next stored(struct call *call, const PGresult *rows_or_null)
{
    (void)rows_or_null;
    return reply_body(call);
}

/* Asked again */

static struct next replay(struct call *call, const PGresult *rows)
{
    struct avatar_make *state = call->state;
    struct idempotency_kept kept;

    if (idempotency_match(rows, &state->key, &kept) == IDEMPOTENCY_REUSED)
        return idempotency_refuse_reuse(call);
    state->id = kept.ref;
    idempotency_mark_replayed(call);
    if (!kept.response.at)
        return await_rows(call, avatar_even_deleted(call->who.user, kept.ref), got_kept_avatar);
    state->body = call_text(call, kept.response);
    return reply_body(call);
}

/* The first answer is not stored (yet): it was this, unless the avatar has been changed since. */
static struct next got_kept_avatar(struct call *call, const PGresult *rows)
{
    return rows_count(rows) ? answer(call, rows) : reply_not_found(call);
}
