#include "styles/style_favorite_api.h"

#include "http/await_rows.h"
#include "http/body.h"
#include "http/reply.h"
#include "local.h"
#include "styles/own_style.h"
#include "styles/styles.h"
#include "users/caches.h"

/* The id in the path. False: it can be no style's. */
static bool read_id(struct call *call, char id[STYLE_ID_ROOM], bool *own)
{
    struct uuid uuid;

    *own = call_param_uuid(call, 0, &uuid);
    if (*own)
        return text_copy(id, STYLE_ID_ROOM, text_of(uuid.text));
    return text_copy(id, STYLE_ID_ROOM, call->params[0]) && text_is_utf8(text_of(id));
}

/* PUT /api/v1/templates/{id}/favorite */

static struct next added(struct call *call, const PGresult *rows)
{
    if (rows_count(rows) == 0)
        return reply_not_found(call);
    caches_taste_changed(call);
    return reply_no_content(call);
}

struct next style_favorite_api_put(struct call *call)
{
    char id[STYLE_ID_ROOM];
    struct next refused;
    bool own;

    if (!body_no_query(call, &refused))
        return refused;
    if (!read_id(call, id, &own) || (!own && !styles_find(local_of(call)->styles, id)))
        return reply_not_found(call);
    return await_rows(call, style_favorite_add(call->who.user, id, own), added);
}

/* DELETE /api/v1/templates/{id}/favorite */

static struct next removed(struct call *call, const PGresult *rows)
{
    (void)rows;
    caches_taste_changed(call);
    return reply_no_content(call);
}

/* Also of a style that is no more. */
struct next style_favorite_api_remove(struct call *call)
{
    char id[STYLE_ID_ROOM];
    struct next refused;
    bool own;

    if (!body_no_query(call, &refused))
        return refused;
    if (!read_id(call, id, &own))
        return reply_not_found(call);
    return await_rows(call, style_favorite_remove(call->who.user, id), removed);
}
