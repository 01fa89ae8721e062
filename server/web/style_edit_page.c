#include "web/style_edit_page.h"

#include <stdio.h>
#include <string.h>

#include "catalog/catalog.h"
#include "http/await_rows.h"
#include "http/body.h"
#include "http/reply.h"
#include "local.h"
#include "moderation/moderation.h"
#include "styles/own_style_wish.h"
#include "users/caches.h"
#include "web/form.h"
#include "web/style_edit_view.h"

const struct page style_edit_page = {"styles/edit", &style_edit_view_type, PLACE_CREATE};

struct edit_state {
    struct style_edit_form form;
    struct uuid id; /* of the style that is changed; "": a new one */
    struct faults faults;
    struct idempotency key;
};

static const struct query_field FIELDS[] = {
    QUERY_FIELD(QUERY_TEXT, struct style_edit_form, title, .max = 200),
    QUERY_FIELD(QUERY_TEXT, struct style_edit_form, prompt, .max = 2000),
    QUERY_FIELD(QUERY_TEXT, struct style_edit_form, preset, .max = 39),
    QUERY_FIELD(QUERY_UUID, struct style_edit_form, image_id),
    QUERY_FIELD(QUERY_TEXT, struct style_edit_form, key, .max = IDEMPOTENCY_KEY_MAX),
    {0},
};

static struct next got_source(struct call *call, const PGresult *rows);
static struct next found_key(struct call *call, const PGresult *rows);
static struct next inserted(struct call *call, const PGresult *rows);
static struct next found_key_again(struct call *call, const PGresult *rows);
static struct next got_own(struct call *call, const PGresult *rows);
static struct next updated(struct call *call, const PGresult *rows);

static struct next reply_form(struct call *call, int status, const char *trouble)
{
    const struct edit_state *state = call->state;

    return page_reply(call, status, &style_edit_page,
                      style_edit_view_make(call, state->id, &state->form, &state->faults, trouble));
}

static struct next reply_to_style(struct call *call, struct uuid id, const char *done)
{
    char location[100];

    (void)snprintf(location, sizeof location, "/styles/%s?done=%s", id.text, done);
    return reply_redirect(call, location);
}

/* GET /styles/new */

struct new_query {
    struct uuid image;
    char done[PAGE_DONE_ROOM];
};

struct next style_new_show(struct call *call)
{
    static const struct query_field QUERY[] = {
        QUERY_FIELD(QUERY_UUID, struct new_query, image), PAGE_FIELDS(struct new_query), {0}};
    struct edit_state *state = call_state_make(call, sizeof *state);
    struct new_query query = {0};
    struct next refused;

    if (!body_query(call, QUERY, &query, &refused))
        return refused;
    state->form.image_id = query.image;
    if (!*query.image.text)
        return reply_form(call, 200, NULL);
    return await_rows(call, own_style_source(call->who.user, query.image), got_source);
}

static struct next got_source(struct call *call, const PGresult *rows)
{
    struct edit_state *state = call->state;
    struct row row;

    if (rows_count(rows) == 0)
        return reply_not_found(call);
    row = rows_at(rows, 0);
    (void)snprintf(state->form.prompt, sizeof state->form.prompt, "%s", row_text(&row));
    (void)snprintf(state->form.preset, sizeof state->form.preset, "%s", row_text(&row));
    return reply_form(call, 200, NULL);
}

/* What both forms check */

static void take(const char *typed, const char *field, int64_t most, char *to, size_t room, struct faults *faults)
{
    if (faults_have(faults, field))
        return;
    if ((int64_t)text_code_points(text_of(typed)) > most)
        (void)faults_add_range(faults, field, "too_long", 1, most);
    else
        (void)text_copy(to, room, text_of(typed));
}

static void judge(struct call *call, const char *typed, const char *field, struct faults *faults)
{
    struct moderation_verdict verdict;

    if (!faults_have(faults, field) && !moderation_passes(local_of(call)->moderation, text_of(typed), &verdict))
        (void)moderation_fault(&verdict, call->lang, field, faults);
}

/* By the API's rules, but that a form has all its fields. */
static void check(struct call *call, const struct style_edit_form *form, struct faults *faults)
{
    const struct catalog *catalog = local_of(call)->catalog;
    struct own_style_wish wish = {0};

    take(form->title, "title", OWN_STYLE_TITLE_MAX, wish.title, sizeof wish.title, faults);
    take(form->prompt, "prompt", STYLE_PROMPT_MAX, wish.prompt, sizeof wish.prompt, faults);
    own_style_wish_check_new(&wish, catalog, faults);
    judge(call, wish.title, "title", faults);
    judge(call, wish.prompt, "prompt", faults);
    if (!faults_have(faults, "preset") && !catalog_preset(catalog, form->preset))
        (void)faults_add(faults, "preset", "required");
}

static bool read_form(struct call *call, struct edit_state *state, struct next *refused)
{
    if (!body_no_query(call, refused) || !form_read(call, FIELDS, &state->form, &state->faults, refused))
        return false;
    check(call, &state->form, &state->faults);
    return true;
}

/* POST /styles/new */

struct next style_new_send(struct call *call)
{
    struct edit_state *state = call_state_make(call, sizeof *state);
    struct next refused;

    if (!read_form(call, state, &refused))
        return refused;
    if (state->faults.count)
        return reply_form(call, 422, NULL);
    if (!idempotency_from_form(call, state->form.key, &state->key))
        return reply_form(call, 422, "stale_form");
    return await_rows(call, idempotency_find(call->who.user, &state->key), found_key);
}

static struct next found_key(struct call *call, const PGresult *rows)
{
    const struct edit_state *state = call->state;
    struct idempotency_kept kept;
    struct own_style_new style;

    switch (idempotency_match(rows, &state->key, &kept)) {
    case IDEMPOTENCY_REPLAY: return reply_to_style(call, kept.ref, "style_saved");
    case IDEMPOTENCY_REUSED: return reply_form(call, 409, "idempotency_key_reused");
    case IDEMPOTENCY_NEW: break;
    }
    style = (struct own_style_new){.id = uuid_make(),
                                   .image_id = state->form.image_id,
                                   .title = state->form.title,
                                   .prompt = state->form.prompt,
                                   .preset = state->form.preset,
                                   .tags = ""};
    return await_rows(call, own_style_insert(call->who.user, &style, &state->key), inserted);
}

static struct next inserted(struct call *call, const PGresult *rows)
{
    const struct edit_state *state = call->state;

    if (rows_count(rows) == 0) /* the same form was faster, or there are too many */
        return await_rows(call, idempotency_find(call->who.user, &state->key), found_key_again);
    caches_taste_changed(call);
    return reply_to_style(call, own_style_from_row(rows_at(rows, 0)).id, "style_saved");
}

static struct next found_key_again(struct call *call, const PGresult *rows)
{
    const struct edit_state *state = call->state;
    struct idempotency_kept kept;

    if (idempotency_match(rows, &state->key, &kept) == IDEMPOTENCY_REPLAY)
        return reply_to_style(call, kept.ref, "style_saved");
    return reply_form(call, 409, "own_styles_full");
}

/* /styles/{id}/edit */

struct next style_edit_show(struct call *call)
{
    struct edit_state *state = call_state_make(call, sizeof *state);
    struct next refused;

    if (!body_only_id(call, &state->id, &refused))
        return refused;
    return await_rows(call, own_style_by_id(call->who.user, state->id), got_own);
}

static struct next got_own(struct call *call, const PGresult *rows)
{
    struct edit_state *state = call->state;
    struct own_style own;

    if (rows_count(rows) == 0)
        return reply_not_found(call);
    own = own_style_from_row(rows_at(rows, 0));
    (void)text_copy(state->form.title, sizeof state->form.title, text_of(own.title));
    (void)text_copy(state->form.prompt, sizeof state->form.prompt, text_of(own.prompt));
    (void)text_copy(state->form.preset, sizeof state->form.preset, text_of(own.preset));
    return reply_form(call, 200, NULL);
}

static struct next got_unchanged(struct call *call, const PGresult *rows);

struct next style_edit_send(struct call *call)
{
    struct edit_state *state = call_state_make(call, sizeof *state);
    struct own_style_change change = {
        .title = state->form.title, .prompt = state->form.prompt, .preset = state->form.preset};
    struct next refused;

    if (!call_param_uuid(call, 0, &state->id))
        return reply_not_found(call);
    if (!read_form(call, state, &refused))
        return refused;
    if (state->faults.count) /* somebody else's is not found, whatever was typed */
        return await_rows(call, own_style_by_id(call->who.user, state->id), got_unchanged);
    return await_rows(call, own_style_update(call->who.user, state->id, &change), updated);
}

static struct next got_unchanged(struct call *call, const PGresult *rows)
{
    return rows_count(rows) ? reply_form(call, 422, NULL) : reply_not_found(call);
}

static struct next updated(struct call *call, const PGresult *rows)
{
    const struct edit_state *state = call->state;

    if (rows_count(rows) == 0)
        return reply_not_found(call);
    caches_taste_changed(call);
    return reply_to_style(call, state->id, "style_changed");
}
