#include "photos/photo.h"

#include <string.h>

struct photo photo_from_row(struct row row)
{
    struct photo p;

    p.id = row_uuid(&row);
    p.avatar = row_uuid(&row);
    p.user = row_uuid(&row);
    (void)text_copy(p.code, sizeof p.code, row_piece(&row));
    (void)text_copy(p.file_name, sizeof p.file_name, row_piece(&row));
    if (row_bytes(&row, p.file_hash, sizeof p.file_hash) != sizeof p.file_hash)
        memset(p.file_hash, 0, sizeof p.file_hash);
    p.file_size = row_int64(&row);
    p.look = (uint64_t)row_int64(&row);
    p.width = row_int64(&row);
    p.height = row_int64(&row);
    (void)text_copy(p.object_key, sizeof p.object_key, row_piece(&row));
    p.bytes = row_int64(&row);
    p.placeholder_len = row_bytes(&row, p.placeholder, sizeof p.placeholder);
    p.face_count = row_is_null(&row) ? -1 : 0;
    p.face_count += row_int64(&row);
    p.face_share = row_double(&row);
    p.sharpness = row_double(&row);
    p.brightness = row_double(&row);
    p.quality = row_double(&row);
    row_time(&row, p.created_at);
    return p;
}

struct query photos_of(struct uuid user, struct uuid avatar)
{
    struct query q =
        query_read("SELECT " PHOTO_COLUMNS " FROM photos WHERE user_id = $1 AND avatar_id = $2 ORDER BY id");

    query_add_uuid(&q, user);
    query_add_uuid(&q, avatar);
    return q;
}

struct query photo_by_id(struct uuid user, struct uuid avatar, struct uuid id)
{
    struct query q =
        query_read("SELECT " PHOTO_COLUMNS " FROM photos WHERE user_id = $1 AND avatar_id = $2 AND id = $3");

    query_add_uuid(&q, user);
    query_add_uuid(&q, avatar);
    query_add_uuid(&q, id);
    return q;
}

struct query photo_remove(struct uuid user, struct uuid avatar, struct uuid id)
{
    struct query q = query_write("SELECT photo_remove($1, $2, $3)");

    query_alone(&q);
    query_add_uuid(&q, user);
    query_add_uuid(&q, avatar);
    query_add_uuid(&q, id);
    return q;
}

size_t photo_small_key(const char *object_key, char to[PHOTO_KEY_ROOM])
{
    static const char SUFFIX[] = "_small.webp";
    size_t stem = strlen(object_key);

    stem = stem > 4 && strcmp(object_key + stem - 4, ".jpg") == 0 ? stem - 4 : stem;
    if (stem + sizeof SUFFIX > PHOTO_KEY_ROOM)
        stem = PHOTO_KEY_ROOM - sizeof SUFFIX;
    memcpy(to, object_key, stem);
    memcpy(to + stem, SUFFIX, sizeof SUFFIX);
    return stem + sizeof SUFFIX - 1;
}
