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

static struct next replay(struct call *call, struct uuid made);
static struct next prepare(struct call *call);
static struct next got_account(struct call *call, const PGresult *rows);
static struct next find_style(struct call *call);
static struct next got_style(struct call *call, const PGresult *rows);
static struct next judge(struct call *call, const struct avatar *avatar);
static struct next created(struct call *call, const PGresult *rows);
static struct next got_first_answer(struct call *call, const PGresult *rows);

bool generation_create_is_on(const struct call *call, struct err *reterr)
{
    return local_of(call)->config->generation.key || err_set(reterr, ERR_BUSY, "generation_off", "FAL_KEY is not set");
}

struct next generation_create_begin(struct call *call)
{
    static const struct wish_ways WAYS = {replay, prepare, judge};
    struct generation_create *state = call->state;

    state->steps.ways = &WAYS;
    state->steps.refused = state->answers->refused;
    return state->answers->judged ? prepare(call) : wish_steps_begin(call);
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

    state->steps.available = account_from_rows(rows, local_of(call)->config->default_quota).available;
    return find_style(call);
}

/* A shipped style is at hand, one of the user's own is a row. */
static struct next find_style(struct call *call)
{
    const struct generation_create *state = call->state;
    struct uuid own;

    if (wish_prompt_is_own(&state->wish, &own))
        return await_rows(call, own_style_by_id(call->who.user, own), got_style);
    return wish_steps_avatar(call, state->wish.avatar_id);
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
    return wish_steps_avatar(call, state->wish.avatar_id);
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

static struct next judge(struct call *call, const struct avatar *avatar)
{
    CLEANUP(generation_judged_done) struct generation_judged judged = {0};
    struct generation_create *state = call->state;
    struct generation_new new;
    struct faults faults = {0};
    struct err err = {0};

    if (!generation_judge(call, &state->wish, avatar, &judged, &faults, &err) && !judged.is_blocked)
        return err.kind != ERR_NONE ? refuse_avatar(call, avatar, &err) : state->answers->faulty(call, &faults);
    if (state->answers->judged)
        return state->answers->judged(call, avatar, &judged);
    if (judged.is_blocked)
        return tell_blocked(call, &judged.verdict);
    state->steps.needed = judged.plan.price;
    state->steps.generations = 1;
    new = generation_judged_new(call, &state->wish, avatar, &judged, &state->steps.key);
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
    if (rows_count(rows) == 0)
        return wish_steps_unmade(call);
    bell_ring(local_of(call)->bell);
    caches_history_changed(call);
    return tell_created(call, rows, false);
}

static struct next replay(struct call *call, struct uuid made)
{
    return await_rows(call, generation_by_id(call->who.user, made), got_first_answer);
}

static struct next got_first_answer(struct call *call, const PGresult *rows)
{
    if (rows_count(rows) == 0)
        return wish_steps_refuse(call, ERR_NOT_FOUND, "not_found");
    return tell_created(call, rows, true);
}
