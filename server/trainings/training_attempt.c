#include "trainings/training_attempt.h"

#include "avatars/avatar.h"
#include "jobs/paid_send.h"
#include "photos/photo.h"
#include "trainings/training.h"

#define HELD JOB_HOLDING

struct query training_load(struct uuid training)
{
    struct query q = query_read(
        "SELECT t.status, t.user_id, t.avatar_id, t.endpoint, (SELECT state FROM endpoint_states e"
        " WHERE e.endpoint = t.endpoint), t.input, t.cancel_requested, t.cost, t.progress,"
        " COALESCE((SELECT p.seconds FROM paces p WHERE p.endpoint = t.endpoint AND p.preset = t.preset"
        " AND p.num_images = 1), t.expected_seconds)::bigint, extract(epoch FROM now() - t.created_at)::bigint,"
        " EXISTS (SELECT FROM breakers WHERE endpoint IN (t.endpoint, '') AND (failures > 0 OR open_until IS NOT "
        "NULL)),"
        " EXISTS (SELECT FROM breakers WHERE endpoint IN (t.endpoint, '')"
        " AND NOT breaker_passes(open_until, probe_until)),"
        " t.archive_key, t.archive_url, COALESCE(extract(epoch FROM t.archive_until - now()), 0)::bigint,"
        " COALESCE(t.attempt, 0), t.attempts, t.journal, t.request_id, t.status_url, t.response_url, t.cancel_url,"
        " COALESCE(extract(epoch FROM t.sent_at), 0)::bigint,"
        " COALESCE(extract(epoch FROM now() - t.sent_at), 0)::bigint, t.looks, t.late_looks,"
        " COALESCE(extract(epoch FROM now() - t.started_at), -1)::bigint,"
        " t.result_lora_url, t.result_config_url, t.result_finetune_id, t.told_late,"
        " EXISTS (SELECT FROM trainings newer WHERE newer.avatar_id = t.avatar_id AND newer.id > t.id)"
        " OR EXISTS (SELECT FROM avatars a WHERE a.id = t.avatar_id AND a.deleted_at IS NOT NULL)"
        " FROM trainings t WHERE t.id = $1");

    query_add_uuid(&q, training);
    return q;
}

static void read_submission(struct training_attempt *a, struct row *row)
{
    a->id = row_int64(row);
    a->attempts = row_int64(row);
    a->journal = row_text_or_null(row);
    a->request_id = row_text_or_null(row);
    a->status_url = row_text_or_null(row);
    a->response_url = row_text_or_null(row);
    a->cancel_url = row_text_or_null(row);
    a->sent_at_s = row_int64(row);
    a->age_s = row_int64(row);
    a->looks = row_int64(row);
    a->late_looks = row_int64(row);
}

struct training_attempt training_attempt_from_row(struct row row)
{
    struct training_attempt a;

    a.status = row_text(&row);
    a.user = row_uuid(&row);
    a.avatar = row_uuid(&row);
    a.endpoint = row_text(&row);
    a.endpoint_state = row_text_or_null(&row);
    a.input = row_piece(&row);
    a.cancel_requested = row_bool(&row);
    a.cost = row_int64(&row);
    a.progress = row_int64(&row);
    a.expected_s = row_int64(&row);
    a.old_s = row_int64(&row);
    a.troubled = row_bool(&row);
    a.blocked = row_bool(&row);
    a.archive_key = row_text_or_null(&row);
    a.archive_url = row_text_or_null(&row);
    a.archive_left_s = row_int64(&row);
    read_submission(&a, &row);
    a.running_s = row_int64(&row);
    a.lora_url = row_text_or_null(&row);
    a.config_url = row_text_or_null(&row);
    a.finetune_id = row_text_or_null(&row);
    a.told_late = row_bool(&row);
    a.followed = row_bool(&row);
    return a;
}

#define held(job, sql) held_by(job, sql, __func__)
#define held_attempt(job, id, sql) held_attempt_by(job, id, sql, __func__)

static struct query held_by(const struct job *job, const char *sql, const char *name)
{
    struct query q = job_query_named(job, sql, name);

    query_alone(&q); /* what follows by trigger locks the account and the avatar */
    return q;
}

/* The same for a statement about the attempt $3. */
static struct query held_attempt_by(const struct job *job, int64_t id, const char *sql, const char *name)
{
    struct query q = held_by(job, sql, name);

    query_add_int64(&q, id);
    return q;
}

struct query training_packed(const struct job *job, const char *key, const char *url, int64_t lives_s)
{
    struct query q =
        held(job, "WITH " HELD ", was AS (SELECT t.archive_key FROM trainings t, held WHERE t.id = held.ref),"
                  " packed AS (UPDATE trainings SET archive_key = $3, archive_url = $4,"
                  " archive_until = now() + $5 * interval '1 second' FROM held"
                  " WHERE id = held.ref AND status = 'pending' RETURNING id),"
                  " thrown AS (INSERT INTO object_trash (bucket, object_key) SELECT '" PHOTO_BUCKET "', was.archive_key"
                  " FROM was, packed WHERE was.archive_key IS NOT NULL AND was.archive_key IS DISTINCT FROM $3 ON "
                  "CONFLICT DO NOTHING) SELECT id FROM packed");

    query_add_text(&q, key);
    query_add_text(&q, url);
    query_add_int64(&q, lives_s);
    return q;
}

struct query training_sending(const struct job *job, const char *journal)
{
    struct query q =
        held(job, "WITH " HELD " UPDATE trainings SET status = 'submitting', attempts = attempts + 1, journal = $3,"
                  " attempt = nextval(pg_get_serial_sequence('submissions', 'id')), sent_at = now(), looks = 0,"
                  " late_looks = 0, request_id = NULL FROM held WHERE id = held.ref AND status = 'pending'"
                  " AND NOT cancel_requested RETURNING attempt");

    query_add_text(&q, journal);
    return q;
}

struct query training_accepted(struct uuid training, int64_t attempt, const struct fal_ticket *ticket)
{
    struct query q = query_write("WITH job AS (" JOB_LOCK(
        "training", "$1") "), t AS (UPDATE trainings SET"
                          " request_id = COALESCE(request_id, $3), status_url = $4, response_url = $5, cancel_url = $6,"
                          " status = CASE WHEN status IN ('pending', 'submitting') THEN 'queued' ELSE status END"
                          " WHERE id = $1 AND attempt = $2 AND " JOB_LOCKED " RETURNING id) SELECT 1 FROM t");

    query_alone(&q);
    query_add_uuid(&q, training);
    query_add_int64(&q, attempt);
    query_add_text(&q, ticket->request_id);
    query_add_text(&q, ticket->status_url);
    query_add_text(&q, ticket->response_url);
    query_add_text(&q, ticket->cancel_url);
    return q;
}

struct query training_rejected(const struct job *job, int64_t attempt)
{
    return held_attempt(job, attempt,
                        "WITH " HELD " UPDATE trainings SET status = 'pending' FROM held WHERE id = held.ref"
                        " AND attempt = $3 AND status = 'submitting' AND request_id IS NULL RETURNING id");
}

struct query training_looked(const struct job *job, int64_t attempt)
{
    struct query q = held_attempt(job, attempt,
                                  "WITH " HELD " UPDATE trainings SET looks = looks + 1, late_looks = late_looks +"
                                  " (now() > sent_at + $4 * interval '1 second')::integer FROM held"
                                  " WHERE id = held.ref AND attempt = $3 AND status = 'submitting' RETURNING id");

    query_add_int64(&q, PAID_LISTED_S);
    return q;
}

struct query training_again(const struct job *job)
{
    return held(job, "WITH " HELD " UPDATE trainings SET status = 'pending', queue_position = NULL, attempt = NULL,"
                     " archive_url = NULL, archive_until = NULL, request_id = NULL, status_url = NULL, response_url = "
                     "NULL, cancel_url = NULL, started_at = NULL"
                     " FROM held WHERE id = held.ref AND status IN ('queued', 'running') RETURNING id");
}

struct query training_seen(const struct job *job, bool running, int position, int progress)
{
    struct query q = held(
        job, "WITH " HELD " UPDATE trainings SET queue_position = $4, progress = greatest(progress, $5::smallint),"
             " status = CASE WHEN $3::boolean THEN 'running' ELSE status END,"
             " started_at = CASE WHEN $3::boolean THEN COALESCE(started_at, now()) ELSE started_at END FROM held"
             " WHERE id = held.ref AND status IN ('queued', 'running') AND (queue_position IS DISTINCT FROM $4::int"
             " OR progress < $5::smallint OR ($3::boolean AND status = 'queued')) RETURNING id");

    query_add_bool(&q, running);
    if (running || position < 0)
        query_add_null(&q);
    else
        query_add_int64(&q, position);
    query_add_int64(&q, progress);
    return q;
}

static const char *text_or_null(const char *text) { return *text ? text : NULL; }

#define SET_RESULT "result_lora_url = $3, result_config_url = $4, result_finetune_id = $5"

static void add_result(struct query *q, const struct fal_outcome *outcome)
{
    query_add_text(q, text_or_null(outcome->lora_url));
    query_add_text(q, text_or_null(outcome->config_url));
    query_add_text(q, text_or_null(outcome->finetune_id));
}

struct query training_made(const struct job *job, const struct fal_outcome *outcome)
{
    struct query q =
        held(job, "WITH " HELD " UPDATE trainings SET status = 'storing', queue_position = NULL, progress ="
                  " greatest(progress, 96), started_at = COALESCE(started_at, sent_at), " SET_RESULT
                  " FROM held WHERE id = held.ref AND status IN ('queued', 'running') RETURNING id");

    add_result(&q, outcome);
    return q;
}

struct query training_failed(const struct job *job, const char *code)
{
    struct query q =
        held(job, "WITH " HELD " UPDATE trainings SET status = 'failed', error_code = $3, finished_at = now() FROM held"
                  " WHERE id = held.ref AND status NOT IN " TRAINING_FINAL " RETURNING id");

    query_add_text(&q, code);
    return q;
}

struct query training_cancelled(const struct job *job)
{
    return held(job, "WITH " HELD " UPDATE trainings SET status = 'cancelled', finished_at = now() FROM held"
                     " WHERE id = held.ref AND status NOT IN " TRAINING_FINAL " RETURNING id");
}

/* Of one that comes late the credits have been given back: it stays free. */
#define MAY_BE_COMPLETED "(t.status = 'storing' OR (t.status = 'failed' AND t.told_late))"

struct query training_completed(const struct job *job, const struct training_model *model)
{
    struct query q = held(
        job,
        "WITH " HELD ", given AS MATERIALIZED (SELECT training_deliver(t, $3, $4, $5, $6) FROM trainings t, held"
        " WHERE t.id = held.ref AND " MAY_BE_COMPLETED "),"
        " t AS (UPDATE trainings t SET status = 'completed', progress = 100, finished_at = now(), error_code = NULL,"
        " told_late = false FROM held WHERE t.id = held.ref AND " MAY_BE_COMPLETED
        " AND (SELECT count(*) FROM given) = 1 RETURNING id)"
        " SELECT 1 FROM t");

    query_add_text(&q, text_or_null(model->key));
    if (model->bytes)
        query_add_int64(&q, model->bytes);
    else
        query_add_null(&q);
    if (*model->key)
        query_add_bytes(&q, model->sha256, sizeof model->sha256);
    else
        query_add_null(&q);
    query_add_text(&q, text_or_null(model->config_key));
    return q;
}

struct query training_tidied(const struct job *job)
{
    return held(job, "WITH " HELD " UPDATE trainings SET archive_key = NULL, archive_url = NULL FROM held"
                     " WHERE id = held.ref AND status IN " TRAINING_FINAL " RETURNING id");
}

struct query training_abandoned(const struct job *job)
{
    return held(job, "WITH " HELD ", was AS (SELECT t.id, t.archive_key FROM trainings t, held WHERE t.id = held.ref"
                     " AND t.archive_key IS NOT NULL AND t.status IN " TRAINING_FINAL "),"
                     " thrown AS (INSERT INTO object_trash (bucket, object_key) SELECT '" PHOTO_BUCKET "', archive_key"
                     " FROM was ON CONFLICT DO NOTHING)"
                     " UPDATE trainings t SET archive_key = NULL, archive_url = NULL FROM was WHERE t.id = was.id"
                     " RETURNING t.id");
}

struct query training_made_late(const struct job *job, const struct fal_outcome *outcome)
{
    struct query q = held(job, "WITH " HELD " UPDATE trainings SET " SET_RESULT " FROM held WHERE id = held.ref"
                               " AND status = 'failed' AND told_late RETURNING id");

    add_result(&q, outcome);
    return q;
}

/* What was stored of it, perhaps, is thrown away, and that ends it for good. */
struct query training_late_over(const struct job *job)
{
    return held(job,
                "WITH " HELD ", was AS (SELECT t.id, t.avatar_id, num_nonnulls(result_lora_url, result_finetune_id) > 0"
                " AS made FROM trainings t, held WHERE t.id = held.ref AND status = 'failed' AND told_late),"
                " thrown AS (INSERT INTO object_trash (bucket, object_key) SELECT '" AVATAR_MODEL_BUCKET "',"
                " avatar_id || '/' || id || ending FROM was, unnest(ARRAY['.safetensors', '.json']) ending WHERE made"
                " ON CONFLICT DO NOTHING)"
                " UPDATE trainings t SET told_late = false, result_lora_url = NULL, result_config_url = NULL,"
                " result_finetune_id = NULL, error_code = CASE WHEN made THEN 'model_missing' ELSE error_code END"
                " FROM was WHERE t.id = was.id RETURNING t.id");
}
