#include "generations/generation.h"

#include <stdio.h>
#include <string.h>

#include "events/event.h"
#include "gallery/image.h"
#include "http/problem.h"
#include "jobs/job.h"

struct generation generation_from_row(struct row row)
{
    struct generation g;

    g.id = row_uuid(&row);
    g.avatar_id = row_uuid(&row);
    g.avatar_deleted = row_bool(&row);
    g.status = row_text(&row);
    g.prompt = row_text(&row);
    g.final_prompt = row_text(&row);
    g.preset = row_text(&row);
    g.endpoint = row_text(&row);
    g.parameters = row_piece(&row);
    g.seed = row_text_or_null(&row);
    g.wanted_seed = row_text_or_null(&row);
    g.error_code = row_text_or_null(&row);
    g.source = row_text(&row);
    g.num_images = row_int64(&row);
    g.cost = row_int64(&row);
    g.expected_seconds = row_int64(&row);
    g.queue_position = row_int64(&row);
    g.waited_s = row_double(&row);
    g.ran_s = row_double(&row);
    g.took_s = row_double(&row);
    row_time(&row, g.created_at);
    row_time(&row, g.started_at);
    row_time(&row, g.finished_at);
    g.cancel_requested = row_bool(&row);
    return g;
}

bool generation_status_is_final(const char *status)
{
    return strcmp(status, "completed") == 0 || strcmp(status, "failed") == 0 || strcmp(status, "cancelled") == 0;
}

/* What is done of it, in percent: the stages before and behind the provider's work are short, that work is measured by
   the usual time, and is never said to be over before it is. */
int generation_progress(const struct generation *g)
{
    double share = g->ran_s > 0 ? g->ran_s / (double)g->expected_seconds : 0; /* clocks are set back at times */

    if (strcmp(g->status, "completed") == 0)
        return 100;
    if (strcmp(g->status, "storing") == 0)
        return 95;
    if (strcmp(g->status, "running") == 0)
        return 10 + (int)(80 * (share < 1 ? share : 1));
    if (strcmp(g->status, "queued") == 0)
        return 5;
    return 0;
}

int64_t generation_seconds_left(const struct generation *g)
{
    bool running = strcmp(g->status, "running") == 0;
    double left = (double)g->expected_seconds - (running && g->ran_s > 0 ? g->ran_s : 0);

    if (generation_status_is_final(g->status))
        return -1;
    return strcmp(g->status, "storing") != 0 && left > 1 ? (int64_t)left : 1;
}

static void write_eta(struct json_out *out, const struct generation *g)
{
    int64_t left = generation_seconds_left(g);

    if (left < 0)
        json_key_null(out, "eta_seconds");
    else
        json_key_int64(out, "eta_seconds", left);
}

static void write_wish(struct json_out *out, const struct generation *g)
{
    json_key_text(out, "id", g->id.text);
    json_key_text(out, "status", g->status);
    json_key_text(out, "avatar_id", g->avatar_deleted ? NULL : g->avatar_id.text);
    json_key_text(out, "prompt", g->prompt);
    json_key_text(out, "final_prompt", g->final_prompt);
    json_key_text(out, "preset", g->preset);
    json_key_null(out, "template_id");
    json_key_null(out, "batch_id");
    json_key_null(out, "parent_image_id");
    json_key_text(out, "endpoint", g->endpoint);
    json_key_int64(out, "num_images", g->num_images);
    json_key_raw(out, "parameters", g->parameters);
    json_key_text(out, "seed", g->seed);
}

void generation_write(struct json_out *out, const struct generation *g, enum lang lang)
{
    write_wish(out, g);
    json_key_int64(out, "progress", generation_progress(g));
    json_key(out, "queue_position");
    if (g->queue_position < 0)
        json_null(out);
    else
        json_int64(out, g->queue_position);
    write_eta(out, g);
    problem_write_failure(out, g->error_code, lang);
    json_key_text(out, "source", g->source);
    json_key_int64(out, "cost", g->cost);
    json_key_text(out, "created_at", g->created_at);
    json_key_text(out, "started_at", *g->started_at ? g->started_at : NULL);
    json_key_text(out, "finished_at", *g->finished_at ? g->finished_at : NULL);
    json_key(out, "generation_time");
    if (g->took_s < 0)
        json_null(out);
    else
        json_double(out, g->took_s);
}

void generation_write_created(struct json_out *out, const struct generation *g, enum lang lang)
{
    struct generation first = *g;

    first.status = "pending";
    first.avatar_deleted = false;
    first.seed = g->wanted_seed;
    first.error_code = NULL;
    first.queue_position = -1;
    first.ran_s = 0;
    first.took_s = -1;
    first.started_at[0] = first.finished_at[0] = '\0';
    generation_write(out, &first, lang);
}

struct query generation_by_id(struct uuid user, struct uuid id)
{
    struct query q = query_read("SELECT " GENERATION_COLUMNS " FROM generations g WHERE g.id = $1 AND g.user_id = $2");

    query_add_uuid(&q, id);
    query_add_uuid(&q, user);
    return q;
}

struct query generations_of(struct uuid user, struct uuid after, int64_t limit)
{
    struct query q = query_read("SELECT " GENERATION_COLUMNS " FROM generations g WHERE g.user_id = $1"
                                " AND g.id < COALESCE($2::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')"
                                " ORDER BY g.id DESC LIMIT $3");

    query_add_uuid(&q, user);
    query_add_uuid(&q, after);
    query_add_int64(&q, limit);
    return q;
}

struct query generations_stirring(struct uuid user, int64_t limit)
{
    struct query q = query_read(
        "SELECT " GENERATION_COLUMNS " FROM generations g WHERE g.id IN (SELECT id FROM generations WHERE user_id = $1"
        " AND status NOT IN ('completed', 'failed', 'cancelled') UNION ALL SELECT id FROM generations"
        " WHERE user_id = $1 AND status = 'failed' AND finished_at > now() - interval '10 minutes')"
        " ORDER BY g.id DESC LIMIT $2");

    query_add_uuid(&q, user);
    query_add_int64(&q, limit);
    return q;
}

struct query images_of_generations(struct uuid user, struct uuid newest, struct uuid oldest)
{
    struct query q = query_read("SELECT " IMAGE_COLUMNS " FROM images WHERE user_id = $1 AND deleted_at IS NULL"
                                " AND generation_id IN (SELECT id FROM generations WHERE user_id = $1"
                                " AND id BETWEEN $3 AND $2) ORDER BY generation_id DESC, position");

    query_add_uuid(&q, user);
    query_add_uuid(&q, newest);
    query_add_uuid(&q, oldest);
    return q;
}

struct query generations_open_count(struct uuid user)
{
    struct query q = query_read("SELECT count(*) FROM generations WHERE user_id = $1"
                                " AND status NOT IN ('completed', 'failed', 'cancelled')");

    query_add_uuid(&q, user);
    return q;
}

struct query generation_insert(const struct generation_new *new)
{
    struct query q = query_write(
        "WITH fit AS (SELECT id FROM avatars WHERE id = $3 AND user_id = $2 AND deleted_at IS NULL"
        " AND (SELECT count(*) FROM (SELECT 1 FROM generations WHERE user_id = $2"
        " AND status NOT IN ('completed', 'failed', 'cancelled') LIMIT $17) o) < $17),"
        " key AS (" IDEMPOTENCY_INSERT(
            "fit", "$2", "$4", "$5",
            "$1") "),"
                  " g AS (INSERT INTO generations (id, user_id, avatar_id, prompt, final_prompt, preset, endpoint, "
                  "num_images,"
                  " parameters, input, wanted_seed, source, cost, expected_seconds)"
                  " SELECT $1::uuid, $2::uuid, id, $6, $7, $8, $9, $10, $11, $12, $13::numeric, $14, $15, $16 FROM fit"
                  " WHERE $4::text IS NULL OR EXISTS (SELECT 1 FROM key) RETURNING *),"
                  " job AS (" JOB_INSERT("generation",
                                         "g") "),"
                                              " event AS (" EVENT_INSERT("g", "generation", "created", "status",
                                                                         "0") ")"
                                                                              " SELECT " GENERATION_COLUMNS " FROM g");

    query_add_uuid(&q, new->id);
    query_add_uuid(&q, new->user);
    query_add_uuid(&q, new->avatar);
    idempotency_add(&q, new->key);
    query_add_text(&q, new->prompt);
    query_add_text(&q, new->final_prompt);
    query_add_text(&q, new->preset);
    query_add_text(&q, new->endpoint);
    query_add_int64(&q, new->num_images);
    query_add_text(&q, new->parameters);
    query_add_text(&q, new->input);
    if (new->has_seed)
        query_add_uint64(&q, new->seed);
    else
        query_add_null(&q);
    query_add_text(&q, new->source);
    query_add_int64(&q, new->cost);
    query_add_int64(&q, new->expected_seconds);
    query_add_int64(&q, GENERATIONS_MAX_OPEN);
    return q;
}

#define LOCK_JOB JOB_LOCK("generation", "$1")
#define SIGNAL_JOB JOB_SIGNAL("generation", "g")
#define TELL_CANCEL EVENT_INSERT("g", "generation", "updated", "status", "NULL::int")

struct query generation_cancel(struct uuid user, struct uuid id)
{
    struct query q = query_write(
        "WITH job AS (" LOCK_JOB "), g AS (UPDATE generations SET cancel_requested = true, version = version + 1,"
        " status = CASE WHEN status = 'pending' THEN 'cancelled' ELSE status END,"
        " finished_at = CASE WHEN status = 'pending' THEN now() END"
        " WHERE id = $1 AND user_id = $2 AND " JOB_LOCKED
        " AND status NOT IN ('completed', 'failed', 'cancelled') RETURNING *),"
        " signal AS (" SIGNAL_JOB "), event AS (" TELL_CANCEL ") SELECT " GENERATION_COLUMNS " FROM g");

    query_add_uuid(&q, id);
    query_add_uuid(&q, user);
    return q;
}
