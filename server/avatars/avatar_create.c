#include "avatars/avatar_create.h"

#include <stddef.h>
#include <string.h>

#include "avatars/avatar_import.h"

const struct json_field AVATAR_CREATE_FIELDS[] = {
    JSON_FIELD(JSON_TEXT, struct avatar_create, name, .min = 1, .max = AVATAR_NAME_MAX),
    JSON_FIELD(JSON_CUSTOM, struct avatar_create, gender, .custom = avatar_import_read_gender),
    JSON_FIELD(JSON_CUSTOM, struct avatar_create, training_type, .custom = avatar_import_read_type),
    JSON_FIELD(JSON_TEXT, struct avatar_create, trigger_phrase, .min = 1, .max = AVATAR_TRIGGER_MAX, .optional = true,
               .present = offsetof(struct avatar_create, has_trigger_phrase)),
    JSON_FIELD(JSON_TEXT, struct avatar_create, trigger_word, .min = 1, .max = AVATAR_TRIGGER_MAX, .optional = true,
               .present = offsetof(struct avatar_create, has_trigger_word)),
    {0},
};

static void check_not_blank(const char *value, const char *field, struct faults *faults)
{
    if (*value && text_is_blank(text_of(value)))
        (void)faults_add(faults, field, "blank");
}

void avatar_create_check(const struct avatar_create *create, struct faults *faults)
{
    bool style = create->training_type && strcmp(create->training_type, "style") == 0;

    check_not_blank(create->name, "name", faults);
    check_not_blank(create->trigger_phrase, "trigger_phrase", faults);
    check_not_blank(create->trigger_word, "trigger_word", faults);
    if (!create->training_type)
        return;
    if (style && create->has_trigger_phrase && !faults_have(faults, "trigger_phrase"))
        (void)faults_add_what(faults, "trigger_phrase", "exclusive", TEXT("training_type: style"));
    if (!style && create->has_trigger_word && !faults_have(faults, "trigger_word"))
        (void)faults_add_what(faults, "trigger_word", "exclusive", TEXT("training_type: portrait"));
}

static const char *trigger_of(const struct avatar_create *create)
{
    if (*create->trigger_phrase)
        return create->trigger_phrase;
    return *create->trigger_word ? create->trigger_word : AVATAR_TRIGGER_DEFAULT;
}

#define KEY_INSERT IDEMPOTENCY_INSERT("room", "$1", "$8", "$9", "$2")

struct query avatar_create_insert(struct uuid user, struct uuid id, const struct avatar_create *create,
                                  const struct idempotency *key, int64_t max_avatars)
{
    struct query q = query_write("WITH room AS MATERIALIZED (SELECT FROM avatars_lock($1) WHERE taken < $7),"
                                 " key AS (" KEY_INSERT "),"
                                 " made AS (INSERT INTO avatars (user_id, id, name, gender, training_type, status,"
                                 " trigger_text) SELECT $1::uuid, $2::uuid, $3, $4, $5, 'draft', $6 FROM room"
                                 " WHERE $8::text IS NULL OR EXISTS (SELECT FROM key) RETURNING *)"
                                 " SELECT " AVATAR_COLUMNS " FROM made");

    query_alone(&q); /* it locks the user's row */
    query_add_uuid(&q, user);
    query_add_uuid(&q, id);
    query_add_text(&q, create->name);
    query_add_text(&q, create->gender);
    query_add_text(&q, create->training_type);
    query_add_text(&q, trigger_of(create));
    query_add_int64(&q, max_avatars);
    idempotency_add(&q, key);
    return q;
}
