#include "falsim/sim_admin.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "falsim/sim_faults.h"
#include "falsim/sim_hooks.h"
#include "falsim/sim_keys.h"
#include "falsim/sim_table.h"
#include "json/json_in.h"

enum { MAX_ANSWER = 256 << 20 };

struct next sim_admin_health(struct call *call) { return sim_reply(call, 200, TEXT("{\"status\":\"ok\"}")); }

static void write_time(struct json_out *out, const char *key, int64_t us)
{
    char text[CLOCK_RFC3339_ROOM];

    clock_rfc3339(us, text);
    json_key_text(out, key, us ? text : NULL);
}

static void write_deliveries(struct json_out *out, const struct sim_request *r)
{
    json_key(out, "deliveries");
    json_array(out);
    for (int i = 0; i < r->delivery_count; i++) {
        json_object(out);
        write_time(out, "at", r->deliveries[i].at_us);
        json_key_int64(out, "status_code", r->deliveries[i].status);
        json_end_object(out);
    }
    json_end_array(out);
}

static void write_request(struct json_out *out, const struct sim_request *r)
{
    static const char *const STATES[] = {"IN_QUEUE", "IN_PROGRESS", "COMPLETED"};
    char seed[24];

    (void)snprintf(seed, sizeof seed, "%" PRIu64, r->seed);
    json_object(out);
    json_key_text(out, "request_id", r->id.text);
    json_key_text(out, "endpoint_id", r->endpoint_id);
    json_key_raw(out, "input", text_of(r->input));
    json_key_text(out, "seed", seed);
    json_key_text(out, "state", STATES[r->stage]);
    json_key_bool(out, "cancelled", r->cancelled);
    write_time(out, "sent_at", r->sent_us);
    write_time(out, "started_at", r->started_us);
    write_time(out, "ended_at", r->finished_us);
    json_key(out, "status_code");
    if (r->stage == STAGE_DONE)
        json_int64(out, r->status_code);
    else
        json_null(out);
    json_key_text(out, "webhook_url", r->webhook);
    write_deliveries(out, r);
    json_end_object(out);
}

/* Where the list begins: behind the request that is named, or at the oldest. False: there is no such request (any
   more). */
static bool find_first(const struct call *call, struct sim_table *table, struct sim_request **ret)
{
    struct sim_request *named;
    char since[64];

    *ret = sim_table_oldest(table);
    if (!sim_query(call, "since", since, sizeof since))
        return false;
    if (!*since)
        return true;
    named = sim_table_find(table, text_of(since));
    *ret = named ? sim_table_newer(table, named) : NULL;
    return named != NULL;
}

/* All of them, or, with since and limit, a page. False: there is no such page. */
static bool write_requests(const struct call *call, struct sim_table *table, struct json_out *out)
{
    int64_t count = 0, limit = SIM_MAX_REQUESTS;
    struct sim_request *r;
    char text[16];

    if (!sim_query(call, "limit", text, sizeof text) ||
        (*text && !text_int64(text_of(text), 1, SIM_MAX_REQUESTS, &limit)) || !find_first(call, table, &r))
        return false;
    json_object(out);
    json_key(out, "requests");
    json_array(out);
    for (; r && count < limit; r = sim_table_newer(table, r), count++)
        write_request(out, r);
    json_end_array(out);
    json_key_int64(out, "count", count);
    json_end_object(out);
    return true;
}

struct next sim_admin_requests(struct call *call)
{
    CLEANUP(buf_done) struct buf body = buf_make(MAX_ANSWER);
    struct json_out out = json_out_begin(&body);
    struct sim_table *table = sim_of(call)->table;
    bool ok;

    sim_table_lock(table);
    ok = write_requests(call, table, &out);
    sim_table_unlock(table);
    return ok ? sim_reply_out(call, 200, &out) : sim_reply_detail(call, 404, "No such page");
}

static bool read_id(const struct call *call, struct uuid *ret)
{
    struct err err;
    yajl_val body;
    const char *id;
    bool ok;

    if (!json_parse(call_body(call), &body, &err))
        return false;
    id = json_get_text(body, "request_id");
    ok = id && uuid_read(text_of(id), ret);
    yajl_tree_free(body);
    return ok;
}

struct next sim_admin_webhooks(struct call *call)
{
    struct sim_table *table = sim_of(call)->table;
    struct sim_request *request;
    struct uuid id;
    bool may;

    if (!read_id(call, &id))
        return sim_reply_detail(call, 422, "Not {\"request_id\": …}");
    sim_table_lock(table);
    request = sim_table_find(table, text_of(id.text));
    may = request && request->stage == STAGE_DONE && request->webhook;
    if (may)
        sim_hooks_repeat(sim_of(call)->hooks, request);
    sim_table_unlock(table);
    if (!request)
        return sim_reply_detail(call, 404, "No such request");
    return may ? sim_reply(call, 202, TEXT("{\"status\":\"ok\"}"))
               : sim_reply_detail(call, 409, "It has not ended, or wanted no webhook");
}

struct next sim_admin_faults(struct call *call)
{
    CLEANUP(buf_done) struct buf body = buf_make(4096);
    struct json_out out = json_out_begin(&body);
    struct err err;

    if (sim_is_method(call, "POST") && !sim_faults_set(sim_of(call)->faults, call_body(call), &err))
        return sim_reply_detail(call, 422, err.detail);
    json_object(&out);
    json_key_int64(&out, "active", sim_faults_count(sim_of(call)->faults));
    json_end_object(&out);
    return sim_reply_out(call, 200, &out);
}

struct next sim_admin_keys(struct call *call)
{
    CLEANUP(buf_done) struct buf body = buf_make(4096);
    struct json_out out = json_out_begin(&body);

    sim_keys_write(sim_of(call)->keys, &out);
    return sim_reply_out(call, 200, &out);
}
