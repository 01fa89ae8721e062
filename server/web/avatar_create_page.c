#include "web/avatar_create_page.h"

#include "avatars/avatar_create.h"
#include "avatars/avatar_import.h"
#include "http/body.h"
#include "web/avatar_create_view.h"
#include "web/avatar_form_steps.h"
#include "web/form.h"

const struct page avatar_create_page = {"avatars/new", &avatar_create_view_type, PLACE_AVATARS};

struct create_form {
    char name[4 * AVATAR_NAME_MAX + 1], gender[8], training_type[10], key[40];
};

struct create_state {
    struct avatar_form_steps steps; /* must be first */
    struct create_form form;
    struct avatar_create create;
};

#define TEXT_FIELD(member, most) QUERY_FIELD(QUERY_TEXT, struct create_form, member, .max = most)
#define ROOM(member) ((int64_t)sizeof((struct create_form *)0)->member - 1)

static const struct query_field FIELDS[] = {
    TEXT_FIELD(name, AVATAR_NAME_MAX),
    TEXT_FIELD(gender, ROOM(gender)),
    TEXT_FIELD(training_type, ROOM(training_type)),
    TEXT_FIELD(key, ROOM(key)),
    {0},
};

struct next avatar_create_page_show(struct call *call)
{
    struct next refused;

    if (!body_no_query(call, &refused))
        return refused;
    return page_reply(call, 200, &avatar_create_page,
                      avatar_create_view_make(call, "portrait", "", false, &(struct faults){0}, NULL));
}

static struct next reply_form(struct call *call, int status, const char *trouble)
{
    const struct create_state *state = call->state;

    return page_reply(call, status, &avatar_create_page,
                      avatar_create_view_make(call, state->form.training_type, state->form.gender, true,
                                              &state->steps.faults, trouble));
}

static void check(struct create_state *state)
{
    (void)text_copy(state->create.name, sizeof state->create.name, text_of(state->form.name));
    if (!(state->create.training_type = avatar_import_type(state->form.training_type)))
        (void)faults_add(&state->steps.faults, "training_type", "required");
    if (!(state->create.gender = avatar_import_gender(state->form.gender)))
        (void)faults_add(&state->steps.faults, "gender", "required");
    if (!*state->form.name && !faults_have(&state->steps.faults, "name"))
        (void)faults_add(&state->steps.faults, "name", "required");
    avatar_create_check(&state->create, &state->steps.faults);
}

static struct query insert(struct call *call, int64_t max_avatars)
{
    const struct create_state *state = call->state;

    return avatar_create_insert(call->who.user, state->steps.id, &state->create, &state->steps.key, max_avatars);
}

struct next avatar_create_page_send(struct call *call)
{
    struct create_state *state = call_state_make(call, sizeof *state);
    struct next refused;

    state->steps.insert = insert;
    state->steps.reply_form = reply_form;
    state->steps.done = "avatar_made";
    if (!body_no_query(call, &refused) || !form_read(call, FIELDS, &state->form, &state->steps.faults, &refused))
        return refused;
    check(state);
    return avatar_form_steps_run(call, state->form.key);
}
