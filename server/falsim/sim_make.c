#include "falsim/sim_make.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "falsim/sim.h"
#include "falsim/sim_draw.h"
#include "falsim/sim_faults.h"
#include "falsim/sim_lora_check.h"
#include "falsim/sim_train.h"
#include "json/json_in.h"

static const char FLAGGED[] =
    "The content could not be processed because it contained material flagged by a content checker.";

void sim_outcome_invalid(struct sim_outcome *ret, const char *field, const char *type, const char *message,
                         const char *ctx)
{
    buf_clear(&ret->body);
    sim_schema_add(&ret->body, field, type, message, ctx);
    ret->status_code = 422;
}

void sim_outcome_failed(struct sim_outcome *ret, const char *message)
{
    buf_clear(&ret->body);
    sim_schema_add(&ret->body, "", "internal_server_error", message, NULL);
    ret->status_code = 500;
    ret->retryable = true;
}

/* "detail" has its elements: the object around them. */
static void wrap_detail(struct sim_outcome *ret)
{
    struct buf whole = buf_make(SIM_MAX_OUTPUT);

    (void)buf_add_text(&whole, "{\"detail\":[");
    (void)buf_add(&whole, ret->body.bytes, ret->body.len);
    (void)buf_add_text(&whole, "]}");
    buf_done(&ret->body);
    ret->body = whole;
}

/* The other shape of an error: flat, and told by the status, too. */
static void runner_lost(struct sim_outcome *ret)
{
    (void)snprintf(ret->error, sizeof ret->error, "Runner disconnected");
    (void)snprintf(ret->error_type, sizeof ret->error_type, "runner_disconnected");
    (void)buf_add_format(&ret->body, "{\"detail\":\"%s\",\"error_type\":\"%s\"}", ret->error, ret->error_type);
    ret->status_code = 503;
    ret->retryable = true;
}

static void no_such_path(const struct sim_request *request, struct sim_outcome *ret)
{
    struct text app = sim_app_of(text_of(request->endpoint_id));

    ret->status_code = 404;
    (void)buf_add_format(&ret->body, "{\"detail\":\"Path %s not found\"}", request->endpoint_id + app.len);
}

/* Faults that were ordered for the run itself. True: nothing is left to be made. */
static bool strike(struct sim *sim, const struct sim_request *request, struct sim_outcome *ret)
{
    struct sim_fault fault;

    if (!sim_faults_strike(sim->faults, "result", "422 500 504 runner_disconnected", text_of(request->endpoint_id),
                           text_of(request->input), &fault))
        return false;
    if (strcmp(fault.fault, "422") == 0) {
        sim_outcome_invalid(ret, "prompt", "content_policy_violation", FLAGGED, NULL);
    } else if (strcmp(fault.fault, "500") == 0) {
        sim_outcome_failed(ret, "Internal server error");
    } else if (strcmp(fault.fault, "runner_disconnected") == 0) {
        runner_lost(ret);
    } else {
        sim_outcome_failed(ret, "Generation timeout");
        buf_clear(&ret->body);
        sim_schema_add(&ret->body, "", "generation_timeout", "Generation timeout", NULL);
        ret->status_code = 504;
    }
    return true;
}

static bool is_flagged(const struct sim_request *request, yajl_val input)
{
    const char *prompt = sim_text(input, "prompt", "");

    return strstr(prompt, "nsfw-test") &&
           (request->endpoint->model == MODEL_FLUX_PRO || request->endpoint->model == MODEL_FLUX_ULTRA);
}

/* The words are those of its page; how the service says it is not documented. */
static bool is_retired(const struct sim *sim, const struct sim_request *request)
{
    return request->endpoint->model == MODEL_PRO_TRAINER && !sim->config.pro_trainer;
}

static void make(struct sim *sim, const struct sim_request *request, yajl_val input, struct sim_outcome *ret)
{
    if (is_retired(sim, request)) {
        sim_outcome_invalid(ret, "", "feature_not_supported", "This model is no longer supported", NULL);
        return;
    }
    if (!sim_schema_check(request->endpoint, input, &ret->body)) {
        ret->status_code = 422;
        return;
    }
    if (strike(sim, request, ret))
        return;
    if (is_flagged(request, input))
        sim_outcome_invalid(ret, "prompt", "content_policy_violation", FLAGGED, NULL);
    else if (sim_model_trains(request->endpoint->model))
        sim_train(sim, request, input, ret);
    else if (!sim->config.check_loras || sim_lora_check(sim, input, ret))
        sim_draw(sim, request, input, ret);
}

void sim_make(struct sim *sim, const struct sim_request *request, struct sim_outcome *ret)
{
    struct err err;
    yajl_val input;

    *ret = (struct sim_outcome){.status_code = 200, .body = buf_make(SIM_MAX_OUTPUT)};
    if (!request->endpoint) {
        no_such_path(request, ret);
        return;
    }
    if (!json_parse(text_of(request->input), &input, &err)) { /* it was an object when it was accepted */
        sim_outcome_failed(ret, "Internal server error");
        wrap_detail(ret);
        return;
    }
    make(sim, request, input, ret);
    yajl_tree_free(input);
    if (ret->status_code != 200 && !*ret->error_type)
        wrap_detail(ret);
    if (ret->status_code >= 500)
        log_write(LOG_WARN, "run_failed", "request=%s status=%d", request->id.text, ret->status_code);
}
