#include "avatars/presets_api.h"

#include "avatars/avatar.h"
#include "catalog/catalog_write.h"
#include "http/await_rows.h"
#include "http/body.h"
#include "http/reply.h"
#include "local.h"

struct presets_query {
    struct uuid avatar_id;
};

static const struct query_field FIELDS[] = {QUERY_FIELD(QUERY_UUID, struct presets_query, avatar_id, .present = 0),
                                            {0}};

static struct next reply_catalog(struct call *call, const struct avatar_model *or_null)
{
    struct json_out out = reply_json_begin(call);

    catalog_write_presets(&out, local_of(call)->catalog, or_null);
    return reply_json(call, 200, &out);
}

static struct next got_avatar(struct call *call, const PGresult *rows)
{
    struct avatar avatar;
    struct avatar_model model;

    if (rows_count(rows) == 0)
        return reply_not_found(call);
    avatar = avatar_from_row(rows_at(rows, 0));
    model = avatar_model_of(&avatar);
    return reply_catalog(call, &model);
}

struct next presets_show(struct call *call)
{
    struct presets_query query = {0};
    struct next refused;

    if (!body_query(call, FIELDS, &query, &refused))
        return refused;
    if (!*query.avatar_id.text)
        return reply_catalog(call, NULL);
    return await_rows(call, avatar_by_id(call->who.user, query.avatar_id), got_avatar);
}
