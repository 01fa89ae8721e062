#include "generations/again.h"

struct query again_from_image(struct uuid user, struct uuid image)
{
    struct query q = query_read("SELECT i.prompt, i.preset, i.avatar_id, g.parameters, 1 FROM images i"
                                " JOIN generations g ON g.id = i.generation_id"
                                " WHERE i.user_id = $1 AND i.id = $2 AND i.deleted_at IS NULL AND g.user_id = $1");

    query_add_uuid(&q, user);
    query_add_uuid(&q, image);
    return q;
}

struct query again_from_generation(struct uuid user, struct uuid generation)
{
    struct query q = query_read("SELECT prompt, preset, avatar_id, parameters, num_images FROM generations"
                                " WHERE user_id = $1 AND id = $2");

    query_add_uuid(&q, user);
    query_add_uuid(&q, generation);
    return q;
}

struct again again_from_row(struct row row)
{
    struct again again;

    again.prompt = row_text(&row);
    again.preset = row_text(&row);
    again.avatar = row_uuid(&row);
    again.parameters = row_piece(&row);
    again.num_images = row_int64(&row);
    return again;
}
