/* GET /api/v1/templates/{id}: one style, with its prompt as it would be for an avatar. */
#include <string.h>

#include "http/body.h"
#include "http/reply.h"
#include "local.h"
#include "styles/style_api.h"
#include "styles/style_shelf.h"

enum { CHOICES_ROOM = 256 };

struct show_state {
    struct style_shelf shelf; /* first */
    char choices[CHOICES_ROOM];
    struct style_chosen chosen;
    const struct style *style; /* NULL: an own one */
    struct uuid own_id;
};

static const struct query_field FIELDS[] = {
    {.name = "avatar_id",
     .type = QUERY_UUID,
     .offset = offsetof(struct show_state, shelf.avatar_id),
     .size = sizeof(struct uuid)},
    QUERY_FIELD(QUERY_TEXT, struct show_state, choices, .max = CHOICES_ROOM - 1),
    {0}};

static struct next answer_shipped(struct call *call, const PGresult *own);
static struct next answer_own(struct call *call, const PGresult *own);
static struct next got_own(struct call *call, const PGresult *rows);

static bool find(struct call *call, struct show_state *state)
{
    char id[STYLE_ID_ROOM];

    if (call_param_uuid(call, 0, &state->own_id))
        return true;
    return text_copy(id, sizeof id, call->params[0]) && (state->style = styles_find(local_of(call)->styles, id));
}

/* Do the choices belong to the style? An own one has none. */
static void check_choices(const struct show_state *state, struct faults *faults)
{
    static const struct style_wearer ANYBODY = {AVATAR_PORTRAIT, "other"};
    CLEANUP(buf_done) struct buf prompt = buf_make(4 * STYLE_PROMPT_MAX);

    if (state->style)
        (void)style_prompt_write(state->style, &state->style->variants.at[0], &ANYBODY, &state->chosen, &prompt,
                                 faults);
    else if (state->chosen.count)
        (void)faults_add_what(faults, "choices", "unknown_choice", text_of(state->chosen.at[0].name));
}

struct next style_api_show(struct call *call)
{
    struct show_state *state = call_state_make(call, sizeof *state);
    struct faults faults = {0};

    (void)body_query_faults(call, FIELDS, state, &faults);
    if (!faults.count && !find(call, state))
        return reply_not_found(call);
    if (!faults.count && style_chosen_parse(state->choices, &state->chosen, "choices", &faults))
        check_choices(state, &faults);
    if (faults.count)
        return reply_query_faults(call, &faults);
    state->shelf.needs = STYLE_NEED_MAIN_AVATAR;
    state->shelf.answer = state->style ? answer_shipped : answer_own;
    return style_shelf_gather(call);
}

static struct next answer_shipped(struct call *call, const PGresult *own)
{
    const struct show_state *state = call->state;
    struct style_shown shown = style_shelf_shown(call);
    struct json_out out = reply_json_begin(call);

    (void)own;
    shown.chosen = &state->chosen;
    json_object(&out);
    style_write(&out, &shown, state->style);
    json_end_object(&out);
    return reply_json(call, 200, &out);
}

static struct next answer_own(struct call *call, const PGresult *own)
{
    const struct show_state *state = call->state;

    (void)own;
    return await_rows(call, own_style_by_id(call->who.user, state->own_id), got_own);
}

static struct next got_own(struct call *call, const PGresult *rows)
{
    struct style_shown shown = style_shelf_shown(call);
    struct json_out out = reply_json_begin(call);
    struct own_style style;

    if (rows_count(rows) == 0)
        return reply_not_found(call);
    style = own_style_from_row(rows_at(rows, 0));
    json_object(&out);
    style_write_own(&out, &shown, &style);
    json_end_object(&out);
    return reply_json(call, 200, &out);
}
