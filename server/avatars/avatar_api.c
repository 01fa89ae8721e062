#include "avatars/avatar_api.h"

#include <string.h>

#include "avatars/avatar_change.h"
#include "http/await_rows.h"
#include "http/body.h"
#include "http/paging.h"
#include "http/reply.h"
#include "local.h"

static struct next reply_avatar(struct call *call, const PGresult *rows)
{
    struct json_out out = reply_json_begin(call);
    struct avatar avatar = avatar_from_row(rows_at(rows, 0));

    avatar_write(&out, &avatar, local_of(call)->catalog, call->lang);
    return reply_json(call, 200, &out);
}

/* GET /api/v1/avatars */

static struct next got_page(struct call *call, const PGresult *rows);

struct avatar_list_query {
    int64_t limit;
    char cursor[PAGING_CURSOR_ROOM];
};

static const struct query_field LIST_FIELDS[] = {PAGING_FIELDS(struct avatar_list_query), {0}};

struct next avatar_list(struct call *call)
{
    struct avatar_list_query *query = call_state_make(call, sizeof *query);
    struct uuid after;
    struct next refused;

    query->limit = PAGING_LIMIT_DEFAULT;
    if (!body_query(call, LIST_FIELDS, query, &refused) ||
        !paging_after(call, local_of(call)->cursor_mac, "avatars", "", query->cursor, &after, &refused))
        return refused;
    return await_rows(call, avatars_of(call->who.user, after, query->limit + 1), got_page);
}

static struct next got_page(struct call *call, const PGresult *rows)
{
    const struct avatar_list_query *query = call->state;
    bool more = rows_count(rows) > query->limit;
    int count = more ? (int)query->limit : rows_count(rows);
    struct json_out out = reply_json_begin(call);
    struct avatar avatar;

    json_object(&out);
    json_key(&out, "items");
    json_array(&out);
    for (int i = 0; i < count; i++) {
        avatar = avatar_from_row(rows_at(rows, i));
        avatar_write(&out, &avatar, local_of(call)->catalog, call->lang);
    }
    json_end_array(&out);
    paging_write_next(&out, call, local_of(call)->cursor_mac, "avatars", "", more ? &avatar.id : NULL);
    json_end_object(&out);
    return reply_json(call, 200, &out);
}

/* GET /api/v1/avatars/{id} */

static struct next got_avatar(struct call *call, const PGresult *rows)
{
    return rows_count(rows) ? reply_avatar(call, rows) : reply_not_found(call);
}

struct next avatar_show(struct call *call)
{
    struct next refused;
    struct uuid id;

    if (!body_only_id(call, &id, &refused))
        return refused;
    return await_rows(call, avatar_by_id(call->who.user, id), got_avatar);
}

/* Nothing came of a change: because there is no such avatar, or because of the state it is in. */
static struct next refuse(struct call *call, const PGresult *rows, const char *code)
{
    struct err err;

    if (rows_count(rows) == 0)
        return reply_not_found(call);
    (void)err_set(&err, ERR_CONFLICT, code, "it is there");
    return reply_err(call, &err);
}

/* PATCH /api/v1/avatars/{id} */

static struct next patched(struct call *call, const PGresult *rows);
static struct next got_unready(struct call *call, const PGresult *rows);

struct next avatar_patch(struct call *call)
{
    struct avatar_change change = {0};
    struct faults faults = {0};
    struct next refused;
    struct uuid *id;

    if (!body_no_query(call, &refused))
        return refused;
    id = call_state_make(call, sizeof *id);
    if (!call_param_uuid(call, 0, id))
        return reply_not_found(call);
    if (!body_json_faults(call, AVATAR_CHANGE_FIELDS, &change, &faults, &refused))
        return refused;
    avatar_change_check(&change, &faults);
    if (faults.count)
        return reply_faults(call, &faults);
    return await_rows(call, avatar_change_update(call->who.user, *id, &change), patched);
}

static struct next patched(struct call *call, const PGresult *rows)
{
    const struct uuid *id = call->state;

    if (rows_count(rows))
        return reply_avatar(call, rows);
    return await_rows(call, avatar_by_id(call->who.user, *id), got_unready);
}

static struct next got_unready(struct call *call, const PGresult *rows)
{
    return refuse(call, rows, "avatar_not_ready");
}

/* DELETE /api/v1/avatars/{id} */

static struct next removed(struct call *call, const PGresult *rows);
static struct next got_busy(struct call *call, const PGresult *rows);

struct next avatar_remove(struct call *call)
{
    struct next refused;
    struct uuid *id;

    if (!body_no_query(call, &refused))
        return refused;
    id = call_state_make(call, sizeof *id);
    if (!call_param_uuid(call, 0, id))
        return reply_not_found(call);
    return await_rows(call, avatar_change_delete(call->who.user, *id), removed);
}

static struct next removed(struct call *call, const PGresult *rows)
{
    const struct uuid *id = call->state;

    if (rows_count(rows))
        return reply_no_content(call);
    return await_rows(call, avatar_by_id(call->who.user, *id), got_busy);
}

static struct next got_busy(struct call *call, const PGresult *rows)
{
    bool learns = rows_count(rows) > 0 && strcmp(avatar_from_row(rows_at(rows, 0)).status, "training") == 0;

    return refuse(call, rows, learns ? "avatar_training" : "avatar_in_use");
}
