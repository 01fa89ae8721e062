#include "avatars/avatar_command.h"

#include "avatars/avatar_import.h"

enum { NO_LIMIT = 1000000 }; /* AVATARS_PER_USER is for people */

static const struct avatar_import PORTRAIT = {
    .name = "Анна",
    .gender = "female",
    .training_type = "portrait",
    .trigger_phrase = "ANNA woman",
    .diffusers_lora_file_url = "https://v3.fal.media/files/demo/anna_lora.safetensors",
};

static const struct avatar_import STYLE = {
    .name = "Тушь",
    .gender = "other",
    .training_type = "style",
    .trigger_word = "INKWASH",
    .finetune_id = "aisha-demo-inkwash",
};

static struct query avatar_with_model(struct uuid user, const struct avatar_import *import)
{
    struct query q = query_read("SELECT id FROM avatars WHERE user_id = $1 AND deleted_at IS NULL"
                                " AND (lora_url = $2 OR finetune_id = $3) ORDER BY id LIMIT 1");

    query_add_uuid(&q, user);
    query_add_text(&q, import->diffusers_lora_file_url);
    query_add_text(&q, import->finetune_id);
    return q;
}

/* *ret_found: whether there was a row; its first column is an id. */
static bool run_for_id(struct pg *pg, const struct query *q, bool *ret_found, struct uuid *ret, struct err *reterr)
{
    CLEANUP(pg_clear) PGresult *rows = pg_run(pg, q, reterr);
    struct row row;

    if (!rows)
        return false;
    *ret_found = rows_count(rows) > 0;
    if (*ret_found) {
        row = rows_at(rows, 0);
        *ret = row_uuid(&row);
    }
    return true;
}

static bool ensure(struct pg *pg, struct uuid user, const struct avatar_import *import, struct uuid *ret,
                   struct err *reterr)
{
    static const struct idempotency NO_KEY;
    struct query q = avatar_with_model(user, import);
    bool found = false;

    if (!run_for_id(pg, &q, &found, ret, reterr) || found)
        return found;
    q = avatar_import_insert(user, uuid_make(), import, &NO_KEY, NO_LIMIT);
    if (!run_for_id(pg, &q, &found, ret, reterr))
        return false;
    return found || err_set(reterr, ERR_INTERNAL, "internal", "no avatar was made");
}

bool avatar_command_demo(struct pg *pg, struct uuid user, struct avatar_demo *ret, struct err *reterr)
{
    return ensure(pg, user, &PORTRAIT, &ret->portrait, reterr) && ensure(pg, user, &STYLE, &ret->style, reterr);
}
