#include "falsim/sim_schema.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "falsim/sim_json.h"
#include "json/json_in.h"
#include "json/json_out.h"

enum kind { TEXT_VALUE, INT_VALUE, NUMBER_VALUE, BOOL_VALUE, CHOICE_VALUE, SIZE_VALUE, LORAS_VALUE };

struct sim_field {
    const char *name;
    enum kind kind;
    bool required, nullable;
    double min, max;     /* when different */
    const char *choices; /* separated by spaces */
};

static const char SIZES[] = "square_hd square portrait_4_3 portrait_16_9 landscape_4_3 landscape_16_9";

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

/* A fault and the value it is about. */
struct report {
    struct buf *detail;
    const char *path; /* further elements of loc behind "body", as JSON: "\"loras\",0,\"scale\"" */
    yajl_val value;
};

static bool add(const struct report *r, const char *type, const char *ctx, const char *message)
{
    struct json_out out = json_out_begin(r->detail);

    out.comma = r->detail->len > 0;
    json_object(&out);
    json_key(&out, "loc");
    json_array(&out);
    json_text(&out, TEXT("body"));
    json_raw(&out, text_of(r->path));
    json_end_array(&out);
    json_key_text(&out, "msg", message);
    json_key_text(&out, "type", type);
    json_key(&out, "url");
    (void)buf_add_format(r->detail, "\"https://docs.fal.ai/errors/#%s\"", type);
    out.comma = true;
    if (ctx)
        json_key_raw(&out, "ctx", text_of(ctx));
    if (r->value) {
        json_key(&out, "input");
        (void)sim_json_compact(r->detail, r->value);
    }
    (void)buf_add_text(r->detail, "}");
    return false;
}

void sim_schema_add(struct buf *detail, const char *field, const char *type, const char *message, const char *ctx)
{
    char path[96] = "";

    if (*field)
        (void)snprintf(path, sizeof path, "\"%s\"", field);
    if (*path)
        (void)add(&(struct report){detail, path, NULL}, type, ctx, message);
    else
        (void)buf_add_format(detail, "%s{\"loc\":[\"body\"],\"msg\":\"%s\",\"type\":\"%s\"}", detail->len ? "," : "",
                             message, type);
}

static bool check_range(const struct report *r, double value, double min, double max)
{
    char ctx[48], message[96];
    bool low = value < min;

    if (min == max || (value >= min && value <= max))
        return true;
    (void)snprintf(ctx, sizeof ctx, "{\"%s\":%.15g}", low ? "ge" : "le", low ? min : max);
    (void)snprintf(message, sizeof message, "Input should be %s than or equal to %.15g", low ? "greater" : "less",
                   low ? min : max);
    return add(r, low ? "greater_than_equal" : "less_than_equal", ctx, message);
}

/* A number, or a text that is wholly one. */
static bool read_number(yajl_val value, double *ret)
{
    const char *digits = YAJL_IS_NUMBER(value) ? YAJL_GET_NUMBER(value) : YAJL_GET_STRING(value);
    char *end;

    if (!digits || !*digits || strlen(digits) > 64 || strspn(digits, "+-0123456789.eE") != strlen(digits))
        return false;
    *ret = strtod(digits, &end);
    return *end == '\0';
}

static bool check_number(const struct report *r, bool whole, double min, double max)
{
    double value;

    if (!YAJL_IS_NUMBER(r->value) && !YAJL_IS_STRING(r->value))
        return add(r, whole ? "int_type" : "float_type", NULL,
                   whole ? "Input should be a valid integer" : "Input should be a valid number");
    if (!read_number(r->value, &value))
        return add(r, whole ? "int_parsing" : "float_parsing", NULL,
                   whole ? "Input should be a valid integer, unable to parse string as an integer"
                         : "Input should be a valid number, unable to parse string as a number");
    if (whole && value != floor(value))
        return add(r, "int_from_float", NULL, "Input should be a valid integer, got a number with a fractional part");
    return check_range(r, value, min, max);
}

static bool read_bool(yajl_val value, bool *ret)
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

static bool check_bool(const struct report *r)
{
    bool value;

    if (read_bool(r->value, &value))
        return true;
    return YAJL_IS_STRING(r->value) || YAJL_IS_NUMBER(r->value)
               ? add(r, "bool_parsing", NULL, "Input should be a valid boolean, unable to interpret input")
               : add(r, "bool_type", NULL, "Input should be a valid boolean");
}

/* "'a', 'b' or 'c'" */
static void list_choices(const char *choices, char *to, size_t room)
{
    struct text rest = text_of(choices);
    size_t used = 0;

    while (rest.len) {
        struct text word = text_cut(&rest, ' ');
        used += (size_t)snprintf(to + used, room - used, "%s'%.*s'",
                                 used == 0  ? ""
                                 : rest.len ? ", "
                                            : " or ",
                                 (int)word.len, word.at);
    }
}

static bool check_choice(const struct report *r, const char *choices)
{
    char expected[240], message[280], ctx[280];
    const char *word = YAJL_IS_NUMBER(r->value) ? YAJL_GET_NUMBER(r->value) : YAJL_GET_STRING(r->value);
    bool digits = strspn(choices, "0123456789 ") == strlen(choices) && strchr(choices, '1') && choices[1] != ' ';

    for (struct text rest = text_of(choices); word && rest.len && (YAJL_IS_STRING(r->value) || digits);)
        if (text_equal(text_cut(&rest, ' '), text_of(word)))
            return true;
    list_choices(choices, expected, sizeof expected);
    (void)snprintf(message, sizeof message, "Input should be %s", expected);
    (void)snprintf(ctx, sizeof ctx, "{\"expected\":\"%s\"}", expected);
    return add(r, "literal_error", ctx, message);
}

static bool check_side(const struct report *r, const char *name)
{
    char path[64];
    struct report side = {r->detail, path, json_get(r->value, name)};
    double value;

    (void)snprintf(path, sizeof path, "\"image_size\",\"%s\"", name);
    if (!side.value || !check_number(&side, true, 0, 0))
        return !side.value;
    (void)read_number(side.value, &value);
    if (value <= 0)
        return add(&side, "greater_than", "{\"gt\":0}", "Input should be greater than 0");
    return check_range(&side, value, 1, 14142);
}

static bool check_size(const struct report *r)
{
    bool ok;

    if (!YAJL_IS_OBJECT(r->value))
        return check_choice(r, SIZES);
    ok = check_side(r, "width");
    return check_side(r, "height") && ok;
}

static bool check_lora(struct buf *detail, yajl_val lora, size_t index)
{
    char path[64];
    struct report r = {detail, path, json_get(lora, "path")};
    bool ok;

    (void)snprintf(path, sizeof path, "\"loras\",%zu", index);
    if (!YAJL_IS_OBJECT(lora))
        return add(&(struct report){detail, path, lora}, "model_attributes_type", NULL,
                   "Input should be a valid dictionary or object to extract fields from");
    (void)snprintf(path, sizeof path, "\"loras\",%zu,\"path\"", index);
    ok = !r.value                   ? add(&(struct report){detail, path, lora}, "missing", NULL, "Field required")
         : !YAJL_IS_STRING(r.value) ? add(&r, "string_type", NULL, "Input should be a valid string")
                                    : true;
    (void)snprintf(path, sizeof path, "\"loras\",%zu,\"scale\"", index);
    r.value = json_get(lora, "scale");
    return (!r.value || check_number(&r, false, 0, 4)) && ok;
}

static bool check_loras(const struct report *r)
{
    bool ok = true;

    if (!YAJL_IS_ARRAY(r->value))
        return add(r, "list_type", NULL, "Input should be a valid list");
    for (size_t i = 0; i < YAJL_GET_ARRAY(r->value)->len; i++)
        ok &= check_lora(r->detail, YAJL_GET_ARRAY(r->value)->values[i], i);
    return ok;
}

static bool check_value(const struct sim_field *field, const struct report *r)
{
    if (field->nullable && YAJL_IS_NULL(r->value))
        return true;
    switch (field->kind) {
    case TEXT_VALUE: return YAJL_IS_STRING(r->value) || add(r, "string_type", NULL, "Input should be a valid string");
    case INT_VALUE: return check_number(r, true, field->min, field->max);
    case NUMBER_VALUE: return check_number(r, false, field->min, field->max);
    case BOOL_VALUE: return check_bool(r);
    case CHOICE_VALUE: return check_choice(r, field->choices);
    case SIZE_VALUE: return check_size(r);
    case LORAS_VALUE: return check_loras(r);
    }
    return true;
}

bool sim_schema_check(const struct sim_endpoint *endpoint, yajl_val input, struct buf *detail)
{
    bool ok = true;

    for (const struct sim_field *f = endpoint->fields; f->name; f++) {
        char path[64];
        struct report r = {detail, path, json_get(input, f->name)};
        (void)snprintf(path, sizeof path, "\"%s\"", f->name);
        if (r.value)
            ok &= check_value(f, &r);
        else if (f->required)
            ok = add(&(struct report){detail, path, input}, "missing", NULL, "Field required");
    }
    return ok;
}

double sim_number(yajl_val input, const char *name, double otherwise)
{
    double value;

    return read_number(json_get(input, name), &value) ? value : otherwise;
}

bool sim_bool(yajl_val input, const char *name, bool otherwise)
{
    bool value;

    return read_bool(json_get(input, name), &value) ? value : otherwise;
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
