#include "generations/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct catalog *catalog;

static const struct avatar_model PORTRAIT = {
    .type = AVATAR_PORTRAIT, .lora_url = "https://files.example/p.safetensors", .trigger = "TOK"};
static const struct avatar_model FINETUNE = {
    .type = AVATAR_STYLE, .finetune_id = "0f0e0d0c-0b0a-4908-8706-050403020100", .trigger = "ARTST"};
static const struct avatar_model STYLE_LORA = {
    .type = AVATAR_STYLE, .lora_url = "https://files.example/s.safetensors", .trigger = "ARTST"};
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

static void check_refused(const struct plan_request *request, const char *field, const char *code)
{
    struct faults faults = {0};
    struct plan plan;
    struct err err;

    assert_false(plan_make(catalog, request, &plan, &faults, &err));
    assert_int_equal(err.kind, ERR_NONE);
    assert_int_equal(faults.count, 1);
    assert_string_equal(faults.items[0].field, field);
    assert_string_equal(faults.items[0].code, code);
    assert_null(plan.input.bytes);
}

static void check_conflict(const struct avatar_model *model, const char *preset, const char *code)
{
    struct plan_request request = ask(model, preset);
    struct faults faults = {0};
    struct plan plan;
    struct err err;

    assert_false(plan_make(catalog, &request, &plan, &faults, &err));
    assert_int_equal(err.kind, ERR_CONFLICT);
    assert_string_equal(err.code, code);
}

static void refuses_ultra_without_a_finetune(void **state)
{
    struct plan_request request = ask(&PORTRAIT, "ultra");

    (void)state;
    check_refused(&request, "preset", "preset_not_supported");
    request.model = &STYLE_LORA;
    check_refused(&request, "preset", "preset_not_supported");
    request.preset = "fast";
    request.overrides.use_ultra = request.overrides.given.use_ultra = true;
    check_refused(&request, "overrides.use_ultra", "preset_not_supported");
}

static void says_which_model_is_missing(void **state)
{
    struct avatar_model portrait = {.type = AVATAR_PORTRAIT, .lora_url = "", .finetune_id = "f"};
    struct avatar_model style = {.type = AVATAR_STYLE};

    (void)state;
    check_conflict(&portrait, "fast", "lora_missing");
    check_conflict(&style, "fast", "finetune_missing");
    check_conflict(&style, "ultra", "finetune_missing");
}

static void refuses_overrides_that_the_endpoint_does_not_take(void **state)
{
    static const struct refused {
        const struct avatar_model *model;
        const char *preset, *field;
        struct settings overrides;
    } REFUSED[] = {
        {&PORTRAIT, "fast", "overrides.safety_tolerance", {.safety_tolerance = "2", .given.safety_tolerance = true}},
        {&PORTRAIT, "fast", "overrides.finetune_strength", {.finetune_strength = 1, .given.finetune_strength = true}},
        {&PORTRAIT, "fast", "overrides.raw", {.given.raw = true}},
        {&FINETUNE, "fast", "overrides.lora_scale", {.lora_scale = 1, .given.lora_scale = true}},
        {&FINETUNE, "fast", "overrides.raw", {.raw = true, .given.raw = true}},
        {&FINETUNE,
         "ultra",
         "overrides.num_inference_steps",
         {.num_inference_steps = 20, .given.num_inference_steps = true}},
        {&FINETUNE, "ultra", "overrides.guidance_scale", {.guidance_scale = 3, .given.guidance_scale = true}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof REFUSED / sizeof REFUSED[0]; i++) {
        struct plan_request request = ask(REFUSED[i].model, REFUSED[i].preset);
        request.overrides = REFUSED[i].overrides;
        check_refused(&request, REFUSED[i].field, "not_accepted_here");
    }
}

static void refuses_values_out_of_the_endpoints_range(void **state)
{
    static const struct refused {
        const struct avatar_model *model;
        const char *field, *code;
        struct settings overrides;
    } REFUSED[] = {
        {&PORTRAIT,
         "overrides.num_inference_steps",
         "out_of_range",
         {.num_inference_steps = 51, .given.num_inference_steps = true}},
        {&PORTRAIT,
         "overrides.num_inference_steps",
         "out_of_range",
         {.num_inference_steps = 0, .given.num_inference_steps = true}},
        {&PORTRAIT,
         "overrides.guidance_scale",
         "out_of_range_thousandths",
         {.guidance_scale = 35.1, .given.guidance_scale = true}},
        {&PORTRAIT,
         "overrides.lora_scale",
         "out_of_range_thousandths",
         {.lora_scale = 4.001, .given.lora_scale = true}},
        {&FINETUNE,
         "overrides.guidance_scale",
         "out_of_range_thousandths",
         {.guidance_scale = 0.5, .given.guidance_scale = true}},
        {&FINETUNE,
         "overrides.finetune_strength",
         "out_of_range_thousandths",
         {.finetune_strength = 2.1, .given.finetune_strength = true}},
        {&FINETUNE,
         "overrides.safety_tolerance",
         "not_one_of",
         {.safety_tolerance = "7", .given.safety_tolerance = true}},
        {&PORTRAIT, "overrides.output_format", "not_one_of", {.output_format = "webp", .given.output_format = true}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof REFUSED / sizeof REFUSED[0]; i++) {
        struct plan_request request = ask(REFUSED[i].model, "fast");
        request.overrides = REFUSED[i].overrides;
        check_refused(&request, REFUSED[i].field, REFUSED[i].code);
    }
}

static void names_the_range_of_the_endpoint_in_the_fault(void **state)
{
    struct plan_request request = ask(&FINETUNE, "fast");
    struct faults faults = {0};
    struct plan plan;
    struct err err;

    (void)state;
    request.overrides.guidance_scale = 0.5;
    request.overrides.given.guidance_scale = true;
    assert_false(plan_make(catalog, &request, &plan, &faults, &err));
    assert_int_equal(faults.items[0].min, 1000);
    assert_int_equal(faults.items[0].max, 20000);
}

static void refuses_more_tolerance_than_the_preset_allows_and_says_how_much_that_is(void **state)
{
    static const struct {
        const char *preset, *tolerance, *allowed;
    } CASES[] = {{"fast", "3", "1, 2"},   {"ultra", "6", "1, 2"}, {"artistic", "4", "1, 2, 3"},
                 {"fast", "7", "1, 2"},   {"fast", "2", NULL},    {"fast", "1", NULL},
                 {"artistic", "3", NULL}, {"ultra", "2", NULL},   {"artistic", "0", "1, 2, 3"}};

    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct plan_request request = ask(&FINETUNE, CASES[i].preset);
        struct faults faults = {0};
        struct plan plan;
        struct err err;
        request.overrides.given.safety_tolerance = true;
        (void)text_copy(request.overrides.safety_tolerance, sizeof request.overrides.safety_tolerance,
                        text_of(CASES[i].tolerance));
        assert_int_equal(plan_make(catalog, &request, &plan, &faults, &err), !CASES[i].allowed);
        assert_int_equal(faults.count, CASES[i].allowed != NULL);
        if (CASES[i].allowed) {
            assert_string_equal(faults.items[0].field, "overrides.safety_tolerance");
            assert_string_equal(faults.items[0].code, "not_one_of");
            assert_string_equal(faults.items[0].what, CASES[i].allowed);
        }
        plan_done(&plan);
    }
}

static void refuses_sizes_that_are_wrong_or_not_taken(void **state)
{
    struct plan_request request = ask(&PORTRAIT, "fast");

    (void)state;
    request.size = (struct plan_size){.width = 255, .height = 512};
    check_refused(&request, "image_size.width", "out_of_range");
    request.size = (struct plan_size){.width = 512, .height = 99999};
    check_refused(&request, "image_size.height", "out_of_range");
    request.size = (struct plan_size){.name = "huge"};
    check_refused(&request, "image_size", "not_one_of");
    request.size = (struct plan_size){0};
    request.aspect_ratio = "16:9";
    check_refused(&request, "aspect_ratio", "not_accepted_here");
    request = ask(&FINETUNE, "ultra");
    request.size = (struct plan_size){.name = "square_hd"};
    check_refused(&request, "image_size", "not_accepted_here");
    request.size = (struct plan_size){.width = 512, .height = 512};
    check_refused(&request, "image_size", "not_accepted_here");
    request.size = (struct plan_size){0};
    request.aspect_ratio = "5:4";
    check_refused(&request, "aspect_ratio", "not_one_of");
}

static void refuses_a_size_beside_a_ratio(void **state)
{
    struct plan_request request = ask(&FINETUNE, "ultra");
    struct faults faults = {0};
    struct plan plan;
    struct err err;

    (void)state;
    request.aspect_ratio = "16:9";
    request.size = (struct plan_size){.name = "square"};
    assert_false(plan_make(catalog, &request, &plan, &faults, &err));
    assert_string_equal(faults.items[0].field, "aspect_ratio");
    assert_string_equal(faults.items[0].code, "exclusive");
}

static void refuses_too_many_images_and_unknown_presets(void **state)
{
    struct plan_request request = ask(&PORTRAIT, "fast");

    (void)state;
    request.num_images = 5;
    check_refused(&request, "num_images", "out_of_range");
    request.num_images = -1;
    check_refused(&request, "num_images", "out_of_range");
    request = ask(&PORTRAIT, "Fast");
    check_refused(&request, "preset", "not_one_of");
}

static void reports_all_faults_at_once(void **state)
{
    struct plan_request request = ask(&PORTRAIT, "fast");
    struct faults faults = {0};
    struct plan plan;
    struct err err;

    (void)state;
    request.prompt = TEXT("  ");
    request.num_images = 9;
    request.size = (struct plan_size){.width = 1, .height = 1};
    request.overrides.given.raw = true;
    assert_false(plan_make(catalog, &request, &plan, &faults, &err));
    assert_int_equal(faults.count, 5);
}

static void counts_the_prompt_in_characters(void **state)
{
    struct plan_request request = ask(&PORTRAIT, "fast");
    char prompt[4 * (PLAN_PROMPT_MAX + 1)];
    struct plan plan;

    (void)state;
    for (size_t i = 0; i < sizeof prompt; i += 4)
        memcpy(prompt + i, "😀", 4);
    request.prompt = (struct text){prompt, 4 * (PLAN_PROMPT_MAX + 1)};
    check_refused(&request, "prompt", "too_long");
    request.prompt.len -= 4;
    plan = planned(&request);
    plan_done(&plan);
    request.prompt = TEXT("");
    check_refused(&request, "prompt", "empty");
    request.prompt = TEXT(" \t\u00a0");
    check_refused(&request, "prompt", "blank");
    request.prompt = TEXT("\xff");
    check_refused(&request, "prompt", "bad_text");
}

/* Reading image sizes */

static void check_size(const char *json, struct plan_size expected, const char *field, const char *code)
{
    yajl_val value = yajl_tree_parse(json, NULL, 0);
    struct faults faults = {0};
    struct plan_size size = {0};

    plan_size_decode(value, &size, "image_size", &faults);
    assert_string_equal(size.name, expected.name);
    assert_int_equal(size.width, expected.width);
    assert_int_equal(size.height, expected.height);
    assert_string_equal(faults.items[0].field, field);
    assert_string_equal(faults.items[0].code, code);
    yajl_tree_free(value);
}

static void reads_image_sizes_by_name_and_by_sides(void **state)
{
    (void)state;
    check_size("\"square\"", (struct plan_size){.name = "square"}, "", "");
    check_size("{\"width\":640,\"height\":800}", (struct plan_size){.width = 640, .height = 800}, "", "");
    check_size("{\"width\":640}", (struct plan_size){.width = 640}, "image_size.height", "required");
    check_size("{\"width\":640,\"height\":\"8\"}", (struct plan_size){.width = 640}, "image_size.height",
               "not_an_integer");
    check_size("{\"width\":640,\"height\":800,\"depth\":1}", (struct plan_size){.width = 640, .height = 800},
               "image_size", "unknown_field");
    check_size("[]", (struct plan_size){0}, "image_size", "not_an_image_size");
    check_size("\"\"", (struct plan_size){0}, "image_size", "empty");
    check_size("\"12345678901234567890123456789012345678901\"", (struct plan_size){0}, "image_size", "too_long");
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
        cmocka_unit_test(refuses_ultra_without_a_finetune),
        cmocka_unit_test(says_which_model_is_missing),
        cmocka_unit_test(refuses_overrides_that_the_endpoint_does_not_take),
        cmocka_unit_test(refuses_values_out_of_the_endpoints_range),
        cmocka_unit_test(names_the_range_of_the_endpoint_in_the_fault),
        cmocka_unit_test(refuses_more_tolerance_than_the_preset_allows_and_says_how_much_that_is),
        cmocka_unit_test(refuses_sizes_that_are_wrong_or_not_taken),
        cmocka_unit_test(refuses_a_size_beside_a_ratio),
        cmocka_unit_test(refuses_too_many_images_and_unknown_presets),
        cmocka_unit_test(reports_all_faults_at_once),
        cmocka_unit_test(counts_the_prompt_in_characters),
        cmocka_unit_test(reads_image_sizes_by_name_and_by_sides),
    };

    return cmocka_run_group_tests(tests, open_catalog, close_catalog);
}
