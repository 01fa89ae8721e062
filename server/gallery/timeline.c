#include "gallery/timeline.h"

#include <assert.h>

/* A page is a head and its pictures, in one result. The head has no id; where pictures have name, is_favorite,
   has_nsfw_content and day, it has the avatar's name, stirs, beyond and today. */
enum { PAGE_AND_ONE = TIMELINE_PAGE + 1, ID_COLUMN = 0, DAY_COLUMN = 8 };
static_assert(PAGE_AND_ONE == 25 && TIMELINE_NAME_MAX + 1 == 81, "as the statements have it");

#define MINE "FROM images WHERE user_id = $1 AND deleted_at IS NULL"
#define STIRS                                                                                                          \
    "EXISTS (SELECT FROM generations WHERE user_id = $1 AND status NOT IN ('completed', 'failed', 'cancelled'))"       \
    " OR EXISTS (SELECT FROM generations WHERE user_id = $1 AND status = 'failed'"                                     \
    " AND finished_at > now() - interval '10 minutes')"
#define HEAD(avatar, beyond)                                                                                           \
    "SELECT NULL, NULL, NULL, NULL, NULL, " avatar ", " STIRS ", " beyond ", (now() AT TIME ZONE $2)::date"
#define PICTURES(which, order)                                                                                         \
    " UNION ALL (SELECT id, object_key, width, height, placeholder, COALESCE(custom_name, left(prompt, 81)),"          \
    " is_favorite, has_nsfw_content, (created_at AT TIME ZONE $2)::date " MINE which " ORDER BY id " order             \
    " LIMIT 25)"
/* Not EXISTS, which drops the order and may then read through the table until it meets a picture of the user's. */
#define BEYOND(which, order) "(SELECT id " MINE which " ORDER BY id " order " LIMIT 1) IS NOT NULL"

/* One text for each way and filter, so that each has a plan of its own, along its own index. */
#define WAYS(avatar, filter)                                                                                           \
    {                                                                                                                  \
        [TIMELINE_NEWEST] = HEAD(avatar, "false") PICTURES(" AND id < $3" filter, "DESC"),                             \
        [TIMELINE_OLDER] =                                                                                             \
            HEAD(avatar, BEYOND(" AND id >= $3" filter, "ASC")) PICTURES(" AND id < $3" filter, "DESC"),               \
        [TIMELINE_FROM] = HEAD(avatar, BEYOND(" AND id > $3" filter, "ASC")) PICTURES(" AND id <= $3" filter, "DESC"), \
        [TIMELINE_NEWER] =                                                                                             \
            HEAD(avatar, BEYOND(" AND id <= $3" filter, "DESC")) PICTURES(" AND id > $3" filter, "ASC"),               \
    }
#define AVATAR "(SELECT name FROM avatars WHERE id = $4 AND user_id = $1)"
#define OF_AVATAR " AND avatar_id = $4"
#define FAVORITE " AND is_favorite"

static const char *const STATEMENTS[2][2][TIMELINE_WHERES] = {
    {WAYS("NULL", ""), WAYS("NULL", FAVORITE)},
    {WAYS(AVATAR, OF_AVATAR), WAYS(AVATAR, OF_AVATAR FAVORITE)},
};

struct query timeline_of(struct uuid user, const struct timeline_asked *asked, const char *time_zone)
{
    static const struct uuid BEYOND_ALL = {"ffffffff-ffff-ffff-ffff-ffffffffffff"};
    bool of_avatar = *asked->avatar.text;
    struct query q = query_read(STATEMENTS[of_avatar][asked->favorite][asked->where]);

    query_add_uuid(&q, user);
    query_add_text(&q, time_zone);
    query_add_uuid(&q, asked->where == TIMELINE_NEWEST ? BEYOND_ALL : asked->id);
    if (of_avatar)
        query_add_uuid(&q, asked->avatar);
    return q;
}

struct timeline timeline_read(const PGresult *rows, const struct timeline_asked *asked)
{
    struct timeline timeline = {.rows = rows, .backwards = asked->where == TIMELINE_NEWER};
    struct row head = rows_at(rows, 0);
    bool has_avatar;

    timeline.more = rows_count(rows) - 1 > TIMELINE_PAGE;
    timeline.count = timeline.more ? TIMELINE_PAGE : rows_count(rows) - 1;
    for (int i = 0; i < 5; i++)
        row_skip(&head);
    has_avatar = !row_is_null(&head);
    timeline.avatar = row_piece(&head);
    if (!has_avatar)
        timeline.avatar.at = NULL;
    timeline.stirs = row_bool(&head);
    timeline.beyond = row_bool(&head);
    timeline.today = row_piece(&head);
    return timeline;
}

static struct row row_of(const struct timeline *timeline, int index)
{
    return rows_at(timeline->rows, 1 + (timeline->backwards ? timeline->count - 1 - index : index));
}

struct text timeline_id(const struct timeline *timeline, int index)
{
    struct row row = row_of(timeline, index);

    row.column = ID_COLUMN;
    return row_piece(&row);
}

struct text timeline_day(const struct timeline *timeline, int index)
{
    struct row row = row_of(timeline, index);

    row.column = DAY_COLUMN;
    return row_piece(&row);
}

struct timeline_picture timeline_at(const struct timeline *timeline, int index)
{
    struct row row = row_of(timeline, index);
    struct timeline_picture picture;

    picture.id = row_piece(&row);
    picture.object_key = row_piece(&row);
    picture.width = row_int64(&row);
    picture.height = row_int64(&row);
    picture.placeholder_len = row_bytes(&row, picture.placeholder, sizeof picture.placeholder);
    picture.name = row_piece(&row);
    picture.is_favorite = row_bool(&row);
    picture.has_nsfw_content = row_bool(&row);
    picture.day = row_piece(&row);
    return picture;
}
