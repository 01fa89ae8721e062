#include "avatars/import_api.h"

#include "avatars/avatar_import.h"
#include "avatars/make_api.h"
#include "http/body.h"
#include "http/reply.h"

struct import_state {
    struct avatar_make make; /* first */
    struct avatar_import import;
};

static struct query insert(struct call *call, int64_t max_avatars)
{
    const struct import_state *state = call->state;

    return avatar_import_insert(call->who.user, state->make.id, &state->import, &state->make.key, max_avatars);
}

struct next import_post(struct call *call)
{
    struct import_state *state = call_state_make(call, sizeof *state);
    struct faults faults = {0};
    struct next refused;

    state->make.insert = insert;
    if (!make_api_begin(call, &state->make, &refused) ||
        !body_json_faults(call, AVATAR_IMPORT_FIELDS, &state->import, &faults, &refused))
        return refused;
    avatar_import_check(&state->import, &faults);
    return faults.count ? reply_faults(call, &faults) : make_api_run(call);
}
