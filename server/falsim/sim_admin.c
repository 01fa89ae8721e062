#include "falsim/sim_admin.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "falsim/sim_faults.h"
#include "falsim/sim_keys.h"
#include "falsim/sim_table.h"

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

struct next sim_admin_requests(struct call *call)
{
    CLEANUP(buf_done) struct buf body = buf_make(MAX_ANSWER);
    struct json_out out = json_out_begin(&body);
    struct sim_table *table = sim_of(call)->table;
    int64_t count = 0;

    sim_table_lock(table);
    json_object(&out);
    json_key(&out, "requests");
    json_array(&out);
    for (struct sim_request *r = sim_table_oldest(table); r; r = sim_table_newer(table, r), count++)
        write_request(&out, r);
    json_end_array(&out);
    json_key_int64(&out, "count", count);
    json_end_object(&out);
    sim_table_unlock(table);
    return sim_reply_out(call, 200, &out);
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
