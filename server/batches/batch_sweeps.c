#include "batches/batch_sweeps.h"

enum { EVERY_S = 30, PAGE = 500 };

/* As long as a page is, for the planner (generations/generation_sweeps.c). Not in the first minute: who looks at what
   is new is in nobody's way. */
#define PLACE "COALESCE(NULLIF($1, ''), '00000000-0000-0000-0000-000000000000')::uuid"
#define IS_LOST                                                                                                        \
    "(b.next_position IS NOT NULL AND b.created_at < now() - interval '1 minute' AND (SELECT 1 FROM jobs j"            \
    " WHERE j.kind = 'batch' AND j.ref = b.id AND j.state <> 'dead' LIMIT 1) IS NULL)"

const struct sweep BATCH_LOST = {
    .name = "batch_lost",
    .every_s = EVERY_S,
    .limit = PAGE,
    .find = "SELECT b.id, b.id, " IS_LOST " FROM (SELECT * FROM batches WHERE next_position IS NOT NULL"
            " AND id > " PLACE " ORDER BY id LIMIT 500) b ORDER BY b.id LIMIT $2",
    .mend = "WITH " SWEEP_LOCK " INSERT INTO jobs (kind, ref) SELECT 'batch', id FROM batches b"
            " WHERE id = $3 AND " IS_LOST " AND " SWEEP_LEADS " ON CONFLICT (kind, ref) DO UPDATE"
            " SET state = 'ready', attempts = 0, crashes = 0, last_error = NULL, run_at = now()"
            " WHERE jobs.state = 'dead'",
};
