#include "avatars/import_api.h"

#include "avatars/avatar_import.h"
#include "avatars/avatar_trigger.h"
#include "avatars/make_api.h"
#include "http/body.h"
#include "http/reply.h"
#include "local.h"
#include "moderation/moderation_reply.h"

struct import_state {
    struct avatar_make make; /* first */
    struct avatar_import import;
};

static struct query insert(struct call *call, int64_t max_avatars)
{
    const struct import_state *state = call->state;

    return avatar_import_insert(call->who.user, state->make.once.id, &state->import, &state->make.once.key,
                                max_avatars);
}

struct next import_post(struct call *call)
{
    struct import_state *state = call_state_make(call, sizeof *state);
    struct faults faults = {0};
    struct moderation_verdict verdict;
    const char *field;
    struct next refused;

    state->make.insert = insert;
    if (!make_api_begin(call, &state->make, &refused) ||
        !body_json_faults(call, AVATAR_IMPORT_FIELDS, &state->import, &faults, &refused))
        return refused;
    avatar_import_check(&state->import, &faults);
    if (faults.count)
        return reply_faults(call, &faults);
    if (!avatar_trigger_passes(local_of(call)->moderation, state->import.trigger_phrase, state->import.trigger_word,
                               &verdict, &field))
        return reply_moderated(call, field, &verdict);
    return make_api_run(call);
}
