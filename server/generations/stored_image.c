#include "generations/stored_image.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { BLURRED_MAX_BYTES = 1 << 20 };

static const char BUCKET[] = "aisha-v2-generated";

/* "2026/01/31/ID": the day is the one that the id was made on. */
static void write_stem(struct uuid id, char *to, size_t room)
{
    unsigned char b[6] = {0};
    char digits[13];
    time_t seconds;
    struct tm utc;
    uint64_t ms = 0;

    (void)snprintf(digits, sizeof digits, "%.8s%.4s", id.text, id.text + 9);
    (void)hex_read(text_of(digits), b, sizeof b);
    for (size_t i = 0; i < sizeof b; i++)
        ms = ms << 8 | b[i];
    seconds = (time_t)(ms / 1000);
    gmtime_r(&seconds, &utc);
    (void)snprintf(to, room, "%04d/%02d/%02d/%s", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, id.text);
}

void stored_image_describe(struct stored_image *image, const struct image_files *files)
{
    char stem[64];

    write_stem(image->id, stem, sizeof stem);
    (void)snprintf(image->key, sizeof image->key, "%s.%s", stem, image_extension(files->info.format));
    image->content_type = image_content_type(files->info.format);
    image->width = files->info.width;
    image->height = files->info.height;
    image->bytes = files->original.len;
    crypto_sha256((struct text){files->original.bytes, files->original.len}, image->sha256);
    memcpy(image->placeholder, files->placeholder, files->placeholder_len);
    image->placeholder_len = files->placeholder_len;
}

static bool put(struct store *store, const char *key, const struct buf *bytes, struct err *reterr)
{
    return store_put(store, text_of(BUCKET), text_of(key), (struct text){bytes->bytes, bytes->len}, reterr);
}

/* In place of the thumbnails of one in quarantine: nothing that shows it gets an address (gallery/image_address.h). */
static bool put_blurred(struct store *store, const char *stem, const struct image_files *files, struct err *reterr)
{
    CLEANUP(buf_done) struct buf blurred = buf_make(BLURRED_MAX_BYTES);
    char key[96];

    (void)snprintf(key, sizeof key, "%s-blurred.webp", stem);
    return image_blur((struct text){files->small.bytes, files->small.len}, &blurred, reterr) &&
           put(store, key, &blurred, reterr);
}

bool stored_image_put(struct store *store, const struct stored_image *image, const struct image_files *files,
                      struct err *reterr)
{
    char stem[64], key[96];

    if (!put(store, image->key, &files->original, reterr))
        return false;
    write_stem(image->id, stem, sizeof stem);
    if (image->nsfw)
        return put_blurred(store, stem, files, reterr);
    (void)snprintf(key, sizeof key, "%s_small.webp", stem);
    if (!put(store, key, &files->small, reterr))
        return false;
    (void)snprintf(key, sizeof key, "%s_medium.webp", stem);
    return put(store, key, &files->medium, reterr);
}

/* One name for all who try: whoever is killed in between leaves one object, which the next one removes. */
bool stored_image_try(struct store *store, struct err *reterr)
{
    return store_put(store, text_of(BUCKET), TEXT("try"), TEXT(""), reterr) &&
           store_delete(store, text_of(BUCKET), TEXT("try"), reterr);
}

/* The generation is locked first: the account's row, which follows by trigger, is the last that anybody takes. */
struct query stored_image_insert(struct uuid generation, const struct stored_image *image)
{
    struct query q = query_write(
        "INSERT INTO images (id, user_id, generation_id, position, avatar_id, object_key, content_type,"
        " width, height, bytes, sha256, placeholder, prompt, preset, endpoint, seed, has_nsfw_content,"
        " parent_image_id, template_id)"
        " SELECT $2, user_id, id, $3, avatar_id, $4, $5, $6, $7, $8, $9, $10, prompt, preset, endpoint, seed, $11,"
        " parent_image_id, template_id"
        " FROM generations WHERE id = $1 FOR NO KEY UPDATE ON CONFLICT DO NOTHING");

    query_add_uuid(&q, generation);
    query_add_uuid(&q, image->id);
    query_add_int64(&q, image->position);
    query_add_text(&q, image->key);
    query_add_text(&q, image->content_type);
    query_add_int64(&q, image->width);
    query_add_int64(&q, image->height);
    query_add_int64(&q, (int64_t)image->bytes);
    query_add_bytes(&q, image->sha256, sizeof image->sha256);
    query_add_bytes(&q, image->placeholder, image->placeholder_len);
    query_add_bool(&q, image->nsfw);
    return q;
}
