/* A generation as its readers get it. */
#include "generations/generation.h"
#include "http/problem.h"

static void write_reference(struct json_out *out, const char *key, struct uuid id)
{
    json_key_text(out, key, *id.text ? id.text : NULL);
}

static void write_wish(struct json_out *out, const struct generation *g)
{
    json_key_text(out, "id", g->id.text);
    json_key_text(out, "status", g->status);
    json_key_int64(out, "version", g->version);
    json_key_text(out, "avatar_id", g->avatar_deleted ? NULL : g->avatar_id.text);
    json_key_text(out, "prompt", g->prompt);
    json_key_text(out, "final_prompt", g->final_prompt);
    json_key_text(out, "preset", g->preset);
    json_key_text(out, "template_id", g->template_id);
    write_reference(out, "batch_id", g->batch_id);
    write_reference(out, "parent_image_id", g->parent_image);
    write_reference(out, "retry_of", g->retry_of);
    json_key_text(out, "endpoint", g->endpoint);
    json_key_int64(out, "num_images", g->num_images);
    json_key_raw(out, "parameters", g->parameters);
    json_key_text(out, "seed", g->seed);
}

static void write_known(struct json_out *out, const char *key, int64_t value)
{
    if (value < 0)
        json_key_null(out, key);
    else
        json_key_int64(out, key, value);
}

static void write_course(struct json_out *out, const struct generation *g, int64_t seconds_left, enum lang lang)
{
    json_key_text(out, "priority", g->batch ? "batch" : "interactive");
    json_key_int64(out, "progress", generation_progress(g));
    write_known(out, "queue_position", g->queue_position);
    write_known(out, "eta_seconds", seconds_left);
    problem_write_notice(out, "waiting", g->waiting_for, lang);
    problem_write_notice(out, "error", g->error_code, lang);
}

static void write_times(struct json_out *out, const struct generation *g)
{
    json_key_text(out, "created_at", g->created_at);
    json_key_text(out, "started_at", *g->started_at ? g->started_at : NULL);
    json_key_text(out, "finished_at", *g->finished_at ? g->finished_at : NULL);
    json_key(out, "generation_time");
    if (g->took_s < 0)
        json_null(out);
    else
        json_double(out, g->took_s);
}

static void write_all(struct json_out *out, const struct generation *g, int64_t seconds_left, enum lang lang)
{
    write_wish(out, g);
    write_course(out, g, seconds_left, lang);
    json_key_text(out, "source", g->source);
    json_key_int64(out, "cost", generation_cost(g));
    json_key_text(out, "charge_reason", generation_charge_reason(g));
    write_times(out, g);
}

void generation_write(struct json_out *out, const struct generation *g, enum lang lang)
{
    write_all(out, g, generation_seconds_left(g), lang);
}

/* Its place in the queue was not counted then, so that the end of its wait was not known. */
void generation_write_created(struct json_out *out, const struct generation *g, enum lang lang)
{
    struct generation first = *g;

    first.status = "pending";
    first.version = 1;
    first.charged = -1;
    first.avatar_deleted = false;
    first.seed = g->wanted_seed;
    first.error_code = NULL;
    first.waiting_for = "waiting_queue";
    first.queue_position = -1;
    first.ran_s = 0;
    first.took_s = -1;
    first.started_at[0] = first.finished_at[0] = '\0';
    write_all(out, &first, -1, lang);
}
