#include "catalog/catalog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/catalog_write.h"
#include "support/altered_catalog.h"

static struct catalog *catalog;

/* The data */

static void has_every_number_of_the_eight_presets(void **state)
{
    static const struct {
        const char *name, *size, *tolerance;
        int steps;
        double guidance, lora, finetune;
    } PRESETS[] = {
        {"fast", "square", "2", 20, 3.0, 0.8, 0.8},
        {"balanced", "square_hd", "2", 28, 3.5, 1.0, 1.0},
        {"quality", "square_hd", "2", 50, 4.0, 1.2, 1.2},
        {"ultra", "square_hd", "2", 35, 3.5, 1.1, 1.1},
        {"artistic", "square_hd", "3", 35, 4.0, 1.3, 1.3},
        {"portrait", "portrait_4_3", "2", 35, 3.5, 1.1, 1.0},
        {"landscape", "landscape_4_3", "2", 30, 3.5, 1.0, 1.0},
        {"photorealistic", "square_hd", "2", 40, 3.0, 1.1, 1.0},
    };

    (void)state;
    for (int i = 0; i < 8; i++) {
        const struct preset *preset = catalog_preset_at(catalog, i);
        assert_string_equal(preset->name, PRESETS[i].name);
        assert_ptr_equal(catalog_preset(catalog, preset->name), preset);
        assert_string_equal(preset->image_size, PRESETS[i].size);
        assert_string_equal(preset->settings.safety_tolerance, PRESETS[i].tolerance);
        assert_string_equal(preset->max_safety_tolerance, PRESETS[i].tolerance);
        assert_int_equal(preset->settings.num_inference_steps, PRESETS[i].steps);
        assert_float_equal(preset->settings.guidance_scale, PRESETS[i].guidance, 1e-9);
        assert_float_equal(preset->settings.lora_scale, PRESETS[i].lora, 1e-9);
        assert_float_equal(preset->settings.finetune_strength, PRESETS[i].finetune, 1e-9);
        assert_int_equal(preset->settings.use_ultra, strcmp(preset->name, "ultra") == 0);
    }
    assert_null(catalog_preset_at(catalog, 8));
    assert_null(catalog_preset(catalog, "Fast"));
    assert_string_equal(catalog_default_preset(catalog)->name, "balanced");
    assert_float_equal(catalog_default_lora_scale(catalog), 1.15, 1e-9);
}

static void has_what_else_ultra_brings(void **state)
{
    const struct preset *ultra = catalog_preset(catalog, "ultra");

    (void)state;
    assert_string_equal(ultra->aspect_ratio, "1:1");
    assert_string_equal(ultra->settings.output_format, "jpeg");
    assert_true(ultra->settings.given.raw && !ultra->settings.raw);
    assert_int_equal(ultra->num_images, 1);
    assert_int_equal(ultra->expected_seconds.min, 60);
    assert_int_equal(ultra->expected_seconds.max, 90);
}

static void has_every_number_of_the_training_presets(void **state)
{
    static const struct training_preset PRESETS[] = {
        {.name = "fast", .portrait = {500, 0.0003, {3, 5}}, .style = {200, "speed", {5, 10}}},
        {.name = "balanced", .portrait = {1000, 0.0002, {5, 15}}, .style = {500, "quality", {10, 20}}},
        {.name = "quality", .portrait = {2500, 0.0001, {15, 30}}, .style = {1000, "quality", {20, 45}}},
    };

    (void)state;
    for (int i = 0; i < 3; i++) {
        const struct training_preset *preset = catalog_training_preset(catalog, PRESETS[i].name);
        assert_ptr_equal(catalog_training_preset_at(catalog, i), preset);
        assert_int_equal(preset->portrait.steps, PRESETS[i].portrait.steps);
        assert_float_equal(preset->portrait.learning_rate, PRESETS[i].portrait.learning_rate, 1e-9);
        assert_int_equal(preset->portrait.expected_minutes.min, PRESETS[i].portrait.expected_minutes.min);
        assert_int_equal(preset->portrait.expected_minutes.max, PRESETS[i].portrait.expected_minutes.max);
        assert_int_equal(preset->style.iterations, PRESETS[i].style.iterations);
        assert_string_equal(preset->style.priority, PRESETS[i].style.priority);
        assert_int_equal(preset->style.expected_minutes.min, PRESETS[i].style.expected_minutes.min);
        assert_int_equal(preset->style.expected_minutes.max, PRESETS[i].style.expected_minutes.max);
    }
    assert_null(catalog_training_preset_at(catalog, 3));
    assert_string_equal(catalog_default_training_preset(catalog)->name, "balanced");
}

static void has_the_sizes_and_ratios(void **state)
{
    static const struct image_size SIZES[] = {
        {"square_hd", {"", ""}, 1024, 1024},    {"square", {"", ""}, 512, 512},
        {"portrait_4_3", {"", ""}, 768, 1024},  {"portrait_16_9", {"", ""}, 576, 1024},
        {"landscape_4_3", {"", ""}, 1024, 768}, {"landscape_16_9", {"", ""}, 1024, 576},
    };
    static const char *const RATIOS[] = {"21:9", "16:9", "4:3", "3:2", "1:1", "2:3", "3:4", "9:16", "9:21"};

    (void)state;
    for (int i = 0; i < 6; i++) {
        assert_int_equal(catalog_image_size(catalog, SIZES[i].name)->width, SIZES[i].width);
        assert_int_equal(catalog_image_size(catalog, SIZES[i].name)->height, SIZES[i].height);
    }
    assert_null(catalog_image_size_at(catalog, 6));
    for (int i = 0; i < 9; i++)
        assert_true(catalog_has_aspect_ratio(catalog, RATIOS[i]));
    assert_null(catalog_aspect_ratio_at(catalog, 9));
    assert_false(catalog_has_aspect_ratio(catalog, "5:4"));
    assert_int_equal(catalog_custom_size(catalog).min, 256);
    assert_int_equal(catalog_custom_size(catalog).max, 2048);
}

/* name:type, '*' for required, ranges in brackets: as the providers' own pages list them. */
static void describe(const struct endpoint *endpoint, struct buf *out)
{
    static const char *const TYPES[] = {"text", "url", "int", "seed", "num", "bool", "enum", "size", "loras"};

    for (int i = 0; i < endpoint->parameters.count; i++) {
        const struct parameter *p = &endpoint->parameters.at[i];
        char options[200];
        parameter_write_options(p, options, sizeof options);
        (void)buf_add_format(out, "%s%s%s:%s", i ? " " : "", p->name, p->required ? "*" : "", TYPES[p->type]);
        if (p->max > 0)
            (void)buf_add_format(out, "[%g..%g]", p->min, p->max);
        if (*options)
            (void)buf_add_format(out, "[%s]", options);
    }
}

#define LORA_REST                                                                                                      \
    " image_size:size[1..14142] num_inference_steps:int[1..50] seed:seed loras:loras[0..4]"                            \
    " guidance_scale:num[0..35] sync_mode:bool num_images:int[1..4] enable_safety_checker:bool"                        \
    " output_format:enum[jpeg, png] acceleration:enum[none, regular]"
#define FINETUNE_START "prompt*:text finetune_id*:text finetune_strength*:num[0..2]"
#define FINETUNE_REST                                                                                                  \
    " seed:seed sync_mode:bool num_images:int[1..4] output_format:enum[jpeg, png]"                                     \
    " safety_tolerance:enum[1, 2, 3, 4, 5, 6] enhance_prompt:bool"

static const struct registered {
    const char *id;
    enum endpoint_kind kind;
    enum endpoint_state state;
    const char *replacement, *parameters;
} REGISTERED[] = {
    {"fal-ai/flux-lora", ENDPOINT_GENERATION, ENDPOINT_ACTIVE, "", "prompt*:text" LORA_REST},
    {"fal-ai/flux-lora/image-to-image", ENDPOINT_VARIATION, ENDPOINT_ACTIVE, "",
     "prompt*:text image_url*:url strength:num[0.01..1]" LORA_REST},
    {"fal-ai/flux-pro/finetuned", ENDPOINT_GENERATION, ENDPOINT_ACTIVE, "",
     FINETUNE_START
     " image_size:size[1..14142] num_inference_steps:int[1..50] guidance_scale:num[1..20]" FINETUNE_REST},
    {"fal-ai/flux-pro/v1.1-ultra-finetuned", ENDPOINT_GENERATION, ENDPOINT_ACTIVE, "",
     FINETUNE_START " image_url:url image_prompt_strength:num[0..1]"
                    " aspect_ratio:enum[21:9, 16:9, 4:3, 3:2, 1:1, 2:3, 3:4, 9:16, 9:21] raw:bool" FINETUNE_REST},
    {"fal-ai/flux-lora-portrait-trainer", ENDPOINT_TRAINING, ENDPOINT_ACTIVE, "",
     "images_data_url*:url trigger_phrase:text learning_rate:num[1e-06..0.001] steps:int[1..10000]"
     " multiresolution_training:bool subject_crop:bool create_masks:bool data_archive_format:text"
     " resume_from_checkpoint:url"},
    {"fal-ai/flux-pro-trainer", ENDPOINT_TRAINING, ENDPOINT_DEPRECATED, "fal-ai/flux-lora-fast-training",
     "data_url*:url finetune_comment*:text mode:enum[character, product, style, general] iterations:int[100..1000]"
     " learning_rate:num[1e-06..0.005] priority:enum[speed, quality, high_res_only] captioning:bool"
     " trigger_word:text lora_rank:int[16..32] finetune_type:enum[full, lora]"},
    {"fal-ai/flux-lora-fast-training", ENDPOINT_TRAINING, ENDPOINT_ACTIVE, "",
     "images_data_url*:url trigger_word:text is_style:bool create_masks:bool"
     " is_input_format_already_preprocessed:bool steps:int[1..10000] data_archive_format:text"},
};

static void registers_each_endpoint_with_what_it_takes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof REGISTERED / sizeof REGISTERED[0]; i++) {
        CLEANUP(buf_done) struct buf parameters = buf_make(4000);
        const struct endpoint *endpoint = catalog_endpoint(catalog, REGISTERED[i].id);
        assert_ptr_equal(catalog_endpoint_at(catalog, (int)i), endpoint);
        assert_int_equal(endpoint->kind, REGISTERED[i].kind);
        assert_int_equal(endpoint->shipped.state, REGISTERED[i].state);
        assert_int_equal(endpoint_state(endpoint), REGISTERED[i].state);
        assert_string_equal(endpoint->shipped.replacement, REGISTERED[i].replacement);
        assert_ptr_equal(endpoint_replacement(endpoint), catalog_endpoint(catalog, REGISTERED[i].replacement));
        assert_true(endpoint->price > 0);
        describe(endpoint, &parameters);
        assert_string_equal(parameters.bytes, REGISTERED[i].parameters);
    }
    assert_null(catalog_endpoint_at(catalog, 7));
    assert_null(catalog_endpoint(catalog, "fal-ai/flux-pro"));
}

/* What overrides may say at all encloses what any endpoint takes. */
static void decodes_settings_over_the_range_of_every_endpoint(void **state)
{
    const struct endpoint *endpoint;

    (void)state;
    for (const struct json_field *f = settings_fields; f->name; f++)
        for (int i = 0; (endpoint = catalog_endpoint_at(catalog, i)) && f->type != JSON_BOOL; i++) {
            const struct parameter *p = endpoint_parameter(endpoint, settings_wire_name(f));
            double unit = f->type == JSON_DOUBLE ? 1000 : 1;
            if (p && f->type != JSON_TEXT)
                assert_true((double)f->min <= p->min * unit && (double)f->max >= p->max * unit);
        }
}

/* Choice of the endpoint */

static const struct avatar_model PORTRAIT = {.type = AVATAR_PORTRAIT, .lora_url = "https://files.example/p"};
static const struct avatar_model FINETUNE = {.type = AVATAR_STYLE, .finetune_id = "f"};
static const struct avatar_model BOTH = {
    .type = AVATAR_STYLE, .lora_url = "https://files.example/s", .finetune_id = "f"};

static void check_choice(const struct catalog *from, const struct avatar_model *model, bool ultra, const char *expected)
{
    const struct endpoint *endpoint = NULL;
    struct err err = {0};

    if (catalog_choose_endpoint(from, model, ultra, &endpoint, &err))
        assert_string_equal(endpoint->id, expected);
    else
        assert_string_equal(err.code, expected);
}

static struct catalog *altered(const char *file, const char *from, const char *to)
{
    struct err err = {0};
    struct catalog *changed = altered_catalog_open(file, from, to, &err);

    if (!changed)
        fail_msg("%s", err.detail);
    return changed;
}

static void leaves_an_endpoint_that_is_gone_and_says_so_when_nothing_takes_its_place(void **state)
{
    struct catalog *changed = altered("endpoints.json", "\"state\": \"active\",\n      \"replacement\": null",
                                      "\"state\": \"gone\",\n \"replacement\": \"fal-ai/flux-pro/finetuned\"");
    const struct endpoint *endpoint;
    struct err err;

    (void)state;
    assert_false(catalog_choose_endpoint(changed, &PORTRAIT, false, &endpoint, &err));
    assert_int_equal(err.kind, ERR_CONFLICT);
    assert_string_equal(err.code, "endpoint_gone");
    check_choice(changed, &BOTH, false, "fal-ai/flux-pro/finetuned");
    check_choice(changed, &FINETUNE, false, "fal-ai/flux-pro/finetuned");
    catalog_close(changed);
}

/* flux-lora is the first entry: deprecated here in favour of the finetuned endpoint. */
static void leaves_a_deprecated_endpoint_when_the_model_fits_its_replacement(void **state)
{
    struct catalog *changed = altered("endpoints.json", "\"state\": \"active\",\n      \"replacement\": null",
                                      "\"state\": \"deprecated\",\n \"replacement\": \"fal-ai/flux-pro/finetuned\"");

    (void)state;
    check_choice(changed, &BOTH, false, "fal-ai/flux-pro/finetuned");
    check_choice(changed, &PORTRAIT, false, "fal-ai/flux-lora");
    catalog_close(changed);
}

/* The document for clients */

static yajl_val written(const struct catalog *from, const struct avatar_model *model)
{
    CLEANUP(buf_done) struct buf body = buf_make(CATALOG_PRESETS_MAX_BYTES);
    struct json_out out = json_out_begin(&body);
    yajl_val tree;

    catalog_write_presets(&out, from, model);
    assert_false(out.overflow);
    tree = yajl_tree_parse(body.bytes, NULL, 0);
    assert_non_null(tree);
    return tree;
}

/* "fast balanced ...": the presets not supported, each with its reason. */
static void check_unsupported(const struct catalog *from, const struct avatar_model *model, const char *expected)
{
    CLEANUP(buf_done) struct buf names = buf_make(1000);
    yajl_val tree = written(from, model), presets = json_get(tree, "presets");

    (void)buf_add_text(&names, "");
    for (size_t i = 0; i < YAJL_GET_ARRAY(presets)->len; i++) {
        yajl_val preset = YAJL_GET_ARRAY(presets)->values[i];
        const char *reason = json_get_text(preset, "reason");
        assert_int_equal(YAJL_IS_TRUE(json_get(preset, "supported")), reason == NULL);
        if (reason)
            (void)buf_add_format(&names, "%s:%s ", json_get_text(preset, "name"), reason);
    }
    assert_string_equal(names.bytes, expected);
    yajl_tree_free(tree);
}

static void marks_the_presets_that_an_avatar_cannot_have(void **state)
{
    struct avatar_model style_lora = {.type = AVATAR_STYLE, .lora_url = "https://files.example/s"};
    struct avatar_model draft_portrait = {.type = AVATAR_PORTRAIT}, draft_style = {.type = AVATAR_STYLE};
    struct catalog *changed = altered("endpoints.json", "\"state\": \"active\"", "\"state\": \"gone\"");

    (void)state;
    check_unsupported(catalog, NULL, "");
    check_unsupported(catalog, &PORTRAIT, "ultra:preset_not_supported ");
    check_unsupported(catalog, &style_lora, "ultra:preset_not_supported ");
    check_unsupported(catalog, &draft_portrait, "ultra:preset_not_supported ");
    check_unsupported(catalog, &FINETUNE, "");
    check_unsupported(catalog, &BOTH, "");
    check_unsupported(catalog, &draft_style, "");
    check_unsupported(changed, &BOTH,
                      "fast:endpoint_gone balanced:endpoint_gone quality:endpoint_gone artistic:endpoint_gone "
                      "portrait:endpoint_gone landscape:endpoint_gone photorealistic:endpoint_gone ");
    catalog_close(changed);
}

static const char *text_at(yajl_val tree, const char *list, size_t index, const char *member, const char *language)
{
    return json_get_text(json_get(YAJL_GET_ARRAY(json_get(tree, list))->values[index], member), language);
}

static void writes_everything_that_clients_choose_from(void **state)
{
    yajl_val tree = written(catalog, NULL), preset, training;

    (void)state;
    preset = YAJL_GET_ARRAY(json_get(tree, "presets"))->values[3];
    assert_string_equal(json_get_text(preset, "name"), "ultra");
    assert_string_equal(text_at(tree, "presets", 3, "title", "ru"), "Ультра");
    assert_string_equal(text_at(tree, "presets", 3, "title", "en"), "Ultra");
    assert_int_equal(json_get_int64(json_get(preset, "expected_seconds"), "max", 0), 90);
    preset = json_get(preset, "parameters");
    assert_int_equal(YAJL_GET_OBJECT(preset)->len, 10);
    assert_string_equal(json_get_text(preset, "aspect_ratio"), "1:1");
    assert_string_equal(json_get_text(preset, "safety_tolerance"), "2");
    assert_int_equal(json_get_int64(preset, "num_images", 0), 1);
    assert_true(YAJL_IS_FALSE(json_get(preset, "raw")));
    training = json_get(YAJL_GET_ARRAY(json_get(tree, "training_presets"))->values[0], "portrait");
    assert_string_equal(YAJL_GET_NUMBER(json_get(training, "learning_rate")), "0.0003");
    assert_string_equal(text_at(tree, "image_sizes", 2, "title", "en"), "Portrait 3:4");
    assert_int_equal(json_get_int64(json_get(tree, "custom_size"), "max", 0), 2048);
    assert_int_equal(YAJL_GET_ARRAY(json_get(tree, "aspect_ratios"))->len, 9);
    yajl_tree_free(tree);
}

static int open_catalog(void **state)
{
    struct err err = {0};

    (void)state;
    catalog = catalog_open(altered_catalog_root(), &err);
    if (!catalog)
        print_error("%s\n", err.detail);
    return catalog ? 0 : -1;
}

static int close_catalog(void **state)
{
    (void)state;
    catalog_close(catalog);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_every_number_of_the_eight_presets),
        cmocka_unit_test(has_what_else_ultra_brings),
        cmocka_unit_test(has_every_number_of_the_training_presets),
        cmocka_unit_test(has_the_sizes_and_ratios),
        cmocka_unit_test(registers_each_endpoint_with_what_it_takes),
        cmocka_unit_test(decodes_settings_over_the_range_of_every_endpoint),
        cmocka_unit_test(leaves_an_endpoint_that_is_gone_and_says_so_when_nothing_takes_its_place),
        cmocka_unit_test(leaves_a_deprecated_endpoint_when_the_model_fits_its_replacement),
        cmocka_unit_test(marks_the_presets_that_an_avatar_cannot_have),
        cmocka_unit_test(writes_everything_that_clients_choose_from),
    };

    return cmocka_run_group_tests(tests, open_catalog, close_catalog);
}
