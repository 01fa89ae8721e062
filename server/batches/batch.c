#include "batches/batch.h"

#include <string.h>

#include "gallery/image.h"

enum { APART_S = 1 /* of a sequential one's submissions */ };

/* All that is summed up of its generations, one row for each batch. */
#define SUMS                                                                                                           \
    "LATERAL (SELECT count(*) AS made, count(*) FILTER (WHERE status = 'pending') AS pending,"                         \
    " count(*) FILTER (WHERE status IN ('submitting', 'queued', 'running', 'storing')) AS running,"                    \
    " count(*) FILTER (WHERE status = 'completed') AS completed, count(*) FILTER (WHERE status = 'failed') AS failed," \
    " count(*) FILTER (WHERE status = 'cancelled') AS cancelled,"                                                      \
    " count(*) FILTER (WHERE status = 'pending' AND batch_position >= b.next_position) AS held_back,"                  \
    " sum(COALESCE(charged, cost)) AS cost, sum(cost) AS reserved, max(num_images) AS num_images,"                     \
    " max(preset) AS preset, max(endpoint) AS endpoint, max(expected_seconds) AS expected,"                            \
    " CASE WHEN bool_and(finished_at IS NOT NULL) THEN max(finished_at) END AS finished_at"                            \
    " FROM generations WHERE batch_id = b.id) s"
#define WAITING_FOR                                                                                                    \
    "CASE WHEN s.pending > 0 THEN (SELECT CASE endpoint WHEN '' THEN 'waiting_stopped' ELSE 'waiting_provider' END"    \
    " FROM breakers WHERE endpoint IN ('', s.endpoint) AND open_until IS NOT NULL ORDER BY endpoint LIMIT 1) END"
#define AHEAD                                                                                                          \
    "CASE WHEN s.pending > s.held_back THEN (SELECT generation_ahead(g) FROM generations g WHERE g.batch_id = b.id"    \
    " AND g.status = 'pending' AND g.batch_position < COALESCE(b.next_position, 32767)"                                \
    " ORDER BY g.batch_position DESC LIMIT 1) END"
#define USUAL                                                                                                          \
    "CASE WHEN s.finished_at IS NULL THEN COALESCE((SELECT seconds FROM paces WHERE endpoint = s.endpoint"             \
    " AND preset = s.preset AND num_images = s.num_images AND measured >= 3), s.expected) ELSE s.expected END"
#define SENT_AGO                                                                                                       \
    "CASE WHEN s.running > 0 THEN (SELECT extract(epoch FROM now() - max(sent_at)) FROM submissions"                   \
    " WHERE generation_id IN (SELECT id FROM generations WHERE batch_id = b.id"                                        \
    " AND status IN ('submitting', 'queued', 'running'))) END"
#define BATCH_COLUMNS                                                                                                  \
    "b.id, b.avatar_id, EXISTS (SELECT FROM avatars a WHERE a.id = b.avatar_id AND a.deleted_at IS NOT NULL),"         \
    " b.mode = 'sequential', b.cancel_requested, b.count, b.count - s.made, s.pending, s.running, s.completed,"        \
    " s.failed, s.cancelled, s.held_back, COALESCE(s.cost, 0), COALESCE(s.reserved, 0), s.num_images, s.preset,"       \
    " " WAITING_FOR ", COALESCE(" AHEAD ", -1), " USUAL ", " SENT_AGO ", (SELECT slots FROM admission),"               \
    " b.created_at, s.finished_at"

struct batch batch_from_row(struct row row)
{
    struct batch b;

    b.id = row_uuid(&row);
    b.avatar_id = row_uuid(&row);
    b.avatar_deleted = row_bool(&row);
    b.is_sequential = row_bool(&row);
    b.cancel_requested = row_bool(&row);
    b.total = row_int64(&row);
    b.refused = row_int64(&row);
    b.pending = row_int64(&row);
    b.running = row_int64(&row);
    b.completed = row_int64(&row);
    b.failed = row_int64(&row);
    b.cancelled = row_int64(&row);
    b.held_back = row_int64(&row);
    b.cost = row_int64(&row);
    b.reserved = row_int64(&row);
    b.num_images = row_int64(&row);
    b.preset = row_text(&row);
    b.waiting_for = row_text_or_null(&row);
    b.ahead = row_int64(&row);
    b.usual_s = row_double(&row);
    b.sent_ago_s = row_double(&row);
    b.slots = row_int64(&row);
    row_time(&row, b.created_at);
    row_time(&row, b.finished_at);
    return b;
}

bool batch_has_ended(const struct batch *batch) { return batch->pending + batch->running == 0; }

const char *batch_status(const struct batch *batch)
{
    if (!batch_has_ended(batch))
        return "running";
    return batch->cancel_requested && batch->cancelled > 0 ? "cancelled" : "completed";
}

/* What is on its way counts half. */
int batch_progress(const struct batch *batch)
{
    int64_t made = batch->total - batch->refused, halves = 2 * (made - batch->pending) - batch->running;

    return made > 0 ? (int)(halves * 100 / (2 * made)) : 100;
}

/* Those before it share the slots with its own; what is held back comes a second apart, or as slots allow. */
int64_t batch_seconds_left(const struct batch *batch)
{
    double each = batch->usual_s / (double)(batch->slots > 0 ? batch->slots : 1), left = batch->usual_s;

    if (batch_has_ended(batch) || batch->waiting_for || batch->ahead >= GENERATION_AHEAD_MAX)
        return -1;
    if (batch->ahead > 0)
        left += (double)batch->ahead * each;
    else if (batch->ahead < 0 && batch->sent_ago_s > 0) /* clocks are set back at times */
        left -= batch->sent_ago_s;
    left = (left > 1 ? left : 1) + (double)batch->held_back * (each > APART_S ? each : APART_S);
    return (int64_t)left;
}

struct query batch_by_id(struct uuid user, struct uuid id)
{
    struct query q = query_read("SELECT " BATCH_COLUMNS " FROM batches b, " SUMS " WHERE b.id = $2 AND b.user_id = $1");

    query_add_uuid(&q, user);
    query_add_uuid(&q, id);
    return q;
}

struct query batch_shown(struct uuid user, struct uuid id, const char *time_zone)
{
    struct query q = query_read("SELECT (SELECT name FROM avatars WHERE id = b.avatar_id),"
                                " to_char(b.created_at AT TIME ZONE $3, 'YYYY-MM-DD HH24:MI:SS'),"
                                " (now() AT TIME ZONE $3)::date, " BATCH_COLUMNS " FROM batches b, " SUMS
                                " WHERE b.id = $2 AND b.user_id = $1");

    query_add_uuid(&q, user);
    query_add_uuid(&q, id);
    query_add_text(&q, time_zone);
    return q;
}

struct batch_shown batch_shown_from_row(struct row row)
{
    struct batch_shown shown;

    shown.avatar_name = row_text(&row);
    shown.made = row_piece(&row);
    shown.today = row_piece(&row);
    shown.batch = batch_from_row(row);
    return shown;
}

struct query batches_of(struct uuid user, struct uuid after, int64_t limit)
{
    struct query q = query_read("SELECT " BATCH_COLUMNS " FROM (SELECT * FROM batches WHERE user_id = $1"
                                " AND id < COALESCE($2::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')"
                                " ORDER BY id DESC LIMIT $3) b, " SUMS " ORDER BY b.id DESC");

    query_add_uuid(&q, user);
    query_add_uuid(&q, after);
    query_add_int64(&q, limit);
    return q;
}

struct query batch_items(struct uuid user, struct uuid batch)
{
    struct query q = query_read(
        "SELECT i.position, i.prompt, i.error_code, i.category, " GENERATION_STORED
        "," GENERATION_OUTLOOK("NULL::bigint") " FROM batches b JOIN batch_items i"
                                               " ON i.batch_id = b.id LEFT JOIN generations g ON g.id = i.generation_id"
                                               " WHERE b.id = $2 AND b.user_id = $1 ORDER BY i.position");

    query_add_uuid(&q, user);
    query_add_uuid(&q, batch);
    return q;
}

struct batch_item batch_item_from_row(struct row row)
{
    struct batch_item item;

    item.position = row_int64(&row);
    item.prompt = row_text(&row);
    item.error_code = row_text_or_null(&row);
    item.category = row_text_or_null(&row);
    item.generation = generation_from_row(row);
    return item;
}

/* Ids of generations are in the order of their positions. */
struct query batch_images(struct uuid user, struct uuid batch)
{
    struct query q = query_read("SELECT " IMAGE_COLUMNS " FROM images WHERE user_id = $1 AND deleted_at IS NULL"
                                " AND generation_id IN (SELECT id FROM generations WHERE batch_id = $2)"
                                " ORDER BY generation_id, position");

    query_add_uuid(&q, user);
    query_add_uuid(&q, batch);
    return q;
}
