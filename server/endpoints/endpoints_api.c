#include "endpoints/endpoints_api.h"

#include "base/log.h"
#include "endpoints/endpoint_switch.h"
#include "endpoints/endpoint_watch.h"
#include "http/await_rows.h"
#include "http/body.h"
#include "http/reply.h"
#include "local.h"

static struct query statuses_now(struct call *call)
{
    char *ids = call_alloc(call, ENDPOINT_IDS_ROOM);

    return endpoint_statuses(endpoint_ids_write(local_of(call)->catalog, ids));
}

/* GET /api/v1/endpoints */

static struct next got_list(struct call *call, const PGresult *rows)
{
    const struct catalog *catalog = local_of(call)->catalog;
    struct json_out out = reply_json_begin(call);
    struct endpoint_statuses statuses;

    endpoint_statuses_read(catalog, rows, &statuses);
    endpoint_statuses_write(&out, catalog, &statuses);
    return reply_json(call, 200, &out);
}

struct next endpoints_list(struct call *call)
{
    struct next refused;

    if (!body_no_query(call, &refused))
        return refused;
    return await_rows(call, statuses_now(call), got_list);
}

/* PATCH /api/v1/endpoints/{id} */

struct endpoint_patch {
    const struct endpoint *endpoint;
    struct endpoint_change change;
    struct faults faults;
    enum endpoint_state state; /* as it will be */
    const struct endpoint *replacement;
};

static struct next got_statuses(struct call *call, const PGresult *rows);
static struct next switched(struct call *call, const PGresult *rows);
static struct next got_switched(struct call *call, const PGresult *rows);

/* The id stands in one segment, its slashes percent-encoded. */
static const struct endpoint *endpoint_of(struct call *call)
{
    char id[128];

    return text_percent_decode(call->params[0], id, sizeof id) ? catalog_endpoint(local_of(call)->catalog, id) : NULL;
}

struct next endpoints_patch(struct call *call)
{
    struct endpoint_patch *state = call_state_make(call, sizeof *state);
    struct next refused;

    if (!body_no_query(call, &refused))
        return refused;
    if (!(state->endpoint = endpoint_of(call)))
        return reply_not_found(call);
    if (!body_json_faults(call, endpoint_change_fields, &state->change, &state->faults, &refused))
        return refused;
    return await_rows(call, statuses_now(call), got_statuses);
}

static struct next got_statuses(struct call *call, const PGresult *rows)
{
    struct endpoint_patch *state = call->state;
    struct endpoint_statuses statuses;
    struct endpoint_status wanted;

    endpoint_statuses_read(local_of(call)->catalog, rows, &statuses);
    wanted = endpoint_change_apply(&statuses, endpoint_statuses_find(&statuses, state->endpoint->id), &state->change,
                                   &state->faults);
    if (state->faults.count)
        return reply_faults(call, &state->faults);
    state->state = wanted.state;
    state->replacement = wanted.replacement;
    return await_rows(call, endpoint_switch(&wanted, call->who.user), switched);
}

static struct next switched(struct call *call, const PGresult *rows)
{
    const struct endpoint_patch *state = call->state;

    (void)rows;
    log_write(LOG_WARN, "endpoint_switched_by", "endpoint=%s state=%s replacement=%s user=%s request=%s",
              state->endpoint->id, endpoint_state_word(state->state),
              state->replacement ? state->replacement->id : "none", call->who.user.text, call->request_id);
    endpoint_watch_switched(local_of(call)->endpoint_watch, state->endpoint, state->state, state->replacement);
    return await_rows(call, statuses_now(call), got_switched);
}

static struct next got_switched(struct call *call, const PGresult *rows)
{
    const struct endpoint_patch *state = call->state;
    const struct catalog *catalog = local_of(call)->catalog;
    struct json_out out = reply_json_begin(call);
    struct endpoint_statuses statuses;

    endpoint_statuses_read(catalog, rows, &statuses);
    endpoint_status_write(&out, catalog, endpoint_statuses_find(&statuses, state->endpoint->id));
    return reply_json(call, 200, &out);
}
