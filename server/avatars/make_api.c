#include "avatars/make_api.h"

#include "http/body.h"
#include "local.h"

static struct next begin(struct call *call)
{
    struct avatar_make *state = call->state;

    state->once.id = uuid_make();
    return create_once_insert(call, state->insert(call, local_of(call)->config->avatars_per_user));
}

static void write_avatar(struct call *call, struct json_out *out, const PGresult *rows)
{
    struct avatar avatar = avatar_from_row(rows_at(rows, 0));

    avatar_write(out, &avatar, local_of(call)->catalog, call->lang);
}

bool make_api_begin(struct call *call, struct avatar_make *make, struct next *refused)
{
    return body_no_query(call, refused) && idempotency_read(call, &make->once.key, refused);
}

struct next make_api_run(struct call *call)
{
    static const struct create_once_ways WAYS = {.path = "/api/v1/avatars/",
                                                 .too_many = "too many avatars",
                                                 .begin = begin,
                                                 .by_id = avatar_even_deleted,
                                                 .write = write_avatar};
    struct avatar_make *state = call->state;

    state->once.ways = &WAYS;
    return create_once_begin(call);
}
