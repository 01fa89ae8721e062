#include "gallery/image_detail.h"

#define TOOK                                                                                                           \
    "COALESCE((SELECT extract(epoch FROM finished_at - COALESCE(started_at, created_at)) FROM generations"             \
    " WHERE id = generation_id), -1)"
#define NEIGHBOUR(which, order, filter)                                                                                \
    "(SELECT n.id FROM images n WHERE n.user_id = $1 AND n.deleted_at IS NULL AND n.id " which " $2" filter            \
    " ORDER BY n.id " order " LIMIT 1)"
#define CHILDREN                                                                                                       \
    "(SELECT count(*) FROM (SELECT FROM images c WHERE c.parent_image_id = images.id AND c.user_id = $1"               \
    " AND c.deleted_at IS NULL LIMIT 100) c)"
#define MODEL(has) "EXISTS (SELECT FROM avatars a WHERE a.id = avatar_id AND a.deleted_at IS NULL AND " has ")"
#define KIN                                                                                                            \
    "(SELECT g.num_images FROM generations g WHERE g.id = generation_id), " CHILDREN                                   \
    ", " MODEL("a.training_type = 'portrait'") ", " MODEL("a.lora_url <> ''") ", " MODEL("a.finetune_id <> ''")
#define DETAIL(filter)                                                                                                 \
    "SELECT " IMAGE_COLUMNS ", (SELECT a.name FROM avatars a WHERE a.id = avatar_id),"                                 \
    " EXISTS (SELECT FROM avatars a WHERE a.id = avatar_id AND a.deleted_at IS NOT NULL), " TOOK ","                   \
    " date_trunc('second', created_at AT TIME ZONE $3), (now() AT TIME ZONE $3)::date, " NEIGHBOUR(                    \
        ">", "ASC",                                                                                                    \
        filter) ", " NEIGHBOUR("<", "DESC",                                                                            \
                               filter) ", " KIN " FROM images WHERE user_id = $1 AND id = $2 AND deleted_at IS NULL"

struct query image_detail_by_id(struct uuid user, struct uuid id, bool favorites, const char *time_zone)
{
    struct query q = query_read(favorites ? DETAIL(" AND n.is_favorite") : DETAIL(""));

    query_add_uuid(&q, user);
    query_add_uuid(&q, id);
    query_add_text(&q, time_zone);
    return q;
}

struct image_detail image_detail_from_row(struct row row)
{
    struct image_detail detail = {.image = image_from_row(row)};

    row.column = IMAGE_COLUMNS_COUNT;
    detail.avatar_name = row_piece(&row);
    detail.avatar_deleted = row_bool(&row);
    detail.took_s = row_double(&row);
    detail.made = row_piece(&row);
    detail.today = row_piece(&row);
    detail.newer = row_piece(&row);
    detail.older = row_piece(&row);
    detail.num_images = row_int64(&row);
    detail.children = row_int64(&row);
    detail.avatar_is_portrait = row_bool(&row);
    detail.avatar_has_lora = row_bool(&row);
    detail.avatar_has_finetune = row_bool(&row);
    return detail;
}

struct query image_detail_deleted(struct uuid user, struct uuid id)
{
    struct query q = query_read("SELECT id FROM images WHERE user_id = $1 AND id = $2 AND deleted_at IS NOT NULL");

    query_add_uuid(&q, user);
    query_add_uuid(&q, id);
    return q;
}
