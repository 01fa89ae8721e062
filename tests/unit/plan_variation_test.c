/* Plans that start from a picture, keep what was settled before, or go to one endpoint. */
#include "generations/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "generations/plan_route.h"
#include "support/altered_catalog.h"
#include "support/json_same.h"

#define LORA_URL "https://files.example/l.safetensors"
#define FINETUNE_ID "0f0e0d0c-0b0a-4908-8706-050403020100"
#define IMAGE_TO_IMAGE "fal-ai/flux-lora/image-to-image"
#define ULTRA "fal-ai/flux-pro/v1.1-ultra-finetuned"

static struct catalog *catalog;

static const struct avatar_model PORTRAIT = {.type = AVATAR_PORTRAIT, .lora_url = LORA_URL, .trigger = "TOK"};
static const struct avatar_model STYLE_LORA = {.type = AVATAR_STYLE, .lora_url = LORA_URL, .trigger = "TOK"};
static const struct avatar_model FINETUNE = {.type = AVATAR_STYLE, .finetune_id = FINETUNE_ID, .trigger = "TOK"};
static const struct avatar_model BOTH = {
    .type = AVATAR_STYLE, .lora_url = LORA_URL, .finetune_id = FINETUNE_ID, .trigger = "TOK"};
static const struct avatar_model NOTHING = {.type = AVATAR_STYLE, .trigger = "TOK"};

static struct plan_request ask(const struct avatar_model *model, const struct plan_source *source)
{
    return (struct plan_request){
        .model = model, .prompt = TEXT("a castle"), .preset = "balanced", .num_images = 1, .source = source};
}

static struct plan planned(const struct plan_request *request)
{
    struct faults faults = {0};
    struct plan plan;
    struct err err;

    if (!plan_make(catalog, request, &plan, &faults, &err))
        fail_msg("%s %s %s", err.kind ? err.code : "", faults.items[0].field, faults.items[0].code);
    return plan;
}

static void check_input(const struct plan_request *request, const char *endpoint, const char *expected)
{
    struct plan plan = planned(request);

    assert_string_equal(plan.endpoint->id, endpoint);
    if (!json_same(plan.input.bytes, expected))
        fail_msg("%s\nnot %s", plan.input.bytes, expected);
    plan_done(&plan);
}

static void check_conflict(const struct plan_request *request, const char *code)
{
    struct faults faults = {0};
    struct plan plan;
    struct err err;

    assert_false(plan_make(catalog, request, &plan, &faults, &err));
    assert_int_equal(err.kind, ERR_CONFLICT);
    assert_string_equal(err.code, code);
}

static void check_fault(const struct plan_request *request, const char *field, const char *code)
{
    struct faults faults = {0};
    struct plan plan;
    struct err err;

    assert_false(plan_make(catalog, request, &plan, &faults, &err));
    assert_int_equal(err.kind, ERR_NONE);
    assert_int_equal(faults.count, 1);
    assert_string_equal(faults.items[0].field, field);
    assert_string_equal(faults.items[0].code, code);
}

/* Routes */

#define VARIED(strength, size)                                                                                         \
    "{\"prompt\":\"TOK a castle\",\"loras\":[{\"path\":\"" LORA_URL "\",\"scale\":1}],\"strength\":" strength          \
    ",\"image_size\":" size ",\"num_inference_steps\":28,\"guidance_scale\":3.5,\"num_images\":1,"                     \
    "\"enable_safety_checker\":true}"
#define HINTED(strength, ratio)                                                                                        \
    "{\"prompt\":\"TOK a castle\",\"finetune_id\":\"" FINETUNE_ID "\",\"image_prompt_strength\":" strength             \
    ",\"aspect_ratio\":\"" ratio "\",\"finetune_strength\":1,\"safety_tolerance\":\"2\",\"num_images\":1}"

static void each_kind_of_model_varies_where_it_can(void **state)
{
    static const struct plan_source SOURCE = {.width = 768, .height = 1024};
    const struct avatar_model *const loras[] = {&PORTRAIT, &STYLE_LORA, &BOTH};
    struct plan_request request;
    struct plan plan;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        request = ask(loras[i], &SOURCE);
        check_input(&request, IMAGE_TO_IMAGE, VARIED("0.6", "\"portrait_4_3\""));
    }
    request = ask(&FINETUNE, &SOURCE);
    check_input(&request, ULTRA, HINTED("0.1", "3:4"));
    plan = planned(&request);
    assert_true(plan.sends_source);
    assert_int_equal(plan.price, 7);
    assert_int_equal(plan.expected_seconds.max, 90); /* ultra's own */
    plan_done(&plan);
    request = ask(&NOTHING, &SOURCE);
    check_conflict(&request, "finetune_missing");
}

static void where_that_endpoint_is_gone_the_same_words_go_where_they_went(void **state)
{
    static const struct plan_source SOURCE = {.width = 768, .height = 1024, .change = PLAN_CHANGE_MUCH};
    const struct endpoint *const gone[] = {catalog_endpoint(catalog, ULTRA), catalog_endpoint(catalog, IMAGE_TO_IMAGE)};
    struct plan_request request = ask(&FINETUNE, &SOURCE);
    struct plan plan;

    (void)state;
    for (size_t i = 0; i < 2; i++)
        catalog_switch(catalog, gone[i], ENDPOINT_GONE, NULL);
    assert_null(plan_route_of_variation(catalog, &FINETUNE));
    assert_null(plan_route_of_variation(catalog, &PORTRAIT));
    plan = planned(&request);
    assert_string_equal(plan.endpoint->id, "fal-ai/flux-pro/finetuned");
    assert_false(plan.sends_source);
    assert_null(strstr(plan.input.bytes, "strength\":0"));
    assert_non_null(strstr(plan.input.bytes, "\"image_size\":\"portrait_4_3\""));
    plan_done(&plan);
    request = ask(&PORTRAIT, &SOURCE);
    plan = planned(&request);
    assert_string_equal(plan.endpoint->id, "fal-ai/flux-lora");
    plan_done(&plan);
    for (size_t i = 0; i < 2; i++)
        catalog_switch(catalog, gone[i], ENDPOINT_ACTIVE, NULL);
}

/* How far */

static void words_and_numbers_say_how_far_it_goes(void **state)
{
    static const struct case_of {
        struct plan_source source;
        const char *lora, *finetune; /* NULL: refused there */
    } CASES[] = {
        {{.change = PLAN_CHANGE_LITTLE}, "0.35", "0.4"},
        {{.change = PLAN_CHANGE_MEDIUM}, "0.6", "0.1"},
        {{.change = PLAN_CHANGE_MUCH}, "0.85", "0.03"},
        {{.has_strength = true, .strength = 0.01}, "0.01", NULL},
        {{.has_strength = true, .strength = 1}, "1", NULL},
        {{.has_image_prompt_strength = true, .image_prompt_strength = 0}, NULL, "0"},
        {{.has_image_prompt_strength = true, .image_prompt_strength = 1}, NULL, "1"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct plan_source source = CASES[i].source;
        struct plan_request lora = ask(&PORTRAIT, &source), finetune = ask(&FINETUNE, &source);
        char expected[600];
        source.width = source.height = 1024;
        (void)snprintf(expected, sizeof expected, VARIED("%s", "\"square_hd\""), CASES[i].lora ? CASES[i].lora : "");
        if (CASES[i].lora)
            check_input(&lora, IMAGE_TO_IMAGE, expected);
        else
            check_fault(&lora, "image_prompt_strength", "not_accepted_here");
        (void)snprintf(expected, sizeof expected, HINTED("%s", "1:1"), CASES[i].finetune ? CASES[i].finetune : "");
        if (CASES[i].finetune)
            check_input(&finetune, ULTRA, expected);
        else
            check_fault(&finetune, "strength", "not_accepted_here");
    }
}

static void what_is_out_of_its_range_or_said_twice_is_refused(void **state)
{
    struct plan_source source = {.width = 512, .height = 512, .has_strength = true, .strength = 0.009};
    struct plan_request request = ask(&PORTRAIT, &source);

    (void)state;
    check_fault(&request, "strength", "out_of_range_thousandths");
    source.strength = 1.001;
    check_fault(&request, "strength", "out_of_range_thousandths");
    source.strength = 0.5;
    source.change = PLAN_CHANGE_LITTLE;
    check_fault(&request, "change", "exclusive");
    source = (struct plan_source){
        .width = 512, .height = 512, .has_image_prompt_strength = true, .image_prompt_strength = 1.001};
    request = ask(&FINETUNE, &source);
    check_fault(&request, "image_prompt_strength", "out_of_range_thousandths");
}

/* Shapes */

static void the_picture_keeps_its_size_within_the_limits(void **state)
{
    static const struct case_of {
        int64_t width, height;
        const char *size;
    } CASES[] = {
        {512, 512, "\"square\""},
        {1024, 576, "\"landscape_16_9\""},
        {1000, 600, "{\"width\":1000,\"height\":600}"},
        {2048, 2048, "{\"width\":2048,\"height\":2048}"},
        {2752, 1536, "{\"width\":2048,\"height\":1143}"},
        {1344, 3136, "{\"width\":878,\"height\":2048}"},
        {128, 64, "{\"width\":512,\"height\":256}"},
        {20000, 100, "{\"width\":2048,\"height\":256}"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        const struct plan_source source = {.width = CASES[i].width, .height = CASES[i].height};
        const struct plan_request request = ask(&PORTRAIT, &source);
        char expected[600];
        (void)snprintf(expected, sizeof expected, VARIED("0.6", "%s"), CASES[i].size);
        check_input(&request, IMAGE_TO_IMAGE, expected);
    }
}

static void the_nearest_ratio_is_taken_where_sizes_are_ratios(void **state)
{
    static const struct case_of {
        int64_t width, height;
        const char *ratio;
    } CASES[] = {{1024, 1024, "1:1"}, {1024, 768, "4:3"},   {768, 1024, "3:4"},   {1024, 576, "16:9"},
                 {576, 1024, "9:16"}, {3136, 1344, "21:9"}, {1344, 3136, "9:21"}, {1500, 1000, "3:2"},
                 {640, 960, "2:3"},   {1100, 1000, "1:1"},  {2048, 256, "21:9"}};

    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        const struct plan_source source = {.width = CASES[i].width, .height = CASES[i].height};
        const struct plan_request request = ask(&FINETUNE, &source);
        char expected[600];
        (void)snprintf(expected, sizeof expected, HINTED("0.1", "%s"), CASES[i].ratio);
        check_input(&request, ULTRA, expected);
    }
}

/* Made anew */

static void what_was_settled_before_takes_the_place_of_the_presets(void **state)
{
    struct settings kept = {.num_inference_steps = 41,
                            .guidance_scale = 7,
                            .finetune_strength = 0.3,
                            .given = {.num_inference_steps = true, .guidance_scale = true, .finetune_strength = true}};
    struct plan_request request = ask(&PORTRAIT, NULL);

    (void)state;
    request.kept = &kept;
    request.overrides = (struct settings){.guidance_scale = 2, .given = {.guidance_scale = true}};
    check_input(&request, "fal-ai/flux-lora",
                "{\"prompt\":\"TOK a castle\",\"loras\":[{\"path\":\"" LORA_URL "\",\"scale\":1}],\"image_size\":"
                "\"square_hd\",\"num_inference_steps\":41,\"guidance_scale\":2,\"num_images\":1,"
                "\"enable_safety_checker\":true}");
}

static void a_kept_shape_becomes_what_the_endpoint_takes(void **state)
{
    struct settings kept = {0};
    struct plan_request request = ask(&FINETUNE, NULL);
    struct plan plan;

    (void)state;
    request.kept = &kept;
    request.aspect_ratio = "9:16";
    plan = planned(&request);
    assert_non_null(strstr(plan.input.bytes, "\"image_size\":\"portrait_16_9\""));
    plan_done(&plan);
    request.aspect_ratio = NULL;
    request.size = (struct plan_size){.width = 1500, .height = 1000};
    request.endpoint = ULTRA;
    plan = planned(&request);
    assert_non_null(strstr(plan.input.bytes, "\"aspect_ratio\":\"3:2\""));
    plan_done(&plan);
}

static void a_kept_strength_is_left_out_where_it_is_not_taken(void **state)
{
    const struct plan_source source = {
        .width = 512, .height = 512, .is_kept = true, .has_strength = true, .strength = 0.2};
    const struct plan_request request = ask(&FINETUNE, &source);

    (void)state;
    check_input(&request, ULTRA, HINTED("0.1", "1:1"));
}

static void one_endpoint_and_no_other_is_gone_to_or_not_at_all(void **state)
{
    static const struct plan_source SOURCE = {.width = 512, .height = 512};
    struct plan_request request = ask(&BOTH, NULL);
    struct plan plan;

    (void)state;
    request.endpoint = "fal-ai/flux-pro/finetuned";
    plan = planned(&request);
    assert_string_equal(plan.endpoint->id, "fal-ai/flux-pro/finetuned");
    plan_done(&plan);
    request.model = &PORTRAIT;
    check_conflict(&request, "finetune_missing");
    request.endpoint = "fal-ai/flux-lora";
    request.model = &FINETUNE;
    check_conflict(&request, "lora_missing");
    request.endpoint = IMAGE_TO_IMAGE;
    request.model = &PORTRAIT;
    check_conflict(&request, "source_missing");
    request.source = &SOURCE;
    plan = planned(&request);
    assert_true(plan.sends_source);
    plan_done(&plan);
    request.endpoint = "fal-ai/never-heard-of";
    check_conflict(&request, "endpoint_gone");
    catalog_switch(catalog, catalog_endpoint(catalog, IMAGE_TO_IMAGE), ENDPOINT_GONE, NULL);
    request.endpoint = IMAGE_TO_IMAGE;
    check_conflict(&request, "endpoint_gone");
    catalog_switch(catalog, catalog_endpoint(catalog, IMAGE_TO_IMAGE), ENDPOINT_ACTIVE, NULL);
}

static void the_picture_stands_in_the_body_like_the_seed(void **state)
{
    CLEANUP(buf_done) struct buf body = buf_make(400);
    struct json_out out = json_out_begin(&body);

    (void)state;
    json_array(&out);
    plan_write_sent(TEXT("{\"prompt\": \"b\"}"), "https://x/a?b=\"c\"", 7, &out);
    plan_write_sent_seedless(TEXT("{\"prompt\": \"b\"}"), "https://x/a", &out);
    plan_write_sent_seedless(TEXT("{\"prompt\": \"b\"}"), NULL, &out);
    json_end_array(&out);
    assert_true(json_same(body.bytes, "[{\"prompt\":\"b\",\"image_url\":\"https://x/a?b=\\\"c\\\"\",\"seed\":7},"
                                      "{\"prompt\":\"b\",\"image_url\":\"https://x/a\"},{\"prompt\":\"b\"}]"));
}

static int open_catalog(void **state)
{
    struct err err = {0};

    (void)state;
    catalog = catalog_open(altered_catalog_root(), &err);
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
        cmocka_unit_test(each_kind_of_model_varies_where_it_can),
        cmocka_unit_test(where_that_endpoint_is_gone_the_same_words_go_where_they_went),
        cmocka_unit_test(words_and_numbers_say_how_far_it_goes),
        cmocka_unit_test(what_is_out_of_its_range_or_said_twice_is_refused),
        cmocka_unit_test(the_picture_keeps_its_size_within_the_limits),
        cmocka_unit_test(the_nearest_ratio_is_taken_where_sizes_are_ratios),
        cmocka_unit_test(what_was_settled_before_takes_the_place_of_the_presets),
        cmocka_unit_test(a_kept_shape_becomes_what_the_endpoint_takes),
        cmocka_unit_test(a_kept_strength_is_left_out_where_it_is_not_taken),
        cmocka_unit_test(one_endpoint_and_no_other_is_gone_to_or_not_at_all),
        cmocka_unit_test(the_picture_stands_in_the_body_like_the_seed),
    };

    return cmocka_run_group_tests(tests, open_catalog, close_catalog);
}
