#include "trainings/training.h"

#include <string.h>

#include "http/problem.h"
#include "jobs/job.h"

#define COPY(member) (void)text_copy(t.member, sizeof t.member, row_piece(&row))

/* How long it still takes: as such trainings took until now, from its sending on; never less than a few seconds. One
   that is not sent within a minute waits for what nobody can time: the provider, or the storage. */
#define SECONDS_LEFT                                                                                                   \
    "CASE WHEN t.status IN " TRAINING_FINAL " OR t.status = 'pending' AND t.created_at < now() - interval '1 minute'"  \
    " THEN -1 ELSE greatest(5, COALESCE((SELECT p.seconds FROM paces p"                                                \
    " WHERE p.endpoint = t.endpoint AND p.preset = t.preset AND p.num_images = 1), t.expected_seconds)"                \
    " - extract(epoch FROM now() - COALESCE(t.sent_at, now())))::bigint END"
/* What it waits for, other than its own work: the way to the provider is shut, was shut a moment ago, or its answer was
   lost. */
#define WAITING                                                                                                        \
    "CASE WHEN t.status = 'submitting' AND t.sent_at < now() - interval '10 seconds' THEN 'waiting_checked'"           \
    " WHEN t.status = 'pending' THEN COALESCE((SELECT CASE WHEN bool_or(b.endpoint = '') THEN 'waiting_stopped'"       \
    " ELSE 'waiting_provider' END FROM breakers b WHERE b.endpoint IN ('', t.endpoint) AND b.open_until IS NOT NULL"   \
    " HAVING count(*) > 0), CASE WHEN t.attempts > 0 THEN 'waiting_provider' END) END"
#define COLUMNS                                                                                                        \
    "t.id, t.avatar_id, t.status, t.version, t.preset, t.endpoint, t.photos, t.cost, COALESCE(t.charged, -1),"         \
    " t.progress, COALESCE(t.queue_position, -1), " SECONDS_LEFT ", t.cancel_requested, t.error_code, t.created_at,"   \
    " t.started_at, t.finished_at, " WAITING

struct training training_from_row(struct row row)
{
    struct training t;

    t.id = row_uuid(&row);
    t.avatar = row_uuid(&row);
    COPY(status);
    t.version = row_int64(&row);
    COPY(preset);
    COPY(endpoint);
    t.photos = row_int64(&row);
    t.cost = row_int64(&row);
    t.charged = row_int64(&row);
    t.progress = row_int64(&row);
    t.queue_position = row_int64(&row);
    t.seconds_left = row_int64(&row);
    t.cancel_requested = row_bool(&row);
    COPY(error_code);
    row_time(&row, t.created_at);
    row_time(&row, t.started_at);
    row_time(&row, t.finished_at);
    COPY(waiting_for);
    if (*t.waiting_for)
        t.seconds_left = -1; /* nobody can time what others do */
    return t;
}

bool training_status_is_final(const char *status)
{
    return strcmp(status, "completed") == 0 || strcmp(status, "failed") == 0 || strcmp(status, "cancelled") == 0;
}

static void write_known(struct json_out *out, const char *key, int64_t value)
{
    if (value < 0)
        json_key_null(out, key);
    else
        json_key_int64(out, key, value);
}

static const char *text_or_null(const char *text) { return *text ? text : NULL; }

void training_write(struct json_out *out, const struct training *t, enum lang lang)
{
    json_object(out);
    json_key_text(out, "id", t->id.text);
    json_key_text(out, "avatar_id", t->avatar.text);
    json_key_text(out, "status", t->status);
    json_key_int64(out, "version", t->version);
    json_key_text(out, "preset", t->preset);
    json_key_text(out, "endpoint", t->endpoint);
    json_key_int64(out, "photos", t->photos);
    json_key_int64(out, "progress", t->progress);
    write_known(out, "queue_position", t->queue_position);
    write_known(out, "eta_seconds", t->seconds_left);
    json_key_bool(out, "cancel_requested", t->cancel_requested);
    json_key_int64(out, "cost", t->charged < 0 ? t->cost : t->charged);
    problem_write_notice(out, "waiting", t->waiting_for, lang);
    problem_write_notice(out, "error", t->error_code, lang);
    json_key_text(out, "created_at", t->created_at);
    json_key_text(out, "started_at", text_or_null(t->started_at));
    json_key_text(out, "finished_at", text_or_null(t->finished_at));
    json_end_object(out);
}

struct query training_latest(struct uuid user, struct uuid avatar)
{
    struct query q = query_read("SELECT " COLUMNS " FROM trainings t JOIN avatars a ON a.id = t.avatar_id"
                                " WHERE t.avatar_id = $2 AND t.user_id = $1 AND a.deleted_at IS NULL"
                                " ORDER BY t.id DESC LIMIT 1");

    query_add_uuid(&q, user);
    query_add_uuid(&q, avatar);
    return q;
}

struct query training_by_id(struct uuid user, struct uuid id)
{
    struct query q = query_read("SELECT " COLUMNS " FROM trainings t WHERE t.user_id = $1 AND t.id = $2");

    query_add_uuid(&q, user);
    query_add_uuid(&q, id);
    return q;
}

#define ITS_ID "(SELECT id FROM trainings WHERE avatar_id = $2 AND user_id = $1 AND status NOT IN " TRAINING_FINAL ")"

struct query training_cancel(struct uuid user, struct uuid avatar)
{
    struct query q = query_write("WITH job AS (" JOB_LOCK(
        "training", ITS_ID) "), t AS (UPDATE trainings SET cancel_requested = true,"
                            " status = CASE WHEN status = 'pending' THEN 'cancelled' ELSE status END,"
                            " finished_at = CASE WHEN status = 'pending' THEN now() END"
                            " WHERE id = " ITS_ID " AND user_id = $1 AND " JOB_LOCKED
                            " AND status NOT IN " TRAINING_FINAL " RETURNING *),"
                            " signal AS (" JOB_SIGNAL("training", "t") ") SELECT " COLUMNS " FROM t");

    query_alone(&q);
    query_add_uuid(&q, user);
    query_add_uuid(&q, avatar);
    return q;
}
