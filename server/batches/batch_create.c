#include "batches/batch_create.h"

#include "batches/batch_judge.h"
#include "http/await_rows.h"
#include "jobs/bell.h"
#include "local.h"

static struct next created(struct call *call, const PGresult *rows);

static struct next replay(struct call *call, struct uuid made)
{
    const struct batch_create *state = call->state;

    return state->answers->created(call, made, true);
}

static struct next begin(struct call *call)
{
    const struct batch_create *state = call->state;

    return wish_steps_avatar(call, state->wish.each.avatar_id);
}

static struct next judge(struct call *call, const struct avatar *avatar)
{
    CLEANUP(batch_judged_done) struct batch_judged judged = {0};
    struct batch_create *state = call->state;
    struct faults faults = {0};
    struct err err = {0};

    if (!batch_judge(call, &state->wish, avatar, &state->steps.key, &judged, &faults, &err))
        return err.kind != ERR_NONE ? state->answers->refused(call, &err) : state->answers->faulty(call, &faults);
    state->steps.generations = judged.new.runnable;
    state->steps.needed = judged.new.each.cost *judged.new.runnable;
    return await_rows(call, batch_insert(&judged.new), created); /* copies what it is lent */
}

static struct next created(struct call *call, const PGresult *rows)
{
    const struct batch_create *state = call->state;
    struct row row;

    if (rows_count(rows) == 0)
        return wish_steps_unmade(call);
    bell_ring(local_of(call)->bell);
    row = rows_at(rows, 0);
    return state->answers->created(call, row_uuid(&row), false);
}

struct next batch_create_begin(struct call *call)
{
    static const struct wish_ways WAYS = {replay, begin, judge};
    struct batch_create *state = call->state;

    state->steps.ways = &WAYS;
    state->steps.refused = state->answers->refused;
    return wish_steps_begin(call);
}
