#include "generations/generation_api.h"

#include "gallery/image.h"
#include "gallery/image_links.h"
#include "generations/generation.h"
#include "http/await_rows.h"
#include "http/body.h"
#include "http/paging.h"
#include "http/reply.h"
#include "jobs/bell.h"
#include "local.h"

static const char LIST[] = "generations";

/* A generation with its pictures: both are read, then written. Rows of images are in the order of the generations. */

struct show {
    const PGresult *generations;
    int64_t limit;
};

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

static struct next got_generation(struct call *call, const PGresult *rows);
static struct next got_images(struct call *call, const PGresult *rows);

struct next generation_show(struct call *call)
{
    struct next refused;
    struct uuid id;

    if (!call_param_uuid(call, 0, &id))
        return reply_not_found(call);
    if (!body_no_query(call, &refused))
        return refused;
    return await_rows(call, generation_by_id(call->who.user, id), got_generation);
}

static struct next got_generation(struct call *call, const PGresult *rows)
{
    struct show *state;
    struct uuid id;

    if (rows_count(rows) == 0)
        return reply_not_found(call);
    (void)call_param_uuid(call, 0, &id);
    state = call_state_make(call, sizeof *state);
    state->generations = rows_keep(call, rows);
    return await_rows(call, images_of_generation(call->who.user, id), got_images);
}

static struct next got_images(struct call *call, const PGresult *rows)
{
    const struct show *state = call->state;
    struct generation generation = generation_from_row(rows_at(state->generations, 0));
    struct json_out out = reply_json_begin(call);
    int next_image = 0;

    write_one(&out, call, &generation, rows, &next_image);
    return reply_json(call, 200, &out);
}

/* GET /api/v1/generations */

struct list_query {
    int64_t limit;
    char cursor[PAGING_CURSOR_ROOM];
};

static const struct query_field LIST_FIELDS[] = {PAGING_FIELDS(struct list_query), {0}};

static struct next got_page(struct call *call, const PGresult *rows);
static struct next got_page_images(struct call *call, const PGresult *rows);

struct next generation_list(struct call *call)
{
    struct list_query query = {.limit = PAGING_LIMIT_DEFAULT};
    struct uuid after;
    struct show *state;
    struct next refused;

    if (!body_query(call, LIST_FIELDS, &query, &refused) ||
        !paging_after(call, local_of(call)->cursor_mac, LIST, "", query.cursor, &after, &refused))
        return refused;
    state = call_state_make(call, sizeof *state);
    state->limit = query.limit;
    return await_rows(call, generations_of(call->who.user, after, query.limit + 1), got_page);
}

static int page_count(const struct show *state)
{
    int count = rows_count(state->generations);

    return count > state->limit ? (int)state->limit : count;
}

static struct next got_page(struct call *call, const PGresult *rows)
{
    struct show *state = call->state;
    struct uuid first = {""}, last = {""};

    state->generations = rows_keep(call, rows);
    if (page_count(state) > 0) {
        first = generation_from_row(rows_at(rows, 0)).id;
        last = generation_from_row(rows_at(rows, page_count(state) - 1)).id;
    }
    return await_rows(call, images_of_generations(call->who.user, first, last), got_page_images);
}

static struct next got_page_images(struct call *call, const PGresult *rows)
{
    const struct show *state = call->state;
    struct json_out out = reply_json_begin(call);
    struct generation generation;
    int next_image = 0;

    json_object(&out);
    json_key(&out, "items");
    json_array(&out);
    for (int i = 0; i < page_count(state); i++) {
        generation = generation_from_row(rows_at(state->generations, i));
        write_one(&out, call, &generation, rows, &next_image);
    }
    json_end_array(&out);
    paging_write_next(&out, call, local_of(call)->cursor_mac, LIST, "",
                      rows_count(state->generations) > state->limit ? &generation.id : NULL);
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
