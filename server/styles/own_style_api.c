/* A user's own styles over REST: saving one, from words or from a picture, changing it, deleting it. */
#include "styles/own_style_api.h"

#include "gallery/image_links.h"
#include "http/await_rows.h"
#include "http/body.h"
#include "http/reply.h"
#include "local.h"
#include "moderation/moderation_reply.h"
#include "styles/own_style_wish.h"
#include "styles/style_write.h"
#include "users/caches.h"
#include "users/create_once.h"

static void write_one(struct json_out *out, struct call *call, const PGresult *rows, const PGresult *favorites)
{
    struct style_shown shown = {.styles = local_of(call)->styles,
                                .catalog = local_of(call)->catalog,
                                .public_url = local_of(call)->config->public_url,
                                .user = call->who.user,
                                .favorites = favorites,
                                .links = image_links_of(call)};
    struct own_style style = own_style_from_row(rows_at(rows, 0));

    json_object(out);
    style_write_own(out, &shown, &style);
    json_end_object(out);
}

/* POST /api/v1/templates */

struct create_state {
    struct create_once once; /* first */
    struct own_style_wish wish;
    char tags[OWN_STYLE_TAGS_ROOM];
};

static struct next begin(struct call *call);
static struct next got_source(struct call *call, const PGresult *rows);
static struct next create(struct call *call);

static void write_new(struct call *call, struct json_out *out, const PGresult *rows)
{
    write_one(out, call, rows, NULL);
}

struct next own_style_api_create(struct call *call)
{
    static const struct create_once_ways WAYS = {.path = "/api/v1/templates/",
                                                 .too_many = "too many styles",
                                                 .begin = begin,
                                                 .by_id = own_style_by_id,
                                                 .write = write_new,
                                                 .made = caches_taste_changed};
    struct create_state *state = call_state_make(call, sizeof *state);
    struct faults faults = {0};
    struct next refused;

    state->once.ways = &WAYS;
    if (!body_no_query(call, &refused) || !idempotency_read(call, &state->once.key, &refused) ||
        !body_json_faults(call, OWN_STYLE_WISH_FIELDS, &state->wish, &faults, &refused))
        return refused;
    own_style_wish_check_new(&state->wish, local_of(call)->catalog, &faults);
    if (faults.count)
        return reply_faults(call, &faults);
    return create_once_begin(call);
}

static struct next begin(struct call *call)
{
    const struct create_state *state = call->state;

    if (*state->wish.image_id.text)
        return await_rows(call, own_style_source(call->who.user, state->wish.image_id), got_source);
    return create(call);
}

/* What was not given is the picture's. */
static struct next got_source(struct call *call, const PGresult *rows)
{
    struct create_state *state = call->state;
    struct row row;

    if (rows_count(rows) == 0)
        return reply_not_found(call);
    row = rows_at(rows, 0);
    if (*state->wish.prompt)
        row_skip(&row);
    else
        (void)text_copy(state->wish.prompt, sizeof state->wish.prompt, row_piece(&row));
    if (!*state->wish.preset)
        (void)text_copy(state->wish.preset, sizeof state->wish.preset, row_piece(&row));
    return create(call);
}

static struct next create(struct call *call)
{
    struct create_state *state = call->state;
    const struct preset *preset = catalog_preset(local_of(call)->catalog, state->wish.preset);
    struct own_style_new style = {.image_id = state->wish.image_id, .title = state->wish.title};
    struct moderation_verdict verdict;
    const char *field;

    if (!own_style_wish_passes(&state->wish, local_of(call)->moderation, &verdict, &field))
        return reply_moderated(call, field, &verdict);
    own_style_tags_write(&state->wish.tags, state->tags);
    style.id = state->once.id = uuid_make();
    style.prompt = state->wish.prompt;
    style.preset = preset ? preset->name : catalog_default_preset(local_of(call)->catalog)->name;
    style.tags = state->tags;
    return create_once_insert(call, own_style_insert(call->who.user, &style, &state->once.key));
}

/* PATCH /api/v1/templates/{id} */

struct patch_state {
    struct own_style_wish wish;
    char tags[OWN_STYLE_TAGS_ROOM];
    const PGresult *rows; /* of the changed style */
};

static struct next patched(struct call *call, const PGresult *rows);
static struct next got_favorites(struct call *call, const PGresult *rows);

/* Shipped ones are nobody's to change. */
static bool read_own_id(struct call *call, struct uuid *id, struct next *refused)
{
    char slug[STYLE_ID_ROOM];
    struct err err;

    if (!body_no_query(call, refused))
        return false;
    if (call_param_uuid(call, 0, id))
        return true;
    if (!text_copy(slug, sizeof slug, call->params[0]) || !styles_find(local_of(call)->styles, slug)) {
        *refused = reply_not_found(call);
    } else {
        (void)err_set(&err, ERR_FORBIDDEN, "template_shipped", "%s", slug);
        *refused = reply_err(call, &err);
    }
    return false;
}

struct next own_style_api_patch(struct call *call)
{
    struct patch_state *state = call_state_make(call, sizeof *state);
    struct faults faults = {0};
    struct moderation_verdict verdict;
    const char *field;
    struct next refused;
    struct uuid id;

    if (!read_own_id(call, &id, &refused) ||
        !body_json_faults(call, OWN_STYLE_CHANGE_FIELDS, &state->wish, &faults, &refused))
        return refused;
    own_style_wish_check_change(&state->wish, local_of(call)->catalog, &faults);
    if (faults.count)
        return reply_faults(call, &faults);
    if (!own_style_wish_passes(&state->wish, local_of(call)->moderation, &verdict, &field))
        return reply_moderated(call, field, &verdict);
    own_style_tags_write(&state->wish.tags, state->tags);
    return await_rows(call,
                      own_style_update(call->who.user, id,
                                       &(struct own_style_change){
                                           .title = state->wish.has_title ? state->wish.title : NULL,
                                           .prompt = state->wish.has_prompt ? state->wish.prompt : NULL,
                                           .preset = state->wish.has_preset ? state->wish.preset : NULL,
                                           .tags = state->wish.has_tags ? state->tags : NULL,
                                       }),
                      patched);
}

static struct next patched(struct call *call, const PGresult *rows)
{
    struct patch_state *state = call->state;

    if (rows_count(rows) == 0)
        return reply_not_found(call);
    caches_taste_changed(call);
    state->rows = rows_keep(call, rows);
    return await_rows(call, style_favorites_of(call->who.user), got_favorites);
}

static struct next got_favorites(struct call *call, const PGresult *rows)
{
    const struct patch_state *state = call->state;
    struct json_out out = reply_json_begin(call);

    write_one(&out, call, state->rows, rows);
    return reply_json(call, 200, &out);
}

/* DELETE /api/v1/templates/{id} */

static struct next removed(struct call *call, const PGresult *rows)
{
    if (rows_count(rows) == 0)
        return reply_not_found(call);
    caches_taste_changed(call);
    return reply_no_content(call);
}

struct next own_style_api_remove(struct call *call)
{
    struct next refused;
    struct uuid id;

    if (!read_own_id(call, &id, &refused))
        return refused;
    return await_rows(call, own_style_delete(call->who.user, id), removed);
}
