#include "generations/generation.h"

#include <string.h>

#include "gallery/image.h"

/* In the order of GENERATION_STORED, and of GENERATION_OUTLOOK. */
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
    g.version = row_int64(&row);
    g.cost = row_int64(&row);
    g.charged = row_int64(&row);
    g.batch = row_bool(&row);
    g.template_id = row_text_or_null(&row);
    g.batch_id = row_uuid(&row);
    g.parent_image = row_uuid(&row);
    g.retry_of = row_uuid(&row);
    g.cancel_requested = row_bool(&row);
    g.waited_s = row_double(&row);
    g.ran_s = row_double(&row);
    g.took_s = row_double(&row);
    row_time(&row, g.created_at);
    row_time(&row, g.started_at);
    row_time(&row, g.finished_at);
    g.waiting_for = row_text_or_null(&row);
    g.queue_position = row_int64(&row);
    g.sent_s = row_double(&row);
    g.usual_s = row_double(&row);
    g.slots = row_int64(&row);
    return g;
}

bool generation_status_is_final(const char *status)
{
    return strcmp(status, "completed") == 0 || strcmp(status, "failed") == 0 || strcmp(status, "cancelled") == 0;
}

int64_t generation_cost(const struct generation *g) { return g->charged < 0 ? g->cost : g->charged; }

static const char *failure_reason(const char *error_code)
{
    return error_code && (strcmp(error_code, "moderation_blocked") == 0 || strcmp(error_code, "nsfw_result") == 0)
               ? "blocked"
               : "failed";
}

const char *generation_charge_reason(const struct generation *g)
{
    if (g->charged < 0)
        return "reserved";
    if (strcmp(g->status, "failed") == 0)
        return failure_reason(g->error_code);
    if (strcmp(g->status, "completed") != 0)
        return "cancelled";
    if (g->charged == g->cost)
        return "delivered";
    return g->charged > 0 ? "delivered_in_part" : "late_result"; /* a picture costs a credit at least */
}

/* What is done of it, in percent: the stages before and behind the provider's work are short, that work is measured by
   the usual time, and is never said to be over before it is. */
int generation_progress(const struct generation *g)
{
    double share = g->ran_s > 0 ? g->ran_s / g->usual_s : 0; /* clocks are set back at times */

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

void generation_grow_older(struct generation *g, double seconds)
{
    g->waited_s += seconds;
    if (*g->started_at)
        g->ran_s += seconds;
    if (g->sent_s > 0)
        g->sent_s += seconds;
}

/* Those before it share the slots; what is on its way has used up a part of its time. */
static double seconds_left(const struct generation *g)
{
    double passed = g->sent_s > g->ran_s ? g->sent_s : g->ran_s;

    if (strcmp(g->status, "storing") == 0)
        return 1;
    if (strcmp(g->status, "pending") != 0)
        return g->usual_s - (passed > 0 ? passed : 0); /* clocks are set back at times */
    return g->usual_s + (g->queue_position > 0 ? (double)g->queue_position * g->usual_s / (double)g->slots : 0);
}

int64_t generation_seconds_left(const struct generation *g)
{
    bool held = g->waiting_for && strcmp(g->waiting_for, "waiting_queue") != 0;
    double left;

    if (generation_status_is_final(g->status) || held ||
        (strcmp(g->status, "pending") == 0 && g->queue_position >= GENERATION_AHEAD_MAX))
        return -1;
    left = seconds_left(g);
    return left > 1 ? (int64_t)left : 1;
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
        " AND status NOT IN " GENERATION_FINAL " UNION ALL SELECT id FROM generations"
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
