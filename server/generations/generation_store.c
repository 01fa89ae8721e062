/* From the provider's files to our own pictures. Everything is written under keys that follow from the picture's id, so
   that a repeated step writes the same objects again; then one transaction makes them visible. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/crypto.h"
#include "events/event_bell.h"
#include "generations/generation_job.h"
#include "generations/generation_move.h"
#include "image/image.h"
#include "storage/store.h"

enum { KEEP_TRYING_S = 24 * 3600 };

static const char BUCKET[] = "aisha-v2-generated";

struct output {
    int64_t position;
    struct uuid image_id;
    const char *url;
    bool nsfw;
};

/* What the row of a stored picture needs; texts are borrowed. */
struct stored_image {
    const struct output *output;
    char key[96];
    const char *content_type;
    int width, height;
    size_t bytes;
    unsigned char sha256[SHA256_BYTES];
    unsigned char placeholder[IMAGE_PLACEHOLDER_ROOM];
    size_t placeholder_len;
};

static struct query outputs_of(struct uuid generation)
{
    struct query q = query_read("SELECT position, image_id, url, has_nsfw_content FROM generation_outputs"
                                " WHERE generation_id = $1 ORDER BY position");

    query_add_uuid(&q, generation);
    return q;
}

static struct output output_from_row(struct row row)
{
    struct output output = {.position = row_int64(&row)};

    output.image_id = row_uuid(&row);
    output.url = row_text(&row);
    output.nsfw = row_bool(&row);
    return output;
}

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

static bool put(const struct job_tools *tools, const char *key, const struct buf *bytes, struct err *reterr)
{
    return store_put(tools->store, text_of(BUCKET), text_of(key), (struct text){bytes->bytes, bytes->len}, reterr);
}

static bool put_files(const struct job_tools *tools, const struct image_files *files, struct stored_image *image,
                      struct err *reterr)
{
    char stem[64], key[96];

    write_stem(image->output->image_id, stem, sizeof stem);
    (void)snprintf(image->key, sizeof image->key, "%s.%s", stem, image_extension(files->info.format));
    if (!put(tools, image->key, &files->original, reterr))
        return false;
    (void)snprintf(key, sizeof key, "%s_small.webp", stem);
    if (!put(tools, key, &files->small, reterr))
        return false;
    (void)snprintf(key, sizeof key, "%s_medium.webp", stem);
    return put(tools, key, &files->medium, reterr);
}

static void describe(const struct image_files *files, struct stored_image *image)
{
    image->content_type = image_content_type(files->info.format);
    image->width = files->info.width;
    image->height = files->info.height;
    image->bytes = files->original.len;
    crypto_sha256((struct text){files->original.bytes, files->original.len}, image->sha256);
    memcpy(image->placeholder, files->placeholder, files->placeholder_len);
    image->placeholder_len = files->placeholder_len;
}

static bool fetch_and_put(const struct job_tools *tools, struct stored_image *image, struct err *reterr)
{
    CLEANUP(buf_done) struct buf bytes = {0};
    CLEANUP(image_files_done) struct image_files files = {0};

    if (!fal_download(tools->fal, image->output->url, IMAGE_MAX_BYTES, &bytes, reterr) ||
        !image_prepare((struct text){bytes.bytes, bytes.len}, &files, reterr) ||
        !put_files(tools, &files, image, reterr))
        return false;
    describe(&files, image);
    return true;
}

/* It is paid for and waits at the provider for days: only a picture that is broken or gone is a failure at once. */
static bool may_pass(const struct err *why)
{
    return strncmp(why->code, "image_", 6) != 0 && strcmp(why->code, "fal_media_gone") != 0;
}

static struct query image_insert(struct uuid generation, const struct stored_image *image)
{
    struct query q = query_write(
        "INSERT INTO images (id, user_id, generation_id, position, avatar_id, object_key, content_type,"
        " width, height, bytes, sha256, placeholder, prompt, preset, endpoint, seed, has_nsfw_content)"
        " SELECT $2, user_id, id, $3, avatar_id, $4, $5, $6, $7, $8, $9, $10, prompt, preset, endpoint, seed, $11"
        " FROM generations WHERE id = $1 ON CONFLICT DO NOTHING");

    query_add_uuid(&q, generation);
    query_add_uuid(&q, image->output->image_id);
    query_add_int64(&q, image->output->position);
    query_add_text(&q, image->key);
    query_add_text(&q, image->content_type);
    query_add_int64(&q, image->width);
    query_add_int64(&q, image->height);
    query_add_int64(&q, (int64_t)image->bytes);
    query_add_bytes(&q, image->sha256, sizeof image->sha256);
    query_add_bytes(&q, image->placeholder, image->placeholder_len);
    query_add_bool(&q, image->output->nsfw);
    return q;
}

static bool make_visible(const struct job_tools *tools, const struct job *job, const struct stored_image *images,
                         int count, struct err *reterr)
{
    if (!pg_begin(tools->pg, reterr) || !job_hold(tools->pg, job, reterr))
        return false;
    for (int i = 0; i < count; i++) {
        struct query q = image_insert(job->ref, &images[i]);
        if (!pg_do(tools->pg, &q, reterr))
            return false;
    }
    if (!generation_move(tools, generation_completed(job), reterr) || !pg_commit(tools->pg, reterr))
        return false;
    event_bell_ring(tools->event_bell);
    return true;
}

bool generation_store(const struct job_tools *tools, const struct job *job, const struct attempt *a,
                      struct job_next *ret, struct err *reterr)
{
    struct query q = outputs_of(job->ref);
    CLEANUP(pg_clear) PGresult *rows = pg_run(tools->pg, &q, reterr);
    struct output outputs[FAL_IMAGES_MAX];
    struct stored_image images[FAL_IMAGES_MAX] = {0};
    int count;

    if (!rows)
        return false;
    count = rows_count(rows) < FAL_IMAGES_MAX ? rows_count(rows) : FAL_IMAGES_MAX;
    if (count == 0)
        return generation_fail(tools, job, "result_missing", ret, reterr);
    for (int i = 0; i < count; i++) {
        outputs[i] = output_from_row(rows_at(rows, i));
        images[i].output = &outputs[i];
        if (!fetch_and_put(tools, &images[i], reterr)) {
            if (a->age_s < KEEP_TRYING_S && may_pass(reterr)) {
                reterr->kind = ERR_BUSY;
                ret->delay_ms = a->age_s < 60 ? 2000 : 15000;
            }
            return false;
        }
    }
    ret->done = true;
    return make_visible(tools, job, images, count, reterr);
}
