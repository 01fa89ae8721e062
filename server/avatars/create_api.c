#include "avatars/create_api.h"

#include "avatars/avatar_create.h"
#include "avatars/avatar_trigger.h"
#include "avatars/make_api.h"
#include "http/body.h"
#include "http/reply.h"
#include "local.h"
#include "moderation/moderation_reply.h"

struct create_state {
    struct avatar_make make; /* first */
    struct avatar_create create;
};

static struct query insert(struct call *call, int64_t max_avatars)
{
    const struct create_state *state = call->state;

    return avatar_create_insert(call->who.user, state->make.once.id, &state->create, &state->make.once.key,
                                max_avatars);
}

struct next create_post(struct call *call)
{
    struct create_state *state = call_state_make(call, sizeof *state);
    struct faults faults = {0};
    struct moderation_verdict verdict;
    const char *field;
    struct next refused;

    state->make.insert = insert;
    if (!make_api_begin(call, &state->make, &refused) ||
        !body_json_faults(call, AVATAR_CREATE_FIELDS, &state->create, &faults, &refused))
        return refused;
    avatar_create_check(&state->create, &faults);
    if (faults.count)
        return reply_faults(call, &faults);
    if (!avatar_trigger_passes(local_of(call)->moderation, state->create.trigger_phrase, state->create.trigger_word,
                               &verdict, &field))
        return reply_moderated(call, field, &verdict);
    return make_api_run(call);
}
