#include "falsim/sim_follow.h"

#include <string.h>

#include "base/clock.h"
#include "falsim/sim_broken.h"
#include "falsim/sim_state.h"
#include "falsim/sim_status.h"
#include "falsim/sim_stream.h"
#include "falsim/sim_table.h"
#include "falsim/sim_workers.h"

enum { MAX_STATUS = 256 * 1024 };

static const char IN_PROGRESS[] = "Request is still in progress";

static struct next reply_unknown(struct call *call) { return sim_reply(call, 404, TEXT("{\"status\":\"NOT_FOUND\"}")); }

/* The request under lock, when it is known (no longer so when its result has expired) and belongs to the app; else
   unlocked and NULL. */
static struct sim_request *lock_request(struct call *call, struct text base, struct text id)
{
    struct sim_table *table = sim_of(call)->table;
    struct sim_request *request;

    sim_table_lock(table);
    request = sim_table_find(table, id);
    if (request && text_equal(sim_app_of(text_of(request->endpoint_id)), sim_app_of(base)) &&
        !sim_request_expired(sim_of(call), request))
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
    struct sim_fault fault = {0};
    bool done;

    if (!request)
        return reply_unknown(call);
    (void)sim_query(call, "logs", logs, sizeof logs);
    (void)sim_faults_strike(sim_of(call)->faults, "status", "unknown slow", text_of(request->endpoint_id),
                            text_of(request->input), &fault);
    done = request->stage == STAGE_DONE;
    sim_status_write(sim_of(call), &out, request, strcmp(logs, "1") == 0 || strcmp(logs, "true") == 0, 0);
    reply_header(call, "x-fal-request-id", request->id.text);
    sim_table_unlock(sim_of(call)->table);
    if (strcmp(fault.fault, "unknown") == 0)
        return sim_reply(call, 200, TEXT("{\"status\":\"PAUSED\"}"));
    if (strcmp(fault.fault, "slow") == 0)
        return sim_broken_slow(call, fault.delay_ms, "application/json", &body);
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

/* What the fault is that strikes; an expired result stays so. Called with the lock held. */
static void strike_result(struct call *call, struct sim_request *request, struct sim_fault *ret)
{
    (void)sim_faults_strike(sim_of(call)->faults, "result", "lost expired slow", text_of(request->endpoint_id),
                            text_of(request->input), ret);
    if (strcmp(ret->fault, "expired") != 0)
        return;
    request->expired = true;
    sim_state_expired(sim_of(call)->state, request);
}

static struct next reply_result(struct call *call, struct text base, struct text id)
{
    CLEANUP(buf_done) struct buf body = buf_make(SIM_MAX_OUTPUT);
    struct sim_request *request = lock_request(call, base, id);
    struct sim_fault fault = {0};
    bool gone;
    int status;

    if (!request)
        return reply_unknown(call);
    if (request->stage != STAGE_DONE)
        return reply_early(call, request);
    status = request->status_code;
    (void)buf_add_text(&body, request->output);
    strike_result(call, request, &fault);
    gone = *fault.fault && strcmp(fault.fault, "slow") != 0;
    if (!gone)
        add_result_headers(call, request);
    sim_table_unlock(sim_of(call)->table);
    if (gone)
        return reply_unknown(call);
    if (*fault.fault)
        return sim_broken_slow(call, fault.delay_ms, "application/json", &body);
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
                          strcmp(op, "result") == 0 ? "429 502 503 " SIM_NO_ANSWERS : SIM_REFUSALS " " SIM_NO_ANSWERS,
                          text_of(request->endpoint_id), text_of(request->input), &fault);
    sim_table_unlock(sim_of(call)->table);
    if (struck)
        *ret = sim_broken_answer(call, &fault);
    return struck;
}

struct next sim_follow(struct call *call, struct text base, struct text id, struct text verb)
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
