#include "trainings/training_notice.h"

#include "jobs/job.h"
#include "trainings/training.h"

/* The training t that a notification names by its attempt $1 (0: not) or its request $2, and its avatar $3 (NULL: not
   said); the request is no other's. */
#define NAMED                                                                                                          \
    "NOT EXISTS (SELECT FROM trainings o WHERE o.request_id = $2 AND o.id <> t.id)"                                    \
    " AND (attempt = $1 AND (request_id IS NULL OR request_id = $2) OR request_id = $2 AND $1::bigint = 0)"            \
    " AND ($3::uuid IS NULL OR avatar_id = $3)"
#define LISTENS                                                                                                        \
    "(status NOT IN " TRAINING_FINAL                                                                                   \
    " OR (status = 'failed' AND error_code IN ('training_unknown', 'provider_timeout') AND NOT cancel_requested))"

struct query training_notified(int64_t attempt, const char *request_id, struct uuid avatar)
{
    struct query q = query_write(
        "WITH wanted AS MATERIALIZED (SELECT id FROM trainings t WHERE " NAMED " AND " LISTENS "),"
        " job AS (" JOB_LOCK(
            "training",
            "(SELECT id FROM wanted)") "),"
                                       " t AS (UPDATE trainings SET request_id = $2, told_late = status = 'failed',"
                                       " status = CASE WHEN status IN ('pending', 'submitting') THEN 'queued' ELSE "
                                       "status END"
                                       " WHERE id = (SELECT id FROM wanted) AND " JOB_LOCKED
                                       " AND (request_id IS NULL OR request_id = $2)"
                                       " AND " LISTENS " RETURNING id, told_late)"
                                       " INSERT INTO jobs AS j (kind, ref) SELECT 'training', id FROM t ON CONFLICT "
                                       "(kind, ref) DO UPDATE SET"
                                       " signals = j.signals + 1, run_at = LEAST(j.run_at, now()),"
                                       " state = CASE WHEN j.state = 'dead' AND (SELECT told_late FROM t) THEN 'ready' "
                                       "ELSE j.state END RETURNING 1");

    query_alone(&q);
    query_add_int64(&q, attempt);
    query_add_text(&q, request_id);
    query_add_uuid(&q, avatar);
    return q;
}
