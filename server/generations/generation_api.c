#include "generations/generation_api.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "gallery/image.h"
#include "gallery/image_links.h"
#include "generations/generation.h"
#include "http/await_cached.h"
#include "http/body.h"
#include "http/paging.h"
#include "http/reply.h"
#include "jobs/bell.h"
#include "local.h"
#include "users/caches.h"

static const char LIST[] = "generations";

/* A generation with its pictures: both are read, then written. Rows of images are in the order of the generations. */

static void write_one(struct json_out *out, struct call *call, const struct generation *generation,
                      const PGresult *images, int *next_image)
{
    struct image_links links = image_links_of(call);

    json_object(out);
    generation_write(out, generation, call->lang);
    json_key(out, "images");
    json_array(out);
    while (*next_image < rows_count(images)) {
        struct image image = image_from_row(rows_at(images, *next_image));
        if (!text_equal(image.generation_id, text_of(generation->id.text)))
            break;
        image_write(out, &image, &links);
        ++*next_image;
    }
    json_end_array(out);
    json_end_object(out);
}

/* GET /api/v1/generations/{id} */

static bool with_images(struct call *call, const PGresult *rows, struct query *ret);
static bool may_keep(const PGresult *rows, const PGresult *images);
static struct next got_generation(struct call *call, const struct cached_pair *found);

struct next generation_show(struct call *call)
{
    struct cached cached;
    struct next refused;
    struct uuid id;

    if (!call_param_uuid(call, 0, &id))
        return reply_not_found(call);
    if (!body_no_query(call, &refused))
        return refused;
    cached = cached_progress(call, id);
    cached.keep = may_keep;
    return await_pair_cached(call, &cached, generation_by_id(call->who.user, id), with_images, got_generation);
}

static bool with_images(struct call *call, const PGresult *rows, struct query *ret)
{
    struct uuid id;

    (void)call_param_uuid(call, 0, &id);
    *ret = images_of_generation(call->who.user, id);
    return rows_count(rows) > 0;
}

/* What is to be expected of one that waits hangs on others, too: they have no version that its reader knows. */
static bool may_keep(const PGresult *rows, const PGresult *images)
{
    struct generation generation;

    (void)images;
    if (rows_count(rows) == 0)
        return false;
    generation = generation_from_row(rows_at(rows, 0));
    return strcmp(generation.status, "pending") != 0 && strcmp(generation.status, "submitting") != 0;
}

static struct next got_generation(struct call *call, const struct cached_pair *found)
{
    struct generation generation;
    struct json_out out;
    int next_image = 0;

    if (rows_count(found->rows) == 0)
        return reply_not_found(call);
    generation = generation_from_row(rows_at(found->rows, 0));
    generation_grow_older(&generation, found->age_s);
    out = reply_json_begin(call);
    write_one(&out, call, &generation, found->more, &next_image);
    return reply_json(call, 200, &out);
}

/* GET /api/v1/generations */

struct list_query {
    int64_t limit;
    char cursor[PAGING_CURSOR_ROOM];
};

static const struct query_field LIST_FIELDS[] = {PAGING_FIELDS(struct list_query), {0}};

static bool with_page_images(struct call *call, const PGresult *rows, struct query *ret);
static bool have_ended(const PGresult *rows, const PGresult *images);
static struct next got_page(struct call *call, const struct cached_pair *found);

struct next generation_list(struct call *call)
{
    struct list_query *query = call_state_make(call, sizeof *query);
    char asked[CACHED_FIELD_ROOM];
    struct cached cached;
    struct uuid after;
    struct next refused;

    query->limit = PAGING_LIMIT_DEFAULT;
    if (!body_query(call, LIST_FIELDS, query, &refused) ||
        !paging_after(call, local_of(call)->cursor_mac, LIST, "", query->cursor, &after, &refused))
        return refused;
    (void)snprintf(asked, sizeof asked, "%" PRId64 " %s", query->limit, after.text);
    cached = cached_history(call, LIST, asked);
    cached.keep = have_ended;
    return await_pair_cached(call, &cached, generations_of(call->who.user, after, query->limit + 1), with_page_images,
                             got_page);
}

static int page_count(const struct call *call, const PGresult *rows)
{
    const struct list_query *query = call->state;

    return rows_count(rows) > query->limit ? (int)query->limit : rows_count(rows);
}

static bool with_page_images(struct call *call, const PGresult *rows, struct query *ret)
{
    int count = page_count(call, rows);

    if (count > 0)
        *ret = images_of_generations(call->who.user, generation_from_row(rows_at(rows, 0)).id,
                                     generation_from_row(rows_at(rows, count - 1)).id);
    return count > 0;
}

/* A page with one that is under way changes by itself. */
static bool have_ended(const PGresult *rows, const PGresult *images)
{
    (void)images;
    for (int i = 0; i < rows_count(rows); i++)
        if (!generation_status_is_final(generation_from_row(rows_at(rows, i)).status))
            return false;
    return true;
}

static struct next got_page(struct call *call, const struct cached_pair *found)
{
    int count = page_count(call, found->rows), next_image = 0;
    struct json_out out = reply_json_begin(call);
    struct generation generation;

    json_object(&out);
    json_key(&out, "items");
    json_array(&out);
    for (int i = 0; i < count; i++) {
        generation = generation_from_row(rows_at(found->rows, i));
        write_one(&out, call, &generation, found->more, &next_image);
    }
    json_end_array(&out);
    paging_write_next(&out, call, local_of(call)->cursor_mac, LIST, "",
                      rows_count(found->rows) > count ? &generation.id : NULL);
    json_end_object(&out);
    return reply_json(call, 200, &out);
}

/* POST /api/v1/generations/{id}/cancel */

static struct next cancelled(struct call *call, const PGresult *rows);
static struct next got_uncancelled(struct call *call, const PGresult *rows);

struct next generation_cancel_asked(struct call *call)
{
    struct next refused;
    struct uuid id;

    if (!call_param_uuid(call, 0, &id))
        return reply_not_found(call);
    if (!body_no_query(call, &refused))
        return refused;
    return await_rows(call, generation_cancel(call->who.user, id), cancelled);
}

static struct next cancelled(struct call *call, const PGresult *rows)
{
    struct generation generation;
    struct json_out out;
    struct uuid id;

    if (rows_count(rows) == 0) {
        (void)call_param_uuid(call, 0, &id);
        return await_rows(call, generation_by_id(call->who.user, id), got_uncancelled);
    }
    bell_ring(local_of(call)->bell);
    (void)call_param_uuid(call, 0, &id);
    caches_generation_changed(call, id);
    generation = generation_from_row(rows_at(rows, 0));
    out = reply_json_begin(call);
    json_object(&out);
    generation_write(&out, &generation, call->lang);
    json_key(&out, "images"); /* it has none before it is completed */
    json_array(&out);
    json_end_array(&out);
    json_end_object(&out);
    return reply_json(call, 202, &out);
}

static struct next got_uncancelled(struct call *call, const PGresult *rows)
{
    struct err err;

    if (rows_count(rows) == 0)
        return reply_not_found(call);
    (void)err_set(&err, ERR_CONFLICT, "not_cancellable", "it has ended");
    return reply_err(call, &err);
}
