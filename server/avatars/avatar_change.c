#include "avatars/avatar_change.h"

#include <stddef.h>

const struct json_field AVATAR_CHANGE_FIELDS[] = {
    JSON_FIELD(JSON_TEXT, struct avatar_change, name, .min = 1, .max = AVATAR_NAME_MAX, .optional = true,
               .present = offsetof(struct avatar_change, has_name)),
    JSON_FIELD(JSON_BOOL, struct avatar_change, is_main, .optional = true,
               .present = offsetof(struct avatar_change, has_is_main)),
    JSON_FIELD(JSON_DOUBLE, struct avatar_change, default_lora_scale, .min = 0, .max = 4000, .optional = true,
               .nullable = true, .present = offsetof(struct avatar_change, has_default_lora_scale),
               .was_null = offsetof(struct avatar_change, no_default_lora_scale)),
    {0},
};

void avatar_change_check(const struct avatar_change *change, struct faults *faults)
{
    bool scale = change->has_default_lora_scale || change->no_default_lora_scale;

    if (*change->name && text_is_blank(text_of(change->name)))
        (void)faults_add(faults, "name", "blank");
    if (faults->count)
        return;
    if (change->has_is_main && !change->is_main)
        (void)faults_add(faults, "is_main", "already_main");
    else if (!change->has_name && !change->has_is_main && !scale)
        (void)faults_add(faults, "", "nothing_to_change");
}

static const char UPDATE[] = "UPDATE avatars SET name = COALESCE($3, name), default_lora_scale ="
                             " CASE WHEN $4 THEN $5 ELSE default_lora_scale END, updated_at = now()"
                             " WHERE user_id = $1 AND id = $2 AND deleted_at IS NULL RETURNING " AVATAR_COLUMNS;

static const char MAKE_MAIN[] =
    "SELECT " AVATAR_COLUMNS " FROM avatar_make_main($1, $2, $3, $4, $5) WHERE user_id = $1 AND id = $2";

/* Both lock the user's row or the account's, so that each has a transaction of its own. */

struct query avatar_change_update(struct uuid user, struct uuid id, const struct avatar_change *change)
{
    struct query q = query_write(change->is_main ? MAKE_MAIN : UPDATE);

    query_alone(&q);
    query_add_uuid(&q, user);
    query_add_uuid(&q, id);
    query_add_text(&q, change->has_name ? change->name : NULL);
    query_add_bool(&q, change->has_default_lora_scale || change->no_default_lora_scale);
    if (change->has_default_lora_scale)
        query_add_double(&q, change->default_lora_scale);
    else
        query_add_null(&q);
    return q;
}

struct query avatar_change_delete(struct uuid user, struct uuid id)
{
    struct query q = query_write("SELECT id FROM avatar_delete($1, $2) WHERE user_id = $1 AND id = $2");

    query_alone(&q);
    query_add_uuid(&q, user);
    query_add_uuid(&q, id);
    return q;
}
