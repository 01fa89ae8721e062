#include "web/create_page.h"

#include <stdio.h>
#include <string.h>

#include "http/await_rows.h"
#include "http/body.h"
#include "http/reply.h"
#include "local.h"
#include "styles/style_popular.h"
#include "styles/style_taste.h"
#include "styles/styles.h"
#include "users/caches.h"
#include "web/create_choices.h"
#include "web/create_shelves.h"
#include "web/create_view.h"
#include "web/style_prompt.h"

const struct page create_page = {"create/index", &create_view_type, PLACE_CREATE};

struct create_state {
    struct style_reads reads; /* first */
    struct create_form form;
    struct create_trouble trouble;
    int status;
    bool shows_styles;            /* the page as one comes to it, with nothing chosen yet */
    struct style_subject subject; /* whose prompt fills the form; empty: none */
    struct own_style own;
    char style[STYLE_ID_ROOM];
    struct style_form chosen;
    const PGresult *uses;
};

static struct next show_form(struct call *call, int status);
static struct next got_reads(struct call *call);
static struct next got_uses(struct call *call, const PGresult *rows);
static struct next got_history(struct call *call, const PGresult *rows);

static struct next show_form(struct call *call, int status)
{
    struct create_state *state = call->state;

    state->status = status;
    return style_reads_begin(call, got_reads);
}

static struct next reply_form(struct call *call, struct view_items shelves)
{
    const struct create_state *state = call->state;

    return page_reply(call, state->status, &create_page,
                      create_view_make(call, &state->form, &state->reads, shelves, &state->trouble));
}

static bool find_style(struct call *call, struct create_state *state)
{
    state->subject.shipped = styles_find(local_of(call)->styles, state->style);
    for (int i = 0; !state->subject.shipped && i < rows_count(state->reads.own) && !state->subject.own; i++) {
        state->own = own_style_from_row(rows_at(state->reads.own, i));
        if (strcmp(state->own.id.text, state->style) == 0)
            state->subject.own = &state->own;
    }
    return state->subject.shipped || state->subject.own;
}

/* A style's prompt to be changed: for the avatar that is chosen, with what is chosen. */
static struct next fill_from_style(struct call *call)
{
    struct create_state *state = call->state;
    const struct avatar_choice *avatar;
    struct style_chosen chosen;
    const char *prompt;
    struct next refused;

    if (!find_style(call, state))
        return reply_not_found(call);
    if (!style_form_query(call, state->subject.shipped, &state->chosen, &refused))
        return refused;
    chosen = style_form_chosen(state->subject.shipped, &state->chosen);
    avatar = create_avatar_checked(create_avatars(call, state->reads.avatars, state->form.avatar_id));
    prompt = style_prompt_shown(call, &state->subject, &state->reads, avatar, &chosen);
    (void)snprintf(state->form.prompt, sizeof state->form.prompt, "%s", prompt ? prompt : "");
    if (!*state->form.preset)
        (void)snprintf(state->form.preset, sizeof state->form.preset, "%s",
                       state->subject.shipped ? state->subject.shipped->preset : state->own.preset);
    state->form.num_images = state->chosen.num_images;
    return reply_form(call, (struct view_items){0});
}

static struct next got_reads(struct call *call)
{
    const struct create_state *state = call->state;
    struct cached place;

    if (*state->style)
        return fill_from_style(call);
    if (!state->shows_styles || rows_count(state->reads.avatars) == 0)
        return reply_form(call, (struct view_items){0});
    place = cached_popular_styles("");
    return await_rows_cached(call, &place, style_popular_uses(local_of(call)->styles), got_uses);
}

static struct next got_uses(struct call *call, const PGresult *rows)
{
    struct create_state *state = call->state;

    state->uses = rows_keep(call, rows);
    return await_rows(call, style_history_of(call->who.user), got_history);
}

static struct next got_history(struct call *call, const PGresult *rows)
{
    const struct create_state *state = call->state;

    return reply_form(call, create_shelves(call, &state->reads, state->uses, rows));
}

/* GET /create */

struct create_query {
    struct uuid image, generation, avatar;
    int64_t example;
    char prompt[4 * PLAN_PROMPT_MAX + 1], preset[40], size[40], style[STYLE_ID_ROOM], done[PAGE_DONE_ROOM];
};

static const struct query_field QUERY_FIELDS[] = {
    QUERY_FIELD(QUERY_UUID, struct create_query, image),
    QUERY_FIELD(QUERY_UUID, struct create_query, generation),
    QUERY_FIELD(QUERY_UUID, struct create_query, avatar),
    QUERY_FIELD(QUERY_INT64, struct create_query, example, .min = 1, .max = CREATE_EXAMPLES),
    QUERY_FIELD(QUERY_TEXT, struct create_query, prompt, .max = PLAN_PROMPT_MAX),
    QUERY_FIELD(QUERY_TEXT, struct create_query, preset, .max = 39),
    QUERY_FIELD(QUERY_TEXT, struct create_query, size, .max = 39),
    QUERY_FIELD(QUERY_TEXT, struct create_query, style, .max = STYLE_ID_ROOM - 1),
    PAGE_FIELDS(struct create_query),
    {0},
};

static struct next got_earlier(struct call *call, const PGresult *rows);

/* What the link names itself goes over what it comes from. */
static void fill_from_query(struct create_form *form, const struct create_query *query, const char *example)
{
    if (*query->prompt || example)
        (void)snprintf(form->prompt, sizeof form->prompt, "%s", example ? example : query->prompt);
    if (*query->avatar.text)
        form->avatar_id = query->avatar;
    if (*query->preset)
        (void)snprintf(form->preset, sizeof form->preset, "%s", query->preset);
    if (*query->size)
        (void)snprintf(form->size, sizeof form->size, "%s", query->size);
}

struct next create_page_show(struct call *call)
{
    struct create_query *query = call_alloc(call, sizeof *query);
    struct create_state *state = call_state_make(call, sizeof *state);
    struct next refused;

    memset(query, 0, sizeof *query);
    if (!body_query(call, QUERY_FIELDS, query, &refused))
        return refused;
    state->form.num_images = 1;
    if (*query->image.text)
        return await_rows(call, again_from_image(call->who.user, query->image), got_earlier);
    if (*query->generation.text)
        return await_rows(call, again_from_generation(call->who.user, query->generation), got_earlier);
    fill_from_query(&state->form, query, create_example(call, query->example));
    (void)snprintf(state->style, sizeof state->style, "%s", query->style);
    state->shows_styles = !*query->prompt && !*query->preset && !*query->size && !query->example;
    return show_form(call, 200);
}

static struct next got_earlier(struct call *call, const PGresult *rows)
{
    struct create_query *query = call_alloc(call, sizeof *query);
    struct create_state *state = call->state;
    struct faults faults = {0};
    struct again again;

    if (rows_count(rows) == 0)
        return reply_not_found(call);
    again = again_from_row(rows_at(rows, 0));
    create_form_repeat(call, &again, &state->form);
    memset(query, 0, sizeof *query);
    (void)query_string_decode(call->query, QUERY_FIELDS, query, &faults); /* it had none */
    fill_from_query(&state->form, query, create_example(call, query->example));
    return show_form(call, 200);
}

/* POST /create */

static struct next faulty(struct call *call, const struct faults *faults)
{
    struct create_state *state = call->state;

    return show_form(call, create_trouble_faulty(faults, &state->trouble));
}

static struct next refused(struct call *call, const struct err *err)
{
    struct create_state *state = call->state;

    if (err->kind == ERR_INTERNAL)
        return reply_err(call, err);
    return show_form(call, create_trouble_refused(call, err, &state->trouble));
}

struct next create_page_send(struct call *call)
{
    static const struct generation_answers ANSWERS = {
        .created = create_trouble_none, .faulty = faulty, .refused = refused};
    struct create_state *state = call_state_make(call, sizeof *state);
    struct faults faults = {0};
    struct next reply;
    struct err err;

    state->reads.flow.answers = &ANSWERS;
    if (!body_no_query(call, &reply) || !create_form_read(call, &state->form, &faults, &reply))
        return reply;
    if (!generation_create_is_on(call, &err))
        return refused(call, &err);
    create_form_wish(call, &state->form, &state->reads.flow.wish, &faults);
    if (faults.count)
        return faulty(call, &faults);
    if (!idempotency_from_form(call, state->form.key, &state->reads.flow.steps.key))
        return show_form(call, create_trouble_stale(&state->trouble));
    return generation_create_begin(call);
}
