#include "falsim/sim_status.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/err.h"
#include "falsim/sim.h"
#include "falsim/sim_table.h"
#include "json/json_in.h"

enum { TRAINING_LINES = 20, GENERATION_LINES = 2, STEPS = 1000, PORTRAIT_STEPS = 2500 };

static int lines_of(const struct sim_request *r)
{
    return r->endpoint && sim_model_trains(r->endpoint->model) ? TRAINING_LINES : GENERATION_LINES;
}

/* When line i of n is written: evenly over the run. */
static int64_t line_at_us(const struct sim_request *r, int i)
{
    return r->started_us + r->duration_us * (i + 1) / lines_of(r);
}

int sim_status_log_count(const struct sim_request *r)
{
    int64_t now = r->stage == STAGE_DONE ? r->finished_us : clock_wall_us();
    int count = 0;

    while (r->stage != STAGE_QUEUED && r->duration_us && count < lines_of(r) && line_at_us(r, count) <= now)
        count++;
    return count;
}

static int steps_of(const struct sim_request *r)
{
    struct err err;
    yajl_val input;
    int steps = r->endpoint && r->endpoint->model == MODEL_PORTRAIT_TRAINER ? PORTRAIT_STEPS : STEPS;

    if (!json_parse(text_of(r->input), &input, &err))
        return steps;
    steps = (int)sim_number(input, "steps",
                            sim_number(input, "iterations", sim_number(input, "num_inference_steps", steps)));
    yajl_tree_free(input);
    return steps < 1 ? 1 : steps;
}

static void write_logs(struct json_out *out, const struct sim_request *r, int from)
{
    int count = sim_status_log_count(r), steps = count > from ? steps_of(r) : 0;

    json_array(out);
    for (int i = from; i < count; i++) {
        char at[CLOCK_RFC3339_ROOM], message[64];
        clock_rfc3339(line_at_us(r, i), at);
        (void)snprintf(message, sizeof message, "step %d/%d", steps * (i + 1) / lines_of(r), steps);
        json_object(out);
        json_key_text(out, "timestamp", at);
        json_key_text(out, "message", message);
        json_key_text(out, "level", "INFO");
        json_key_text(out, "source", "USER");
        json_key_raw(out, "labels", TEXT("{}"));
        json_end_object(out);
    }
    json_end_array(out);
}

void sim_status_write_urls(struct sim *sim, struct json_out *out, const struct sim_request *r)
{
    static const struct {
        const char *key, *end;
    } URLS[] = {{"response_url", ""}, {"status_url", "/status"}, {"cancel_url", "/cancel"}};
    struct text app = sim_app_of(text_of(r->endpoint_id));
    char url[512];

    json_key_text(out, "request_id", r->id.text);
    for (int i = 0; i < 3; i++) {
        (void)snprintf(url, sizeof url, "%s/%.*s/requests/%s%s", sim->public_url, (int)app.len, app.at, r->id.text,
                       URLS[i].end);
        json_key_text(out, URLS[i].key, url);
    }
}

void sim_status_write(struct sim *sim, struct json_out *out, const struct sim_request *r, bool logs, int logs_from)
{
    static const char *const NAMES[] = {"IN_QUEUE", "IN_PROGRESS", "COMPLETED"};

    json_object(out);
    json_key_text(out, "status", NAMES[r->stage]);
    sim_status_write_urls(sim, out, r);
    if (r->stage == STAGE_QUEUED)
        json_key_int64(out, "queue_position", sim_table_position(sim->table, r));
    json_key(out, "logs");
    if (logs && r->stage != STAGE_QUEUED)
        write_logs(out, r, logs_from);
    else
        json_null(out);
    json_key(out, "metrics");
    json_object(out);
    if (r->stage == STAGE_DONE && r->status_code == 200)
        json_key_double(out, "inference_time", (double)(r->finished_us - r->started_us) / 1e6);
    json_end_object(out);
    if (r->stage == STAGE_DONE && *r->error_type) {
        json_key_text(out, "error", r->error);
        json_key_text(out, "error_type", r->error_type);
    }
    json_end_object(out);
}
