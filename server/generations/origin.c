#include "generations/origin.h"

#include <stdio.h>
#include <string.h>

#include "catalog/catalog.h"
#include "generations/generation.h"
#include "generations/shape.h"
#include "local.h"

#define COLUMNS                                                                                                        \
    "g.id, g.avatar_id, g.status, g.prompt, g.preset, g.endpoint, g.template_id, g.template_variant, g.parameters,"    \
    " COALESCE(g.seed, g.wanted_seed), g.wanted_seed, g.num_images,"                                                   \
    " (SELECT a.deleted_at IS NOT NULL FROM avatars a WHERE a.id = g.avatar_id), g.parent_image_id,"                   \
    " g.source_image_id, s.object_key, COALESCE(s.width, 0), COALESCE(s.height, 0)"
#define SOURCE                                                                                                         \
    " LEFT JOIN images s ON s.id = g.source_image_id AND s.user_id = g.user_id AND s.deleted_at IS NULL"               \
    " AND NOT s.has_nsfw_content"

struct query origin_of_image(struct uuid user, struct uuid image)
{
    struct query q = query_read(
        "SELECT " COLUMNS ", i.id, i.width, i.height, i.object_key, i.deleted_at IS NOT NULL, i.has_nsfw_content"
        " FROM images i JOIN generations g ON g.id = i.generation_id AND g.user_id = i.user_id" SOURCE
        " WHERE i.user_id = $1 AND i.id = $2");

    query_add_uuid(&q, user);
    query_add_uuid(&q, image);
    return q;
}

struct query origin_of_generation(struct uuid user, struct uuid generation)
{
    struct query q = query_read("SELECT " COLUMNS ", NULL::uuid, 0, 0, NULL, false, false FROM generations g" SOURCE
                                " WHERE g.user_id = $1 AND g.id = $2");

    query_add_uuid(&q, user);
    query_add_uuid(&q, generation);
    return q;
}

static void read_number(yajl_val parameters, const char *name, double *ret, bool *ret_has)
{
    yajl_val value = json_get(parameters, name);

    *ret_has = YAJL_IS_NUMBER(value);
    if (*ret_has)
        *ret = YAJL_GET_DOUBLE(value);
}

/* How far it went from its source. */
static void read_strengths(struct origin *origin)
{
    struct err err;
    yajl_val root;

    if (!json_parse(origin->parameters, &root, &err))
        return;
    read_number(root, "strength", &origin->source.strength, &origin->source.has_strength);
    read_number(root, "image_prompt_strength", &origin->source.image_prompt_strength,
                &origin->source.has_image_prompt_strength);
    yajl_tree_free(root);
}

struct origin origin_from_row(struct row row)
{
    struct origin o = {0};

    o.generation = row_uuid(&row);
    o.avatar = row_uuid(&row);
    o.status = row_text(&row);
    o.prompt = row_text(&row);
    o.preset = row_text(&row);
    o.endpoint = row_text(&row);
    o.template_id = row_text_or_null(&row);
    o.template_variant = row_text_or_null(&row);
    o.parameters = row_piece(&row);
    o.seed = row_text_or_null(&row);
    o.wanted_seed = row_text_or_null(&row);
    o.num_images = row_int64(&row);
    o.avatar_deleted = row_bool(&row);
    o.parent_image = row_uuid(&row);
    o.source_image = row_uuid(&row);
    o.source_key = row_text_or_null(&row);
    o.has_source = o.source_key != NULL;
    o.source.width = row_int64(&row);
    o.source.height = row_int64(&row);
    o.image = row_uuid(&row);
    o.width = row_int64(&row);
    o.height = row_int64(&row);
    o.image_key = row_text_or_null(&row);
    o.image_deleted = row_bool(&row);
    o.image_hidden = row_bool(&row);
    read_strengths(&o);
    return o;
}

static bool conflict(struct err *reterr, const char *code, const struct origin *origin)
{
    return err_set(reterr, ERR_CONFLICT, code, "of generation %s", origin->generation.text);
}

/* A setting as it stands in parameters; what is of another type is left out. */
static bool read_setting(yajl_val value, const struct json_field *field, char *at)
{
    switch (field->type) {
    case JSON_INT64:
        if (!YAJL_IS_INTEGER(value))
            return false;
        *(int64_t *)(void *)at = YAJL_GET_INTEGER(value);
        return true;
    case JSON_DOUBLE:
        if (!YAJL_IS_NUMBER(value))
            return false;
        *(double *)(void *)at = YAJL_GET_DOUBLE(value);
        return true;
    case JSON_BOOL: *(bool *)(void *)at = YAJL_IS_TRUE(value); return YAJL_IS_TRUE(value) || YAJL_IS_FALSE(value);
    case JSON_TEXT: return YAJL_IS_STRING(value) && text_copy(at, field->size, text_of(YAJL_GET_STRING(value)));
    default: return false;
    }
}

static void keep_settings(const struct origin *origin, struct generation_wish *wish)
{
    struct err err;
    yajl_val root;

    if (!json_parse(origin->parameters, &root, &err))
        return;
    for (const struct json_field *f = settings_fields; f->name; f++)
        *(bool *)((char *)&wish->kept + f->present) =
            read_setting(json_get(root, f->name), f, (char *)&wish->kept + f->offset);
    yajl_tree_free(root);
    wish->has_kept = true;
}

static void keep_shape(const struct call *call, const struct origin *origin, struct generation_wish *wish)
{
    struct shape shape = shape_of(local_of(call)->catalog, origin->parameters);

    (void)shape_read(text_of(shape.size), &wish->image_size, wish->aspect_ratio);
}

/* Where the words came from is kept with the words. */
static void keep_words(const struct origin *origin, struct generation_wish *wish)
{
    if (*wish->prompt)
        return;
    (void)text_copy(wish->prompt, sizeof wish->prompt, text_of(origin->prompt));
    if (origin->template_id)
        (void)text_copy(wish->kept_style, sizeof wish->kept_style, text_of(origin->template_id));
    if (origin->template_variant)
        (void)text_copy(wish->kept_variant, sizeof wish->kept_variant, text_of(origin->template_variant));
}

static void keep_preset(const struct call *call, const struct origin *origin, struct generation_wish *wish)
{
    if (*wish->preset)
        return;
    keep_settings(origin, wish);
    if (catalog_preset(local_of(call)->catalog, origin->preset))
        (void)text_copy(wish->preset, sizeof wish->preset, text_of(origin->preset));
}

static void keep_seed(const char *digits, struct generation_wish *wish)
{
    wish->has_seed = digits && text_uint64(text_of(digits), &wish->seed);
}

/* The picture that it was made from itself. */
static void keep_source(const struct origin *origin, struct generation_wish *wish)
{
    wish->source_image = origin->source_image;
    if (origin->source_key)
        (void)text_copy(wish->source_key, sizeof wish->source_key, text_of(origin->source_key));
    wish->source = origin->source;
    wish->source.is_kept = true;
}

static bool may_use(const struct origin *origin, struct err *reterr)
{
    if (origin->image_deleted)
        return conflict(reterr, "image_deleted", origin);
    if (origin->image_hidden)
        return conflict(reterr, "image_quarantined", origin);
    return !origin->avatar_deleted || conflict(reterr, "avatar_deleted", origin);
}

static bool has_its_source(const struct origin *origin, struct err *reterr)
{
    return !*origin->source_image.text || origin->has_source || conflict(reterr, "source_missing", origin);
}

bool origin_vary(const struct call *call, const struct origin *origin, struct generation_wish *wish, struct err *reterr)
{
    if (!may_use(origin, reterr))
        return false;
    keep_words(origin, wish);
    keep_preset(call, origin, wish);
    if (!wish->num_images)
        wish->num_images = 1;
    wish->avatar_id = origin->avatar;
    wish->parent_image = wish->source_image = origin->image;
    (void)text_copy(wish->source_key, sizeof wish->source_key, text_of(origin->image_key));
    wish->source.width = origin->width;
    wish->source.height = origin->height;
    return true;
}

static void keep_all(const struct call *call, const struct origin *origin, struct generation_wish *wish)
{
    keep_words(origin, wish);
    keep_preset(call, origin, wish);
    keep_shape(call, origin, wish);
    keep_source(origin, wish);
    wish->num_images = origin->num_images;
    wish->avatar_id = origin->avatar;
}

bool origin_repeat(const struct call *call, const struct origin *origin, struct generation_wish *wish,
                   struct err *reterr)
{
    if (!may_use(origin, reterr) || !has_its_source(origin, reterr))
        return false;
    keep_all(call, origin, wish);
    keep_seed(origin->seed, wish);
    wish->parent_image = origin->image;
    return text_copy(wish->endpoint, sizeof wish->endpoint, text_of(origin->endpoint)) ||
           conflict(reterr, "endpoint_gone", origin);
}

/* The endpoint is chosen anew: it may have been what failed. That it was the one of ultra was a wish. */
static void keep_ultra(const struct call *call, const struct origin *origin, struct generation_wish *wish)
{
    const struct endpoint *ultra = catalog_routed(local_of(call)->catalog, CATALOG_ULTRA);

    if (*origin->source_image.text || strcmp(origin->endpoint, ultra->id) != 0)
        return;
    wish->overrides.use_ultra = wish->overrides.given.use_ultra = true;
}

bool origin_again(const struct call *call, const struct origin *origin, struct generation_wish *wish,
                  struct err *reterr)
{
    bool is_picture = *origin->image.text;

    if (!generation_status_is_final(origin->status))
        return conflict(reterr, "generation_unfinished", origin);
    if (origin->image_deleted)
        return conflict(reterr, "image_deleted", origin);
    if (origin->avatar_deleted)
        return conflict(reterr, "avatar_deleted", origin);
    if (!has_its_source(origin, reterr))
        return false;
    keep_all(call, origin, wish);
    keep_ultra(call, origin, wish);
    wish->parent_image = origin->parent_image;
    if (is_picture)
        wish->num_images = 1;
    else if (strcmp(origin->status, "completed") != 0)
        wish->retry_of = origin->generation;
    return true;
}

bool origin_retry(const struct call *call, const struct origin *origin, struct generation_wish *wish,
                  struct err *reterr)
{
    if (strcmp(origin->status, "completed") == 0)
        return conflict(reterr, "generation_completed", origin);
    if (!origin_again(call, origin, wish, reterr))
        return false;
    keep_seed(origin->wanted_seed, wish);
    return true;
}
