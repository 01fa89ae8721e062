#include "web/style_page.h"

#include <stdio.h>
#include <string.h>

#include "http/await_rows.h"
#include "http/body.h"
#include "http/reply.h"
#include "local.h"
#include "styles/styles.h"
#include "web/style_view.h"

const struct page style_page = {"styles/show", &style_view_type, PLACE_CREATE};

struct style_state {
    struct style_reads reads; /* first */
    struct style_subject subject;
    struct own_style own;
    struct style_form form;
    struct create_trouble trouble;
    int status;
    step_fn found;
};

static struct next got_own(struct call *call, const PGresult *rows);
static struct next show(struct call *call);
static struct next show_all(struct call *call);
static struct next reply_page(struct call *call);
static struct next make(struct call *call);
static struct next look(struct call *call);

/* A slug names a shipped style, a UUID one of the user's own. */
static struct next find(struct call *call, step_fn found)
{
    struct style_state *state = call_state_make(call, sizeof *state);
    char id[STYLE_ID_ROOM];
    struct uuid own;

    state->found = found;
    state->status = 200;
    if (text_copy(id, sizeof id, call->params[0]) &&
        (state->subject.shipped = styles_find(local_of(call)->styles, id)) != NULL)
        return found(call);
    if (!call_param_uuid(call, 0, &own))
        return reply_not_found(call);
    return await_rows(call, own_style_by_id(call->who.user, own), got_own);
}

static struct next got_own(struct call *call, const PGresult *rows)
{
    struct style_state *state = call->state;

    if (rows_count(rows) == 0)
        return reply_not_found(call);
    state->own = own_style_from_row(rows_at(rows_keep(call, rows), 0));
    state->subject.own = &state->own;
    return state->found(call);
}

static const char *id_of(const struct style_state *state)
{
    return state->subject.shipped ? state->subject.shipped->id : state->own.id.text;
}

/* GET */

struct next style_page_show(struct call *call) { return find(call, show); }

static struct next show(struct call *call)
{
    struct style_state *state = call->state;
    struct next refused;

    if (!style_form_query(call, state->subject.shipped, &state->form, &refused))
        return refused;
    return show_all(call);
}

static struct next show_all(struct call *call) { return style_reads_begin(call, reply_page); }

static struct next reply_page(struct call *call)
{
    const struct style_state *state = call->state;

    return page_reply(call, state->status, &style_page,
                      style_view_make(call, &state->subject, &state->reads, &state->form, &state->trouble));
}

/* POST */

static struct next show_again(struct call *call, int status)
{
    struct style_state *state = call->state;

    state->status = status;
    return show_all(call);
}

static struct next faulty(struct call *call, const struct faults *faults)
{
    struct style_state *state = call->state;

    return show_again(call, create_trouble_faulty(faults, &state->trouble));
}

static struct next refused(struct call *call, const struct err *err)
{
    struct style_state *state = call->state;

    if (err->kind == ERR_INTERNAL)
        return reply_err(call, err);
    if (err->kind != ERR_NOT_FOUND)
        return show_again(call, create_trouble_refused(call, err, &state->trouble));
    /* Of the avatar: the style is there. The page has no field for it. */
    (void)snprintf(state->trouble.code, sizeof state->trouble.code, "avatar_unknown");
    return show_again(call, 422);
}

static void fill_wish(struct style_state *state)
{
    struct generation_wish *wish = &state->reads.flow.wish;

    (void)snprintf(wish->template_id, sizeof wish->template_id, "%s", id_of(state));
    wish->choices = style_form_chosen(state->subject.shipped, &state->form);
    wish->avatar_id = state->form.avatar;
    wish->num_images = state->form.num_images;
    (void)snprintf(wish->preset, sizeof wish->preset, "%s", state->form.preset);
}

struct next style_page_make(struct call *call) { return find(call, make); }

static struct next make(struct call *call)
{
    static const struct generation_answers ANSWERS = {
        .created = create_trouble_none, .faulty = faulty, .refused = refused};
    struct style_state *state = call->state;
    struct faults faults = {0};
    struct next reply;
    struct err err;

    state->reads.flow.answers = &ANSWERS;
    if (!body_no_query(call, &reply) || !style_form_read(call, state->subject.shipped, &state->form, &faults, &reply))
        return reply;
    if (!generation_create_is_on(call, &err))
        return refused(call, &err);
    fill_wish(state);
    generation_wish_check(call, &state->reads.flow.wish, &faults);
    if (faults.count)
        return faulty(call, &faults);
    if (!idempotency_from_form(call, state->form.key, &state->reads.flow.steps.key))
        return show_again(call, create_trouble_stale(&state->trouble));
    return generation_create_begin(call);
}

/* POST …/look */

struct next style_page_look(struct call *call) { return find(call, look); }

static struct next look(struct call *call)
{
    struct style_state *state = call->state;
    char link[STYLE_FORM_LINK_ROOM];
    struct faults faults = {0};
    struct next reply;

    if (!body_no_query(call, &reply) || !style_form_read(call, state->subject.shipped, &state->form, &faults, &reply))
        return reply;
    if (faults.count)
        return faulty(call, &faults);
    style_form_link(id_of(state), state->subject.shipped, &state->form, link);
    return reply_redirect(call, link);
}
