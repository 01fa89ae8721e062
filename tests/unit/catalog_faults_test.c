/* Data files with a fault in them: refused at start, in words with file and place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "generations/plan.h"
#include "support/altered_catalog.h"

static const struct broken {
    const char *file, *from, *to;
    const char *words; /* what the error must say beside the file */
} BROKEN[] = {
    {"presets.json", NULL, "", "json_malformed"},
    {"presets.json", NULL, "[]", "not_an_object"},
    {"presets.json", "\"name\": \"fast\",", "", "presets[0].name: required"},
    {"presets.json", "\"ru\": \"Ультра\"", "\"ru\": \"\"", "presets[3].title.ru: empty"},
    {"presets.json", "\"ru\": \"Ультра\", ", "", "presets[3].title.ru: required"},
    {"presets.json", "\"raw\": false", "\"raw\": 0", "presets[3].settings.raw: not_a_boolean"},
    {"presets.json", "\"raw\": false", "\"row\": false", "unknown_field row"},
    {"presets.json", "\"min\": 15,", "\"min\": 150,", "fast"},
    {"presets.json", "\"num_inference_steps\": 50", "\"num_inference_steps\": 51", "quality"},
    {"presets.json", "\"guidance_scale\": 4.0", "\"guidance_scale\": 0.5", "quality"},
    {"presets.json", "\"safety_tolerance\": \"3\"", "\"safety_tolerance\": \"7\"", "artistic"},
    {"presets.json", "\"max_safety_tolerance\": \"3\"", "\"max_safety_tolerance\": \"2\"", "artistic"},
    {"presets.json", "\"max_safety_tolerance\": \"3\"", "\"max_safety_tolerance\": \"9\"", "artistic"},
    {"presets.json", "\"max_safety_tolerance\": \"3\",", "", "max_safety_tolerance: required"},
    {"presets.json", ", \"finetune_strength\": 0.8", "", "fast"},
    {"presets.json", "\"image_size\": \"square\"", "\"image_size\": \"tiny\"", "fast"},
    {"presets.json", "\"aspect_ratio\": \"1:1\"", "\"aspect_ratio\": \"5:4\"", "ultra"},
    {"presets.json", "\"name\": \"quality\"", "\"name\": \"fast\"", "stands twice"},
    {"presets.json", "\"default_preset\": \"balanced\"", "\"default_preset\": \"normal\"", "normal"},
    {"presets.json", "\"default_training_preset\": \"balanced\"", "\"default_training_preset\": \"ultra\"", "ultra"},
    {"presets.json", "\"steps\": 500", "\"steps\": 20000", "fast"},
    {"presets.json", "\"iterations\": 200", "\"iterations\": 99", "fast"},
    {"presets.json", "\"priority\": \"speed\"", "\"priority\": \"haste\"", "fast"},
    {"presets.json", "\"learning_rate\": 0.0003", "\"learning_rate\": 0.1", "fast"},
    {"image_sizes.json", "\"square_hd\"", "\"hd\"", ""}, /* a preset names it */
    {"image_sizes.json", "\"name\": \"square\"", "\"name\": \"square_hd\"", "stands twice"},
    {"image_sizes.json", "\"width\": 512", "\"width\": \"512\"", "image_sizes[1].width: not_an_integer"},
    {"image_sizes.json", "\"max\": 2048", "\"max\": 20480", "custom_size"},
    {"image_sizes.json", "\"21:9\"", "\"22:9\"", "22:9"},
    {"image_sizes.json", "\"21:9\"", "\"16:9\"", "aspect_ratios: bad_item"},
    {"image_sizes.json", "\"default_aspect_ratio\": \"1:1\"", "\"default_aspect_ratio\": \"1:2\"", "1:2"},
    {"endpoints.json", "\"lora\": \"fal-ai/flux-lora\"", "\"lora\": \"fal-ai/flux-loro\"", "routes"},
    {"endpoints.json", "\"lora\": \"fal-ai/flux-lora\"", "\"lora\": \"fal-ai/flux-pro-trainer\"", "another kind"},
    {"endpoints.json", "\"state\": \"active\"", "\"state\": \"alive\"", "endpoints[0].state: unknown_word alive"},
    {"endpoints.json", "\"replacement\": \"fal-ai/flux-lora-fast-training\"", "\"replacement\": \"fal-ai/x\"",
     "fal-ai/flux-pro-trainer"},
    {"endpoints.json", "\"replacement\": \"fal-ai/flux-lora-fast-training\"", "\"replacement\": \"fal-ai/flux-lora\"",
     "another kind"},
    {"endpoints.json", "\"default\": 28", "\"default\": 51", "num_inference_steps"},
    {"endpoints.json", "\"default\": 28", "\"default\": \"28\"", "num_inference_steps"},
    {"endpoints.json", "\"default\": \"jpeg\"", "\"default\": \"webp\"", "output_format"},
    {"endpoints.json", "\"default\": \"jpeg\"", "\"default\": {}", "bad_item"},
    {"endpoints.json", "\"price\": 4", "\"price\": -4", "endpoints[0].price: out_of_range"},
    {"endpoints.json", "\"name\": \"seed\"", "\"name\": \"sead\"", "fal-ai/flux-lora"},
    {"endpoints.json", "\"name\": \"sync_mode\"", "\"name\": \"seed\"", "stands twice"},
    {"endpoints.json", "\"min\": 1, \"max\": 50", "\"min\": 50, \"max\": 1", "num_inference_steps"},
    {"endpoints.json", ", \"options\": [\"jpeg\", \"png\"]", "", "output_format"},
    {"endpoints.json", "\"type\": \"uint64\"", "\"type\": \"uint\"", "endpoints[0].parameters[3].type: unknown_word"},
};

static void refuses_data_with_a_fault_and_says_where_it_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof BROKEN / sizeof BROKEN[0]; i++) {
        struct err err = {0};
        struct catalog *catalog = altered_catalog_open(BROKEN[i].file, BROKEN[i].from, BROKEN[i].to, &err);
        if (catalog || !strstr(err.detail, ".json") || !strstr(err.detail, BROKEN[i].words))
            fail_msg("%s with %s: %s", BROKEN[i].file, BROKEN[i].to, catalog ? "accepted" : err.detail);
        assert_int_equal(err.kind, ERR_INTERNAL);
        assert_string_equal(err.code, "data_file");
    }
}

static void refuses_files_that_are_missing_or_too_large(void **state)
{
    struct err err = {0};
    size_t len = 200000;
    char *spaces = malloc(len + 1);

    (void)state;
    memset(spaces, ' ', len);
    spaces[len] = '\0';
    assert_null(altered_catalog_open("endpoints.json", NULL, spaces, &err));
    assert_non_null(strstr(err.detail, "endpoints.json: larger than"));
    free(spaces);
    assert_null(catalog_open("/nonexistent", &err));
    assert_non_null(strstr(err.detail, "cannot be opened"));
    catalog_close(NULL);
}

static double lora_scale_with(const struct catalog *catalog, const struct avatar_model *model)
{
    struct plan_request request = {.model = model, .prompt = TEXT("a castle"), .preset = "fast"};
    struct faults faults = {0};
    struct plan plan;
    struct err err;
    yajl_val tree;
    double scale;

    assert_true(plan_make(catalog, &request, &plan, &faults, &err));
    tree = yajl_tree_parse(plan.input.bytes, NULL, 0);
    scale = YAJL_GET_DOUBLE(json_get(YAJL_GET_ARRAY(json_get(tree, "loras"))->values[0], "scale"));
    yajl_tree_free(tree);
    plan_done(&plan);
    return scale;
}

static void takes_the_avatars_lora_scale_when_the_preset_has_none_and_ours_when_neither_has(void **state)
{
    struct avatar_model model = {.type = AVATAR_PORTRAIT, .lora_url = "https://files.example/p"};
    struct err err = {0};
    struct catalog *catalog = altered_catalog_open("presets.json", "\"lora_scale\": 0.8, ", "", &err);

    (void)state;
    assert_non_null(catalog);
    assert_float_equal(lora_scale_with(catalog, &model), 1.15, 1e-9);
    model.has_default_lora_scale = true;
    model.default_lora_scale = 0.9;
    assert_float_equal(lora_scale_with(catalog, &model), 0.9, 1e-9);
    catalog_close(catalog);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_data_with_a_fault_and_says_where_it_is),
        cmocka_unit_test(refuses_files_that_are_missing_or_too_large),
        cmocka_unit_test(takes_the_avatars_lora_scale_when_the_preset_has_none_and_ours_when_neither_has),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
