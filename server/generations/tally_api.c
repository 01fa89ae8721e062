#include "generations/tally_api.h"

#include "generations/tally.h"
#include "http/await_cached.h"
#include "http/body.h"
#include "http/reply.h"
#include "users/caches.h"

static struct next got_tally(struct call *call, const PGresult *rows);

struct next tally_show(struct call *call)
{
    struct cached cached = cached_stats(call, call->who.time_zone);
    struct next refused;

    if (!body_no_query(call, &refused))
        return refused;
    return await_rows_cached(call, &cached, tally_of(call->who.user, call->who.time_zone), got_tally);
}

static struct next got_tally(struct call *call, const PGresult *rows)
{
    struct json_out out = reply_json_begin(call);

    tally_write(&out, rows);
    return reply_json(call, 200, &out);
}
