#include "batches/batch_change.h"

/* The row of the account is locked before it is judged, as for a single wish: $6 credits, $7 generations. */
#define FIT                                                                                                            \
    "fit AS (SELECT v.id FROM accounts a JOIN avatars v ON v.user_id = a.user_id WHERE a.user_id = $2 AND v.id = $3"   \
    " AND v.deleted_at IS NULL AND a.available >= $6 AND a.unfinished + $7::int <= $8 FOR NO KEY UPDATE OF a)"
#define KEY "key AS (" IDEMPOTENCY_INSERT("fit", "$2", "$4", "$5", "$1") ")"
#define ITEMS                                                                                                          \
    "items AS MATERIALIZED (SELECT * FROM json_to_recordset($9::json) AS i (position smallint, prompt text, id uuid,"  \
    " final_prompt text, input text, code text, category text))"
/* Of a sequential one all but the first wait. */
#define BATCH                                                                                                          \
    "b AS (INSERT INTO batches (id, user_id, avatar_id, mode, count, next_position)"                                   \
    " SELECT $1::uuid, $2::uuid, id, $10, (SELECT count(*) FROM items), CASE WHEN $10 = 'sequential' THEN"             \
    " (SELECT position FROM items WHERE id IS NOT NULL ORDER BY position OFFSET 1 LIMIT 1) END FROM fit"               \
    " WHERE $4::text IS NULL OR EXISTS (SELECT FROM key) RETURNING *)"
#define KEPT                                                                                                           \
    "kept AS (INSERT INTO batch_items (batch_id, position, prompt, generation_id, error_code, error_field, category)"  \
    " SELECT b.id, i.position, i.prompt, i.id, i.code, CASE WHEN i.id IS NULL THEN 'prompt' END, i.category"           \
    " FROM b, items i)"
#define NEW                                                                                                            \
    "g AS (INSERT INTO generations (id, user_id, avatar_id, prompt, final_prompt, preset, endpoint, num_images,"       \
    " parameters, input, wanted_seed, source, cost, expected_seconds, lane, batch_id, batch_position)"                 \
    " SELECT i.id, b.user_id, b.avatar_id, i.prompt, i.final_prompt, $11, $12, $13, $14, i.input, $15::numeric, $16,"  \
    " $17, $18, 1, b.id, i.position FROM b, items i WHERE i.id IS NOT NULL ORDER BY i.position RETURNING *)"
#define QUEUE                                                                                                          \
    "queue AS (INSERT INTO generation_queue (generation_id, user_id, lane, endpoint, cost)"                            \
    " SELECT g.id, g.user_id, g.lane, g.endpoint, g.cost FROM g, b"                                                    \
    " WHERE b.next_position IS NULL OR g.batch_position < b.next_position ORDER BY g.id)"
#define JOB                                                                                                            \
    "job AS (INSERT INTO jobs (kind, ref, run_at) SELECT 'batch', id, now() + interval '250 milliseconds' FROM b"      \
    " WHERE next_position IS NOT NULL)"

static void add_common(struct query *q, const struct generation_new *each)
{
    query_add_text(q, each->preset);
    query_add_text(q, each->endpoint);
    query_add_int64(q, each->num_images);
    query_add_text(q, each->parameters);
    if (each->has_seed)
        query_add_uint64(q, each->seed);
    else
        query_add_null(q);
    query_add_text(q, each->source);
    query_add_int64(q, each->cost);
    query_add_int64(q, each->expected_seconds);
}

struct query batch_insert(const struct batch_new *new)
{
    struct query q = query_write("WITH " FIT ", " KEY ", " ITEMS ", " BATCH ", " KEPT ", " NEW ", " QUEUE ", " JOB
                                 " SELECT id FROM b");

    query_alone(&q);
    query_add_uuid(&q, new->id);
    query_add_uuid(&q, new->each.user);
    query_add_uuid(&q, new->each.avatar);
    idempotency_add(&q, new->each.key);
    query_add_int64(&q, new->each.cost *new->runnable);
    query_add_int64(&q, new->runnable);
    query_add_int64(&q, GENERATIONS_MAX_OPEN);
    query_add_text(&q, new->items);
    query_add_text(&q, new->is_sequential ? "sequential" : "parallel");
    add_common(&q, &new->each);
    return q;
}

struct query batch_cancel(struct uuid user, struct uuid id)
{
    struct query q = query_write("SELECT batch_cancel($1, $2)");

    query_alone(&q);
    query_add_uuid(&q, user);
    query_add_uuid(&q, id);
    return q;
}
