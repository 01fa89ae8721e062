#include "avatars/avatar_import.h"

#include <stddef.h>
#include <string.h>

static const char *find(const char *const *names, const char *wanted)
{
    for (; *names; names++)
        if (strcmp(*names, wanted) == 0)
            return *names;
    return NULL;
}

const char *avatar_import_gender(const char *name)
{
    static const char *const NAMES[] = {"male", "female", "other", NULL};

    return find(NAMES, name);
}

const char *avatar_import_type(const char *name)
{
    static const char *const NAMES[] = {"portrait", "style", NULL};

    return find(NAMES, name);
}

static void read_one_of(yajl_val value, const char *(*find_literal)(const char *), const char *list, void *at,
                        const char *field, struct faults *faults)
{
    const char *given = YAJL_GET_STRING(value), *literal = given ? find_literal(given) : NULL;

    if (literal)
        memcpy(at, &literal, sizeof literal);
    else
        (void)faults_add_what(faults, field, given ? "not_one_of" : "not_a_string", text_of(list));
}

void avatar_import_read_gender(yajl_val value, void *at, const char *field, struct faults *faults)
{
    read_one_of(value, avatar_import_gender, "male, female, other", at, field, faults);
}

void avatar_import_read_type(yajl_val value, void *at, const char *field, struct faults *faults)
{
    read_one_of(value, avatar_import_type, "portrait, style", at, field, faults);
}

const struct json_field AVATAR_IMPORT_FIELDS[] = {
    JSON_FIELD(JSON_TEXT, struct avatar_import, name, .min = 1, .max = AVATAR_NAME_MAX),
    JSON_FIELD(JSON_CUSTOM, struct avatar_import, gender, .custom = avatar_import_read_gender),
    JSON_FIELD(JSON_CUSTOM, struct avatar_import, training_type, .custom = avatar_import_read_type),
    JSON_FIELD(JSON_TEXT, struct avatar_import, trigger_phrase, .min = 1, .max = AVATAR_TRIGGER_MAX, .optional = true,
               .present = offsetof(struct avatar_import, has_trigger_phrase)),
    JSON_FIELD(JSON_TEXT, struct avatar_import, trigger_word, .min = 1, .max = AVATAR_TRIGGER_MAX, .optional = true,
               .present = offsetof(struct avatar_import, has_trigger_word)),
    JSON_FIELD(JSON_TEXT, struct avatar_import, diffusers_lora_file_url, .min = 1, .max = AVATAR_URL_MAX,
               .optional = true, .present = offsetof(struct avatar_import, has_lora)),
    JSON_FIELD(JSON_TEXT, struct avatar_import, finetune_id, .min = 1, .max = AVATAR_FINETUNE_MAX, .optional = true,
               .present = offsetof(struct avatar_import, has_finetune)),
    {0},
};

static bool is_alphanumeric(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_made_of(struct text t, const char *signs)
{
    for (size_t i = 0; i < t.len; i++)
        if (!is_alphanumeric(t.at[i]) && !(t.at[i] && strchr(signs, t.at[i])))
            return false;
    return true;
}

/* https://host[:port]/path?query, without a user, a fragment or anything that would need escaping. */
static bool is_lora_url(struct text url)
{
    struct text host, port;
    int64_t number;

    if (!text_starts(url, TEXT("https://")))
        return false;
    url = (struct text){url.at + 8, url.len - 8};
    port = text_cut(&url, '/');
    host = text_cut(&port, ':');
    return url.at && host.len && is_made_of(host, ".-") &&
           (!port.at || (port.len <= 5 && text_int64(port, 0, 99999, &number))) && is_made_of(url, "._~/%?=&-");
}

static void check_not_blank(const char *value, const char *field, struct faults *faults)
{
    if (*value && text_is_blank(text_of(value)))
        (void)faults_add(faults, field, "blank");
}

static void want(bool there, const char *field, struct faults *faults)
{
    if (!there && !faults_have(faults, field))
        (void)faults_add(faults, field, "required");
}

static void refuse(bool there, const char *field, const char *beside, struct faults *faults)
{
    if (there && !faults_have(faults, field))
        (void)faults_add_what(faults, field, "exclusive", text_of(beside));
}

static void check_values(const struct avatar_import *import, struct faults *faults)
{
    check_not_blank(import->name, "name", faults);
    check_not_blank(import->trigger_phrase, "trigger_phrase", faults);
    check_not_blank(import->trigger_word, "trigger_word", faults);
    if (*import->diffusers_lora_file_url && !is_lora_url(text_of(import->diffusers_lora_file_url)))
        (void)faults_add_range(faults, "diffusers_lora_file_url", "not_a_url", 0, AVATAR_URL_MAX);
    if (*import->finetune_id && !is_made_of(text_of(import->finetune_id), "._-"))
        (void)faults_add_what(faults, "finetune_id", "not_one_of", TEXT("A-Z, a-z, 0-9, \".\", \"_\", \"-\""));
}

void avatar_import_check(const struct avatar_import *import, struct faults *faults)
{
    check_values(import, faults);
    if (!import->training_type)
        return;
    if (strcmp(import->training_type, "portrait") == 0) {
        want(import->has_trigger_phrase, "trigger_phrase", faults);
        want(import->has_lora, "diffusers_lora_file_url", faults);
        refuse(import->has_trigger_word, "trigger_word", "training_type: portrait", faults);
        refuse(import->has_finetune, "finetune_id", "training_type: portrait", faults);
        return;
    }
    want(import->has_trigger_word, "trigger_word", faults);
    refuse(import->has_trigger_phrase, "trigger_phrase", "training_type: style", faults);
    if (import->has_lora)
        refuse(import->has_finetune, "finetune_id", "diffusers_lora_file_url", faults);
    else if (!faults_have(faults, "diffusers_lora_file_url"))
        want(import->has_finetune, "finetune_id", faults);
}

static const char *text_or_null(const char *text) { return *text ? text : NULL; }

#define KEY_INSERT IDEMPOTENCY_INSERT("room", "$1", "$10", "$11", "$2")

struct query avatar_import_insert(struct uuid user, struct uuid id, const struct avatar_import *import,
                                  const struct idempotency *key, int64_t max_avatars)
{
    struct query q = query_write(
        "WITH room AS MATERIALIZED (SELECT has_main FROM avatars_lock($1) WHERE taken < $9),"
        " key AS (" KEY_INSERT "),"
        " made AS (INSERT INTO avatars (user_id, id, name, gender, training_type, status, training_progress,"
        " trigger_text, lora_url, finetune_id, default_lora_scale, is_main, completed_at)"
        " SELECT $1::uuid, $2::uuid, $3, $4, $5, 'completed', 100, $6, $7, $8, $12, NOT has_main, now() FROM room"
        " WHERE $10::text IS NULL OR EXISTS (SELECT FROM key) RETURNING *)"
        " SELECT " AVATAR_COLUMNS " FROM made");

    query_alone(&q); /* it locks the user's row */
    query_add_uuid(&q, user);
    query_add_uuid(&q, id);
    query_add_text(&q, import->name);
    query_add_text(&q, import->gender);
    query_add_text(&q, import->training_type);
    query_add_text(&q, *import->trigger_word ? import->trigger_word : import->trigger_phrase);
    query_add_text(&q, text_or_null(import->diffusers_lora_file_url));
    query_add_text(&q, text_or_null(import->finetune_id));
    query_add_int64(&q, max_avatars);
    idempotency_add(&q, key);
    if (import->has_default_lora_scale)
        query_add_double(&q, import->default_lora_scale);
    else
        query_add_null(&q);
    return q;
}
