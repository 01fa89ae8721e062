#include "falsim/sim_endpoint.h"

#include <stdlib.h>
#include <string.h>

#include "json/json_in.h"

const char SIM_SIZES[] = "square_hd square portrait_4_3 portrait_16_9 landscape_4_3 landscape_16_9";

#define PROMPT                                                                                                         \
    {                                                                                                                  \
        "prompt", TEXT_VALUE, .required = true                                                                         \
    }
#define COUNT                                                                                                          \
    {                                                                                                                  \
        "num_images", INT_VALUE, .min = 1, .max = 4                                                                    \
    }
#define SEED                                                                                                           \
    {                                                                                                                  \
        "seed", INT_VALUE, .nullable = true                                                                            \
    }
#define SYNC                                                                                                           \
    {                                                                                                                  \
        "sync_mode", BOOL_VALUE                                                                                        \
    }
#define FORMAT                                                                                                         \
    {                                                                                                                  \
        "output_format", CHOICE_VALUE, .choices = "jpeg png"                                                           \
    }
#define FLUX_LORA                                                                                                      \
    PROMPT, {"image_size", SIZE_VALUE}, {"num_inference_steps", INT_VALUE, .min = 1, .max = 50}, SEED,                 \
        {"loras", LORAS_VALUE}, {"guidance_scale", NUMBER_VALUE, .min = 0, .max = 35}, SYNC, COUNT,                    \
        {"enable_safety_checker", BOOL_VALUE}, FORMAT,                                                                 \
    {                                                                                                                  \
        "acceleration", CHOICE_VALUE, .choices = "none regular"                                                        \
    }
#define FINETUNE                                                                                                       \
    {"finetune_id", TEXT_VALUE, .required = true},                                                                     \
    {                                                                                                                  \
        "finetune_strength", NUMBER_VALUE, .required = true, .min = 0, .max = 2                                        \
    }
#define FLUX_PRO                                                                                                       \
    SEED, SYNC, COUNT, FORMAT, {"safety_tolerance", CHOICE_VALUE, .choices = "1 2 3 4 5 6"},                           \
    {                                                                                                                  \
        "enhance_prompt", BOOL_VALUE                                                                                   \
    }

static const struct sim_field FLUX_LORA_FIELDS[] = {FLUX_LORA, {0}};
static const struct sim_field FLUX_LORA_VARIATION_FIELDS[] = {
    {"image_url", TEXT_VALUE, .required = true}, {"strength", NUMBER_VALUE, .min = 0.01, .max = 1}, FLUX_LORA, {0}};
static const struct sim_field FLUX_PRO_FIELDS[] = {PROMPT,
                                                   FINETUNE,
                                                   {"image_size", SIZE_VALUE},
                                                   {"num_inference_steps", INT_VALUE, .min = 1, .max = 50},
                                                   {"guidance_scale", NUMBER_VALUE, .min = 1, .max = 20},
                                                   FLUX_PRO,
                                                   {0}};
static const struct sim_field FLUX_ULTRA_FIELDS[] = {PROMPT,
                                                     FINETUNE,
                                                     {"image_url", TEXT_VALUE, .nullable = true},
                                                     {"image_prompt_strength", NUMBER_VALUE, .min = 0, .max = 1},
                                                     {"aspect_ratio", TEXT_VALUE},
                                                     {"raw", BOOL_VALUE},
                                                     FLUX_PRO,
                                                     {0}};
static const struct sim_field PORTRAIT_FIELDS[] = {{"images_data_url", TEXT_VALUE, .required = true},
                                                   {"trigger_phrase", TEXT_VALUE, .nullable = true},
                                                   {"learning_rate", NUMBER_VALUE, .min = 1e-6, .max = 1e-3},
                                                   {"steps", INT_VALUE, .min = 1, .max = 10000},
                                                   {"multiresolution_training", BOOL_VALUE},
                                                   {"subject_crop", BOOL_VALUE},
                                                   {"create_masks", BOOL_VALUE},
                                                   {"data_archive_format", TEXT_VALUE, .nullable = true},
                                                   {"resume_from_checkpoint", TEXT_VALUE},
                                                   {0}};
static const struct sim_field FAST_FIELDS[] = {{"images_data_url", TEXT_VALUE, .required = true},
                                               {"trigger_word", TEXT_VALUE, .nullable = true},
                                               {"is_style", BOOL_VALUE},
                                               {"create_masks", BOOL_VALUE},
                                               {"is_input_format_already_preprocessed", BOOL_VALUE},
                                               {"steps", INT_VALUE, .nullable = true, .min = 1, .max = 10000},
                                               {"data_archive_format", TEXT_VALUE, .nullable = true},
                                               {0}};
static const struct sim_field PRO_TRAINER_FIELDS[] = {
    {"data_url", TEXT_VALUE, .required = true},
    {"finetune_comment", TEXT_VALUE, .required = true},
    {"mode", CHOICE_VALUE, .choices = "character product style general"},
    {"iterations", INT_VALUE, .min = 100, .max = 1000},
    {"learning_rate", NUMBER_VALUE, .nullable = true, .min = 1e-6, .max = 5e-3},
    {"priority", CHOICE_VALUE, .choices = "speed quality high_res_only"},
    {"captioning", BOOL_VALUE},
    {"trigger_word", TEXT_VALUE},
    {"lora_rank", CHOICE_VALUE, .choices = "16 32"},
    {"finetune_type", CHOICE_VALUE, .choices = "full lora"},
    {0}};

static const struct sim_endpoint ENDPOINTS[] = {
    {"fal-ai/flux-lora", MODEL_FLUX_LORA, FLUX_LORA_FIELDS},
    {"fal-ai/flux-lora/image-to-image", MODEL_FLUX_LORA_VARIATION, FLUX_LORA_VARIATION_FIELDS},
    {"fal-ai/flux-pro/finetuned", MODEL_FLUX_PRO, FLUX_PRO_FIELDS},
    {"fal-ai/flux-pro/v1.1-ultra-finetuned", MODEL_FLUX_ULTRA, FLUX_ULTRA_FIELDS},
    {"fal-ai/flux-lora-portrait-trainer", MODEL_PORTRAIT_TRAINER, PORTRAIT_FIELDS},
    {"fal-ai/flux-lora-fast-training", MODEL_FAST_TRAINER, FAST_FIELDS},
    {"fal-ai/flux-pro-trainer", MODEL_PRO_TRAINER, PRO_TRAINER_FIELDS},
};
enum { ENDPOINT_COUNT = sizeof ENDPOINTS / sizeof *ENDPOINTS };

const struct sim_endpoint *sim_endpoint_named(struct text id)
{
    for (int i = 0; i < ENDPOINT_COUNT; i++)
        if (text_equal(id, text_of(ENDPOINTS[i].id)))
            return &ENDPOINTS[i];
    return NULL;
}

bool sim_app_exists(struct text app)
{
    for (int i = 0; i < ENDPOINT_COUNT; i++) {
        struct text id = text_of(ENDPOINTS[i].id);
        if (text_starts(id, app) && (id.len == app.len || id.at[app.len] == '/'))
            return true;
    }
    return false;
}

bool sim_model_trains(enum sim_model model) { return model >= MODEL_PORTRAIT_TRAINER; }

bool sim_read_number(yajl_val value, double *ret)
{
    const char *digits = YAJL_IS_NUMBER(value) ? YAJL_GET_NUMBER(value) : YAJL_GET_STRING(value);
    char *end;

    if (!digits || !*digits || strlen(digits) > 64 || strspn(digits, "+-0123456789.eE") != strlen(digits))
        return false;
    *ret = strtod(digits, &end);
    return *end == '\0';
}

bool sim_read_bool(yajl_val value, bool *ret)
{
    static const char *const YES[] = {"1", "true", "t", "yes", "y", "on"}, *const NO[] = {"0",  "false", "f",
                                                                                          "no", "n",     "off"};
    const char *word = YAJL_IS_NUMBER(value) ? YAJL_GET_NUMBER(value) : YAJL_GET_STRING(value);

    *ret = YAJL_IS_TRUE(value);
    if (YAJL_IS_TRUE(value) || YAJL_IS_FALSE(value))
        return true;
    for (size_t i = 0; word && i < sizeof YES / sizeof *YES; i++) {
        if (text_equal_ignoring_case(text_of(word), text_of(YES[i])))
            return *ret = true;
        if (text_equal_ignoring_case(text_of(word), text_of(NO[i])))
            return true;
    }
    return false;
}

double sim_number(yajl_val input, const char *name, double otherwise)
{
    double value;

    return sim_read_number(json_get(input, name), &value) ? value : otherwise;
}

bool sim_bool(yajl_val input, const char *name, bool otherwise)
{
    bool value;

    return sim_read_bool(json_get(input, name), &value) ? value : otherwise;
}

const char *sim_text(yajl_val input, const char *name, const char *otherwise)
{
    const char *text = json_get_text(input, name);

    return text ? text : otherwise;
}

bool sim_image_size(yajl_val input, int *retwidth, int *retheight)
{
    static const struct {
        const char *name;
        int width, height;
    } PRESETS[] = {{"square_hd", 1024, 1024},    {"square", 512, 512},         {"portrait_4_3", 768, 1024},
                   {"portrait_16_9", 576, 1024}, {"landscape_4_3", 1024, 768}, {"landscape_16_9", 1024, 576}};
    yajl_val size = json_get(input, "image_size");
    const char *preset = YAJL_GET_STRING(size);

    if (!size)
        return false;
    *retwidth = (int)sim_number(size, "width", 512);
    *retheight = (int)sim_number(size, "height", 512);
    for (size_t i = 0; preset && i < sizeof PRESETS / sizeof *PRESETS; i++)
        if (strcmp(PRESETS[i].name, preset) == 0) {
            *retwidth = PRESETS[i].width;
            *retheight = PRESETS[i].height;
        }
    return true;
}
