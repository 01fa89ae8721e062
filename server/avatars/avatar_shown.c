#include "avatars/avatar_shown.h"

#define SHOWN                                                                                                          \
    "SELECT left(ltrim(name), 1), to_char(created_at AT TIME ZONE $2, $3), (SELECT count(*) FROM (SELECT FROM images"  \
    " WHERE user_id = avatars.user_id AND avatar_id = avatars.id AND deleted_at IS NULL LIMIT $4) AS counted),"        \
    " EXISTS (SELECT FROM generations g WHERE g.user_id = avatars.user_id AND g.avatar_id = avatars.id"                \
    " AND g.status NOT IN ('completed', 'failed', 'cancelled')), " AVATAR_COLUMNS                                      \
    " FROM avatars WHERE user_id = $1 AND deleted_at IS NULL"

static void add(struct query *q, struct uuid user, const char *time_zone, const char *pattern)
{
    query_add_uuid(q, user);
    query_add_text(q, time_zone);
    query_add_text(q, pattern);
    query_add_int64(q, AVATAR_IMAGES_COUNTED);
}

struct query avatar_shown_all(struct uuid user, const char *time_zone, const char *pattern)
{
    struct query q = query_read(SHOWN " ORDER BY is_main DESC, id DESC LIMIT $5");

    add(&q, user, time_zone, pattern);
    query_add_int64(&q, AVATARS_SHOWN);
    return q;
}

struct query avatar_shown_by_id(struct uuid user, const char *time_zone, const char *pattern, struct uuid id)
{
    struct query q = query_read(SHOWN " AND id = $5");

    add(&q, user, time_zone, pattern);
    query_add_uuid(&q, id);
    return q;
}

struct avatar_shown avatar_shown_from_row(struct row row)
{
    struct avatar_shown shown;

    (void)text_copy(shown.letter, sizeof shown.letter, row_piece(&row));
    (void)text_copy(shown.created, sizeof shown.created, row_piece(&row));
    shown.images = row_int64(&row);
    shown.is_busy = row_bool(&row);
    shown.avatar = avatar_from_row(row);
    return shown;
}
