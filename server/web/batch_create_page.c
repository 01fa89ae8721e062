#include "web/batch_create_page.h"

#include <stdio.h>
#include <string.h>

#include "avatars/avatar.h"
#include "batches/batch.h"
#include "generations/generation_create.h"
#include "generations/shape.h"
#include "http/await_rows.h"
#include "http/body.h"
#include "http/reply.h"
#include "local.h"
#include "users/account.h"
#include "web/batch_create_view.h"
#include "web/create_choices.h"

const struct page batch_create_page = {"batch/create", &batch_create_view_type, PLACE_CREATE};

struct batch_create_state {
    struct batch_create flow; /* first: the way of a wish looks for it there */
    struct batch_form form;
    struct create_trouble trouble;
    struct account account;
    int status;
};

static struct next show_form(struct call *call, int status);
static struct next got_account(struct call *call, const PGresult *rows);
static struct next got_avatars(struct call *call, const PGresult *rows);

static struct next show_form(struct call *call, int status)
{
    struct batch_create_state *state = call->state;

    state->status = status;
    return await_rows(call, account_of(call->who.user), got_account);
}

static struct next got_account(struct call *call, const PGresult *rows)
{
    struct batch_create_state *state = call->state;

    state->account = account_from_rows(rows, local_of(call)->config->default_quota);
    return await_rows(call, avatars_of(call->who.user, (struct uuid){""}, CREATE_AVATARS_MAX), got_avatars);
}

static struct next got_avatars(struct call *call, const PGresult *rows)
{
    const struct batch_create_state *state = call->state;

    return page_reply(call, state->status, &batch_create_page,
                      batch_create_view_make(call, &state->form, rows, &state->account, &state->trouble));
}

/* GET */

struct batch_create_query {
    struct uuid batch, avatar;
    char preset[40], size[40], mode[16], done[PAGE_DONE_ROOM];
};

static const struct query_field QUERY_FIELDS[] = {
    QUERY_FIELD(QUERY_UUID, struct batch_create_query, batch),
    QUERY_FIELD(QUERY_UUID, struct batch_create_query, avatar),
    QUERY_FIELD(QUERY_TEXT, struct batch_create_query, preset, .max = 39),
    QUERY_FIELD(QUERY_TEXT, struct batch_create_query, size, .max = 39),
    QUERY_FIELD(QUERY_TEXT, struct batch_create_query, mode, .max = 15),
    PAGE_FIELDS(struct batch_create_query),
    {0},
};

static struct next got_items(struct call *call, const PGresult *rows);

struct next batch_create_page_show(struct call *call)
{
    struct batch_create_state *state = call_state_make(call, sizeof *state);
    struct batch_create_query query = {0};
    struct next refused;

    if (!body_query(call, QUERY_FIELDS, &query, &refused))
        return refused;
    state->form.num_images = 1;
    state->form.avatar_id = query.avatar;
    (void)snprintf(state->form.preset, sizeof state->form.preset, "%s", query.preset);
    (void)snprintf(state->form.size, sizeof state->form.size, "%s", query.size);
    (void)snprintf(state->form.mode, sizeof state->form.mode, "%s", query.mode);
    if (*query.batch.text)
        return await_rows(call, batch_items(call->who.user, query.batch), got_items);
    return show_form(call, 200);
}

static bool was_not_made(const struct batch_item *item)
{
    return item->error_code || strcmp(item->generation.status, "failed") == 0 ||
           strcmp(item->generation.status, "cancelled") == 0;
}

static void take_settings(struct call *call, const struct generation *g, struct batch_form *form)
{
    const struct again again = {.prompt = "",
                                .preset = g->preset,
                                .avatar = g->avatar_id,
                                .parameters = g->parameters,
                                .num_images = g->num_images};
    struct create_form *as = call_alloc(call, sizeof *as);

    memset(as, 0, sizeof *as);
    create_form_repeat(call, &again, as);
    form->avatar_id = as->avatar_id;
    form->num_images = as->num_images;
    memcpy(form->preset, as->preset, sizeof form->preset);
    memcpy(form->size, as->size, sizeof form->size);
}

static bool has_line_end(const PGresult *rows)
{
    for (int i = 0; i < rows_count(rows); i++)
        if (strchr(batch_item_from_row(rows_at(rows, i)).prompt, '\n'))
            return true;
    return false;
}

/* What was not made, with the settings of what was; all of it was: all of it. */
static struct next got_items(struct call *call, const PGresult *rows)
{
    struct batch_create_state *state = call->state;
    bool has_unmade = false;

    if (rows_count(rows) == 0)
        return reply_not_found(call);
    if (has_line_end(rows))
        (void)snprintf(state->form.split, sizeof state->form.split, "paragraph");
    for (int i = 0; i < rows_count(rows); i++) {
        const struct batch_item item = batch_item_from_row(rows_at(rows, i));
        has_unmade |= was_not_made(&item);
    }
    for (int i = 0; i < rows_count(rows); i++) {
        const struct batch_item item = batch_item_from_row(rows_at(rows, i));
        if (was_not_made(&item) == has_unmade)
            batch_form_add(&state->form, item.prompt);
        if (!item.error_code)
            take_settings(call, &item.generation, &state->form);
    }
    return show_form(call, 200);
}

/* POST */

static struct next created(struct call *call, struct uuid batch, bool replayed)
{
    char location[80];

    (void)snprintf(location, sizeof location, "/batches/%s%s", batch.text, replayed ? "?done=sent_before" : "");
    return reply_redirect(call, location);
}

static struct next faulty(struct call *call, const struct faults *faults)
{
    struct batch_create_state *state = call->state;

    return show_form(call, create_trouble_faulty(faults, &state->trouble));
}

static struct next refused(struct call *call, const struct err *err)
{
    struct batch_create_state *state = call->state;

    if (err->kind == ERR_INTERNAL)
        return reply_err(call, err);
    return show_form(call, create_trouble_refused(call, err, &state->trouble));
}

struct next batch_create_page_send(struct call *call)
{
    static const struct batch_answers ANSWERS = {created, faulty, refused};
    struct batch_create_state *state = call_state_make(call, sizeof *state);
    struct faults faults = {0};
    struct next reply;
    struct err err;

    state->flow.answers = &ANSWERS;
    if (!body_no_query(call, &reply) || !batch_form_read(call, &state->form, &faults, &reply))
        return reply;
    if (!generation_create_is_on(call, &err))
        return refused(call, &err);
    batch_form_wish(&state->form, &state->flow.wish, &faults);
    if (faults.count)
        return faulty(call, &faults);
    if (*state->form.check)
        return show_form(call, 200);
    if (!idempotency_from_form(call, state->form.key, &state->flow.steps.key))
        return show_form(call, create_trouble_stale(&state->trouble));
    return batch_create_begin(call);
}
