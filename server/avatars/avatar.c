#include "avatars/avatar.h"
#include "http/problem.h"

#include <string.h>

#define COPY(member) (void)text_copy(a.member, sizeof a.member, row_piece(&row))

struct avatar avatar_from_row(struct row row)
{
    struct avatar a;

    a.id = row_uuid(&row);
    a.user = row_uuid(&row);
    COPY(name);
    COPY(gender);
    a.type = strcmp(row_text(&row), "style") == 0 ? AVATAR_STYLE : AVATAR_PORTRAIT;
    COPY(status);
    a.training_progress = row_int64(&row);
    COPY(training_preset);
    COPY(trigger);
    COPY(lora_url);
    COPY(finetune_id);
    a.has_default_lora_scale = !row_is_null(&row);
    a.default_lora_scale = row_double(&row);
    a.is_main = row_bool(&row);
    a.photos_count = row_int64(&row);
    a.usable_photos = row_int64(&row);
    COPY(error_code);
    row_time(&row, a.created_at);
    row_time(&row, a.updated_at);
    row_time(&row, a.completed_at);
    COPY(model_key);
    a.model_bytes = row_int64(&row);
    return a;
}

bool avatar_is_completed(const struct avatar *avatar) { return strcmp(avatar->status, "completed") == 0; }

struct avatar_model avatar_model_of(const struct avatar *avatar)
{
    return (struct avatar_model){
        .type = avatar->type,
        .lora_url = avatar->lora_url,
        .finetune_id = avatar->finetune_id,
        .trigger = avatar->trigger,
        .has_default_lora_scale = avatar->has_default_lora_scale,
        .default_lora_scale = avatar->default_lora_scale,
    };
}

static bool has_model(const struct avatar *avatar)
{
    struct avatar_model model = avatar_model_of(avatar);

    return avatar_model_has_lora(&model) || avatar_model_has_finetune(&model);
}

bool avatar_is_ready(const struct avatar *avatar) { return avatar_is_completed(avatar) || has_model(avatar); }

static const char *text_or_null(const char *text) { return *text ? text : NULL; }

static void write_training(struct json_out *out, const struct avatar *a)
{
    bool style = a->type == AVATAR_STYLE;

    json_key_text(out, "training_type", style ? "style" : "portrait");
    json_key_text(out, "status", a->status);
    json_key_int64(out, "training_progress", a->training_progress);
    json_key_text(out, "training_preset", text_or_null(a->training_preset));
    json_key_text(out, "trigger_phrase", style ? NULL : text_or_null(a->trigger));
    json_key_text(out, "trigger_word", style ? text_or_null(a->trigger) : NULL);
}

/* The endpoints that its pictures can be made on. */
static void write_runs_on(struct json_out *out, const struct avatar *a, const struct catalog *catalog)
{
    struct avatar_model model = avatar_model_of(a);
    const struct endpoint *endpoint;

    json_key(out, "runs_on");
    json_array(out);
    for (int i = 0; (endpoint = catalog_endpoint_at(catalog, i)); i++)
        if (catalog_endpoint_fits(endpoint, &model))
            json_text(out, text_of(endpoint->id));
    json_end_array(out);
}

void avatar_write(struct json_out *out, const struct avatar *a, const struct catalog *catalog, enum lang lang)
{
    json_object(out);
    json_key_text(out, "id", a->id.text);
    json_key_text(out, "name", a->name);
    json_key_text(out, "gender", a->gender);
    write_training(out, a);
    json_key_bool(out, "is_main", a->is_main);
    json_key_int64(out, "photos_count", a->photos_count);
    json_key_int64(out, "usable_photos", a->usable_photos);
    if (a->has_default_lora_scale)
        json_key_double(out, "default_lora_scale", a->default_lora_scale);
    else
        json_key_null(out, "default_lora_scale");
    json_key_bool(out, "has_model", has_model(a));
    json_key(out, "model_bytes");
    if (a->model_bytes)
        json_int64(out, a->model_bytes);
    else
        json_null(out);
    write_runs_on(out, a, catalog);
    problem_write_notice(out, "error", a->error_code, lang);
    json_key_text(out, "created_at", a->created_at);
    json_key_text(out, "updated_at", a->updated_at);
    json_key_text(out, "completed_at", text_or_null(a->completed_at));
    json_end_object(out);
}

struct query avatar_by_id(struct uuid user, struct uuid id)
{
    struct query q =
        query_read("SELECT " AVATAR_COLUMNS " FROM avatars WHERE user_id = $1 AND id = $2 AND deleted_at IS NULL");

    query_add_uuid(&q, user);
    query_add_uuid(&q, id);
    return q;
}

struct query avatar_even_deleted(struct uuid user, struct uuid id)
{
    struct query q = query_read("SELECT " AVATAR_COLUMNS " FROM avatars WHERE user_id = $1 AND id = $2");

    query_add_uuid(&q, user);
    query_add_uuid(&q, id);
    return q;
}

struct query avatar_main(struct uuid user)
{
    struct query q = query_read("SELECT " AVATAR_COLUMNS " FROM avatars WHERE user_id = $1 AND is_main");

    query_add_uuid(&q, user);
    return q;
}

struct query avatars_of(struct uuid user, struct uuid after, int64_t limit)
{
    struct query q = query_read("SELECT " AVATAR_COLUMNS " FROM avatars WHERE user_id = $1 AND deleted_at IS NULL"
                                " AND id < COALESCE($2::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')"
                                " ORDER BY id DESC LIMIT $3");

    query_add_uuid(&q, user);
    query_add_uuid(&q, after);
    query_add_int64(&q, limit);
    return q;
}
