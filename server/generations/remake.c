#include "generations/remake.h"

#include "generations/origin.h"
#include "http/await_rows.h"

static struct next find_origin(struct call *call);
static struct next got_origin(struct call *call, const PGresult *rows);

struct next remake_begin(struct call *call, enum remake_kind kind)
{
    struct remake *state = call->state;

    state->kind = kind;
    state->create.prepare = find_origin;
    return generation_create_begin(call);
}

static struct next find_origin(struct call *call)
{
    const struct remake *state = call->state;
    bool is_generation = state->kind == REMAKE_RETRY || state->kind == REMAKE_GENERATION_AGAIN;

    return await_rows(call,
                      is_generation ? origin_of_generation(call->who.user, state->id)
                                    : origin_of_image(call->who.user, state->id),
                      got_origin);
}

static bool fill(const struct call *call, const struct origin *origin, struct remake *state, struct err *reterr)
{
    switch (state->kind) {
    case REMAKE_VARIATION: return origin_vary(call, origin, &state->create.wish, reterr);
    case REMAKE_REPEAT: return origin_repeat(call, origin, &state->create.wish, reterr);
    case REMAKE_RETRY: return origin_retry(call, origin, &state->create.wish, reterr);
    case REMAKE_AGAIN:
    case REMAKE_GENERATION_AGAIN: break;
    }
    return origin_again(call, origin, &state->create.wish, reterr);
}

static struct next got_origin(struct call *call, const PGresult *rows)
{
    struct remake *state = call->state;
    const struct generation_answers *answers = state->create.answers;
    struct faults faults = {0};
    struct origin origin;
    struct err err;

    if (rows_count(rows) == 0) {
        (void)err_set(&err, ERR_NOT_FOUND, "not_found", "%s", state->id.text);
        return answers->refused(call, &err);
    }
    origin = origin_from_row(rows_at(rows, 0));
    if (!fill(call, &origin, state, &err))
        return answers->refused(call, &err);
    generation_wish_check(call, &state->create.wish, &faults);
    return faults.count ? answers->faulty(call, &faults) : generation_create_go(call);
}
