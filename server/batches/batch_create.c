#include "batches/batch_create.h"

#include "avatars/avatar.h"
#include "batches/batch_judge.h"
#include "http/await_rows.h"
#include "jobs/bell.h"
#include "local.h"
#include "users/account.h"

enum { MAX_TRIES = 3 /* the account may have to be opened first, and what was in the way may go */ };

static struct next found_key(struct call *call, const PGresult *rows);
static struct next choose_avatar(struct call *call);
static struct next got_avatar(struct call *call, const PGresult *rows);
static struct next created(struct call *call, const PGresult *rows);
static struct next found_key_again(struct call *call, const PGresult *rows);
static struct next look_why(struct call *call);
static struct next got_obstacles(struct call *call, const PGresult *rows);
static struct next opened_account(struct call *call, const PGresult *rows);

static struct next refuse(struct call *call, enum err_kind kind, const char *code)
{
    const struct batch_create *state = call->state;
    struct err err;

    (void)err_set(&err, kind, code, "%s", call->route->path);
    return state->answers->refused(call, &err);
}

struct next batch_create_begin(struct call *call)
{
    const struct batch_create *state = call->state;

    if (state->key.given)
        return await_rows(call, idempotency_find(call->who.user, &state->key), found_key);
    return choose_avatar(call);
}

static struct next replay_or(struct call *call, const PGresult *rows, struct next (*otherwise)(struct call *call))
{
    const struct batch_create *state = call->state;
    struct idempotency_kept kept;

    switch (idempotency_match(rows, &state->key, &kept)) {
    case IDEMPOTENCY_REPLAY: return state->answers->created(call, kept.ref, true);
    case IDEMPOTENCY_REUSED: return refuse(call, ERR_INVALID, "idempotency_key_reused");
    case IDEMPOTENCY_NEW: break;
    }
    return otherwise(call);
}

static struct next found_key(struct call *call, const PGresult *rows) { return replay_or(call, rows, choose_avatar); }

static struct next choose_avatar(struct call *call)
{
    const struct batch_create *state = call->state;

    if (*state->wish.each.avatar_id.text)
        return await_rows(call, avatar_by_id(call->who.user, state->wish.each.avatar_id), got_avatar);
    return await_rows(call, avatar_main(call->who.user), got_avatar);
}

static struct next got_avatar(struct call *call, const PGresult *rows)
{
    CLEANUP(batch_judged_done) struct batch_judged judged = {0};
    struct batch_create *state = call->state;
    struct faults faults = {0};
    struct avatar avatar;
    struct err err = {0};

    if (rows_count(rows) == 0)
        return *state->wish.each.avatar_id.text ? refuse(call, ERR_NOT_FOUND, "not_found")
                                                : refuse(call, ERR_CONFLICT, "no_main_avatar");
    avatar = avatar_from_row(rows_at(rows, 0));
    if (!batch_judge(call, &state->wish, &avatar, &state->key, &judged, &faults, &err))
        return err.kind != ERR_NONE ? state->answers->refused(call, &err) : state->answers->faulty(call, &faults);
    state->avatar = avatar.id;
    state->runnable = judged.new.runnable;
    state->needed = judged.new.each.cost *judged.new.runnable;
    return await_rows(call, batch_insert(&judged.new), created); /* copies what it is lent */
}

static struct next created(struct call *call, const PGresult *rows)
{
    const struct batch_create *state = call->state;
    struct row row;

    if (rows_count(rows) > 0) {
        bell_ring(local_of(call)->bell);
        row = rows_at(rows, 0);
        return state->answers->created(call, row_uuid(&row), false);
    }
    if (state->key.given) /* perhaps the same request was faster */
        return await_rows(call, idempotency_find(call->who.user, &state->key), found_key_again);
    return look_why(call);
}

static struct next found_key_again(struct call *call, const PGresult *rows) { return replay_or(call, rows, look_why); }

/* Nothing was made */

static struct next look_why(struct call *call)
{
    const struct batch_create *state = call->state;

    return await_rows(call, generation_obstacles(call->who.user, state->avatar), got_obstacles);
}

static struct next got_obstacles(struct call *call, const PGresult *rows)
{
    struct generation_obstacles o = generation_obstacles_from_row(rows_at(rows, 0));
    struct batch_create *state = call->state;

    state->available = o.available;
    if (!o.has_avatar)
        return refuse(call, ERR_NOT_FOUND, "not_found"); /* it was deleted meanwhile */
    if (o.has_account && o.available < state->needed)
        return refuse(call, ERR_PAYMENT, "quota_exceeded");
    if (o.unfinished + state->runnable > GENERATIONS_MAX_OPEN)
        return refuse(call, ERR_RATE, "too_many_requests");
    if (++state->tries == MAX_TRIES)
        return refuse(call, ERR_BUSY, "busy");
    if (o.has_account) /* what was in the way has gone */
        return choose_avatar(call);
    return await_rows(call, account_open(call->who.user, local_of(call)->config->default_quota), opened_account);
}

static struct next opened_account(struct call *call, const PGresult *rows)
{
    (void)rows; /* somebody else may have opened it */
    return choose_avatar(call);
}
