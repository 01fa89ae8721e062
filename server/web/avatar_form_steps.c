#include "web/avatar_form_steps.h"

#include <stdio.h>

#include "http/await_rows.h"
#include "http/reply.h"
#include "local.h"

static struct next looked_up(struct call *call, const PGresult *rows);
static struct next create(struct call *call);
static struct next created(struct call *call, const PGresult *rows);
static struct next looked_up_again(struct call *call, const PGresult *rows);

struct next avatar_form_steps_run(struct call *call, const char *key)
{
    struct avatar_form_steps *state = call->state;

    if (!idempotency_from_form(call, key, &state->key))
        (void)faults_add(&state->faults, "key", "required");
    if (state->faults.count)
        return state->reply_form(call, 422, NULL);
    return await_rows(call, idempotency_find(call->who.user, &state->key), looked_up);
}

static struct next go_to_avatar(struct call *call, struct uuid id)
{
    const struct avatar_form_steps *state = call->state;
    char location[100];

    (void)snprintf(location, sizeof location, "/avatars/%s?done=%s", id.text, state->done);
    return reply_redirect(call, location);
}

/* A second click comes to the avatar that the first one made. */
static struct next was_used(struct call *call, const PGresult *rows)
{
    const struct avatar_form_steps *state = call->state;
    struct idempotency_kept kept;

    if (idempotency_match(rows, &state->key, &kept) == IDEMPOTENCY_REPLAY)
        return go_to_avatar(call, kept.ref);
    return state->reply_form(call, 422, "idempotency_key_reused");
}

static struct next looked_up(struct call *call, const PGresult *rows)
{
    return rows_count(rows) ? was_used(call, rows) : create(call);
}

static struct next create(struct call *call)
{
    struct avatar_form_steps *state = call->state;
    int64_t most = local_of(call)->config->avatars_per_user;

    state->id = uuid_make();
    return await_rows(call, state->insert(call, most), created);
}

/* No row: there are too many, or the key was taken meanwhile. */
static struct next created(struct call *call, const PGresult *rows)
{
    const struct avatar_form_steps *state = call->state;

    if (rows_count(rows))
        return go_to_avatar(call, state->id);
    return await_rows(call, idempotency_find(call->who.user, &state->key), looked_up_again);
}

static struct next looked_up_again(struct call *call, const PGresult *rows)
{
    const struct avatar_form_steps *state = call->state;

    return rows_count(rows) ? was_used(call, rows) : state->reply_form(call, 409, "limit_reached");
}
