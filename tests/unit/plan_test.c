#include "generations/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/json_same.h"

static struct catalog *catalog;

static const struct avatar_model PORTRAIT = {
    .type = AVATAR_PORTRAIT, .lora_url = "https://files.example/p.safetensors", .trigger = "TOK"};
static const struct avatar_model FINETUNE = {
    .type = AVATAR_STYLE, .finetune_id = "0f0e0d0c-0b0a-4908-8706-050403020100", .trigger = "ARTST"};
static const struct avatar_model STYLE_LORA = {
    .type = AVATAR_STYLE, .lora_url = "https://files.example/s.safetensors", .trigger = "ARTST"};
static const struct avatar_model BOTH = {.type = AVATAR_STYLE,
                                         .lora_url = "https://files.example/s.safetensors",
                                         .finetune_id = "0f0e0d0c-0b0a-4908-8706-050403020100",
                                         .trigger = "ARTST"};

static struct plan_request ask(const struct avatar_model *model, const char *preset)
{
    return (struct plan_request){.model = model, .prompt = TEXT("a castle"), .preset = preset};
}

static struct plan planned(const struct plan_request *request)
{
    struct faults faults = {0};
    struct plan plan;
    struct err err;

    if (!plan_make(catalog, request, &plan, &faults, &err))
        fail_msg("%s %s %s", request->preset, err.code, faults.items[0].code);
    assert_int_equal(faults.count, 0);
    return plan;
}

/* Every preset on every kind of avatar */

/* By hand from the endpoints' parameter lists: nothing more may be sent, and nothing less. */
#define LORA_INPUT(prompt, path, steps, guidance, size, scale)                                                         \
    "{\"prompt\":\"" prompt "\",\"loras\":[{\"path\":\"" path "\",\"scale\":" scale "}],\"image_size\":\"" size        \
    "\",\"num_inference_steps\":" steps ",\"guidance_scale\":" guidance                                                \
    ",\"num_images\":1,\"enable_safety_checker\":true,\"seed\":18446744073709551615}"
#define PORTRAIT_INPUT(steps, guidance, size, scale)                                                                   \
    LORA_INPUT("TOK a castle", "https://files.example/p.safetensors", steps, guidance, size, scale)
#define STYLE_LORA_INPUT(steps, guidance, size, scale)                                                                 \
    LORA_INPUT("ARTST a castle", "https://files.example/s.safetensors", steps, guidance, size, scale)
#define FINETUNE_INPUT(steps, guidance, size, strength, tolerance)                                                     \
    "{\"prompt\":\"ARTST a "                                                                                           \
    "castle\",\"finetune_id\":\"0f0e0d0c-0b0a-4908-8706-050403020100\",\"finetune_strength\":" strength                \
    ",\"image_size\":\"" size "\",\"num_inference_steps\":" steps ",\"guidance_scale\":" guidance                      \
    ",\"num_images\":1,\"safety_tolerance\":\"" tolerance "\",\"seed\":18446744073709551615}"
#define ULTRA_INPUT(strength, tolerance, more)                                                                         \
    "{\"prompt\":\"ARTST a "                                                                                           \
    "castle\",\"finetune_id\":\"0f0e0d0c-0b0a-4908-8706-050403020100\",\"finetune_strength\":" strength                \
    ",\"aspect_ratio\":\"1:1\",\"num_images\":1,\"safety_tolerance\":\"" tolerance                                     \
    "\",\"seed\":18446744073709551615" more "}"

#define LORA_ID "fal-ai/flux-lora"
#define FINETUNE_ID "fal-ai/flux-pro/finetuned"
#define ULTRA_ID "fal-ai/flux-pro/v1.1-ultra-finetuned"

static const struct expected {
    const struct avatar_model *model;
    const char *preset;
    bool use_ultra;
    const char *endpoint, *input;
} EXPECTED[] = {
    {&PORTRAIT, "fast", false, LORA_ID, PORTRAIT_INPUT("20", "3", "square", "0.8")},
    {&PORTRAIT, "balanced", false, LORA_ID, PORTRAIT_INPUT("28", "3.5", "square_hd", "1")},
    {&PORTRAIT, "", false, LORA_ID, PORTRAIT_INPUT("28", "3.5", "square_hd", "1")},
    {&PORTRAIT, NULL, false, LORA_ID, PORTRAIT_INPUT("28", "3.5", "square_hd", "1")},
    {&PORTRAIT, "quality", false, LORA_ID, PORTRAIT_INPUT("50", "4", "square_hd", "1.2")},
    {&PORTRAIT, "artistic", false, LORA_ID, PORTRAIT_INPUT("35", "4", "square_hd", "1.3")},
    {&PORTRAIT, "portrait", false, LORA_ID, PORTRAIT_INPUT("35", "3.5", "portrait_4_3", "1.1")},
    {&PORTRAIT, "landscape", false, LORA_ID, PORTRAIT_INPUT("30", "3.5", "landscape_4_3", "1")},
    {&PORTRAIT, "photorealistic", false, LORA_ID, PORTRAIT_INPUT("40", "3", "square_hd", "1.1")},
    {&STYLE_LORA, "fast", false, LORA_ID, STYLE_LORA_INPUT("20", "3", "square", "0.8")},
    {&STYLE_LORA, "balanced", false, LORA_ID, STYLE_LORA_INPUT("28", "3.5", "square_hd", "1")},
    {&STYLE_LORA, "quality", false, LORA_ID, STYLE_LORA_INPUT("50", "4", "square_hd", "1.2")},
    {&STYLE_LORA, "artistic", false, LORA_ID, STYLE_LORA_INPUT("35", "4", "square_hd", "1.3")},
    {&STYLE_LORA, "portrait", false, LORA_ID, STYLE_LORA_INPUT("35", "3.5", "portrait_4_3", "1.1")},
    {&STYLE_LORA, "landscape", false, LORA_ID, STYLE_LORA_INPUT("30", "3.5", "landscape_4_3", "1")},
    {&STYLE_LORA, "photorealistic", false, LORA_ID, STYLE_LORA_INPUT("40", "3", "square_hd", "1.1")},
    {&BOTH, "balanced", false, LORA_ID, STYLE_LORA_INPUT("28", "3.5", "square_hd", "1")},
    {&FINETUNE, "fast", false, FINETUNE_ID, FINETUNE_INPUT("20", "3", "square", "0.8", "2")},
    {&FINETUNE, "balanced", false, FINETUNE_ID, FINETUNE_INPUT("28", "3.5", "square_hd", "1", "2")},
    {&FINETUNE, "quality", false, FINETUNE_ID, FINETUNE_INPUT("50", "4", "square_hd", "1.2", "2")},
    {&FINETUNE, "artistic", false, FINETUNE_ID, FINETUNE_INPUT("35", "4", "square_hd", "1.3", "3")},
    {&FINETUNE, "portrait", false, FINETUNE_ID, FINETUNE_INPUT("35", "3.5", "portrait_4_3", "1", "2")},
    {&FINETUNE, "landscape", false, FINETUNE_ID, FINETUNE_INPUT("30", "3.5", "landscape_4_3", "1", "2")},
    {&FINETUNE, "photorealistic", false, FINETUNE_ID, FINETUNE_INPUT("40", "3", "square_hd", "1", "2")},
    {&FINETUNE, "ultra", false, ULTRA_ID, ULTRA_INPUT("1.1", "2", ",\"output_format\":\"jpeg\",\"raw\":false")},
    {&FINETUNE, "ultra", true, ULTRA_ID, ULTRA_INPUT("1.1", "2", ",\"output_format\":\"jpeg\",\"raw\":false")},
    {&BOTH, "ultra", false, ULTRA_ID, ULTRA_INPUT("1.1", "2", ",\"output_format\":\"jpeg\",\"raw\":false")},
    {&FINETUNE, "fast", true, ULTRA_ID, ULTRA_INPUT("0.8", "2", "")},
    {&FINETUNE, "balanced", true, ULTRA_ID, ULTRA_INPUT("1", "2", "")},
    {&FINETUNE, "quality", true, ULTRA_ID, ULTRA_INPUT("1.2", "2", "")},
    {&FINETUNE, "artistic", true, ULTRA_ID, ULTRA_INPUT("1.3", "3", "")},
    {&FINETUNE, "portrait", true, ULTRA_ID, ULTRA_INPUT("1", "2", "")},
    {&FINETUNE, "landscape", true, ULTRA_ID, ULTRA_INPUT("1", "2", "")},
    {&FINETUNE, "photorealistic", true, ULTRA_ID, ULTRA_INPUT("1", "2", "")},
    {&BOTH, "quality", true, ULTRA_ID, ULTRA_INPUT("1.2", "2", "")},
};

static void check_value(const struct parameter *parameter, yajl_val value)
{
    switch (parameter->type) {
    case PARAMETER_TEXT:
    case PARAMETER_URL: assert_true(YAJL_IS_STRING(value)); return;
    case PARAMETER_INTEGER: assert_true(YAJL_IS_INTEGER(value)); /* fallthrough */
    case PARAMETER_NUMBER: assert_true(parameter_takes_number(parameter, YAJL_GET_DOUBLE(value))); return;
    case PARAMETER_UINT64: assert_true(YAJL_IS_NUMBER(value)); return;
    case PARAMETER_BOOLEAN: assert_true(YAJL_IS_TRUE(value) || YAJL_IS_FALSE(value)); return;
    case PARAMETER_ENUM: assert_true(parameter_takes_option(parameter, YAJL_GET_STRING(value))); return;
    case PARAMETER_IMAGE_SIZE: assert_non_null(catalog_image_size(catalog, YAJL_GET_STRING(value))); return;
    case PARAMETER_LORAS:
        value = YAJL_GET_ARRAY(value)->values[0];
        assert_true(YAJL_IS_STRING(json_get(value, "path")));
        assert_true(parameter_takes_number(parameter, YAJL_GET_DOUBLE(json_get(value, "scale"))));
    }
}

static void check_against_registry(const struct endpoint *endpoint, const char *input)
{
    yajl_val tree = yajl_tree_parse(input, NULL, 0);

    assert_true(YAJL_IS_OBJECT(tree));
    for (size_t i = 0; i < YAJL_GET_OBJECT(tree)->len; i++) {
        const struct parameter *parameter = endpoint_parameter(endpoint, YAJL_GET_OBJECT(tree)->keys[i]);
        assert_non_null(parameter);
        check_value(parameter, YAJL_GET_OBJECT(tree)->values[i]);
    }
    for (int i = 0; i < endpoint->parameters.count; i++)
        if (endpoint->parameters.at[i].required)
            assert_non_null(json_get(tree, endpoint->parameters.at[i].name));
    yajl_tree_free(tree);
}

static void check_sent(const struct expected *expected)
{
    CLEANUP(buf_done) struct buf body = buf_make(10000);
    struct json_out out = json_out_begin(&body);
    struct plan_request request = ask(expected->model, expected->preset);
    struct plan plan;

    request.overrides.use_ultra = request.overrides.given.use_ultra = expected->use_ultra;
    plan = planned(&request);
    plan_write_sent((struct text){plan.input.bytes, plan.input.len}, NULL, UINT64_MAX, &out);
    assert_string_equal(plan.endpoint->id, expected->endpoint);
    if (!json_same(body.bytes, expected->input))
        fail_msg("%s\n  is not %s", body.bytes, expected->input);
    check_against_registry(plan.endpoint, body.bytes);
    plan_done(&plan);
}

static void sends_exactly_what_each_endpoint_takes_for_every_preset_and_avatar(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof EXPECTED / sizeof EXPECTED[0]; i++)
        check_sent(&EXPECTED[i]);
}

static void covers_every_preset_of_the_catalogue(void **state)
{
    const struct preset *preset;

    (void)state;
    for (int i = 0; (preset = catalog_preset_at(catalog, i)); i++) {
        int met = 0;
        for (size_t j = 0; j < sizeof EXPECTED / sizeof EXPECTED[0]; j++)
            met += EXPECTED[j].preset && strcmp(EXPECTED[j].preset, preset->name) == 0;
        assert_in_range(met, 3, 10);
    }
}

/* What a request may change */

static void check_input(const struct plan_request *request, const char *expected_input)
{
    struct plan plan = planned(request);

    if (!json_same(plan.input.bytes, expected_input))
        fail_msg("%s\n  is not %s", plan.input.bytes, expected_input);
    plan_done(&plan);
}

static void takes_overrides_size_and_count_over_the_preset(void **state)
{
    struct plan_request request = ask(&PORTRAIT, "fast");

    (void)state;
    request.num_images = 4;
    request.size = (struct plan_size){.width = 256, .height = 2048};
    request.overrides = (struct settings){
        .num_inference_steps = 1,
        .guidance_scale = 0,
        .lora_scale = 4,
        .output_format = "png",
        .given = {.num_inference_steps = true, .guidance_scale = true, .lora_scale = true, .output_format = true}};
    check_input(&request, "{\"prompt\":\"TOK a castle\",\"loras\":[{\"path\":\"https://files.example/p.safetensors\","
                          "\"scale\":4}],\"image_size\":{\"width\":256,\"height\":2048},\"num_inference_steps\":1,"
                          "\"guidance_scale\":0,\"num_images\":4,\"output_format\":\"png\","
                          "\"enable_safety_checker\":true}");
}

static void takes_ratio_raw_and_count_on_ultra(void **state)
{
    struct plan_request request = ask(&FINETUNE, "ultra");

    (void)state;
    request.num_images = 2;
    request.aspect_ratio = "21:9";
    request.overrides =
        (struct settings){.raw = true, .safety_tolerance = "1", .given = {.raw = true, .safety_tolerance = true}};
    check_input(&request, "{\"prompt\":\"ARTST a castle\",\"finetune_id\":\"0f0e0d0c-0b0a-4908-8706-050403020100\","
                          "\"finetune_strength\":1.1,\"aspect_ratio\":\"21:9\",\"safety_tolerance\":\"1\","
                          "\"output_format\":\"jpeg\",\"raw\":true,\"num_images\":2}");
}

static void tells_the_provider_not_to_look_when_the_operator_says_so(void **state)
{
    struct plan_request request = ask(&PORTRAIT, "fast");
    struct plan plan;

    (void)state;
    request.unchecked = true;
    plan = planned(&request);
    assert_non_null(strstr(plan.input.bytes, "\"enable_safety_checker\":false"));
    assert_non_null(strstr(plan.parameters.bytes, "\"enable_safety_checker\":false"));
    plan_done(&plan);
}

static void brings_what_was_allowed_once_down_to_what_is_allowed_now(void **state)
{
    struct settings kept = {.safety_tolerance = "5", .given.safety_tolerance = true};
    struct plan_request request = ask(&FINETUNE, "artistic");
    struct plan plan;

    (void)state;
    request.kept = &kept;
    plan = planned(&request);
    assert_non_null(strstr(plan.input.bytes, "\"safety_tolerance\":\"3\""));
    plan_done(&plan);
    (void)text_copy(kept.safety_tolerance, sizeof kept.safety_tolerance, TEXT("1"));
    plan = planned(&request);
    assert_non_null(strstr(plan.input.bytes, "\"safety_tolerance\":\"1\""));
    plan_done(&plan);
}

static void shows_its_parameters_without_prompt_and_urls(void **state)
{
    struct plan_request request = ask(&PORTRAIT, "fast");
    struct plan plan;

    (void)state;
    request.num_images = 3;
    plan = planned(&request);
    assert_true(json_same(plan.parameters.bytes,
                          "{\"image_size\":\"square\",\"num_inference_steps\":20,\"guidance_scale\":3,"
                          "\"lora_scale\":0.8,\"enable_safety_checker\":true}"));
    assert_string_equal(plan.final_prompt.bytes, "TOK a castle");
    assert_string_equal(plan.preset->name, "fast");
    assert_int_equal(plan.num_images, 3);
    assert_int_equal(plan.price, 3 * catalog_endpoint(catalog, LORA_ID)->price);
    assert_int_equal(plan.expected_seconds.min, 15);
    assert_int_equal(plan.expected_seconds.max, 25);
    plan_done(&plan);
}

static void expects_the_time_of_ultra_when_ultra_is_asked_for_by_override(void **state)
{
    struct plan_request request = ask(&FINETUNE, "fast");
    struct plan plan;

    (void)state;
    request.overrides.use_ultra = request.overrides.given.use_ultra = true;
    plan = planned(&request);
    assert_int_equal(plan.expected_seconds.max, 90);
    plan_done(&plan);
}

static void adds_the_seed_to_an_input_as_a_row_keeps_it(void **state)
{
    CLEANUP(buf_done) struct buf body = buf_make(100);
    struct json_out out = json_out_begin(&body);

    (void)state;
    json_array(&out);
    plan_write_sent(TEXT("{\"prompt\": \"a {\", \"loras\": [{}]}\n"), NULL, 7, &out);
    plan_write_sent(TEXT("{\"prompt\": \"b\"}"), NULL, 0, &out);
    json_end_array(&out);
    assert_true(
        json_same(body.bytes, "[{\"prompt\":\"a {\",\"loras\":[{}],\"seed\":7},{\"prompt\":\"b\",\"seed\":0}]"));
}

static int open_catalog(void **state)
{
    const char *root = getenv("AISHA_ROOT");
    struct err err = {0};

    (void)state;
    catalog = catalog_open(root ? root : ".", &err);
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
        cmocka_unit_test(sends_exactly_what_each_endpoint_takes_for_every_preset_and_avatar),
        cmocka_unit_test(covers_every_preset_of_the_catalogue),
        cmocka_unit_test(takes_overrides_size_and_count_over_the_preset),
        cmocka_unit_test(takes_ratio_raw_and_count_on_ultra),
        cmocka_unit_test(tells_the_provider_not_to_look_when_the_operator_says_so),
        cmocka_unit_test(brings_what_was_allowed_once_down_to_what_is_allowed_now),
        cmocka_unit_test(shows_its_parameters_without_prompt_and_urls),
        cmocka_unit_test(expects_the_time_of_ultra_when_ultra_is_asked_for_by_override),
        cmocka_unit_test(adds_the_seed_to_an_input_as_a_row_keeps_it),
    };

    return cmocka_run_group_tests(tests, open_catalog, close_catalog);
}
