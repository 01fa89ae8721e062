#include "gallery/image.h"

#include "gallery/image_address.h"

struct image image_from_row(struct row row)
{
    struct image image;
    bool named, descends;

    image.id = row_piece(&row);
    image.generation_id = row_piece(&row);
    image.avatar_id = row_piece(&row);
    image.object_key = row_piece(&row);
    image.content_type = row_piece(&row);
    image.width = row_piece(&row);
    image.height = row_piece(&row);
    image.bytes = row_piece(&row);
    image.seed = row_piece(&row);
    image.placeholder_len = row_bytes(&row, image.placeholder, sizeof image.placeholder);
    image.prompt = row_piece(&row);
    image.preset = row_piece(&row);
    image.endpoint = row_piece(&row);
    named = !row_is_null(&row);
    image.custom_name = row_piece(&row);
    if (!named)
        image.custom_name.at = NULL;
    image.is_favorite = row_bool(&row);
    image.has_nsfw_content = row_bool(&row);
    row_time(&row, image.created_at);
    descends = !row_is_null(&row);
    image.parent = row_piece(&row);
    if (!descends)
        image.parent.at = NULL;
    return image;
}

/* The JSON is written by copying: what needs no escaping (ids, numbers, links, names of our own) goes out as it is. */

static void add_quoted(struct json_out *out, const char *key, struct text value)
{
    json_key(out, key);
    json_plain(out, value);
}

static void write_link(struct json_out *out, const char *key, const struct image *image,
                       const struct image_links *links, enum image_file file)
{
    char to[OBJECT_LINK_ROOM];
    size_t len = image_address_write(links, image->object_key, file, to);

    add_quoted(out, key, (struct text){to, len});
}

static void write_links(struct json_out *out, const struct image *image, const struct image_links *links)
{
    write_link(out, "url", image, links, IMAGE_FILE_ORIGINAL);
    json_key(out, "thumbnails");
    json_object(out);
    write_link(out, "small", image, links, IMAGE_FILE_SMALL);
    write_link(out, "medium", image, links, IMAGE_FILE_MEDIUM);
    json_end_object(out);
}

/* In quarantine: nothing to be made out. */
static void write_blurred_link(struct json_out *out, const struct image *image, const struct image_links *links)
{
    json_key_null(out, "url");
    json_key(out, "thumbnails");
    json_object(out);
    write_link(out, "small", image, links, IMAGE_FILE_BLURRED);
    json_key_null(out, "medium");
    json_end_object(out);
}

static void write_placeholder(struct json_out *out, const struct image *image)
{
    char base64[BASE64_ROOM(IMAGE_PLACEHOLDER_MAX)];

    if (!image->placeholder_len) {
        json_key_null(out, "placeholder");
        return;
    }
    base64_write(image->placeholder, image->placeholder_len, base64);
    add_quoted(out, "placeholder", text_of(base64));
}

static void write_file(struct json_out *out, const struct image *image, const struct image_links *links)
{
    (image->has_nsfw_content ? write_blurred_link : write_links)(out, image, links);
    json_key_raw(out, "width", image->width);
    json_key_raw(out, "height", image->height);
    add_quoted(out, "content_type", image->content_type);
    json_key_raw(out, "bytes", image->bytes);
    write_placeholder(out, image);
}

void image_write(struct json_out *out, const struct image *image, const struct image_links *links)
{
    json_object(out);
    add_quoted(out, "id", image->id);
    add_quoted(out, "generation_id", image->generation_id);
    add_quoted(out, "avatar_id", image->avatar_id);
    write_file(out, image, links);
    json_key(out, "prompt");
    json_text(out, image->prompt);
    add_quoted(out, "preset", image->preset);
    add_quoted(out, "endpoint", image->endpoint);
    add_quoted(out, "seed", image->seed);
    json_key_bool(out, "is_favorite", image->is_favorite);
    json_key(out, "custom_name");
    if (image->custom_name.at)
        json_text(out, image->custom_name);
    else
        json_null(out);
    json_key(out, "parent_image_id");
    if (image->parent.at)
        json_plain(out, image->parent);
    else
        json_null(out);
    json_key_bool(out, "has_nsfw_content", image->has_nsfw_content);
    json_key_bool(out, "stored", true);
    add_quoted(out, "created_at", text_of(image->created_at));
    json_end_object(out);
}

struct query image_by_id(struct uuid user, struct uuid id)
{
    struct query q =
        query_read("SELECT " IMAGE_COLUMNS " FROM images WHERE user_id = $1 AND id = $2 AND deleted_at IS NULL");

    query_add_uuid(&q, user);
    query_add_uuid(&q, id);
    return q;
}

struct query images_of_parent(struct uuid user, struct uuid parent, int64_t limit)
{
    struct query q = query_read("SELECT " IMAGE_COLUMNS " FROM images WHERE user_id = $1 AND parent_image_id = $2"
                                " AND deleted_at IS NULL ORDER BY id DESC LIMIT $3");

    query_add_uuid(&q, user);
    query_add_uuid(&q, parent);
    query_add_int64(&q, limit);
    return q;
}

struct query images_of_generation(struct uuid user, struct uuid generation)
{
    struct query q = query_read("SELECT " IMAGE_COLUMNS " FROM images WHERE user_id = $1 AND generation_id = $2"
                                " AND deleted_at IS NULL ORDER BY position");

    query_add_uuid(&q, user);
    query_add_uuid(&q, generation);
    return q;
}

/* One text for each filter, so that each has a plan of its own, along its own index. */
#define PAGE(filter)                                                                                                   \
    "SELECT " IMAGE_COLUMNS " FROM images WHERE user_id = $1 AND deleted_at IS NULL AND id < $2" filter                \
    " ORDER BY id DESC LIMIT $3"
#define PAGES(filter)                                                                                                  \
    {                                                                                                                  \
        [IMAGES_ALL] = PAGE(filter), [IMAGES_FAVORITE] = PAGE(filter " AND is_favorite"),                              \
        [IMAGES_NOT_FAVORITE] = PAGE(filter " AND NOT is_favorite")                                                    \
    }

struct query images_of(struct uuid user, struct uuid after, int64_t limit, enum image_choice choice, struct uuid avatar)
{
    static const char *const ALL[] = PAGES(""), *const OF_AVATAR[] = PAGES(" AND avatar_id = $4");
    static const struct uuid BEYOND_ALL = {"ffffffff-ffff-ffff-ffff-ffffffffffff"};
    struct query q = query_read(*avatar.text ? OF_AVATAR[choice] : ALL[choice]);

    query_add_uuid(&q, user);
    query_add_uuid(&q, *after.text ? after : BEYOND_ALL);
    query_add_int64(&q, limit);
    if (*avatar.text)
        query_add_uuid(&q, avatar);
    return q;
}

/* What changes pictures raises their owner's version, so that each locks an account: they are alone. */

struct query image_update(struct uuid user, struct uuid id, const struct image_change *change)
{
    struct query q = query_write("UPDATE images SET is_favorite = COALESCE($3, is_favorite),"
                                 " custom_name = CASE WHEN $4 THEN $5 ELSE custom_name END"
                                 " WHERE user_id = $1 AND id = $2 AND deleted_at IS NULL RETURNING " IMAGE_COLUMNS);

    query_alone(&q);
    query_add_uuid(&q, user);
    query_add_uuid(&q, id);
    if (change->is_favorite)
        query_add_bool(&q, *change->is_favorite);
    else
        query_add_null(&q);
    query_add_bool(&q, change->renames);
    query_add_text(&q, change->custom_name);
    return q;
}

struct query image_delete(struct uuid user, struct uuid id)
{
    struct query q = query_write("UPDATE images SET deleted_at = now()"
                                 " WHERE user_id = $1 AND id = $2 AND deleted_at IS NULL RETURNING id");

    query_alone(&q);
    query_add_uuid(&q, user);
    query_add_uuid(&q, id);
    return q;
}

/* One that is not in the trash is found as well: of two at once the second one finds it restored, not gone. */
struct query image_restore(struct uuid user, struct uuid id)
{
    struct query q =
        query_write("UPDATE images SET deleted_at = NULL WHERE user_id = $1 AND id = $2 RETURNING " IMAGE_COLUMNS);

    query_alone(&q);
    query_add_uuid(&q, user);
    query_add_uuid(&q, id);
    return q;
}
