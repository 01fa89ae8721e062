#include "web/training_forms.h"

#include "catalog/catalog.h"
#include "http/await_rows.h"
#include "http/reply.h"
#include "jobs/bell.h"
#include "local.h"
#include "web/avatar_page.h"
#include "web/form.h"

struct train_form {
    char preset[24];
    char key[IDEMPOTENCY_KEY_MAX + 1];
};

static const struct query_field FIELDS[] = {
    QUERY_FIELD(QUERY_TEXT, struct train_form, preset, .max = sizeof((struct train_form *)0)->preset - 1),
    QUERY_FIELD(QUERY_TEXT, struct train_form, key, .max = IDEMPOTENCY_KEY_MAX),
    {0},
};

/* POST /avatars/{id}/train */

static struct next begun(struct call *call, const struct training *training, bool replayed)
{
    (void)training;
    return avatar_page_go(call, replayed ? "sent_before" : NULL);
}

struct next training_forms_begin(struct call *call)
{
    static const struct training_answers ANSWERS = {begun, avatar_page_refuse_err};
    const struct catalog *catalog = local_of(call)->catalog;
    struct train_form form = {{0}, {0}};
    struct faults faults = {0};
    struct avatar_state *state;
    struct next reply;

    if (!avatar_page_begin(call, &state, &reply) || !form_read(call, FIELDS, &form, &faults, &reply))
        return reply;
    state->flow.train.answers = &ANSWERS;
    state->flow.train.avatar = state->id;
    state->flow.train.preset = catalog_training_preset(catalog, form.preset);
    state->preset = state->flow.train.preset ? state->flow.train.preset->name : NULL;
    state->is_learn_open = true;
    if (faults.count || !state->flow.train.preset)
        return avatar_page_refuse(call, 422, "preset_unknown");
    if (!idempotency_from_form(call, form.key, &state->flow.train.key))
        return avatar_page_refuse(call, 422, "stale_form");
    return training_create_begin(call);
}

/* POST /avatars/{id}/train/cancel */

static struct next cancelled(struct call *call, const PGresult *rows);
static struct next got_uncancelled(struct call *call, const PGresult *rows);

struct next training_forms_cancel(struct call *call)
{
    struct avatar_state *state;
    struct next reply;

    if (!avatar_page_begin(call, &state, &reply) || !form_empty(call, &reply))
        return reply;
    return await_rows(call, training_cancel(call->who.user, state->id), cancelled);
}

/* No row: none runs, any more or at all. */
static struct next cancelled(struct call *call, const PGresult *rows)
{
    const struct avatar_state *state = call->state;

    if (rows_count(rows) == 0)
        return await_rows(call, avatar_by_id(call->who.user, state->id), got_uncancelled);
    bell_ring(local_of(call)->bell);
    return avatar_page_go(call, NULL);
}

static struct next got_uncancelled(struct call *call, const PGresult *rows)
{
    return rows_count(rows) ? avatar_page_go(call, "training_ended") : reply_not_found(call);
}
