#include "generations/generation_sweeps.h"

enum { EVERY_S = 30, PAGE = 500, SUMS_PAGE = 100 };

#define FINAL "('completed', 'failed', 'cancelled')"
#define ZERO "'00000000-0000-0000-0000-000000000000'"
#define PLACE_UUID "COALESCE(NULLIF($1, ''), " ZERO ")::uuid"
/* The n-th part of a place with several, ordinary text between blanks. */
#define PART(n, otherwise) "COALESCE(NULLIF(split_part($1, ' ', " #n "), ''), " otherwise ")"
#define HAS_JOB "EXISTS (SELECT FROM jobs j WHERE j.kind = 'generation' AND j.ref = g.id)"
#define IS_QUEUED "EXISTS (SELECT FROM generation_queue q WHERE q.generation_id = g.id)"

/* Not in the first minute, though it would be right: who looks at what is new is in nobody's way. */
#define IS_LOST                                                                                                        \
    "g.created_at < now() - interval '1 minute' AND NOT " IS_QUEUED " AND NOT " HAS_JOB " AND g.status NOT IN " FINAL

const struct sweep GENERATION_LOST = {
    .name = "generation_lost",
    .every_s = EVERY_S,
    .limit = PAGE,
    .find = "SELECT concat_ws(' ', user_id, avatar_id, id), id, " IS_LOST " FROM (SELECT * FROM generations"
            " WHERE status NOT IN " FINAL
            " AND (user_id, avatar_id, id) > (" PART(1, ZERO) "::uuid, " PART(2, ZERO) "::uuid, " PART(
                3, ZERO) "::uuid) ORDER BY user_id, avatar_id, id LIMIT $2) g ORDER BY user_id, avatar_id, id",
    /* One that is locked is being worked on after all. */
    .mend = "WITH " SWEEP_LOCK ", lost AS (SELECT id, user_id, lane, endpoint, cost, status FROM generations g"
            " WHERE id = $3 AND " IS_LOST " AND " SWEEP_LEADS " FOR NO KEY UPDATE SKIP LOCKED),"
            " q AS (INSERT INTO generation_queue (generation_id, user_id, lane, endpoint, cost)"
            " SELECT id, user_id, lane, endpoint, cost FROM lost WHERE status = 'pending' ON CONFLICT DO NOTHING"
            " RETURNING 1),"
            " j AS (INSERT INTO jobs (kind, ref) SELECT 'generation', id FROM lost WHERE status <> 'pending'"
            " ON CONFLICT DO NOTHING RETURNING 1) SELECT FROM q UNION ALL SELECT FROM j",
};

/* A slot that a worker is just about to use has a job. Should an admission give one to the same generation at this very
   moment, its job finds no slot and goes back to its turn. */
#define IS_STALE                                                                                                       \
    "(g.status IN ('storing', 'completed', 'failed', 'cancelled') OR (g.status = 'pending' AND NOT " HAS_JOB "))"

const struct sweep SLOT_STALE = {
    .name = "slot_stale",
    .every_s = EVERY_S,
    .limit = PAGE,
    .find = "SELECT s.generation_id, s.generation_id, " IS_STALE " FROM slots s JOIN generations g"
            " ON g.id = s.generation_id WHERE s.generation_id > " PLACE_UUID " ORDER BY s.generation_id LIMIT $2",
    .mend = "WITH " SWEEP_LOCK " DELETE FROM slots s USING generations g WHERE s.generation_id = $3"
            " AND g.id = s.generation_id AND " IS_STALE " AND " SWEEP_LEADS,
};

const struct sweep QUEUE_STALE = {
    .name = "queue_stale",
    .every_s = EVERY_S,
    .limit = PAGE,
    .find = "SELECT q.generation_id, q.generation_id, g.status <> 'pending' FROM generation_queue q"
            " JOIN generations g ON g.id = q.generation_id WHERE q.generation_id > " PLACE_UUID
            " ORDER BY q.generation_id LIMIT $2",
    .mend = "WITH " SWEEP_LOCK ", g AS (SELECT id FROM generations WHERE id = $3 AND status <> 'pending'"
            " AND " SWEEP_LEADS " FOR NO KEY UPDATE SKIP LOCKED)"
            " DELETE FROM generation_queue q USING g WHERE q.generation_id = g.id",
};

#define FLOW_OF(q) "f.user_id = " q ".user_id AND f.lane = " q ".lane AND f.endpoint = " q ".endpoint"
#define TURNS_OF_FLOW                                                                                                  \
    "(SELECT count(*) FROM generation_queue q WHERE q.user_id = f.user_id AND q.lane = f.lane"                         \
    " AND q.endpoint = f.endpoint)"

/* Who counts at the same time waits for this row, or this statement for theirs and then does nothing: FLOW_COUNT sees
   to what was counted meanwhile. */
const struct sweep FLOW_MISSING = {
    .name = "flow_missing",
    .every_s = EVERY_S,
    .limit = PAGE,
    .find = "SELECT q.generation_id, q.generation_id, NOT EXISTS (SELECT FROM flows f WHERE " FLOW_OF(
        "q") ")"
             " FROM generation_queue q WHERE q.generation_id > " PLACE_UUID " ORDER BY q.generation_id LIMIT $2",
    .mend = "WITH " SWEEP_LOCK " INSERT INTO flows (user_id, lane, endpoint, waiting, vt)"
            " SELECT f.user_id, f.lane, f.endpoint, " TURNS_OF_FLOW ", (SELECT vnow FROM admission)"
            " FROM generation_queue f WHERE f.generation_id = $3 AND " SWEEP_LEADS " ON CONFLICT DO NOTHING",
};

/* Flow and turns change in one transaction, so how far they are apart in one snapshot is the error, whatever comes or
   goes while this waits for the row: the error is taken off what is there then. */
const struct sweep FLOW_COUNT = {
    .name = "flow_count",
    .every_s = EVERY_S,
    .limit = SUMS_PAGE,
    .find =
        "SELECT concat_ws(' ', user_id, lane, endpoint), concat_ws(' ', user_id, lane, endpoint),"
        " waiting <> " TURNS_OF_FLOW " FROM flows f WHERE (user_id, lane, endpoint) > (" PART(1, ZERO) "::uuid, " PART(
            2, "'-1'") "::smallint, " PART(3, "''") ") ORDER BY user_id, lane, endpoint LIMIT $2",
    .mend =
        "WITH " SWEEP_LOCK ", e AS MATERIALIZED (SELECT user_id, lane, endpoint, " TURNS_OF_FLOW " - waiting AS apart"
        " FROM flows f WHERE user_id = split_part($3, ' ', 1)::uuid AND lane = split_part($3, ' ', 2)::smallint"
        " AND endpoint = split_part($3, ' ', 3))"
        " UPDATE flows f SET waiting = f.waiting + e.apart FROM e WHERE " FLOW_OF("e") " AND e.apart <> 0"
                                                                                       " AND " SWEEP_LEADS,
};

/* A job that lives may still settle it. */
#define IS_OVER                                                                                                        \
    "s.state IN ('sending', 'unknown', 'accepted') AND g.status IN " FINAL                                             \
    " AND g.finished_at < now() - interval '1 minute' AND NOT EXISTS (SELECT FROM jobs j WHERE j.kind = 'generation'"  \
    " AND j.ref = g.id AND j.state <> 'dead')"

const struct sweep SUBMISSION_OPEN = {
    .name = "submission_open",
    .every_s = EVERY_S,
    .limit = PAGE,
    .find = "SELECT s.generation_id, s.id, " IS_OVER " FROM submissions s JOIN generations g ON g.id = s.generation_id"
            " WHERE s.state IN ('sending', 'unknown', 'accepted', 'review') AND s.generation_id > " PLACE_UUID
            " ORDER BY s.generation_id LIMIT $2",
    .mend = "WITH " SWEEP_LOCK " UPDATE submissions s SET state = CASE WHEN s.state <> 'accepted' THEN 'abandoned'"
            " WHEN g.status = 'completed' THEN 'completed' ELSE 'failed' END FROM generations g"
            " WHERE s.id = $3 AND g.id = s.generation_id AND " IS_OVER " AND " SWEEP_LEADS,
};

#define TOO_LONG "q.queued_at < now() - interval '24 hours'"

/* Its account and its turn follow by trigger. One that is just being admitted is looked at again when that is over. */
const struct sweep QUEUE_EXPIRED = {
    .name = "queue_expired",
    .every_s = EVERY_S,
    .limit = PAGE,
    .find = "SELECT to_char(q.queued_at, 'YYYY-MM-DD\"T\"HH24:MI:SS.USOF ') || q.generation_id, q.generation_id, true"
            " FROM generation_queue q WHERE " TOO_LONG " AND (q.queued_at, q.generation_id) > (" PART(
                1, "'-infinity'") "::timestamptz, " PART(2, ZERO) "::uuid)"
                                                                  " ORDER BY q.queued_at, q.generation_id LIMIT $2",
    .mend = "WITH " SWEEP_LOCK ", late AS (SELECT g.id FROM generation_queue q JOIN generations g"
            " ON g.id = q.generation_id WHERE g.id = $3 AND g.status = 'pending' AND " TOO_LONG " AND " SWEEP_LEADS
            " FOR NO KEY UPDATE SKIP LOCKED) UPDATE generations g SET status = 'failed', error_code = 'queue_expired',"
            " finished_at = now(), queue_position = NULL FROM late WHERE g.id = late.id",
};

const struct sweep ACCOUNT_SUMS = {
    .name = "account_sums",
    .every_s = EVERY_S,
    .limit = SUMS_PAGE,
    .find = "SELECT a.user_id, a.user_id, (a.held, a.unfinished, a.spent, a.granted)"
            " IS DISTINCT FROM (open.cost, open.count, book.spent, book.granted)"
            " FROM (SELECT * FROM accounts WHERE user_id > " PLACE_UUID " ORDER BY user_id LIMIT $2) a,"
            " LATERAL (SELECT COALESCE(sum(g.cost), 0) AS cost, count(*) FROM generations g"
            " WHERE g.user_id = a.user_id AND g.status NOT IN " FINAL ") open,"
            " LATERAL (SELECT COALESCE(sum(l.amount) FILTER (WHERE l.kind = 'settle'), 0) AS spent,"
            " COALESCE(sum(l.amount) FILTER (WHERE l.kind = 'grant'), 0) AS granted FROM ledger l"
            " WHERE l.user_id = a.user_id) book ORDER BY a.user_id",
};

/* What had ended before there was a ledger stands in it nowhere. */
const struct sweep LEDGER_ENDS = {
    .name = "ledger_ends",
    .every_s = EVERY_S,
    .limit = PAGE,
    .find = "SELECT id, id, CASE WHEN final THEN reserved AND NOT ended ELSE ended OR NOT reserved END FROM"
            " (SELECT id, status IN " FINAL " AS final,"
            " EXISTS (SELECT FROM ledger l WHERE l.generation_id = g.id AND l.kind = 'reserve') AS reserved,"
            " EXISTS (SELECT FROM ledger l WHERE l.generation_id = g.id AND l.kind IN ('settle', 'release')) AS ended"
            " FROM (SELECT id, status FROM generations WHERE id > " PLACE_UUID " ORDER BY id LIMIT $2) g) looked"
            " ORDER BY id",
};

const struct sweep JOB_DEAD = {
    .name = "job_dead",
    .every_s = EVERY_S,
    .limit = PAGE,
    .find = "SELECT j.id, j.ref, EXISTS (SELECT FROM generations g WHERE g.id = j.ref AND g.status NOT IN " FINAL ")"
            " FROM jobs j WHERE j.state = 'dead' AND j.kind = 'generation' AND j.id > " PART(
                1, "'0'") "::bigint"
                          " ORDER BY j.id LIMIT $2",
};
