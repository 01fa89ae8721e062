#include "generations/wish_steps.h"

#include "http/await_rows.h"
#include "http/reply.h"
#include "local.h"
#include "users/account.h"

enum { MAX_TRIES = 3 /* the account may have to be opened first, and what was in the way may go */ };

static struct next found_key(struct call *call, const PGresult *rows);
static struct next choose_avatar(struct call *call);
static struct next got_avatar(struct call *call, const PGresult *rows);
static struct next found_key_again(struct call *call, const PGresult *rows);
static struct next look_why(struct call *call);
static struct next got_obstacles(struct call *call, const PGresult *rows);
static struct next opened_account(struct call *call, const PGresult *rows);

struct next wish_steps_refuse(struct call *call, enum err_kind kind, const char *code)
{
    const struct wish_steps *steps = call->state;
    struct err err;

    (void)err_set(&err, kind, code, "%s", call->route->path);
    return steps->refused(call, &err);
}

struct next wish_steps_reply(struct call *call, const struct err *err)
{
    const struct wish_steps *steps = call->state;

    if (err->kind == ERR_PAYMENT)
        return reply_shortage(call, err, steps->needed, steps->available);
    if (err->kind == ERR_RATE)
        return reply_too_many(call, err->code, "unfinished generations", GENERATIONS_MAX_OPEN,
                              GENERATION_RETRY_AFTER_S);
    return reply_err(call, err);
}

struct next wish_steps_begin(struct call *call)
{
    const struct wish_steps *steps = call->state;

    if (steps->key.given)
        return await_rows(call, idempotency_find(call->who.user, &steps->key), found_key);
    return steps->ways->begin(call);
}

static struct next replay_or(struct call *call, const PGresult *rows, struct next (*otherwise)(struct call *call))
{
    const struct wish_steps *steps = call->state;
    struct idempotency_kept kept;

    switch (idempotency_match(rows, &steps->key, &kept)) {
    case IDEMPOTENCY_REPLAY: return steps->ways->replay(call, kept.ref);
    case IDEMPOTENCY_REUSED: return wish_steps_refuse(call, ERR_INVALID, "idempotency_key_reused");
    case IDEMPOTENCY_NEW: break;
    }
    return otherwise(call);
}

static struct next found_key(struct call *call, const PGresult *rows)
{
    const struct wish_steps *steps = call->state;

    return replay_or(call, rows, steps->ways->begin);
}

struct next wish_steps_avatar(struct call *call, struct uuid wanted)
{
    struct wish_steps *steps = call->state;

    steps->wanted = wanted;
    return choose_avatar(call);
}

static struct next choose_avatar(struct call *call)
{
    const struct wish_steps *steps = call->state;

    if (*steps->wanted.text)
        return await_rows(call, avatar_by_id(call->who.user, steps->wanted), got_avatar);
    return await_rows(call, avatar_main(call->who.user), got_avatar);
}

static struct next got_avatar(struct call *call, const PGresult *rows)
{
    struct wish_steps *steps = call->state;
    struct avatar avatar;

    if (rows_count(rows) == 0)
        return *steps->wanted.text ? wish_steps_refuse(call, ERR_NOT_FOUND, "not_found")
                                   : wish_steps_refuse(call, ERR_CONFLICT, "no_main_avatar");
    avatar = avatar_from_row(rows_at(rows, 0));
    steps->avatar = avatar.id;
    return steps->ways->judge(call, &avatar);
}

/* Nothing was made */

struct next wish_steps_unmade(struct call *call)
{
    const struct wish_steps *steps = call->state;

    if (steps->key.given) /* perhaps the same request was faster */
        return await_rows(call, idempotency_find(call->who.user, &steps->key), found_key_again);
    return look_why(call);
}

static struct next found_key_again(struct call *call, const PGresult *rows) { return replay_or(call, rows, look_why); }

static struct next look_why(struct call *call)
{
    const struct wish_steps *steps = call->state;

    return await_rows(call, generation_obstacles(call->who.user, steps->avatar), got_obstacles);
}

static struct next got_obstacles(struct call *call, const PGresult *rows)
{
    struct generation_obstacles o = generation_obstacles_from_row(rows_at(rows, 0));
    struct wish_steps *steps = call->state;

    steps->available = o.available;
    if (!o.has_avatar)
        return wish_steps_refuse(call, ERR_NOT_FOUND, "not_found"); /* it was deleted meanwhile */
    if (o.has_account && o.available < steps->needed)
        return wish_steps_refuse(call, ERR_PAYMENT, "quota_exceeded");
    if (o.unfinished + steps->generations > GENERATIONS_MAX_OPEN)
        return wish_steps_refuse(call, ERR_RATE, "too_many_requests");
    if (++steps->tries == MAX_TRIES)
        return wish_steps_refuse(call, ERR_BUSY, "busy");
    if (o.has_account) /* what was in the way has gone */
        return choose_avatar(call);
    return await_rows(call, account_open(call->who.user, local_of(call)->config->default_quota), opened_account);
}

static struct next opened_account(struct call *call, const PGresult *rows)
{
    (void)rows; /* somebody else may have opened it */
    return choose_avatar(call);
}
