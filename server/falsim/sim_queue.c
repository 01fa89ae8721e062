#include "falsim/sim_queue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "falsim/sim_broken.h"
#include "falsim/sim_state.h"
#include "falsim/sim_status.h"
#include "falsim/sim_table.h"
#include "falsim/sim_workers.h"
#include "json/json_in.h"

enum { MAX_STATUS = 256 * 1024, MAX_WEBHOOK = 2048 };

static void write_accepted(struct call *call, const struct uuid *id, struct json_out *out)
{
    struct sim *sim = sim_of(call);
    struct sim_request *request;

    sim_table_lock(sim->table);
    request = sim_table_find(sim->table, text_of(id->text));
    json_object(out);
    json_key_text(out, "status", "IN_QUEUE");
    sim_status_write_urls(sim, out, request);
    json_key_int64(out, "queue_position", sim_table_position(sim->table, request));
    json_key_null(out, "logs");
    json_key_raw(out, "metrics", TEXT("{}"));
    json_end_object(out);
    sim_table_unlock(sim->table);
    reply_header(call, "x-fal-request-id", id->text);
}

static char *copy(struct text t)
{
    char *ret = strndup(t.at, t.len);

    if (!ret)
        abort();
    return ret;
}

static struct sim_request *make_request(const struct call *call, struct text endpoint_id, const char *webhook)
{
    struct sim *sim = sim_of(call);
    struct sim_request *r = calloc(1, sizeof *r);
    int64_t timeout_s;

    if (!r)
        abort();
    list_init(&r->link);
    r->id = uuid_make();
    (void)text_copy(r->endpoint_id, sizeof r->endpoint_id, endpoint_id);
    r->endpoint = sim_endpoint_named(endpoint_id);
    r->input = copy(call_body(call));
    r->webhook = *webhook ? copy(text_of(webhook)) : NULL;
    crypto_random(&r->seed, sizeof r->seed);
    r->low_priority = text_equal(call_header(call, "x-fal-queue-priority"), TEXT("low"));
    r->sent_us = clock_wall_us();
    if (text_int64(call_header(call, "x-fal-request-timeout"), 1, 86400, &timeout_s))
        r->start_by_us = r->sent_us + timeout_s * 1000000;
    r->duration_us = 1000 * (r->endpoint && sim_model_trains(r->endpoint->model) ? sim->config.training_ms
                                                                                 : sim->config.generation_ms);
    return r;
}

/* Takes the request over. False: *ret is the refusal. */
static bool accept_request(struct call *call, struct sim_request *r, struct next *ret)
{
    struct sim *sim = sim_of(call);
    struct err err;
    char max_length[24];
    int64_t max = INT64_MAX, number;
    bool written, added = false;

    if (sim_query(call, "fal_max_queue_length", max_length, sizeof max_length) &&
        text_int64(text_of(max_length), 0, INT64_MAX, &number))
        max = number;
    sim_table_lock(sim->table);
    written = sim_table_queue_length(sim->table, text_of(r->endpoint_id)) < max;
    written = written && sim_state_accepted(sim->state, r, &err);
    if (written)
        added = sim_table_add(sim->table, r) != NULL;
    sim_table_unlock(sim->table);
    if (added)
        return true;
    sim_request_free(r);
    *ret = sim_broken_answer(call, &(struct sim_fault){.fault = "429"});
    return false;
}

/* The request is in the queue; a fault may strike behind the door, so that the caller does not hear so. */
static struct next reply_accepted(struct call *call, struct text endpoint_id, const struct uuid *id)
{
    CLEANUP(buf_done) struct buf body = buf_make(MAX_STATUS);
    struct json_out out = json_out_begin(&body);
    bool struck;
    struct sim_fault fault;

    struck =
        sim_faults_strike(sim_of(call)->faults, "submit", SIM_BEHIND_THE_DOOR, endpoint_id, call_body(call), &fault);
    if (struck && strcmp(fault.fault, "slow") != 0)
        return sim_broken_answer(call, &fault);
    write_accepted(call, id, &out);
    return struck ? sim_broken_slow(call, fault.delay_ms, "application/json", &body) : sim_reply_out(call, 200, &out);
}

static bool is_endpoint_id(struct text id)
{
    for (size_t i = 0; i < id.len; i++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/", id.at[i]))
            return false;
    return id.len < SIM_ENDPOINT_ROOM;
}

/* False: *ret is the refusal. Nothing was accepted. */
static bool check_submit(struct call *call, struct text endpoint_id, char webhook[MAX_WEBHOOK], struct next *ret)
{
    struct text app = sim_app_of(endpoint_id), alias = app;
    struct sim_fault fault;
    char words[240];

    if (!sim_authorized(call, ret))
        return false;
    if (!is_endpoint_id(endpoint_id)) {
        *ret = sim_reply_detail(call, 404, "Path not found");
        return false;
    }
    if (!sim_app_exists(app)) {
        (void)text_cut(&alias, '/');
        (void)snprintf(words, sizeof words, "Application \"%.*s\" not found", (int)alias.len, alias.at);
        *ret = sim_reply_detail(call, 404, words);
        return false;
    }
    if (sim_faults_strike(sim_of(call)->faults, "submit", SIM_REFUSALS " close reset hang close_before_accept",
                          endpoint_id, call_body(call), &fault)) {
        *ret = sim_broken_answer(call, &fault);
        return false;
    }
    if (sim_query(call, "fal_webhook", webhook, MAX_WEBHOOK))
        return true;
    *ret = sim_reply_detail(call, 400, "Invalid fal_webhook");
    return false;
}

static bool check_body(struct call *call, struct next *ret)
{
    struct err err;
    yajl_val input;
    bool object;

    if (!json_parse(call_body(call), &input, &err)) {
        *ret = sim_reply_detail(call, 400, "Invalid JSON in the request body");
        return false;
    }
    object = YAJL_IS_OBJECT(input);
    yajl_tree_free(input);
    if (!object)
        *ret = sim_reply_detail(call, 400, "Invalid JSON: the request body must be an object");
    return object;
}

struct next sim_queue_submit(struct call *call, struct text endpoint_id)
{
    char webhook[MAX_WEBHOOK];
    struct sim_request *request;
    struct uuid id;
    struct next ret;

    if (!check_submit(call, endpoint_id, webhook, &ret) || !check_body(call, &ret))
        return ret;
    request = make_request(call, endpoint_id, webhook);
    id = request->id;
    return accept_request(call, request, &ret) ? reply_accepted(call, endpoint_id, &id) : ret;
}
