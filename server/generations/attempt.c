#include "generations/attempt.h"

#include "events/event.h"

#define HELD "held AS (SELECT ref FROM jobs WHERE id = $1 AND epoch = $2 AND state = 'leased' FOR UPDATE)"
#define TELL " event AS (" EVENT_INSERT("g", "generation", "updated", "status", "NULL::int") ")"

struct query attempt_load(struct uuid generation)
{
    struct query q = query_read(
        "SELECT g.status, g.user_id, g.endpoint, g.input, g.wanted_seed, g.cancel_requested, g.expected_seconds,"
        " COALESCE(s.id, 0), s.state, s.seed, s.journal, s.request_id, s.status_url, s.response_url, s.cancel_url,"
        " extract(epoch FROM s.sent_at)::bigint, extract(epoch FROM now() - s.sent_at)::bigint, s.resolve_by < now()"
        " FROM generations g LEFT JOIN LATERAL (SELECT * FROM submissions WHERE generation_id = g.id"
        " ORDER BY attempt DESC LIMIT 1) s ON true WHERE g.id = $1");

    query_add_uuid(&q, generation);
    return q;
}

struct attempt attempt_from_row(struct row row)
{
    struct attempt a;

    a.status = row_text(&row);
    a.user = row_uuid(&row);
    a.endpoint = row_text(&row);
    a.input = row_piece(&row);
    a.has_wanted_seed = !row_is_null(&row);
    a.wanted_seed = row_uint64(&row);
    a.cancel_requested = row_bool(&row);
    a.expected_seconds = row_int64(&row);
    a.id = row_int64(&row);
    a.state = row_text(&row);
    a.seed = row_uint64(&row);
    a.journal = row_text_or_null(&row);
    a.request_id = row_text_or_null(&row);
    a.status_url = row_text_or_null(&row);
    a.response_url = row_text_or_null(&row);
    a.cancel_url = row_text_or_null(&row);
    a.sent_at_s = row_int64(&row);
    a.age_s = row_int64(&row);
    a.search_over = row_bool(&row);
    return a;
}

static struct query held(const struct job *job, const char *sql)
{
    struct query q = query_write(sql);

    query_add_int64(&q, job->id);
    query_add_int64(&q, job->epoch);
    return q;
}

struct query attempt_begin(const struct job *job, uint64_t seed, const char *journal)
{
    struct query q = held(
        job, "WITH " HELD ", g AS (UPDATE generations SET status = 'submitting', version = version + 1 FROM held"
             " WHERE id = held.ref AND status = 'pending' RETURNING id, user_id, endpoint)"
             " INSERT INTO submissions (generation_id, user_id, attempt, state, endpoint, seed, journal)"
             " SELECT id, user_id, (SELECT COALESCE(max(attempt), 0) + 1 FROM submissions WHERE generation_id = g.id),"
             " 'sending', endpoint, $3, $4 FROM g RETURNING id");

    query_add_uint64(&q, seed);
    query_add_text(&q, journal);
    return q;
}

#define LOCK_JOB JOB_LOCK("generation", "$1")

struct query attempt_accepted(struct uuid generation, int64_t id, const struct fal_ticket *ticket)
{
    struct query q = query_write(
        "WITH job AS (" LOCK_JOB "), s AS (UPDATE submissions SET request_id = COALESCE(request_id, $3),"
        " status_url = $4, response_url = $5, cancel_url = $6,"
        " state = CASE WHEN state IN ('sending', 'unknown', 'rejected') THEN 'accepted' ELSE state END"
        " WHERE id = $2 AND generation_id = $1 AND " JOB_LOCKED " RETURNING generation_id),"
        " g AS (UPDATE generations SET status = 'queued', version = version + 1 FROM s"
        " WHERE id = s.generation_id AND status IN ('pending', 'submitting')" /* pending: taken for rejected */
        " RETURNING id, user_id, status)," TELL " SELECT 1 FROM s");

    query_add_uuid(&q, generation);
    query_add_int64(&q, id);
    query_add_text(&q, ticket->request_id);
    query_add_text(&q, ticket->status_url);
    query_add_text(&q, ticket->response_url);
    query_add_text(&q, ticket->cancel_url);
    return q;
}

struct query attempt_rejected(const struct job *job, int64_t id)
{
    struct query q = held(
        job, "WITH " HELD ", s AS (UPDATE submissions SET state = 'rejected' FROM held WHERE generation_id = held.ref"
             " AND id = $3 AND state IN ('sending', 'unknown') RETURNING generation_id)"
             " UPDATE generations SET status = 'pending', version = version + 1 FROM s"
             " WHERE id = s.generation_id AND status = 'submitting' RETURNING id");

    query_add_int64(&q, id);
    return q;
}

struct query attempt_unknown(const struct job *job, int64_t id)
{
    /* 300 s to start at most, 120 s to run, 15 s for the first notification, and some. */
    struct query q = held(job, "WITH " HELD " UPDATE submissions SET state = 'unknown', resolve_by = sent_at"
                               " + interval '500 seconds' FROM held WHERE generation_id = held.ref AND id = $3"
                               " AND state = 'sending' RETURNING id");

    query_add_int64(&q, id);
    return q;
}

struct query generation_seen(const struct job *job, bool running, int position)
{
    struct query q = held(
        job, "WITH " HELD ", g AS (UPDATE generations SET version = version + 1, queue_position = $4,"
             " status = CASE WHEN $3::boolean THEN 'running' ELSE status END,"
             " started_at = CASE WHEN $3::boolean THEN COALESCE(started_at, now()) ELSE started_at END FROM held"
             " WHERE id = held.ref AND status IN ('queued', 'running') AND (queue_position IS DISTINCT FROM $4::int"
             " OR ($3::boolean AND status = 'queued')) RETURNING id, user_id, status)," TELL " SELECT 1 FROM g");

    query_add_bool(&q, running);
    if (running || position < 0)
        query_add_null(&q);
    else
        query_add_int64(&q, position);
    return q;
}

#define KEEP_OUTPUTS(outputs)                                                                                          \
    " outputs AS (INSERT INTO generation_outputs (generation_id, position, image_id, url, has_nsfw_content)"           \
    " SELECT g.id, o.position, o.image_id, o.url, o.nsfw FROM g, json_to_recordset(" outputs "::json)"                 \
    " AS o (position smallint, image_id uuid, url text, nsfw boolean) ON CONFLICT DO NOTHING)"

struct query generation_made(const struct job *job, uint64_t seed, const char *outputs)
{
    struct query q = held(
        job, "WITH " HELD ", g AS (UPDATE generations SET status = 'storing', version = version + 1, seed = $3,"
             " queue_position = NULL, started_at = COALESCE(started_at, (SELECT max(sent_at) FROM submissions"
             " WHERE generation_id = held.ref)) FROM held"
             " WHERE id = held.ref AND status IN ('queued', 'running') RETURNING id, user_id, status)," KEEP_OUTPUTS(
                 "$4") "," TELL " SELECT 1 FROM g");

    query_add_uint64(&q, seed);
    query_add_text(&q, outputs);
    return q;
}

struct query generation_failed(const struct job *job, const char *code)
{
    struct query q =
        held(job, "WITH " HELD ", g AS (UPDATE generations SET status = 'failed', error_code = $3, finished_at = now(),"
                  " version = version + 1, queue_position = NULL FROM held WHERE id = held.ref"
                  " AND status NOT IN ('completed', 'failed', 'cancelled') RETURNING id, user_id, status),"
                  " s AS (UPDATE submissions SET state = 'failed' FROM g WHERE generation_id = g.id"
                  " AND state IN ('sending', 'unknown', 'accepted'))," TELL " SELECT 1 FROM g");

    query_add_text(&q, code);
    return q;
}

struct query generation_cancelled(const struct job *job)
{
    return held(job, "WITH " HELD ", g AS (UPDATE generations SET status = 'cancelled', finished_at = now(),"
                     " version = version + 1, queue_position = NULL FROM held WHERE id = held.ref"
                     " AND status NOT IN ('completed', 'failed', 'cancelled') RETURNING id, user_id, status),"
                     " s AS (UPDATE submissions SET state = 'failed' FROM g WHERE generation_id = g.id"
                     " AND state IN ('sending', 'unknown', 'accepted'))," TELL " SELECT 1 FROM g");
}

struct query generation_completed(const struct job *job)
{
    return held(job,
                "WITH " HELD ", g AS (UPDATE generations SET status = 'completed', finished_at = now(),"
                " version = version + 1 FROM held WHERE id = held.ref AND status = 'storing'"
                " RETURNING id, user_id, status),"
                " s AS (UPDATE submissions SET state = 'completed' FROM g WHERE generation_id = g.id"
                " AND state IN ('sending', 'unknown', 'accepted', 'rejected') AND request_id IS NOT NULL),"
                " o AS (DELETE FROM generation_outputs USING g WHERE generation_id = g.id)," TELL " SELECT 1 FROM g");
}

#define LOCK_JOB_OF_SUBMISSION JOB_LOCK("generation", "(SELECT generation_id FROM submissions WHERE id = $1)")
#define SIGNAL_NEWS JOB_SIGNAL("generation", "news")

struct query attempt_notified(int64_t id, const char *request_id, bool ok, const char *seed, const char *outputs)
{
    struct query q = query_write(
        "WITH job AS (" LOCK_JOB_OF_SUBMISSION "), s AS (UPDATE submissions SET request_id = $2,"
        " state = CASE WHEN state IN ('sending', 'unknown', 'rejected') THEN 'accepted' ELSE state END"
        " WHERE id = $1 AND (request_id IS NULL OR request_id = $2) AND " JOB_LOCKED
        " RETURNING generation_id, sent_at),"
        " news AS (INSERT INTO webhook_inbox (request_id, ok, generation_id) SELECT $2, $3, generation_id FROM s"
        " ON CONFLICT DO NOTHING RETURNING generation_id AS id),"
        " g AS (UPDATE generations SET version = version + 1, queue_position = NULL,"
        " seed = COALESCE($4::numeric, seed), started_at = COALESCE(started_at, (SELECT sent_at FROM s)),"
        " status = CASE WHEN $5::text IS NULL THEN 'queued' ELSE 'storing' END FROM news"
        " WHERE generations.id = news.id AND (status IN ('pending', 'submitting')"
        " OR ($5::text IS NOT NULL AND status IN ('queued', 'running')))"
        " RETURNING generations.id, user_id, status)," KEEP_OUTPUTS(
            "COALESCE($5::text, '[]')") ","
                                        " signal AS (" SIGNAL_NEWS ")," TELL " SELECT 1 FROM news");

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

    query_add_text(&q, request_id);
    return q;
}
