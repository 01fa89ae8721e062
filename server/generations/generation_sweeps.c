#include "generations/generation_sweeps.h"

#include "generations/generation.h"

enum { EVERY_S = 30, GONE_EVERY_S = 3, PAGE = 500, SUMS_PAGE = 50 };

/* How long a page is stands in the text, too: the planner takes a parameter for a tenth of the table, and would read
   and sort that. What is looked up for each row stands in a subquery with a LIMIT, which can only be run row by row. */
#define PAGE_LIMIT " LIMIT 500"
#define SUMS_LIMIT " LIMIT 50"
#define ONE "LIMIT 1) IS NOT NULL"

#define ZERO "'00000000-0000-0000-0000-000000000000'"
#define PLACE_UUID "COALESCE(NULLIF($1, ''), " ZERO ")::uuid"
/* The parts of a place that has several, with blanks between them. */
#define PART_1_UUID "COALESCE(NULLIF(split_part($1, ' ', 1), ''), " ZERO ")::uuid"
#define PART_2_UUID "COALESCE(NULLIF(split_part($1, ' ', 2), ''), " ZERO ")::uuid"
#define PART_3_UUID "COALESCE(NULLIF(split_part($1, ' ', 3), ''), " ZERO ")::uuid"
#define PART_1_TIME "COALESCE(NULLIF(split_part($1, ' ', 1), ''), '-infinity')::timestamptz"
#define PART_2_LANE "COALESCE(NULLIF(split_part($1, ' ', 2), ''), '-1')::smallint"
#define PART_3_TEXT "split_part($1, ' ', 3)"

#define HAS_JOB "((SELECT 1 FROM jobs j WHERE j.kind = 'generation' AND j.ref = g.id " ONE ")"
#define HAS_TURN "((SELECT 1 FROM generation_queue q WHERE q.generation_id = g.id " ONE ")"
#define ITS_GENERATION "LATERAL (SELECT * FROM generations WHERE id = p.generation_id LIMIT 1) g"
#define TURNS_PAGE                                                                                                     \
    "(SELECT * FROM generation_queue WHERE generation_id > " PLACE_UUID " ORDER BY generation_id" PAGE_LIMIT ") p"

/* One of a sequential batch whose turn within it has not come (batches/batch_sweeps.h looks after those). */
#define WAITS_FOR_ITS_BATCH                                                                                            \
    "((SELECT 1 FROM batches b WHERE b.id = g.batch_id AND g.batch_position >= b.next_position " ONE ")"
/* Not in the first minute, though it would be right: who looks at what is new is in nobody's way. */
#define IS_LOST                                                                                                        \
    "(g.created_at < now() - interval '1 minute' AND NOT " HAS_TURN " AND NOT " HAS_JOB                                \
    " AND NOT " WAITS_FOR_ITS_BATCH " AND g.status NOT IN " GENERATION_FINAL ")"

const struct sweep GENERATION_LOST = {
    .name = "generation_lost",
    .every_s = EVERY_S,
    .limit = PAGE,
    .find = "SELECT concat_ws(' ', g.user_id, g.avatar_id, g.id), g.id, " IS_LOST " FROM (SELECT * FROM generations"
            " WHERE status NOT IN " GENERATION_FINAL " AND (user_id, avatar_id, id) > (" PART_1_UUID ", " PART_2_UUID
            ", " PART_3_UUID ") ORDER BY user_id, avatar_id, id" PAGE_LIMIT ") g"
            " ORDER BY g.user_id, g.avatar_id, g.id LIMIT $2",
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
    .find = "SELECT p.generation_id, p.generation_id, " IS_STALE " FROM (SELECT generation_id FROM slots"
            " WHERE generation_id > " PLACE_UUID " ORDER BY generation_id" PAGE_LIMIT ") p, " ITS_GENERATION
            " ORDER BY p.generation_id LIMIT $2",
    .mend = "WITH " SWEEP_LOCK " DELETE FROM slots s USING generations g WHERE s.generation_id = $3"
            " AND g.id = s.generation_id AND " IS_STALE " AND " SWEEP_LEADS,
};

const struct sweep QUEUE_STALE = {
    .name = "queue_stale",
    .every_s = EVERY_S,
    .limit = PAGE,
    .find = "SELECT p.generation_id, p.generation_id, g.status <> 'pending' FROM " TURNS_PAGE ", " ITS_GENERATION
            " ORDER BY p.generation_id LIMIT $2",
    .mend = "WITH " SWEEP_LOCK ", g AS (SELECT id FROM generations WHERE id = $3 AND status <> 'pending'"
            " AND " SWEEP_LEADS " FOR NO KEY UPDATE SKIP LOCKED)"
            " DELETE FROM generation_queue q USING g WHERE q.generation_id = g.id",
};

#define IS_FLOW_OF_P "f.user_id = p.user_id AND f.lane = p.lane AND f.endpoint = p.endpoint"
#define TURNS_OF_P                                                                                                     \
    "(SELECT count(*) FROM generation_queue q WHERE q.user_id = p.user_id AND q.lane = p.lane"                         \
    " AND q.endpoint = p.endpoint)"

/* Who counts at the same time waits for this row, or this statement for theirs and then does nothing: FLOW_COUNT sees
   to what was counted meanwhile. */
const struct sweep FLOW_MISSING = {
    .name = "flow_missing",
    .every_s = EVERY_S,
    .limit = PAGE,
    .find = "SELECT p.generation_id, p.generation_id, (SELECT 1 FROM flows f WHERE " IS_FLOW_OF_P
            " LIMIT 1) IS NULL FROM " TURNS_PAGE " ORDER BY p.generation_id LIMIT $2",
    .mend = "WITH " SWEEP_LOCK " INSERT INTO flows (user_id, lane, endpoint, waiting, vt)"
            " SELECT p.user_id, p.lane, p.endpoint, " TURNS_OF_P ", (SELECT vnow FROM admission)"
            " FROM generation_queue p WHERE p.generation_id = $3 AND " SWEEP_LEADS " ON CONFLICT DO NOTHING",
};

/* Flow and turns change in one transaction, so how far they are apart in one snapshot is the error, whatever comes or
   goes while this waits for the row: the error is taken off what is there then. */
const struct sweep FLOW_COUNT = {
    .name = "flow_count",
    .every_s = EVERY_S,
    .limit = SUMS_PAGE,
    .find = "SELECT concat_ws(' ', user_id, lane, endpoint), concat_ws(' ', user_id, lane, endpoint),"
            " waiting <> " TURNS_OF_P " FROM (SELECT * FROM flows WHERE (user_id, lane, endpoint) > (" PART_1_UUID
            ", " PART_2_LANE ", " PART_3_TEXT ") ORDER BY user_id, lane, endpoint" SUMS_LIMIT ") p"
            " ORDER BY user_id, lane, endpoint LIMIT $2",
    .mend = "WITH " SWEEP_LOCK ", p AS MATERIALIZED (SELECT user_id, lane, endpoint, " TURNS_OF_P " - waiting AS apart"
            " FROM flows p WHERE user_id = split_part($3, ' ', 1)::uuid AND lane = split_part($3, ' ', 2)::smallint"
            " AND endpoint = split_part($3, ' ', 3))"
            " UPDATE flows f SET waiting = f.waiting + p.apart FROM p WHERE " IS_FLOW_OF_P " AND p.apart <> 0"
            " AND " SWEEP_LEADS,
};

/* A job that lives may still settle it. */
#define IS_OVER                                                                                                        \
    "(p.state IN ('sending', 'unknown', 'accepted') AND g.status IN " GENERATION_FINAL                                 \
    " AND g.finished_at < now() - interval '1 minute' AND (SELECT 1 FROM jobs j WHERE j.kind = 'generation'"           \
    " AND j.ref = g.id AND j.state <> 'dead' LIMIT 1) IS NULL)"

const struct sweep SUBMISSION_OPEN = {
    .name = "submission_open",
    .every_s = EVERY_S,
    .limit = PAGE,
    .find = "SELECT p.generation_id, p.id, " IS_OVER " FROM (SELECT * FROM submissions"
            " WHERE state IN ('sending', 'unknown', 'accepted', 'review') AND generation_id > " PLACE_UUID
            " ORDER BY generation_id" PAGE_LIMIT ") p, " ITS_GENERATION " ORDER BY p.generation_id LIMIT $2",
    .mend = "WITH " SWEEP_LOCK " UPDATE submissions p SET state = CASE WHEN p.state <> 'accepted' THEN 'abandoned'"
            " WHEN g.status = 'completed' THEN 'completed' ELSE 'failed' END FROM generations g"
            " WHERE p.id = $3 AND g.id = p.generation_id AND " IS_OVER " AND " SWEEP_LEADS,
};

#define TOO_LONG "q.queued_at < now() - interval '24 hours'"

/* Its account and its turn follow by trigger. One that is just being admitted is looked at again when that is over. */
const struct sweep QUEUE_EXPIRED = {
    .name = "queue_expired",
    .every_s = EVERY_S,
    .limit = PAGE,
    .find =
        "SELECT to_char(q.queued_at, 'YYYY-MM-DD\"T\"HH24:MI:SS.USOF ') || q.generation_id, q.generation_id, true"
        " FROM (SELECT * FROM generation_queue q WHERE " TOO_LONG " AND (q.queued_at, q.generation_id) > (" PART_1_TIME
        ", " PART_2_UUID ") ORDER BY q.queued_at, q.generation_id" PAGE_LIMIT ") q"
        " ORDER BY q.queued_at, q.generation_id LIMIT $2",
    .mend = "WITH " SWEEP_LOCK ", late AS (SELECT g.id FROM generation_queue q JOIN generations g"
            " ON g.id = q.generation_id WHERE g.id = $3 AND g.status = 'pending' AND " TOO_LONG " AND " SWEEP_LEADS
            " FOR NO KEY UPDATE SKIP LOCKED) UPDATE generations g SET status = 'failed', error_code = 'queue_expired',"
            " finished_at = now(), queue_position = NULL FROM late WHERE g.id = late.id",
};

#define SWITCHED_OFF "(SELECT endpoint FROM endpoint_states WHERE state = 'gone')"

/* By the flows: there are few, however long the queue is. */
const struct sweep QUEUE_GONE = {
    .name = "queue_gone",
    .every_s = GONE_EVERY_S,
    .limit = PAGE,
    .find = "SELECT q.generation_id, q.generation_id, true FROM flows f, LATERAL (SELECT * FROM generation_queue"
            " WHERE user_id = f.user_id AND lane = f.lane AND endpoint = f.endpoint AND generation_id > " PLACE_UUID
            " ORDER BY generation_id" PAGE_LIMIT ") q WHERE f.waiting > 0 AND f.endpoint IN " SWITCHED_OFF
            " ORDER BY q.generation_id LIMIT $2",
    .mend = "WITH " SWEEP_LOCK ", gone AS (SELECT g.id FROM generation_queue q JOIN generations g"
            " ON g.id = q.generation_id WHERE g.id = $3 AND g.status = 'pending' AND q.endpoint IN " SWITCHED_OFF
            " AND " SWEEP_LEADS " FOR NO KEY UPDATE OF q, g SKIP LOCKED) UPDATE generations g SET status = 'failed',"
            " error_code = 'endpoint_gone', finished_at = now(), queue_position = NULL FROM gone WHERE g.id = gone.id",
};

const struct sweep ACCOUNT_SUMS = {
    .name = "account_sums",
    .every_s = EVERY_S,
    .limit = SUMS_PAGE,
    .find = "SELECT a.user_id, a.user_id, (a.held, a.unfinished, a.spent, a.granted)"
            " IS DISTINCT FROM (open.cost, open.count, book.spent, book.granted)"
            " FROM (SELECT * FROM accounts WHERE user_id > " PLACE_UUID " ORDER BY user_id" SUMS_LIMIT ") a,"
            " LATERAL (SELECT COALESCE(sum(g.cost), 0) + COALESCE((SELECT sum(t.cost) FROM trainings t"
            " WHERE t.user_id = a.user_id AND t.charged IS NULL), 0) AS cost, count(*) FROM generations g"
            " WHERE g.user_id = a.user_id AND g.status NOT IN " GENERATION_FINAL ") open,"
            " LATERAL (SELECT COALESCE(sum(l.amount) FILTER (WHERE l.kind = 'settle'), 0) AS spent,"
            " COALESCE(sum(l.amount) FILTER (WHERE l.kind = 'grant'), 0) AS granted FROM ledger l"
            " WHERE l.user_id = a.user_id) book ORDER BY a.user_id LIMIT $2",
};

/* What had ended before there was a ledger stands in it nowhere. */
const struct sweep LEDGER_ENDS = {
    .name = "ledger_ends",
    .every_s = EVERY_S,
    .limit = PAGE,
    .find = "SELECT id, id, CASE WHEN final THEN reserved AND NOT ended ELSE ended OR NOT reserved END FROM"
            " (SELECT id, status IN " GENERATION_FINAL " AS final,"
            " (SELECT 1 FROM ledger l WHERE l.generation_id = g.id AND l.kind = 'reserve' " ONE " AS reserved,"
            " (SELECT 1 FROM ledger l WHERE l.generation_id = g.id AND l.kind IN ('settle', 'release') " ONE " AS ended"
            " FROM (SELECT id, status FROM generations WHERE id > " PLACE_UUID " ORDER BY id" PAGE_LIMIT ") g) looked"
            " ORDER BY id LIMIT $2",
};

const struct sweep JOB_DEAD = {
    .name = "job_dead",
    .every_s = EVERY_S,
    .limit = PAGE,
    .find = "SELECT j.id, j.ref, (SELECT 1 FROM generations g WHERE g.id = j.ref AND g.status NOT IN " GENERATION_FINAL
            " " ONE " FROM (SELECT * FROM jobs WHERE state = 'dead' AND kind = 'generation'"
            " AND id > COALESCE(NULLIF($1, ''), '0')::bigint ORDER BY id" PAGE_LIMIT ") j ORDER BY j.id LIMIT $2",
};
