#include "generations/attempt.h"

#include "generations/generation.h"
#include "jobs/paid_send.h"

#define HELD JOB_HOLDING
#define OPEN "('sending', 'unknown', 'accepted')"

struct query attempt_load(struct uuid generation)
{
    struct query q = query_read(
        "SELECT g.status, g.user_id, g.endpoint, (SELECT state FROM endpoint_states e WHERE e.endpoint = g.endpoint),"
        " g.input, g.source_image_id IS NOT NULL, i.object_key, i.content_type,"
        " g.source_url, g.wanted_seed, g.cancel_requested, extract(epoch FROM now() - g.created_at)::bigint, g.cost,"
        " EXISTS (SELECT FROM slots WHERE generation_id = g.id),"
        " EXISTS (SELECT FROM generation_outputs WHERE generation_id = g.id),"
        " EXISTS (SELECT FROM breakers WHERE endpoint IN (g.endpoint, '') AND (failures > 0 OR open_until IS NOT "
        "NULL)),"
        " COALESCE(s.id, 0), s.attempt, s.state, s.seed, s.journal, s.request_id, s.status_url, s.response_url,"
        " s.cancel_url, extract(epoch FROM s.sent_at)::bigint, extract(epoch FROM now() - s.sent_at)::bigint,"
        " s.looks, s.late_looks FROM generations g LEFT JOIN images i ON i.id = g.source_image_id"
        " AND i.user_id = g.user_id AND i.deleted_at IS NULL AND NOT i.has_nsfw_content LEFT JOIN LATERAL (SELECT * "
        "FROM submissions"
        " WHERE generation_id = g.id ORDER BY state IN " OPEN " DESC, attempt DESC LIMIT 1) s ON true WHERE g.id = $1");

    query_add_uuid(&q, generation);
    return q;
}

struct attempt attempt_from_row(struct row row)
{
    struct attempt a;

    a.status = row_text(&row);
    a.user = row_uuid(&row);
    a.endpoint = row_text(&row);
    a.endpoint_state = row_text_or_null(&row);
    a.input = row_piece(&row);
    a.has_source = row_bool(&row);
    a.source_key = row_text_or_null(&row);
    a.source_type = row_text_or_null(&row);
    a.source_url = row_text_or_null(&row);
    a.has_wanted_seed = !row_is_null(&row);
    a.wanted_seed = row_uint64(&row);
    a.cancel_requested = row_bool(&row);
    a.waited_s = row_int64(&row);
    a.cost = row_int64(&row);
    a.has_slot = row_bool(&row);
    a.has_result = row_bool(&row);
    a.troubled = row_bool(&row);
    a.id = row_int64(&row);
    a.number = row_int64(&row);
    a.state = row_text(&row);
    a.seed = row_uint64(&row);
    a.journal = row_text_or_null(&row);
    a.request_id = row_text_or_null(&row);
    a.status_url = row_text_or_null(&row);
    a.response_url = row_text_or_null(&row);
    a.cancel_url = row_text_or_null(&row);
    a.sent_at_s = row_int64(&row);
    a.age_s = row_int64(&row);
    a.looks = row_int64(&row);
    a.late_looks = row_int64(&row);
    return a;
}

#define held(job, sql) job_query(job, sql)
#define held_attempt(job, id, sql) held_attempt_by(job, id, sql, __func__)

/* The same for a statement about one of the generation's submissions, $3. */
static struct query held_attempt_by(const struct job *job, int64_t id, const char *sql, const char *name)
{
    struct query q = job_query_named(job, sql, name);

    query_add_int64(&q, id);
    return q;
}

struct query attempt_source(const struct job *job, const char *url)
{
    struct query q = held(job, "WITH " HELD " UPDATE generations SET source_url = $3 FROM held WHERE id = held.ref"
                               " AND status = 'pending' RETURNING id");

    query_add_text(&q, url);
    return q;
}

struct query attempt_slot_back(const struct job *job)
{
    return held(job, "WITH " HELD ", g AS (SELECT id FROM generations, held WHERE id = held.ref AND status = 'pending'"
                     " FOR NO KEY UPDATE OF generations) DELETE FROM slots USING g WHERE generation_id = g.id");
}

struct query attempt_begin(const struct job *job, uint64_t seed, const char *journal)
{
    struct query q = held(
        job, "WITH " HELD ", g AS (UPDATE generations SET status = 'submitting' FROM held WHERE id = held.ref"
             " AND status = 'pending' AND EXISTS (SELECT FROM slots WHERE generation_id = held.ref)"
             " RETURNING id, user_id, endpoint)"
             " INSERT INTO submissions (generation_id, user_id, attempt, state, endpoint, seed, journal)"
             " SELECT id, user_id, (SELECT COALESCE(max(attempt), 0) + 1 FROM submissions WHERE generation_id = g.id),"
             " 'sending', endpoint, $3, $4 FROM g RETURNING id");

    query_add_uint64(&q, seed);
    query_add_text(&q, journal);
    return q;
}

/* Who does not hold the job locks first what others have to do with, in their order: the job, the generation, its turn.
   Then what is seen stays so, whatever it was when the statement began. Use as JOB_LOCK. */
#define ITS_JOB(generation) "job AS (" JOB_LOCK("generation", generation) ")"
#define ITS_ROW(generation)                                                                                            \
    "gen AS (SELECT status FROM generations WHERE id = " generation " AND " JOB_LOCKED " FOR NO KEY UPDATE)"
#define ITS_TURN(generation)                                                                                           \
    "turn AS (SELECT FROM generation_queue WHERE generation_id = " generation                                          \
    " AND (SELECT count(*) FROM gen) >= 0 FOR UPDATE)"
#define LOCK_ALL_OF(generation) ITS_JOB(generation) ", " ITS_ROW(generation) ", " ITS_TURN(generation) ","
#define ALL_LOCKED "(SELECT count(*) FROM turn) >= 0"
#define LOCK_ALL LOCK_ALL_OF("$1")
#define LOCK_ALL_OF_SUBMISSION LOCK_ALL_OF("(SELECT generation_id FROM submissions WHERE id = $1)")

/* An attempt that was given up counts again when no other one has taken its place. */
#define COUNTS_AGAIN                                                                                                   \
    "state IN ('rejected', 'abandoned') AND NOT EXISTS (SELECT FROM submissions o WHERE o.id <> submissions.id AND"    \
    " o.generation_id = submissions.generation_id AND o.state IN ('sending', 'unknown', 'accepted', 'review'))"        \
    " AND EXISTS (SELECT FROM gen WHERE gen.status IN ('pending', 'submitting'))"
#define STATE_WHEN_ACCEPTED                                                                                            \
    "CASE WHEN state IN ('sending', 'unknown') OR (" COUNTS_AGAIN ") THEN 'accepted' ELSE state END"
/* One that waits for its turn no longer does. */
#define UNQUEUE(source) " unqueued AS (DELETE FROM generation_queue WHERE generation_id IN (SELECT id FROM " source "))"
#define JOB_FOR(source)                                                                                                \
    "INSERT INTO jobs AS j (kind, ref) SELECT 'generation', id FROM " source " ON CONFLICT (kind, ref)"

struct query attempt_accepted(struct uuid generation, int64_t id, const struct fal_ticket *ticket)
{
    struct query q = query_write(
        "WITH " LOCK_ALL " s AS (UPDATE submissions SET request_id = COALESCE(request_id, $3),"
        " status_url = $4, response_url = $5, cancel_url = $6, state = " STATE_WHEN_ACCEPTED
        " WHERE id = $2 AND generation_id = $1 AND " ALL_LOCKED " RETURNING generation_id, state),"
        " g AS (UPDATE generations SET status = 'queued' FROM s WHERE id = s.generation_id AND s.state = 'accepted'"
        " AND status IN ('pending', 'submitting') RETURNING id)," /* pending: taken for rejected */
        UNQUEUE("g") ", job_made AS (" JOB_FOR("g") " DO NOTHING) SELECT 1 FROM s");

    query_add_uuid(&q, generation);
    query_add_int64(&q, id);
    query_add_text(&q, ticket->request_id);
    query_add_text(&q, ticket->status_url);
    query_add_text(&q, ticket->response_url);
    query_add_text(&q, ticket->cancel_url);
    return q;
}

#define GIVE_UP_ATTEMPT(state)                                                                                         \
    "WITH " HELD ", s AS (UPDATE submissions SET state = '" state "' FROM held WHERE generation_id = held.ref"         \
    " AND id = $3 AND state IN ('sending', 'unknown') RETURNING generation_id)"                                        \
    " UPDATE generations SET status = 'pending' FROM s"                                                                \
    " WHERE id = s.generation_id AND status = 'submitting' RETURNING id"

struct query attempt_rejected(const struct job *job, int64_t id)
{
    return held_attempt(job, id, GIVE_UP_ATTEMPT("rejected"));
}

struct query attempt_abandoned(const struct job *job, int64_t id)
{
    return held_attempt(job, id, GIVE_UP_ATTEMPT("abandoned"));
}

struct query attempt_review(const struct job *job, int64_t id)
{
    return held_attempt(job, id,
                        "WITH " HELD ", s AS (UPDATE submissions SET state = 'review' FROM held"
                        " WHERE generation_id = held.ref AND id = $3 AND state IN ('sending', 'unknown')"
                        " RETURNING generation_id) UPDATE generations SET status = 'failed',"
                        " error_code = 'outcome_unknown', finished_at = now(), queue_position = NULL FROM s"
                        " WHERE id = s.generation_id AND status = 'submitting' RETURNING id");
}

struct query attempt_unknown(const struct job *job, int64_t id)
{
    return held_attempt(job, id,
                        "WITH " HELD ", slot AS (DELETE FROM slots USING held WHERE generation_id = held.ref),"
                        " s AS (UPDATE submissions SET state = 'unknown' FROM held WHERE generation_id = held.ref"
                        " AND id = $3 AND state = 'sending' RETURNING id) SELECT id FROM s");
}

struct query attempt_looked(const struct job *job, int64_t id)
{
    struct query q = held_attempt(job, id,
                                  "WITH " HELD " UPDATE submissions SET looks = looks + 1, late_looks = late_looks +"
                                  " (now() > sent_at + $4 * interval '1 second')::integer FROM held"
                                  " WHERE generation_id = held.ref AND id = $3 AND state = 'unknown' RETURNING id");

    query_add_int64(&q, PAID_LISTED_S);
    return q;
}

struct query generation_requeue(const struct job *job)
{
    /* Locked, so that one that was cancelled while this waited for the job is not seen as it was before. */
    return held(job, "WITH " HELD ", g AS (SELECT id, user_id, lane, endpoint, cost, created_at FROM generations, held"
                     " WHERE id = held.ref AND status = 'pending' FOR NO KEY UPDATE OF generations),"
                     " q AS (INSERT INTO generation_queue (generation_id, user_id, lane, endpoint, cost, queued_at)"
                     " SELECT * FROM g ON CONFLICT (generation_id) DO UPDATE SET queued_at = excluded.queued_at"
                     " RETURNING generation_id)"
                     " DELETE FROM jobs USING q WHERE jobs.id = $1 RETURNING jobs.id");
}

struct query generation_seen(const struct job *job, bool running, int position)
{
    struct query q = held(
        job, "WITH " HELD " UPDATE generations SET queue_position = $4,"
             " status = CASE WHEN $3::boolean THEN 'running' ELSE status END,"
             " started_at = CASE WHEN $3::boolean THEN COALESCE(started_at, now()) ELSE started_at END FROM held"
             " WHERE id = held.ref AND status IN ('queued', 'running') AND (queue_position IS DISTINCT FROM $4::int"
             " OR ($3::boolean AND status = 'queued')) RETURNING id");

    query_add_bool(&q, running);
    if (running || position < 0)
        query_add_null(&q);
    else
        query_add_int64(&q, position);
    return q;
}

#define KEEP_OUTPUTS(source, outputs)                                                                                  \
    " outputs AS (INSERT INTO generation_outputs (generation_id, position, image_id, url, has_nsfw_content)"           \
    " SELECT r.id, o.position, o.image_id, o.url, o.nsfw FROM " source " r, json_to_recordset(" outputs "::json)"      \
    " AS o (position smallint, image_id uuid, url text, nsfw boolean) ON CONFLICT DO NOTHING)"

struct query generation_made(const struct job *job, uint64_t seed, const char *outputs)
{
    struct query q =
        held(job, "WITH " HELD ", g AS (UPDATE generations SET status = 'storing', seed = $3,"
                  " queue_position = NULL, started_at = COALESCE(started_at, (SELECT max(sent_at) FROM submissions"
                  " WHERE generation_id = held.ref)) FROM held WHERE id = held.ref AND status IN ('queued', 'running')"
                  " RETURNING id)," KEEP_OUTPUTS("g", "$4") " SELECT 1 FROM g");

    query_add_uint64(&q, seed);
    query_add_text(&q, outputs);
    return q;
}

#define CLOSE_ATTEMPTS                                                                                                 \
    " s AS (UPDATE submissions SET state = 'failed' FROM g WHERE generation_id = g.id AND state IN " OPEN ")"

struct query generation_failed(const struct job *job, const char *code)
{
    struct query q =
        held(job, "WITH " HELD ", g AS (UPDATE generations SET status = 'failed', error_code = $3, finished_at = now(),"
                  " queue_position = NULL FROM held WHERE id = held.ref AND status NOT IN " GENERATION_FINAL
                  " RETURNING id)," CLOSE_ATTEMPTS " SELECT 1 FROM g");

    query_add_text(&q, code);
    return q;
}

struct query generation_cancelled(const struct job *job)
{
    return held(job, "WITH " HELD ", g AS (UPDATE generations SET status = 'cancelled', finished_at = now(),"
                     " queue_position = NULL FROM held WHERE id = held.ref AND status NOT IN " GENERATION_FINAL
                     " RETURNING id)," CLOSE_ATTEMPTS " SELECT 1 FROM g");
}

#define ALL_HIDDEN "(SELECT bool_and(has_nsfw_content) FROM images WHERE generation_id = held.ref)"

struct query generation_completed(const struct job *job)
{
    return held(
        job, "WITH " HELD ", g AS (UPDATE generations SET finished_at = now(),"
             " status = CASE WHEN " ALL_HIDDEN " THEN 'failed' ELSE 'completed' END,"
             " error_code = CASE WHEN " ALL_HIDDEN " THEN 'nsfw_result' END"
             " FROM held WHERE id = held.ref AND status IN ('storing', 'failed') RETURNING id),"
             " s AS (UPDATE submissions SET state = CASE WHEN request_id IS NULL THEN 'abandoned' ELSE 'completed' END"
             " FROM g WHERE generation_id = g.id AND state IN ('sending', 'unknown', 'accepted', 'review')),"
             " o AS (DELETE FROM generation_outputs USING g WHERE generation_id = g.id) SELECT 1 FROM g");
}

#define KEEP_RESULT KEEP_OUTPUTS("result", "COALESCE($5::text, '[]')")
#define UNQUEUE_MOVED UNQUEUE("g")
#define JOB_FOR_WAITING JOB_FOR("waits")
#define SEED_HEARD                                                                                                     \
    "seed = COALESCE($4::numeric, generations.seed, s.seed), started_at = COALESCE(started_at, s.sent_at)"

struct query attempt_notified(int64_t id, const char *request_id, bool ok, const char *seed, const char *outputs)
{
    struct query q = query_write(
        "WITH " LOCK_ALL_OF_SUBMISSION " s AS (UPDATE submissions SET request_id = $2, state ="
        " " STATE_WHEN_ACCEPTED " WHERE id = $1 AND (request_id IS NULL OR request_id = $2) AND " ALL_LOCKED
        " RETURNING generation_id, state, sent_at, seed),"
        " news AS (INSERT INTO webhook_inbox (request_id, ok, generation_id) SELECT $2, $3, generation_id FROM s"
        " ON CONFLICT DO NOTHING RETURNING generation_id AS id),"
        " g AS (UPDATE generations SET queue_position = NULL, " SEED_HEARD
        ", status = CASE WHEN $5::text IS NULL THEN 'queued' ELSE 'storing' END FROM s"
        " WHERE generations.id = s.generation_id AND CASE WHEN $5::text IS NULL THEN status IN"
        " ('pending', 'submitting') AND s.state = 'accepted'"
        " ELSE status IN ('pending', 'submitting', 'queued', 'running') END RETURNING generations.id),"
        " late AS (UPDATE generations SET " SEED_HEARD " FROM news, s WHERE generations.id = news.id"
        " AND status = 'failed' AND $5::text IS NOT NULL RETURNING generations.id),"
        " result AS (SELECT id FROM g UNION ALL SELECT id FROM late)," KEEP_RESULT "," UNQUEUE_MOVED ","
        " waits AS (SELECT id FROM g UNION SELECT generations.id FROM generations, news WHERE generations.id = news.id"
        " AND status NOT IN ('pending', 'completed', 'cancelled')), called AS (" JOB_FOR_WAITING
        " DO UPDATE SET signals = j.signals + 1, run_at = LEAST(j.run_at, now()),"
        " state = CASE WHEN j.state = 'dead' THEN 'ready' ELSE j.state END) SELECT 1 FROM news");

    query_alone(&q);
    query_add_int64(&q, id);
    query_add_text(&q, request_id);
    query_add_bool(&q, ok);
    query_add_text(&q, seed);
    query_add_text(&q, outputs);
    return q;
}

struct query attempt_signalled(const char *request_id)
{
    struct query q =
        query_write("WITH s AS (SELECT generation_id AS id FROM submissions WHERE request_id = $1) " JOB_SIGNAL(
            "generation", "s") " RETURNING 1");

    query_alone(&q);
    query_add_text(&q, request_id);
    return q;
}
