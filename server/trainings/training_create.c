#include "trainings/training_create.h"

#include <string.h>

#include "base/config.h"
#include "http/await_rows.h"
#include "jobs/bell.h"
#include "local.h"
#include "trainings/training_offer.h"
#include "users/access.h"
#include "users/account.h"

enum { MAX_TRIES = 2 /* the account may have to be opened first */, MAX_INPUT_BYTES = 4096 };

static struct next found_key(struct call *call, const PGresult *rows);
static struct next find_avatar(struct call *call);
static struct next got_avatar(struct call *call, const PGresult *rows);
static struct next tried(struct call *call, const PGresult *rows);
static struct next opened_account(struct call *call, const PGresult *rows);
static struct next got_training(struct call *call, const PGresult *rows);
static struct next got_first_answer(struct call *call, const PGresult *rows);

static struct next refuse(struct call *call, enum err_kind kind, const char *code)
{
    const struct training_create *state = call->state;
    struct err err;

    (void)err_set(&err, kind, code, "%s", call->route->path);
    return state->answers->refused(call, &err);
}

struct next training_create_begin(struct call *call)
{
    const struct training_create *state = call->state;

    if (!local_of(call)->config->training.key)
        return refuse(call, ERR_BUSY, "generation_off");
    if (state->key.given)
        return await_rows(call, idempotency_find(call->who.user, &state->key), found_key);
    return find_avatar(call);
}

static struct next found_key(struct call *call, const PGresult *rows)
{
    const struct training_create *state = call->state;
    struct idempotency_kept kept;

    switch (idempotency_match(rows, &state->key, &kept)) {
    case IDEMPOTENCY_REPLAY: return await_rows(call, training_by_id(call->who.user, kept.ref), got_first_answer);
    case IDEMPOTENCY_REUSED: return refuse(call, ERR_INVALID, "idempotency_key_reused");
    case IDEMPOTENCY_NEW: break;
    }
    return find_avatar(call);
}

static struct next find_avatar(struct call *call)
{
    const struct training_create *state = call->state;

    return await_rows(call, avatar_by_id(call->who.user, state->avatar), got_avatar);
}

static struct query begin(const struct call *call, const struct training_offer *offer, const char *input)
{
    const struct training_create *state = call->state;
    struct query q = query_write("SELECT * FROM training_begin($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)");

    query_alone(&q);
    query_add_uuid(&q, call->who.user);
    query_add_uuid(&q, state->avatar);
    query_add_uuid(&q, state->id);
    query_add_text(&q, state->preset->name);
    query_add_text(&q, offer->endpoint->id);
    query_add_text(&q, input);
    query_add_text(&q, access_source(call));
    query_add_int64(&q, offer->cost);
    query_add_int64(&q, (offer->expected_minutes.min + offer->expected_minutes.max) * 30);
    query_add_int64(&q, local_of(call)->config->avatar_min_photos);
    idempotency_add(&q, &state->key);
    return q;
}

static struct next got_avatar(struct call *call, const PGresult *rows)
{
    CLEANUP(buf_done) struct buf input = buf_make(MAX_INPUT_BYTES);
    struct training_create *state = call->state;
    struct training_offer offer;
    struct avatar avatar;
    struct err err = {0};

    if (rows_count(rows) == 0)
        return refuse(call, ERR_NOT_FOUND, "not_found");
    avatar = avatar_from_row(rows_at(rows, 0));
    if (!training_offer_make(local_of(call)->catalog, avatar.type, state->preset, &offer, &err))
        return state->answers->refused(call, &err);
    training_offer_write_input(&offer, *avatar.trigger ? avatar.trigger : AVATAR_TRIGGER_DEFAULT, &input);
    state->id = uuid_make();
    return await_rows(call, begin(call, &offer, input.bytes), tried);
}

/* What training_begin says of why not. */
static struct next refuse_outcome(struct call *call, const char *outcome)
{
    struct training_create *state = call->state;

    if (strcmp(outcome, "gone") == 0)
        return refuse(call, ERR_NOT_FOUND, "not_found");
    if (strcmp(outcome, "quota_exceeded") == 0)
        return refuse(call, ERR_PAYMENT, outcome);
    if (strcmp(outcome, "key_taken") != 0 && strcmp(outcome, "no_account") != 0)
        return refuse(call, ERR_CONFLICT, outcome);
    if (++state->tries > MAX_TRIES)
        return refuse(call, ERR_BUSY, "busy");
    if (*outcome == 'k') /* the same request was faster */
        return await_rows(call, idempotency_find(call->who.user, &state->key), found_key);
    return await_rows(call, account_open(call->who.user, local_of(call)->config->default_quota), opened_account);
}

static struct next tried(struct call *call, const PGresult *rows)
{
    struct training_create *state = call->state;
    struct row row = rows_at(rows, 0);
    const char *outcome = row_text(&row);

    state->needed = row_int64(&row);
    state->available = row_int64(&row);
    if (strcmp(outcome, "begun") != 0)
        return refuse_outcome(call, outcome);
    bell_ring(local_of(call)->bell);
    return await_rows(call, training_by_id(call->who.user, state->id), got_training);
}

static struct next opened_account(struct call *call, const PGresult *rows)
{
    (void)rows; /* somebody else may have opened it */
    return find_avatar(call);
}

static struct next tell_begun(struct call *call, const PGresult *rows, bool replayed)
{
    const struct training_create *state = call->state;
    struct training training;

    if (rows_count(rows) == 0)
        return refuse(call, ERR_NOT_FOUND, "not_found");
    training = training_from_row(rows_at(rows, 0));
    return state->answers->begun(call, &training, replayed);
}

static struct next got_training(struct call *call, const PGresult *rows) { return tell_begun(call, rows, false); }
static struct next got_first_answer(struct call *call, const PGresult *rows) { return tell_begun(call, rows, true); }
