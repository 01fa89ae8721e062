#include "generations/generation_create.h"

#include <string.h>

#include "avatars/avatar.h"
#include "generations/wish_prompt.h"
#include "http/await_rows.h"
#include "jobs/bell.h"
#include "local.h"
#include "styles/own_style.h"
#include "users/account.h"
#include "users/caches.h"

enum { MAX_TRIES = 3 /* the account may have to be opened first, and what was in the way may go */ };

static struct next found_key(struct call *call, const PGresult *rows);
static struct next prepare(struct call *call);
static struct next got_account(struct call *call, const PGresult *rows);
static struct next find_style(struct call *call);
static struct next got_style(struct call *call, const PGresult *rows);
static struct next choose_avatar(struct call *call);
static struct next got_avatar(struct call *call, const PGresult *rows);
static struct next created(struct call *call, const PGresult *rows);
static struct next found_key_again(struct call *call, const PGresult *rows);
static struct next look_why(struct call *call);
static struct next got_obstacles(struct call *call, const PGresult *rows);
static struct next opened_account(struct call *call, const PGresult *rows);
static struct next got_first_answer(struct call *call, const PGresult *rows);

static struct next refuse(struct call *call, enum err_kind kind, const char *code)
{
    const struct generation_create *state = call->state;
    struct err err;

    (void)err_set(&err, kind, code, "%s", call->route->path);
    return state->answers->refused(call, &err);
}

bool generation_create_is_on(const struct call *call, struct err *reterr)
{
    return local_of(call)->config->generation.key || err_set(reterr, ERR_BUSY, "generation_off", "FAL_KEY is not set");
}

struct next generation_create_begin(struct call *call)
{
    const struct generation_create *state = call->state;

    if (state->key.given && !state->answers->judged)
        return await_rows(call, idempotency_find(call->who.user, &state->key), found_key);
    return prepare(call);
}

static struct next prepare(struct call *call)
{
    const struct generation_create *state = call->state;

    return state->prepare ? state->prepare(call) : generation_create_go(call);
}

struct next generation_create_go(struct call *call)
{
    const struct generation_create *state = call->state;

    return state->answers->judged ? await_rows(call, account_of(call->who.user), got_account) : find_style(call);
}

static struct next got_account(struct call *call, const PGresult *rows)
{
    struct generation_create *state = call->state;

    state->available = account_from_rows(rows, local_of(call)->config->default_quota).available;
    return find_style(call);
}

static struct next replay_or(struct call *call, const PGresult *rows, struct next (*otherwise)(struct call *call))
{
    const struct generation_create *state = call->state;
    struct idempotency_kept kept;

    switch (idempotency_match(rows, &state->key, &kept)) {
    case IDEMPOTENCY_REPLAY: return await_rows(call, generation_by_id(call->who.user, kept.ref), got_first_answer);
    case IDEMPOTENCY_REUSED: return refuse(call, ERR_INVALID, "idempotency_key_reused");
    case IDEMPOTENCY_NEW: break;
    }
    return otherwise(call);
}

static struct next found_key(struct call *call, const PGresult *rows) { return replay_or(call, rows, prepare); }

/* A shipped style is at hand, one of the user's own is a row. */
static struct next find_style(struct call *call)
{
    const struct generation_create *state = call->state;
    struct uuid own;

    if (wish_prompt_is_own(&state->wish, &own))
        return await_rows(call, own_style_by_id(call->who.user, own), got_style);
    return choose_avatar(call);
}

static struct next got_style(struct call *call, const PGresult *rows)
{
    struct generation_create *state = call->state;
    struct faults faults = {0};
    struct own_style style;

    if (rows_count(rows) == 0) {
        (void)faults_add(&faults, "template_id", "style_unknown");
        return state->answers->faulty(call, &faults);
    }
    style = own_style_from_row(rows_at(rows, 0));
    (void)text_copy(state->wish.prompt, sizeof state->wish.prompt, text_of(style.prompt));
    if (!*state->wish.preset)
        (void)text_copy(state->wish.preset, sizeof state->wish.preset, text_of(style.preset));
    return choose_avatar(call);
}

static struct next choose_avatar(struct call *call)
{
    const struct generation_create *state = call->state;

    if (state->wish.avatar_id.text[0])
        return await_rows(call, avatar_by_id(call->who.user, state->wish.avatar_id), got_avatar);
    return await_rows(call, avatar_main(call->who.user), got_avatar);
}

static struct next tell_blocked(struct call *call, const struct moderation_verdict *verdict)
{
    const struct generation_create *state = call->state;
    struct faults faults = {0};

    if (state->answers->blocked)
        return state->answers->blocked(call, verdict);
    (void)moderation_fault(verdict, call->lang, "prompt", &faults);
    return state->answers->faulty(call, &faults);
}

static struct next refuse_avatar(struct call *call, const struct avatar *avatar, const struct err *err)
{
    struct generation_create *state = call->state;
    const struct avatar_model model = avatar_model_of(avatar);

    if (strcmp(err->code, "endpoint_gone") == 0)
        state->suggestion = catalog_suggest(local_of(call)->catalog, &model);
    return state->answers->refused(call, err);
}

static struct next got_avatar(struct call *call, const PGresult *rows)
{
    CLEANUP(generation_judged_done) struct generation_judged judged = {0};
    struct generation_create *state = call->state;
    struct generation_new new;
    struct faults faults = {0};
    struct avatar avatar;
    struct err err = {0};

    if (rows_count(rows) == 0)
        return state->wish.avatar_id.text[0] ? refuse(call, ERR_NOT_FOUND, "not_found")
                                             : refuse(call, ERR_CONFLICT, "no_main_avatar");
    avatar = avatar_from_row(rows_at(rows, 0));
    if (!generation_judge(call, &state->wish, &avatar, &judged, &faults, &err) && !judged.is_blocked)
        return err.kind != ERR_NONE ? refuse_avatar(call, &avatar, &err) : state->answers->faulty(call, &faults);
    if (state->answers->judged)
        return state->answers->judged(call, &avatar, &judged);
    if (judged.is_blocked)
        return tell_blocked(call, &judged.verdict);
    state->avatar = avatar.id;
    state->needed = judged.plan.price;
    new = generation_judged_new(call, &state->wish, &avatar, &judged, &state->key);
    return await_rows(call, generation_insert(&new), created); /* copies what it is lent */
}

static struct next tell_created(struct call *call, const PGresult *rows, bool replayed)
{
    const struct generation_create *state = call->state;
    struct generation generation = generation_from_row(rows_at(rows, 0));

    return state->answers->created(call, &generation, replayed);
}

static struct next created(struct call *call, const PGresult *rows)
{
    const struct generation_create *state = call->state;

    if (rows_count(rows) > 0) {
        bell_ring(local_of(call)->bell);
        caches_history_changed(call);
        return tell_created(call, rows, false);
    }
    if (state->key.given) /* perhaps the same request was faster */
        return await_rows(call, idempotency_find(call->who.user, &state->key), found_key_again);
    return look_why(call);
}

static struct next found_key_again(struct call *call, const PGresult *rows) { return replay_or(call, rows, look_why); }

/* Nothing was made */

static struct next look_why(struct call *call)
{
    const struct generation_create *state = call->state;

    return await_rows(call, generation_obstacles(call->who.user, state->avatar), got_obstacles);
}

static struct next got_obstacles(struct call *call, const PGresult *rows)
{
    struct generation_obstacles o = generation_obstacles_from_row(rows_at(rows, 0));
    struct generation_create *state = call->state;

    state->available = o.available;
    if (!o.has_avatar)
        return refuse(call, ERR_NOT_FOUND, "not_found"); /* it was deleted meanwhile */
    if (o.has_account && o.available < state->needed)
        return refuse(call, ERR_PAYMENT, "quota_exceeded");
    if (o.unfinished >= GENERATIONS_MAX_OPEN)
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

static struct next got_first_answer(struct call *call, const PGresult *rows)
{
    if (rows_count(rows) == 0)
        return refuse(call, ERR_NOT_FOUND, "not_found");
    return tell_created(call, rows, true);
}
