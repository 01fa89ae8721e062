#include "web/import_page.h"

#include <stdio.h>

#include "http/await_rows.h"
#include "http/body.h"
#include "http/reply.h"
#include "local.h"
#include "web/import_form.h"
#include "web/import_view.h"

const struct page import_page = {"avatars/import", &import_view_type, PLACE_AVATARS};

struct import_state {
    struct import_form form;
    struct avatar_import import;
    struct faults faults;
    struct idempotency key;
    struct uuid id;
};

static struct next looked_up(struct call *call, const PGresult *rows);
static struct next create(struct call *call);
static struct next created(struct call *call, const PGresult *rows);
static struct next looked_up_again(struct call *call, const PGresult *rows);

static struct next reply_form(struct call *call, int status, const char *trouble)
{
    const struct import_state *state = call->state;

    return page_reply(call, status, &import_page, import_view_make(call, &state->form, &state->faults, trouble));
}

struct next import_page_show(struct call *call)
{
    struct next refused;

    if (!body_no_query(call, &refused))
        return refused;
    return page_reply(call, 200, &import_page, import_view_make(call, NULL, &(struct faults){0}, NULL));
}

struct next import_page_send(struct call *call)
{
    struct import_state *state = call_state_make(call, sizeof *state);
    struct next refused;

    if (!body_no_query(call, &refused) ||
        !import_form_read(call, &state->form, &state->import, &state->faults, &refused))
        return refused;
    if (!idempotency_from_form(call, state->form.key, &state->key))
        (void)faults_add(&state->faults, "key", "required");
    if (state->faults.count)
        return reply_form(call, 422, NULL);
    return await_rows(call, idempotency_find(call->who.user, &state->key), looked_up);
}

static struct next go_to_avatar(struct call *call, struct uuid id)
{
    char location[100];

    (void)snprintf(location, sizeof location, "/avatars/%s?done=avatar_imported", id.text);
    return reply_redirect(call, location);
}

/* A second click comes to the avatar that the first one made. */
static struct next was_used(struct call *call, const PGresult *rows)
{
    struct import_state *state = call->state;
    struct idempotency_kept kept;

    if (idempotency_match(rows, &state->key, &kept) == IDEMPOTENCY_REPLAY)
        return go_to_avatar(call, kept.ref);
    return reply_form(call, 422, "idempotency_key_reused");
}

static struct next looked_up(struct call *call, const PGresult *rows)
{
    return rows_count(rows) ? was_used(call, rows) : create(call);
}

static struct next create(struct call *call)
{
    struct import_state *state = call->state;
    int64_t most = local_of(call)->config->avatars_per_user;

    state->id = uuid_make();
    return await_rows(call, avatar_import_insert(call->who.user, state->id, &state->import, &state->key, most),
                      created);
}

/* No row: there are too many, or the key was taken meanwhile. */
static struct next created(struct call *call, const PGresult *rows)
{
    const struct import_state *state = call->state;

    if (rows_count(rows))
        return go_to_avatar(call, state->id);
    return await_rows(call, idempotency_find(call->who.user, &state->key), looked_up_again);
}

static struct next looked_up_again(struct call *call, const PGresult *rows)
{
    return rows_count(rows) ? was_used(call, rows) : reply_form(call, 409, "limit_reached");
}
