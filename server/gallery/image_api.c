#include "gallery/image_api.h"

#include <inttypes.h>
#include <stdio.h>

#include "gallery/image_links.h"
#include "http/await_cached.h"
#include "http/body.h"
#include "http/paging.h"
#include "http/reply.h"
#include "local.h"
#include "users/caches.h"

/* GET /api/v1/images */

struct image_list_query {
    int64_t limit;
    char cursor[PAGING_CURSOR_ROOM];
    bool favorite, has_favorite;
    struct uuid avatar_id;
    char filters[64]; /* what a cursor is bound to */
};

static const struct query_field LIST_FIELDS[] = {
    PAGING_FIELDS(struct image_list_query),
    QUERY_FIELD(QUERY_BOOL, struct image_list_query, favorite,
                .present = offsetof(struct image_list_query, has_favorite)),
    QUERY_FIELD(QUERY_UUID, struct image_list_query, avatar_id, .present = 0),
    {0},
};

static struct next got_page(struct call *call, const PGresult *rows);

static enum image_choice choice_of(const struct image_list_query *query)
{
    if (!query->has_favorite)
        return IMAGES_ALL;
    return query->favorite ? IMAGES_FAVORITE : IMAGES_NOT_FAVORITE;
}

struct next image_list(struct call *call)
{
    struct image_list_query *query = call_state_make(call, sizeof *query);
    char asked[CACHED_FIELD_ROOM];
    struct cached cached;
    struct uuid after;
    struct next refused;

    query->limit = PAGING_LIMIT_DEFAULT;
    if (!body_query(call, LIST_FIELDS, query, &refused))
        return refused;
    (void)snprintf(query->filters, sizeof query->filters, "%d %s", (int)choice_of(query), query->avatar_id.text);
    if (!paging_after(call, local_of(call)->cursor_mac, "images", query->filters, query->cursor, &after, &refused))
        return refused;
    (void)snprintf(asked, sizeof asked, "%s %" PRId64 " %s", query->filters, query->limit, after.text);
    cached = cached_history(call, "images", asked);
    return await_rows_cached(call, &cached,
                             images_of(call->who.user, after, query->limit + 1, choice_of(query), query->avatar_id),
                             got_page);
}

static struct next got_page(struct call *call, const PGresult *rows)
{
    const struct image_list_query *query = call->state;
    bool more = rows_count(rows) > query->limit;
    int count = more ? (int)query->limit : rows_count(rows);
    struct image_links links = image_links_of(call);
    struct json_out out = reply_json_begin(call);
    struct uuid last = {0};

    json_object(&out);
    json_key(&out, "items");
    json_array(&out);
    for (int i = 0; i < count; i++) {
        struct image image = image_from_row(rows_at(rows, i));
        image_write(&out, &image, &links);
        if (more && i == count - 1)
            (void)uuid_read(image.id, &last);
    }
    json_end_array(&out);
    paging_write_next(&out, call, local_of(call)->cursor_mac, "images", query->filters, more ? &last : NULL);
    json_end_object(&out);
    return reply_json(call, 200, &out);
}

/* GET /api/v1/images/{id} */

static struct next got_image(struct call *call, const PGresult *rows)
{
    struct image_links links = image_links_of(call);
    struct json_out out = reply_json_begin(call);
    struct image image;

    if (rows_count(rows) == 0)
        return reply_not_found(call);
    image = image_from_row(rows_at(rows, 0));
    image_write(&out, &image, &links);
    return reply_json(call, 200, &out);
}

struct next image_show(struct call *call)
{
    struct next refused;
    struct uuid id;

    if (!body_only_id(call, &id, &refused))
        return refused;
    return await_rows(call, image_by_id(call->who.user, id), got_image);
}

/* After a change: what caches hold of it is of no use any more. */
static struct next changed(struct call *call, const PGresult *rows)
{
    if (rows_count(rows))
        caches_history_changed(call);
    return got_image(call, rows);
}

/* PATCH /api/v1/images/{id} */

struct image_patch_body {
    bool is_favorite, has_is_favorite, has_custom_name, no_custom_name;
    char custom_name[4 * IMAGE_NAME_MAX + 1];
};

static const struct json_field PATCH_FIELDS[] = {
    JSON_FIELD(JSON_BOOL, struct image_patch_body, is_favorite, .optional = true,
               .present = offsetof(struct image_patch_body, has_is_favorite)),
    JSON_FIELD(JSON_TEXT, struct image_patch_body, custom_name, .min = 1, .max = IMAGE_NAME_MAX, .optional = true,
               .nullable = true, .present = offsetof(struct image_patch_body, has_custom_name),
               .was_null = offsetof(struct image_patch_body, no_custom_name)),
    {0},
};

static void check_patch(const struct image_patch_body *body, struct faults *faults)
{
    if (*body->custom_name && text_is_blank(text_of(body->custom_name)))
        (void)faults_add(faults, "custom_name", "blank");
    if (!faults->count && !body->has_is_favorite && !body->has_custom_name && !body->no_custom_name)
        (void)faults_add(faults, "", "nothing_to_change");
}

struct next image_patch(struct call *call)
{
    struct image_patch_body body = {0};
    struct image_change change = {0};
    struct faults faults = {0};
    struct next refused;
    struct uuid id;

    if (!body_only_id(call, &id, &refused))
        return refused;
    if (!body_json_faults(call, PATCH_FIELDS, &body, &faults, &refused))
        return refused;
    check_patch(&body, &faults);
    if (faults.count)
        return reply_faults(call, &faults);
    change.is_favorite = body.has_is_favorite ? &body.is_favorite : NULL;
    change.renames = body.has_custom_name || body.no_custom_name;
    change.custom_name = body.has_custom_name ? body.custom_name : NULL;
    return await_rows(call, image_update(call->who.user, id, &change), changed);
}

/* DELETE /api/v1/images/{id} */

static struct next removed(struct call *call, const PGresult *rows)
{
    if (!rows_count(rows))
        return reply_not_found(call);
    caches_history_changed(call);
    return reply_no_content(call);
}

struct next image_remove(struct call *call)
{
    struct next refused;
    struct uuid id;

    if (!body_only_id(call, &id, &refused))
        return refused;
    return await_rows(call, image_delete(call->who.user, id), removed);
}

/* POST /api/v1/images/{id}/restore */

struct next image_restore_asked(struct call *call)
{
    struct next refused;
    struct uuid id;

    if (!body_only_id(call, &id, &refused))
        return refused;
    return await_rows(call, image_restore(call->who.user, id), changed);
}
