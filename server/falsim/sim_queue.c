#include "falsim/sim_queue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "falsim/sim_broken.h"
#include "falsim/sim_state.h"
#include "falsim/sim_status.h"
#include "falsim/sim_stream.h"
#include "falsim/sim_table.h"
#include "falsim/sim_workers.h"
#include "json/json_in.h"

enum { MAX_STATUS = 256 * 1024, MAX_WEBHOOK = 2048 };

static const char IN_PROGRESS[] = "Request is still in progress";

/* Submit */

static struct next reply_accepted(struct call *call, const struct uuid *id)
{
    CLEANUP(buf_done) struct buf body = buf_make(MAX_STATUS);
    struct json_out out = json_out_begin(&body);
    struct sim *sim = sim_of(call);
    struct sim_request *request;

    sim_table_lock(sim->table);
    request = sim_table_find(sim->table, text_of(id->text));
    json_object(&out);
    json_key_text(&out, "status", "IN_QUEUE");
    sim_status_write_urls(sim, &out, request);
    json_key_int64(&out, "queue_position", sim_table_position(sim->table, request));
    json_key_null(&out, "logs");
    json_key_raw(&out, "metrics", TEXT("{}"));
    json_end_object(&out);
    sim_table_unlock(sim->table);
    reply_header(call, "x-fal-request-id", id->text);
    return sim_reply_out(call, 200, &out);
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

/* A fault that strikes behind the door: the request is in the queue, the caller does not hear so. */
static bool strike_accepted(struct call *call, struct text endpoint_id, struct next *ret)
{
    struct sim_fault fault;

    if (!sim_faults_strike(sim_of(call)->faults, "submit",
                           "garbage truncated accept_then_500 accept_then_close accept_then_hang", endpoint_id,
                           call_body(call), &fault))
        return false;
    if (strcmp(fault.fault, "accept_then_500") == 0)
        *ret = sim_reply_detail(call, 500, "Internal Server Error");
    else if (strcmp(fault.fault, "accept_then_close") == 0)
        *ret = sim_broken_close(call);
    else if (strcmp(fault.fault, "accept_then_hang") == 0)
        *ret = sim_broken_hang(call, fault.delay_ms);
    else
        *ret = sim_broken_answer(call, &fault);
    return true;
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
    if (sim_faults_strike(sim_of(call)->faults, "submit",
                          "401 403 404 429 500 502 503 504 close hang close_before_accept", endpoint_id,
                          call_body(call), &fault)) {
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
    if (!accept_request(call, request, &ret) || strike_accepted(call, endpoint_id, &ret))
        return ret;
    return reply_accepted(call, &id);
}

/* Afterwards */

static struct next reply_unknown(struct call *call) { return sim_reply(call, 404, TEXT("{\"status\":\"NOT_FOUND\"}")); }

/* The request under lock, when it is known and belongs to the app; else unlocked and NULL. */
static struct sim_request *lock_request(struct call *call, struct text base, struct text id)
{
    struct sim_table *table = sim_of(call)->table;
    struct sim_request *request;

    sim_table_lock(table);
    request = sim_table_find(table, id);
    if (request && text_equal(sim_app_of(text_of(request->endpoint_id)), sim_app_of(base)))
        return request;
    sim_table_unlock(table);
    return NULL;
}

static struct next reply_status(struct call *call, struct text base, struct text id)
{
    CLEANUP(buf_done) struct buf body = buf_make(MAX_STATUS);
    struct json_out out = json_out_begin(&body);
    struct sim_request *request = lock_request(call, base, id);
    char logs[8];
    struct sim_fault fault;
    bool done;

    if (!request)
        return reply_unknown(call);
    (void)sim_query(call, "logs", logs, sizeof logs);
    if (sim_faults_strike(sim_of(call)->faults, "status", "unknown", text_of(request->endpoint_id),
                          text_of(request->input), &fault)) {
        sim_table_unlock(sim_of(call)->table);
        return sim_reply(call, 200, TEXT("{\"status\":\"PAUSED\"}"));
    }
    done = request->stage == STAGE_DONE;
    sim_status_write(sim_of(call), &out, request, strcmp(logs, "1") == 0 || strcmp(logs, "true") == 0, 0);
    reply_header(call, "x-fal-request-id", request->id.text);
    sim_table_unlock(sim_of(call)->table);
    return sim_reply_out(call, done ? 200 : 202, &out);
}

static struct next reply_early(struct call *call, const struct sim_request *request)
{
    CLEANUP(buf_done) struct buf body = buf_make(4096);
    struct json_out out = json_out_begin(&body);

    json_object(&out);
    json_key_text(&out, "detail", IN_PROGRESS);
    sim_status_write_urls(sim_of(call), &out, request);
    json_end_object(&out);
    sim_table_unlock(sim_of(call)->table);
    return sim_reply_out(call, 400, &out);
}

static void add_result_headers(struct call *call, const struct sim_request *r)
{
    reply_header(call, "x-fal-request-id", r->id.text);
    reply_header(call, "x-fal-billable-units", r->status_code == 200 ? "1" : "0");
    if (*r->error_type)
        reply_header(call, "x-fal-error-type", r->error_type);
    if (r->user_timeout)
        reply_header(call, "x-fal-request-timeout-type", "user");
    if (r->status_code != 200)
        reply_header(call, "x-fal-retryable", r->retryable ? "true" : "false");
}

static struct next reply_result(struct call *call, struct text base, struct text id)
{
    CLEANUP(buf_done) struct buf body = buf_make(SIM_MAX_OUTPUT);
    struct sim_request *request = lock_request(call, base, id);
    struct sim_fault fault = {0};
    int status;

    if (!request)
        return reply_unknown(call);
    if (request->stage != STAGE_DONE)
        return reply_early(call, request);
    status = request->status_code;
    (void)buf_add_text(&body, request->output);
    (void)sim_faults_strike(sim_of(call)->faults, "result", "lost slow", text_of(request->endpoint_id),
                            text_of(request->input), &fault);
    if (strcmp(fault.fault, "lost") != 0)
        add_result_headers(call, request);
    sim_table_unlock(sim_of(call)->table);
    if (strcmp(fault.fault, "lost") == 0)
        return reply_unknown(call);
    if (strcmp(fault.fault, "slow") == 0)
        return sim_broken_slow(call, fault.delay_ms, &body);
    return sim_reply(call, status, (struct text){body.bytes, body.len});
}

static struct next cancel(struct call *call, struct text base, struct text id)
{
    struct sim_request *request = lock_request(call, base, id);
    bool done;

    if (!request)
        return reply_unknown(call);
    done = request->stage == STAGE_DONE;
    reply_header(call, "x-fal-request-id", request->id.text);
    if (!done)
        sim_workers_cancel(sim_of(call), request);
    sim_table_unlock(sim_of(call)->table);
    return done ? sim_reply(call, 400, TEXT("{\"status\":\"ALREADY_COMPLETED\"}"))
                : sim_reply(call, 202, TEXT("{\"status\":\"CANCELLATION_REQUESTED\"}"));
}

/* Faults of an operation that follows; the request's endpoint and input decide, when there is such a request. */
static bool strike_follow(struct call *call, const char *op, struct text base, struct text id, struct next *ret)
{
    struct sim_request *request = lock_request(call, base, id);
    struct sim_fault fault;
    bool struck;

    if (!request)
        return false;
    /* 422, 500 and 504 of a result belong to the run */
    struck =
        sim_faults_strike(sim_of(call)->faults, op,
                          strcmp(op, "result") == 0 ? "429 502 503 garbage truncated close hang"
                                                    : "401 403 404 429 500 502 503 504 garbage truncated close hang",
                          text_of(request->endpoint_id), text_of(request->input), &fault);
    sim_table_unlock(sim_of(call)->table);
    if (struck)
        *ret = sim_broken_answer(call, &fault);
    return struck;
}

struct next sim_queue_follow(struct call *call, struct text base, struct text id, struct text verb)
{
    static const struct {
        const char *verb, *method, *op;
        struct next (*answer)(struct call *call, struct text base, struct text id);
    } VERBS[] = {{"", "GET", "result", reply_result},
                 {"response", "GET", "result", reply_result},
                 {"status", "GET", "status", reply_status},
                 {"status/stream", "GET", "status", sim_stream_status},
                 {"cancel", "PUT", "cancel", cancel}};
    struct next ret;

    if (!sim_of(call)->config.lenient_paths && !text_equal(base, sim_app_of(base)))
        return sim_reply_detail(call, 405, "Method Not Allowed");
    if (!sim_authorized(call, &ret))
        return ret;
    for (size_t i = 0; i < sizeof VERBS / sizeof *VERBS; i++) {
        if (!text_equal(verb, text_of(VERBS[i].verb)))
            continue;
        if (!sim_is_method(call, VERBS[i].method))
            return sim_reply_detail(call, 405, "Method Not Allowed");
        return strike_follow(call, VERBS[i].op, base, id, &ret) ? ret : VERBS[i].answer(call, base, id);
    }
    return reply_unknown(call);
}
