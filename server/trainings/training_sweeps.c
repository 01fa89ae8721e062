#include "trainings/training_sweeps.h"

#include "trainings/training.h"

enum { EVERY_S = 30, PAGE = 500 };

#define ZERO "'00000000-0000-0000-0000-000000000000'"
#define PLACE_UUID "COALESCE(NULLIF($1, ''), " ZERO ")::uuid"
#define TRAININGS_PAGE "(SELECT * FROM trainings WHERE id > " PLACE_UUID " ORDER BY id LIMIT 500) t"
#define HAS_JOB "((SELECT 1 FROM jobs j WHERE j.kind = 'training' AND j.ref = t.id LIMIT 1) IS NOT NULL)"

#define IS_LOST "((t.status NOT IN " TRAINING_FINAL " OR t.archive_key IS NOT NULL) AND NOT " HAS_JOB ")"

const struct sweep TRAINING_LOST = {
    .name = "training_lost",
    .every_s = EVERY_S,
    .limit = PAGE,
    .find = "SELECT t.id, t.id, " IS_LOST " FROM " TRAININGS_PAGE " ORDER BY t.id LIMIT $2",
    .mend = "WITH " SWEEP_LOCK " INSERT INTO jobs (kind, ref) SELECT 'training', t.id FROM trainings t"
            " WHERE t.id = $3 AND " IS_LOST " AND " SWEEP_LEADS " ON CONFLICT DO NOTHING",
};

#define IS_STUCK                                                                                                       \
    "(a.status = 'training' AND (SELECT 1 FROM trainings t WHERE t.avatar_id = a.id AND t.status NOT IN"               \
    " " TRAINING_FINAL " LIMIT 1) IS NULL)"

const struct sweep AVATAR_STUCK = {
    .name = "avatar_stuck",
    .every_s = EVERY_S,
    .limit = PAGE,
    .find = "SELECT a.id, a.id, " IS_STUCK " FROM (SELECT * FROM avatars WHERE id > " PLACE_UUID
            " ORDER BY id LIMIT 500) a ORDER BY a.id LIMIT $2",
    .mend =
        "WITH " SWEEP_LOCK " UPDATE avatars a SET status = CASE WHEN lora_url IS NOT NULL OR finetune_id IS NOT NULL"
        " THEN 'completed' ELSE 'draft' END, training_progress = CASE WHEN lora_url IS NOT NULL OR finetune_id"
        " IS NOT NULL THEN 100 ELSE 0 END WHERE a.id = $3 AND " IS_STUCK " AND " SWEEP_LEADS,
};

#define LEDGER_HAS(kinds)                                                                                              \
    "((SELECT 1 FROM ledger l WHERE l.training_id = t.id AND l.kind IN " kinds " LIMIT 1) IS NOT NULL)"

const struct sweep TRAINING_LEDGER = {
    .name = "training_ledger",
    .every_s = EVERY_S,
    .limit = PAGE,
    .find = "SELECT t.id, t.id, NOT " LEDGER_HAS("('reserve')") " OR (t.status IN " TRAINING_FINAL ") <> " LEDGER_HAS(
        "('settle', 'release')") " FROM " TRAININGS_PAGE " ORDER BY t.id LIMIT $2",
};

const struct sweep TRAINING_DEAD = {
    .name = "training_dead",
    .every_s = EVERY_S,
    .limit = PAGE,
    .find = "SELECT j.id, j.ref, (SELECT 1 FROM trainings t WHERE t.id = j.ref AND t.status NOT IN " TRAINING_FINAL
            " LIMIT 1) IS NOT NULL FROM (SELECT * FROM jobs WHERE state = 'dead' AND kind = 'training'"
            " AND id > COALESCE(NULLIF($1, ''), '0')::bigint ORDER BY id LIMIT 500) j ORDER BY j.id LIMIT $2",
};
