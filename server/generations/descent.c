#include "generations/descent.h"

struct query descent_of(struct uuid user, struct uuid generation)
{
    struct query q = query_read(
        "SELECT g.parent_image_id, CASE WHEN i.deleted_at IS NULL AND NOT i.has_nsfw_content THEN i.object_key END,"
        " COALESCE(i.deleted_at IS NULL AND i.has_nsfw_content, false),"
        " COALESCE(g.wanted_seed = i.seed AND g.source_image_id IS DISTINCT FROM i.id, false)"
        " FROM generations g LEFT JOIN images i ON i.id = g.parent_image_id AND i.user_id = g.user_id"
        " WHERE g.user_id = $1 AND g.id = $2 AND g.parent_image_id IS NOT NULL");

    query_add_uuid(&q, user);
    query_add_uuid(&q, generation);
    return q;
}

struct descent descent_from_row(struct row row)
{
    struct descent descent;
    bool shown;

    descent.parent = row_uuid(&row);
    shown = !row_is_null(&row);
    descent.object_key = row_piece(&row);
    if (!shown)
        descent.object_key.at = NULL;
    descent.is_hidden = row_bool(&row);
    descent.is_repeat = row_bool(&row);
    return descent;
}
