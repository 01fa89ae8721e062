#include "web/import_page.h"

#include "http/body.h"
#include "web/avatar_form_steps.h"
#include "web/import_form.h"
#include "web/import_view.h"

const struct page import_page = {"avatars/import", &import_view_type, PLACE_AVATARS};

struct import_state {
    struct avatar_form_steps steps; /* must be first */
    struct import_form form;
    struct avatar_import import;
};

static struct next reply_form(struct call *call, int status, const char *trouble)
{
    const struct import_state *state = call->state;

    return page_reply(call, status, &import_page, import_view_make(call, &state->form, &state->steps.faults, trouble));
}

struct next import_page_show(struct call *call)
{
    struct next refused;

    if (!body_no_query(call, &refused))
        return refused;
    return page_reply(call, 200, &import_page, import_view_make(call, NULL, &(struct faults){0}, NULL));
}

static struct query insert(struct call *call, int64_t max_avatars)
{
    const struct import_state *state = call->state;

    return avatar_import_insert(call->who.user, state->steps.id, &state->import, &state->steps.key, max_avatars);
}

struct next import_page_send(struct call *call)
{
    struct import_state *state = call_state_make(call, sizeof *state);
    struct next refused;

    state->steps.insert = insert;
    state->steps.reply_form = reply_form;
    state->steps.done = "avatar_imported";
    if (!body_no_query(call, &refused) ||
        !import_form_read(call, &state->form, &state->import, &state->steps.faults, &refused))
        return refused;
    return avatar_form_steps_run(call, state->form.key);
}
