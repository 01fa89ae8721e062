#include "styles/own_style.h"

#include <string.h>

/* The picture that it was made from, unless it may not be shown. */
#define COLUMNS                                                                                                        \
    "s.id, i.id, s.title, s.prompt, s.preset, array_to_string(s.tags, E'\\n'), i.object_key, s.created_at, "           \
    "s.updated_at"
#define PICTURE                                                                                                        \
    " LEFT JOIN images i ON i.id = s.image_id AND i.user_id = s.user_id AND i.deleted_at IS NULL"                      \
    " AND NOT i.has_nsfw_content"

static void take_tags(struct text lines, struct own_style_tags *ret)
{
    ret->count = 0;
    while (lines.len && ret->count < STYLE_TAGS_MAX) {
        struct text line = text_cut(&lines, '\n');
        if (text_copy(ret->at[ret->count], sizeof ret->at[0], line))
            ret->count++;
    }
}

struct own_style own_style_from_row(struct row row)
{
    struct own_style style;

    style.id = row_uuid(&row);
    style.image_id = row_uuid(&row);
    (void)text_copy(style.title, sizeof style.title, row_piece(&row));
    (void)text_copy(style.prompt, sizeof style.prompt, row_piece(&row));
    (void)text_copy(style.preset, sizeof style.preset, row_piece(&row));
    take_tags(row_piece(&row), &style.tags);
    style.preview_key = row_piece(&row);
    row_time(&row, style.created_at);
    row_time(&row, style.updated_at);
    return style;
}

struct query own_style_by_id(struct uuid user, struct uuid id)
{
    struct query q = query_read("SELECT " COLUMNS " FROM own_styles s" PICTURE " WHERE s.user_id = $1 AND s.id = $2");

    query_add_uuid(&q, user);
    query_add_uuid(&q, id);
    return q;
}

struct query own_styles_of(struct uuid user)
{
    static_assert(OWN_STYLES_MAX == 200, "as the statement has it");
    struct query q =
        query_read("SELECT " COLUMNS " FROM own_styles s" PICTURE " WHERE s.user_id = $1 ORDER BY s.id DESC LIMIT 200");

    query_add_uuid(&q, user);
    return q;
}

void own_style_tags_write(const struct own_style_tags *tags, char to[OWN_STYLE_TAGS_ROOM])
{
    size_t used = 0;

    for (int i = 0; i < tags->count; i++) {
        size_t len = strlen(tags->at[i]);
        if (i)
            to[used++] = '\n';
        memcpy(to + used, tags->at[i], len);
        used += len;
    }
    to[used] = '\0';
}

#define KEY_INSERT IDEMPOTENCY_INSERT("room", "$1", "$8", "$9", "$2")

/* What follows by trigger locks the user's row. Each of these statements locks it first, so that none waits for it
   while another waits for a row that this one holds; and each has a transaction of its own. */
struct query own_style_insert(struct uuid user, const struct own_style_new *style, const struct idempotency *key)
{
    struct query q =
        query_write("WITH room AS MATERIALIZED (SELECT FROM own_styles_lock($1) WHERE taken < $10),"
                    " key AS (" KEY_INSERT "),"
                    " s AS (INSERT INTO own_styles (user_id, id, title, prompt, preset, tags, image_id)"
                    " SELECT $1::uuid, $2::uuid, $3, $4, $5, string_to_array($6, E'\\n'),"
                    " (SELECT id FROM images WHERE user_id = $1 AND id = $7 AND deleted_at IS NULL) FROM room"
                    " WHERE $8::text IS NULL OR EXISTS (SELECT FROM key) RETURNING *)"
                    " SELECT " COLUMNS " FROM s" PICTURE);

    query_alone(&q);
    query_add_uuid(&q, user);
    query_add_uuid(&q, style->id);
    query_add_text(&q, style->title);
    query_add_text(&q, style->prompt);
    query_add_text(&q, style->preset);
    query_add_text(&q, style->tags);
    query_add_uuid(&q, style->image_id);
    idempotency_add(&q, key);
    query_add_int64(&q, OWN_STYLES_MAX);
    return q;
}

struct query own_style_update(struct uuid user, struct uuid id, const struct own_style_change *change)
{
    struct query q = query_write("WITH s AS (UPDATE own_styles SET title = COALESCE($3, title),"
                                 " prompt = COALESCE($4, prompt), preset = COALESCE($5, preset),"
                                 " tags = COALESCE(string_to_array($6, E'\\n'), tags), updated_at = now()"
                                 " FROM own_styles_lock($1) WHERE user_id = $1 AND id = $2 RETURNING own_styles.*)"
                                 " SELECT " COLUMNS " FROM s" PICTURE);

    query_alone(&q);
    query_add_uuid(&q, user);
    query_add_uuid(&q, id);
    query_add_text(&q, change->title);
    query_add_text(&q, change->prompt);
    query_add_text(&q, change->preset);
    query_add_text(&q, change->tags);
    return q;
}

struct query own_style_delete(struct uuid user, struct uuid id)
{
    struct query q = query_write("DELETE FROM own_styles USING own_styles_lock($1) WHERE user_id = $1 AND id = $2"
                                 " RETURNING id");

    query_alone(&q);
    query_add_uuid(&q, user);
    query_add_uuid(&q, id);
    return q;
}

struct query own_style_source(struct uuid user, struct uuid image)
{
    struct query q =
        query_read("SELECT prompt, preset FROM images WHERE user_id = $1 AND id = $2 AND deleted_at IS NULL");

    query_add_uuid(&q, user);
    query_add_uuid(&q, image);
    return q;
}

/* Favourites */

struct query style_favorites_of(struct uuid user)
{
    struct query q = query_read("SELECT template_id, (extract(epoch FROM created_at) * 1000000)::bigint"
                                " FROM style_favorites WHERE user_id = $1"
                                " ORDER BY created_at DESC, template_id LIMIT 1000");

    query_add_uuid(&q, user);
    return q;
}

/* A row also when it was one before. */
struct query style_favorite_add(struct uuid user, const char *template_id, bool own)
{
    struct query q = query_write("WITH locked AS MATERIALIZED (SELECT FROM own_styles_lock($1)),"
                                 " style AS (SELECT $2::text AS id WHERE NOT $3"
                                 " UNION ALL (SELECT id::text FROM own_styles WHERE user_id = $1 AND $3"
                                 " AND id = CASE WHEN $3 THEN $2::uuid END)),"
                                 " added AS (INSERT INTO style_favorites (user_id, template_id)"
                                 " SELECT $1, id FROM locked, style ON CONFLICT DO NOTHING)"
                                 " SELECT id FROM style");

    query_alone(&q);
    query_add_uuid(&q, user);
    query_add_text(&q, template_id);
    query_add_bool(&q, own);
    return q;
}

struct query style_favorite_remove(struct uuid user, const char *template_id)
{
    struct query q = query_write("DELETE FROM style_favorites USING own_styles_lock($1)"
                                 " WHERE user_id = $1 AND template_id = $2");

    query_alone(&q);
    query_add_uuid(&q, user);
    query_add_text(&q, template_id);
    return q;
}

bool style_favorites_have(const PGresult *favorites, const char *template_id)
{
    for (int i = 0; favorites && i < rows_count(favorites); i++) {
        struct row row = rows_at(favorites, i);
        if (strcmp(row_text(&row), template_id) == 0)
            return true;
    }
    return false;
}
