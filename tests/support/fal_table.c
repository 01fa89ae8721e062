#include "support/fal_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "json/json_in.h"

#define IMAGE_FORMATS " jpeg png "
#define TOLERANCES " 1 2 3 4 5 6 "
#define RATIOS " 21:9 16:9 4:3 3:2 1:1 2:3 3:4 9:16 9:21 "
#define LORA_FIELDS                                                                                                    \
    {"prompt", TEXT_VALUE, .required = true}, {"image_size", SIZE_VALUE, 0, 14142},                                    \
        {"num_inference_steps", INTEGER_VALUE, 1, 50}, {"seed", SEED_VALUE}, {"loras", LORAS_VALUE, 0, 4},             \
        {"guidance_scale", NUMBER_VALUE, 0, 35}, {"sync_mode", BOOLEAN_VALUE, .ours_alone = true},                     \
        {"num_images", INTEGER_VALUE, 1, 4}, {"enable_safety_checker", BOOLEAN_VALUE},                                 \
        {"output_format", WORD_VALUE, .words = IMAGE_FORMATS},                                                         \
    {                                                                                                                  \
        "acceleration", WORD_VALUE, .words = " none regular "                                                          \
    }

static const struct fal_field LORA[] = {LORA_FIELDS, {0}};
static const struct fal_field IMAGE_TO_IMAGE[] = {
    LORA_FIELDS, {"image_url", TEXT_VALUE, .required = true}, {"strength", NUMBER_VALUE, 0.01, 1}, {0}};
static const struct fal_field FINETUNED[] = {{"prompt", TEXT_VALUE, .required = true},
                                             {"finetune_id", TEXT_VALUE, .required = true},
                                             {"finetune_strength", NUMBER_VALUE, 0, 2, .required = true},
                                             {"image_size", SIZE_VALUE, 0, 14142},
                                             {"num_inference_steps", INTEGER_VALUE, 1, 50},
                                             {"guidance_scale", NUMBER_VALUE, 1, 20},
                                             {"seed", SEED_VALUE},
                                             {"sync_mode", BOOLEAN_VALUE, .ours_alone = true},
                                             {"num_images", INTEGER_VALUE, 1, 4},
                                             {"output_format", WORD_VALUE, .words = IMAGE_FORMATS},
                                             {"safety_tolerance", WORD_VALUE, .words = TOLERANCES},
                                             {"enhance_prompt", BOOLEAN_VALUE},
                                             {0}};
static const struct fal_field ULTRA[] = {{"prompt", TEXT_VALUE, .required = true},
                                         {"finetune_id", TEXT_VALUE, .required = true},
                                         {"finetune_strength", NUMBER_VALUE, 0, 2, .required = true},
                                         {"image_url", TEXT_VALUE},
                                         {"image_prompt_strength", NUMBER_VALUE, 0, 1},
                                         {"aspect_ratio", WORD_VALUE, .words = RATIOS},
                                         {"raw", BOOLEAN_VALUE},
                                         {"seed", SEED_VALUE},
                                         {"sync_mode", BOOLEAN_VALUE, .ours_alone = true},
                                         {"num_images", INTEGER_VALUE, 1, 4},
                                         {"output_format", WORD_VALUE, .words = IMAGE_FORMATS},
                                         {"safety_tolerance", WORD_VALUE, .words = TOLERANCES},
                                         {"enhance_prompt", BOOLEAN_VALUE},
                                         {0}};

static const struct fal_table ENDPOINTS[] = {{"fal-ai/flux-lora", LORA},
                                             {"fal-ai/flux-lora/image-to-image", IMAGE_TO_IMAGE},
                                             {"fal-ai/flux-pro/finetuned", FINETUNED},
                                             {"fal-ai/flux-pro/v1.1-ultra-finetuned", ULTRA}};

const struct fal_table *fal_table_named(const char *id)
{
    for (size_t i = 0; i < sizeof ENDPOINTS / sizeof *ENDPOINTS; i++)
        if (strcmp(ENDPOINTS[i].id, id) == 0)
            return &ENDPOINTS[i];
    fail_msg("%s is no endpoint of pictures", id);
    return NULL;
}

const struct fal_field *fal_table_field(const struct fal_table *endpoint, const char *name)
{
    for (const struct fal_field *f = endpoint->fields; f->name; f++)
        if (strcmp(f->name, name) == 0)
            return f;
    return NULL;
}

const char fal_table_ratios[] = RATIOS;

static bool in_range(yajl_val value, const struct fal_field *field)
{
    return YAJL_IS_NUMBER(value) && YAJL_GET_DOUBLE(value) >= field->min && YAJL_GET_DOUBLE(value) <= field->max;
}

static bool is_word(yajl_val value, const char *words)
{
    char padded[64];

    if (!YAJL_IS_STRING(value))
        return false;
    (void)snprintf(padded, sizeof padded, " %s ", YAJL_GET_STRING(value));
    return strstr(words, padded) != NULL;
}

static bool is_size(yajl_val value, const struct fal_field *field)
{
    static const char NAMES[] = " square_hd square portrait_4_3 portrait_16_9 landscape_4_3 landscape_16_9 ";

    if (YAJL_IS_STRING(value))
        return is_word(value, NAMES);
    return YAJL_IS_OBJECT(value) && YAJL_GET_OBJECT(value)->len == 2 && YAJL_IS_INTEGER(json_get(value, "width")) &&
           in_range(json_get(value, "width"), field) && YAJL_IS_INTEGER(json_get(value, "height")) &&
           in_range(json_get(value, "height"), field);
}

static bool is_loras(yajl_val value, const struct fal_field *field)
{
    yajl_val one;

    if (!YAJL_IS_ARRAY(value) || YAJL_GET_ARRAY(value)->len != 1)
        return false;
    one = YAJL_GET_ARRAY(value)->values[0];
    return YAJL_IS_OBJECT(one) && YAJL_GET_OBJECT(one)->len == 2 && json_get_text(one, "path") &&
           in_range(json_get(one, "scale"), field);
}

static bool fits(yajl_val value, const struct fal_field *field)
{
    uint64_t seed;

    switch (field->type) {
    case TEXT_VALUE: return YAJL_IS_STRING(value) && *YAJL_GET_STRING(value);
    case SIZE_VALUE: return is_size(value, field);
    case INTEGER_VALUE: return YAJL_IS_INTEGER(value) && in_range(value, field);
    case NUMBER_VALUE: return in_range(value, field);
    case SEED_VALUE: return YAJL_IS_NUMBER(value) && json_read_uint64(value, &seed);
    case LORAS_VALUE: return is_loras(value, field);
    case BOOLEAN_VALUE: return YAJL_IS_TRUE(value) || YAJL_IS_FALSE(value);
    case WORD_VALUE: return is_word(value, field->words);
    }
    return false;
}

void fal_table_check(const char *endpoint_id, const char *body)
{
    const struct fal_table *endpoint = fal_table_named(endpoint_id);
    yajl_val tree = yajl_tree_parse(body, NULL, 0);

    assert_true(YAJL_IS_OBJECT(tree));
    for (size_t i = 0; i < YAJL_GET_OBJECT(tree)->len; i++) {
        const char *name = YAJL_GET_OBJECT(tree)->keys[i];
        const struct fal_field *field = fal_table_field(endpoint, name);
        if (!field || field->ours_alone || !fits(YAJL_GET_OBJECT(tree)->values[i], field))
            fail_msg("%s: %s of %s", endpoint_id, name, body);
    }
    for (const struct fal_field *f = endpoint->fields; f->name; f++)
        if (f->required && !json_get(tree, f->name))
            fail_msg("%s: %s is missing in %s", endpoint_id, f->name, body);
    yajl_tree_free(tree);
}
