/* /api/v1/avatars/{id}/training: an avatar's latest training. */
#include "trainings/training_api.h"

#include <stdio.h>
#include <string.h>

#include "catalog/catalog.h"
#include "http/await_rows.h"
#include "http/body.h"
#include "http/reply.h"
#include "jobs/bell.h"
#include "local.h"
#include "trainings/training_create.h"

static struct next reply_training(struct call *call, int status, const struct training *training)
{
    struct json_out out = reply_json_begin(call);

    training_write(&out, training, call->lang);
    return reply_json(call, status, &out);
}

/* GET */

static struct next got_latest(struct call *call, const PGresult *rows)
{
    struct training training;

    if (rows_count(rows) == 0)
        return reply_not_found(call);
    training = training_from_row(rows_at(rows, 0));
    return reply_training(call, 200, &training);
}

struct next training_show(struct call *call)
{
    struct next refused;
    struct uuid id;

    if (!body_only_id(call, &id, &refused))
        return refused;
    return await_rows(call, training_latest(call->who.user, id), got_latest);
}

/* POST */

struct training_wish {
    char preset[40]; /* "": the catalogue's default */
};

static const struct json_field WISH_FIELDS[] = {
    JSON_FIELD(JSON_TEXT, struct training_wish, preset, .min = 1, .max = 39, .optional = true),
    {0},
};

static struct next begun(struct call *call, const struct training *training, bool replayed)
{
    char location[80];

    if (replayed)
        idempotency_mark_replayed(call);
    (void)snprintf(location, sizeof location, "/api/v1/avatars/%s/training", training->avatar.text);
    reply_header(call, "location", location);
    return reply_training(call, 202, training);
}

static struct next refused(struct call *call, const struct err *err)
{
    const struct training_create *state = call->state;

    if (err->kind == ERR_PAYMENT || strcmp(err->code, "photos_too_few") == 0)
        return reply_shortage(call, err, state->needed, state->available);
    return reply_err(call, err);
}

static const struct training_answers ANSWERS = {begun, refused};

static bool read_preset(struct call *call, struct training_create *state, struct next *reply)
{
    const struct catalog *catalog = local_of(call)->catalog;
    struct training_wish wish = {""};
    struct faults faults = {0};

    if (!body_json_faults(call, WISH_FIELDS, &wish, &faults, reply))
        return false;
    state->preset =
        *wish.preset ? catalog_training_preset(catalog, wish.preset) : catalog_default_training_preset(catalog);
    if (!state->preset && !faults_have(&faults, "preset"))
        (void)faults_add_what(&faults, "preset", "not_one_of", TEXT("fast, balanced, quality"));
    if (faults.count)
        *reply = reply_faults(call, &faults);
    return faults.count == 0;
}

struct next training_start(struct call *call)
{
    struct training_create *state = call_state_make(call, sizeof *state);
    struct next reply;

    state->answers = &ANSWERS;
    if (!body_no_query(call, &reply))
        return reply;
    if (!call_param_uuid(call, 0, &state->avatar))
        return reply_not_found(call);
    if (!idempotency_read(call, &state->key, &reply) || !read_preset(call, state, &reply))
        return reply;
    return training_create_begin(call);
}

/* DELETE */

static struct next cancelled(struct call *call, const PGresult *rows);
static struct next got_ended(struct call *call, const PGresult *rows);

struct next training_cancel_asked(struct call *call)
{
    struct uuid *id = call_state_make(call, sizeof *id);
    struct next refusal;

    if (!body_only_id(call, id, &refusal))
        return refusal;
    return await_rows(call, training_cancel(call->who.user, *id), cancelled);
}

static struct next cancelled(struct call *call, const PGresult *rows)
{
    const struct uuid *id = call->state;
    struct training training;

    if (rows_count(rows) == 0)
        return await_rows(call, training_latest(call->who.user, *id), got_ended);
    bell_ring(local_of(call)->bell);
    training = training_from_row(rows_at(rows, 0));
    return reply_training(call, 202, &training);
}

static struct next got_ended(struct call *call, const PGresult *rows)
{
    struct err err;

    if (rows_count(rows) == 0)
        return reply_not_found(call);
    (void)err_set(&err, ERR_CONFLICT, "training_not_running", "it has ended");
    return reply_err(call, &err);
}
