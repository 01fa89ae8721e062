#include "web/avatar_create_page.h"

#include <stdio.h>

#include "avatars/avatar_create.h"
#include "avatars/avatar_import.h"
#include "http/await_rows.h"
#include "http/body.h"
#include "http/reply.h"
#include "local.h"
#include "web/avatar_create_view.h"
#include "web/form.h"

const struct page avatar_create_page = {"avatars/new", &avatar_create_view_type, PLACE_AVATARS};

struct create_form {
    char name[4 * AVATAR_NAME_MAX + 1], gender[8], training_type[10], key[40];
};

struct create_state {
    struct create_form form;
    struct avatar_create create;
    struct faults faults;
    struct idempotency key;
    struct uuid id;
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

static struct next looked_up(struct call *call, const PGresult *rows);
static struct next create(struct call *call);
static struct next created(struct call *call, const PGresult *rows);
static struct next looked_up_again(struct call *call, const PGresult *rows);

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

    return page_reply(
        call, status, &avatar_create_page,
        avatar_create_view_make(call, state->form.training_type, state->form.gender, true, &state->faults, trouble));
}

static void check(struct call *call, struct create_state *state)
{
    (void)text_copy(state->create.name, sizeof state->create.name, text_of(state->form.name));
    if (!(state->create.training_type = avatar_import_type(state->form.training_type)))
        (void)faults_add(&state->faults, "training_type", "required");
    if (!(state->create.gender = avatar_import_gender(state->form.gender)))
        (void)faults_add(&state->faults, "gender", "required");
    if (!*state->form.name && !faults_have(&state->faults, "name"))
        (void)faults_add(&state->faults, "name", "required");
    avatar_create_check(&state->create, &state->faults);
    if (!idempotency_from_form(call, state->form.key, &state->key))
        (void)faults_add(&state->faults, "key", "required");
}

struct next avatar_create_page_send(struct call *call)
{
    struct create_state *state = call_state_make(call, sizeof *state);
    struct next refused;

    if (!body_no_query(call, &refused) || !form_read(call, FIELDS, &state->form, &state->faults, &refused))
        return refused;
    check(call, state);
    if (state->faults.count)
        return reply_form(call, 422, NULL);
    return await_rows(call, idempotency_find(call->who.user, &state->key), looked_up);
}

static struct next go_to_avatar(struct call *call, struct uuid id)
{
    char location[100];

    (void)snprintf(location, sizeof location, "/avatars/%s?done=avatar_made", id.text);
    return reply_redirect(call, location);
}

/* A second click comes to the avatar that the first one made. */
static struct next was_used(struct call *call, const PGresult *rows)
{
    struct create_state *state = call->state;
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
    struct create_state *state = call->state;
    int64_t most = local_of(call)->config->avatars_per_user;

    state->id = uuid_make();
    return await_rows(call, avatar_create_insert(call->who.user, state->id, &state->create, &state->key, most),
                      created);
}

/* No row: there are too many, or the key was taken meanwhile. */
static struct next created(struct call *call, const PGresult *rows)
{
    const struct create_state *state = call->state;

    if (rows_count(rows))
        return go_to_avatar(call, state->id);
    return await_rows(call, idempotency_find(call->who.user, &state->key), looked_up_again);
}

static struct next looked_up_again(struct call *call, const PGresult *rows)
{
    return rows_count(rows) ? was_used(call, rows) : reply_form(call, 409, "limit_reached");
}
