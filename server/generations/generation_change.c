/* The statements by which users make and end generations. Both lock the user's account, as what ends one does: they
   have their transactions to themselves (query_alone). */
#include "generations/generation.h"
#include "jobs/job.h"

/* The row of the account is locked before it is judged, so that of several wishes at once each sees what is left. */
#define FIT                                                                                                            \
    "fit AS (SELECT v.id FROM accounts a JOIN avatars v ON v.user_id = a.user_id WHERE a.user_id = $2 AND v.id = $3"   \
    " AND v.deleted_at IS NULL AND a.available >= $15 AND a.unfinished < $17 FOR NO KEY UPDATE OF a)"
#define KEY "key AS (" IDEMPOTENCY_INSERT("fit", "$2", "$4", "$5", "$1") ")"
#define NEW                                                                                                            \
    "g AS (INSERT INTO generations (id, user_id, avatar_id, prompt, final_prompt, preset, endpoint, num_images,"       \
    " parameters, input, wanted_seed, source, cost, expected_seconds, lane, template_id, template_variant,"            \
    " parent_image_id, retry_of, source_image_id)"                                                                     \
    " SELECT $1::uuid, $2::uuid, id, $6, $7, $8, $9, $10, $11, $12, $13::numeric, $14, $15, $16, $18, $19, $20, $21, " \
    "$22,"                                                                                                             \
    " $23 FROM fit"                                                                                                    \
    " WHERE $4::text IS NULL OR EXISTS (SELECT 1 FROM key) RETURNING *)"
#define QUEUE                                                                                                          \
    "queue AS (INSERT INTO generation_queue (generation_id, user_id, lane, endpoint, cost)"                            \
    " SELECT id, user_id, lane, endpoint, cost FROM g)"
#define JUST_MADE " 'waiting_queue', -1, 0, g.expected_seconds, 1"

static void add_texts(struct query *q, const struct generation_new *new)
{
    query_add_text(q, new->prompt);
    query_add_text(q, new->final_prompt);
    query_add_text(q, new->preset);
    query_add_text(q, new->endpoint);
    query_add_int64(q, new->num_images);
    query_add_text(q, new->parameters);
    query_add_text(q, new->input);
}

static void add_origin(struct query *q, const struct generation_new *new)
{
    query_add_text(q, new->template_id);
    query_add_text(q, new->template_variant);
    query_add_uuid(q, new->parent_image);
    query_add_uuid(q, new->retry_of);
    query_add_uuid(q, new->source_image);
}

struct query generation_insert(const struct generation_new *new)
{
    struct query q =
        query_write("WITH " FIT ", " KEY ", " NEW ", " QUEUE " SELECT " GENERATION_STORED "," JUST_MADE " FROM g");

    query_alone(&q);
    query_add_uuid(&q, new->id);
    query_add_uuid(&q, new->user);
    query_add_uuid(&q, new->avatar);
    idempotency_add(&q, new->key);
    add_texts(&q, new);
    if (new->has_seed)
        query_add_uint64(&q, new->seed);
    else
        query_add_null(&q);
    query_add_text(&q, new->source);
    query_add_int64(&q, new->cost);
    query_add_int64(&q, new->expected_seconds);
    query_add_int64(&q, GENERATIONS_MAX_OPEN);
    query_add_int64(&q, new->batch);
    add_origin(&q, new);
    return q;
}

struct query generation_obstacles(struct uuid user, struct uuid avatar)
{
    struct query q =
        query_read("SELECT a.user_id IS NOT NULL,"
                   " EXISTS (SELECT FROM avatars WHERE id = $2 AND user_id = $1 AND deleted_at IS NULL), a.available,"
                   " a.unfinished FROM (SELECT $1::uuid AS user_id) u LEFT JOIN accounts a USING (user_id)");

    query_add_uuid(&q, user);
    query_add_uuid(&q, avatar);
    return q;
}

struct generation_obstacles generation_obstacles_from_row(struct row row)
{
    struct generation_obstacles o;

    o.has_account = row_bool(&row);
    o.has_avatar = row_bool(&row);
    o.available = row_int64(&row);
    o.unfinished = row_int64(&row);
    return o;
}

#define LOCK_JOB JOB_LOCK("generation", "$1")
#define SIGNAL_JOB JOB_SIGNAL("generation", "g")

struct query generation_cancel(struct uuid user, struct uuid id)
{
    struct query q = query_write(
        "WITH job AS (" LOCK_JOB "), g AS (UPDATE generations SET cancel_requested = true,"
        " status = CASE WHEN status = 'pending' THEN 'cancelled' ELSE status END,"
        " finished_at = CASE WHEN status = 'pending' THEN now() END"
        " WHERE id = $1 AND user_id = $2 AND " JOB_LOCKED " AND status NOT IN " GENERATION_FINAL " RETURNING *),"
        " signal AS (" SIGNAL_JOB ") SELECT " GENERATION_STORED "," GENERATION_OUTLOOK("NULL::int") " FROM g");

    query_alone(&q);
    query_add_uuid(&q, id);
    query_add_uuid(&q, user);
    return q;
}
