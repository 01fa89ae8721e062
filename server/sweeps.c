#include "sweeps.h"

#include <stddef.h>

#include "batches/batch_sweeps.h"
#include "generations/generation_sweeps.h"
#include "generations/object_sweeps.h"
#include "jobs/object_trash.h"
#include "photos/photo_sweeps.h"
#include "trainings/training_sweeps.h"

enum { OLD_EVERY_S = 600 };

/* What is too old to be of use to anybody. The condition stands there twice: a row may change while it is waited for.
   The ledger and the attempts are kept. */
#define OLD(table, too_old)                                                                                            \
    {                                                                                                                  \
        .name = "old_" table, .every_s = OLD_EVERY_S, .quiet = true,                                                   \
        .drop = "WITH " SWEEP_LOCK " DELETE FROM " table " WHERE ctid = ANY (ARRAY(SELECT ctid FROM " table            \
                " WHERE " too_old " LIMIT 5000)) AND " too_old " AND " SWEEP_LEADS                                     \
    }

static const struct sweep OLD_ROWS[] = {
    OLD("idempotency_keys", "created_at < now() - interval '2 days'"),
    OLD("webhook_inbox", "received_at < now() - interval '7 days'"),
    OLD("sessions", "expires_at < now()"),
    OLD("login_links", "expires_at < now() - interval '1 day'"),
    OLD("photo_uploads", "created_at < now() - interval '1 day'"),
    OLD("api_tokens", "revoked_at < now() - interval '1 day'"),
    {.name = "old_events",
     .every_s = OLD_EVERY_S,
     .quiet = true,
     /* the oldest alone are looked at: this table is large */
     .drop = "WITH " SWEEP_LOCK " DELETE FROM events WHERE id IN (SELECT id FROM (SELECT id, created_at FROM events"
             " ORDER BY id LIMIT 5000) oldest WHERE created_at < now() - interval '1 day') AND " SWEEP_LEADS},
};

const struct sweep *const SWEEPS[] = {
    &GENERATION_LOST, &SLOT_STALE,   &QUEUE_STALE, &FLOW_MISSING,  &FLOW_COUNT,    &SUBMISSION_OPEN,
    &QUEUE_EXPIRED,   &ACCOUNT_SUMS, &LEDGER_ENDS, &JOB_DEAD,      &IMAGE_OBJECTS, &OBJECT_UNOWNED,
    &OLD_ROWS[0],     &OLD_ROWS[1],  &OLD_ROWS[2], &TRAINING_LOST, &AVATAR_STUCK,  &TRAINING_LEDGER,
    &TRAINING_DEAD,   &OLD_ROWS[3],  &OLD_ROWS[4], &OLD_ROWS[5],   &OLD_ROWS[6],   &OBJECT_TRASH,
    &PHOTO_UNOWNED,   &BATCH_LOST,   &QUEUE_GONE,  NULL,
};
