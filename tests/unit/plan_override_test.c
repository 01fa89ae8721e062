/* What a wish may say of single parameters, sizes, numbers and seeds: every one of them at, below and above its range,
   on every endpoint, by the provider's own table (support/fal_table.h). */
#include "generations/plan.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/fal_table.h"
#include "support/json_same.h"
#include "support/plan_body.h"

/* Seeds, repeats, numbers and sizes */

static const struct {
    const struct avatar_model *model;
    const char *preset;
} ROUTES[] = {{&plan_body_portrait, "fast"},
              {&plan_body_style_lora, "quality"},
              {&plan_body_finetune, "balanced"},
              {&plan_body_finetune, "ultra"}};
enum { ROUTES_COUNT = sizeof ROUTES / sizeof *ROUTES };

static void a_seed_keeps_all_its_64_bits_and_the_same_wish_the_same_body(void **state)
{
    static const uint64_t SEEDS[] = {0, 1, 9007199254740991, 9007199254740993, 9223372036854775808U, UINT64_MAX};
    char digits[40];

    (void)state;
    for (int r = 0; r < ROUTES_COUNT; r++)
        for (size_t i = 0; i < sizeof SEEDS / sizeof *SEEDS; i++) {
            const struct plan_request request = plan_body_ask(ROUTES[r].model, ROUTES[r].preset);
            const char *endpoint;
            CLEANUP(buf_done) struct buf body = plan_body_sent(&request, SEEDS[i], &endpoint);
            CLEANUP(buf_done) struct buf again = plan_body_sent(&request, SEEDS[i], &endpoint);
            (void)snprintf(digits, sizeof digits, "\"seed\":%" PRIu64 "}", SEEDS[i]);
            assert_string_equal(body.bytes + body.len - strlen(digits), digits);
            assert_string_equal(body.bytes, again.bytes);
            fal_table_check(endpoint, body.bytes);
        }
}

static void one_to_four_pictures_are_asked_for_and_no_more(void **state)
{
    char digits[40];

    (void)state;
    for (int r = 0; r < ROUTES_COUNT; r++) {
        struct plan_request request = plan_body_ask(ROUTES[r].model, ROUTES[r].preset);
        for (request.num_images = 1; request.num_images <= 4; request.num_images++) {
            const char *endpoint;
            CLEANUP(buf_done) struct buf body = plan_body_sent(&request, 1, &endpoint);
            (void)snprintf(digits, sizeof digits, "\"num_images\":%" PRId64 ",", request.num_images);
            assert_non_null(strstr(body.bytes, digits));
            fal_table_check(endpoint, body.bytes);
        }
        plan_body_check_fault(&request,
                              &(struct fault){.field = "num_images", .code = "out_of_range", .min = 1, .max = 4});
        request.num_images = -1;
        plan_body_check_fault(&request,
                              &(struct fault){.field = "num_images", .code = "out_of_range", .min = 1, .max = 4});
    }
}

static void check_custom_size(const struct avatar_model *model, int64_t width, int64_t height)
{
    struct plan_request request = plan_body_ask(model, "fast");
    struct fault fault = {.code = "out_of_range", .min = 256, .max = 2048};
    bool wide = width < 256 || width > 2048, high = height < 256 || height > 2048;
    char size[80];

    request.size = (struct plan_size){.width = width, .height = height};
    (void)snprintf(size, sizeof size, "\"image_size\":{\"width\":%" PRId64 ",\"height\":%" PRId64 "}", width, height);
    if (wide || high) {
        (void)snprintf(fault.field, sizeof fault.field, "image_size.%s", wide ? "width" : "height");
        plan_body_check_fault(&request, &fault);
    } else {
        const char *endpoint;
        CLEANUP(buf_done) struct buf body = plan_body_sent(&request, 1, &endpoint);
        assert_non_null(strstr(body.bytes, size));
        fal_table_check(endpoint, body.bytes);
    }
}

static void sizes_of_ones_own_have_sides_from_256_to_2048(void **state)
{
    static const int64_t SIDES[] = {255, 256, 257, 1001, 2047, 2048, 2049};

    (void)state;
    for (size_t i = 0; i < sizeof SIDES / sizeof *SIDES; i++) {
        check_custom_size(&plan_body_portrait, SIDES[i], 640);
        check_custom_size(&plan_body_style_lora, 640, SIDES[i]);
        check_custom_size(&plan_body_finetune, SIDES[i], 640);
        check_custom_size(&plan_body_finetune, 640, SIDES[i]);
    }
}

static void names_of_sizes_and_ratios_go_where_they_are_taken(void **state)
{
    static const char *const SIZES[] = {"square_hd",     "square",        "portrait_4_3",
                                        "portrait_16_9", "landscape_4_3", "landscape_16_9"};
    struct text ratios = text_of(fal_table_ratios), ratio;

    (void)state;
    for (int r = 0; r < ROUTES_COUNT; r++)
        for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++) {
            struct plan_request request = plan_body_ask(ROUTES[r].model, ROUTES[r].preset);
            struct fault fault = {.field = "image_size", .code = "not_accepted_here"};
            (void)snprintf(request.size.name, sizeof request.size.name, "%s", SIZES[i]);
            (void)snprintf(fault.what, sizeof fault.what, "fal-ai/flux-pro/v1.1-ultra-finetuned");
            if (strcmp(ROUTES[r].preset, "ultra") == 0) {
                plan_body_check_fault(&request, &fault);
            } else {
                const char *endpoint;
                CLEANUP(buf_done) struct buf body = plan_body_sent(&request, 1, &endpoint);
                assert_non_null(strstr(body.bytes, SIZES[i]));
            }
        }
    ratios = text_trim(ratios);
    while (ratios.at && (ratio = text_cut(&ratios, ' ')).len) {
        struct plan_request request = plan_body_ask(&plan_body_finetune, "ultra");
        char name[8], wanted[40];
        const char *endpoint;
        assert_true(text_copy(name, sizeof name, ratio));
        request.aspect_ratio = name;
        (void)snprintf(wanted, sizeof wanted, "\"aspect_ratio\":\"%s\"", name);
        CLEANUP(buf_done) struct buf body = plan_body_sent(&request, 1, &endpoint);
        assert_non_null(strstr(body.bytes, wanted));
    }
}

/* Overrides: all that the product lets a user change */

static const struct {
    const char *name, *wire;
} OVERRIDES[] = {
    {"num_inference_steps", "num_inference_steps"},
    {"guidance_scale", "guidance_scale"},
    {"lora_scale", "loras"},
    {"finetune_strength", "finetune_strength"},
    {"safety_tolerance", "safety_tolerance"},
    {"output_format", "output_format"},
    {"acceleration", "acceleration"},
    {"raw", "raw"},
    {"enhance_prompt", "enhance_prompt"},
};
enum { OVERRIDES_COUNT = sizeof OVERRIDES / sizeof *OVERRIDES };

static const struct overridden {
    const char *endpoint;
    const struct avatar_model *model;
    const char *preset;
    const struct plan_source *source;
} OVERRIDDEN[] = {
    {"fal-ai/flux-lora", &plan_body_portrait, "fast", NULL},
    {"fal-ai/flux-lora", &plan_body_style_lora, "fast", NULL},
    {"fal-ai/flux-lora/image-to-image", &plan_body_portrait, "fast", &plan_body_picture},
    {"fal-ai/flux-pro/finetuned", &plan_body_finetune, "fast", NULL},
    {"fal-ai/flux-pro/v1.1-ultra-finetuned", &plan_body_finetune, "ultra", NULL},
    {"fal-ai/flux-pro/v1.1-ultra-finetuned", &plan_body_finetune, "fast", &plan_body_picture},
};

static struct plan_request overriding(const struct overridden *on, const char *name, const char *value)
{
    struct plan_request request = plan_body_ask(on->model, on->preset);
    char json[100];

    request.source = on->source;
    (void)snprintf(json, sizeof json, "{\"%s\":%s}", name, value);
    plan_body_override(&request, json);
    return request;
}

static void check_taken(const struct overridden *on, int which, const char *value)
{
    const struct plan_request request = overriding(on, OVERRIDES[which].name, value);
    const char *endpoint;
    CLEANUP(buf_done) struct buf body = plan_body_sent(&request, 1, &endpoint);
    yajl_val tree = yajl_tree_parse(body.bytes, NULL, 0), wanted = yajl_tree_parse(value, NULL, 0);
    yajl_val found = json_get(tree, OVERRIDES[which].wire);

    if (YAJL_IS_ARRAY(found))
        found = json_get(YAJL_GET_ARRAY(found)->values[0], "scale");
    if (!json_same_values(found, wanted))
        fail_msg("%s: %s is not in %s", OVERRIDES[which].name, value, body.bytes);
    assert_string_equal(endpoint, on->endpoint);
    fal_table_check(endpoint, body.bytes);
    yajl_tree_free(tree);
    yajl_tree_free(wanted);
}

static void check_refused(const struct overridden *on, int which, const char *value, struct fault fault)
{
    const struct plan_request request = overriding(on, OVERRIDES[which].name, value);

    (void)snprintf(fault.field, sizeof fault.field, "overrides.%s", OVERRIDES[which].name);
    plan_body_check_fault(&request, &fault);
}

static void check_number(const struct overridden *on, int which, const struct fal_field *f)
{
    bool whole = f->type == INTEGER_VALUE;
    double step = whole ? 1 : 0.001, values[] = {f->min, (f->min + f->max) / 2, f->max, f->min - step, f->max + step};
    struct fault fault = {.min = (int64_t)(f->min * (whole ? 1 : 1000) + 0.5),
                          .max = (int64_t)(f->max * (whole ? 1 : 1000) + 0.5)};
    char value[40];

    (void)snprintf(fault.code, sizeof fault.code, "%s", whole ? "out_of_range" : "out_of_range_thousandths");
    for (int i = 0; i < 5; i++) {
        (void)snprintf(value, sizeof value, whole ? "%.0f" : "%.4f", whole ? (double)(int64_t)values[i] : values[i]);
        if (i < 3)
            check_taken(on, which, value);
        else
            check_refused(on, which, value, fault);
    }
}

/* words: with a blank before and behind each. wrong: what is not among them. */
static void check_words(const struct overridden *on, int which, const char *all, const char *wrong)
{
    struct text words = text_trim(text_of(all)), word;
    struct fault fault = {.code = "not_one_of"};
    char value[20];

    while (words.at && (word = text_cut(&words, ' ')).len) {
        size_t used = strlen(fault.what);
        (void)snprintf(fault.what + used, sizeof fault.what - used, "%s%.*s", used ? ", " : "", (int)word.len, word.at);
        (void)snprintf(value, sizeof value, "\"%.*s\"", (int)word.len, word.at);
        check_taken(on, which, value);
    }
    check_refused(on, which, "\"0\"", fault);
    check_refused(on, which, wrong, fault);
}

/* The endpoints take "1" to "6"; what a user may ask for ends at the preset's own. */
static void check_tolerance(const struct overridden *on, int which)
{
    struct overridden artistic = *on;

    check_words(on, which, " 1 2 ", "\"3\"");
    if (strcmp(on->preset, "fast") != 0)
        return;
    artistic.preset = "artistic";
    check_words(&artistic, which, " 1 2 3 ", "\"4\"");
}

static void check_override(const struct overridden *on, int which)
{
    const struct fal_field *field = fal_table_field(fal_table_named(on->endpoint), OVERRIDES[which].wire);
    static const char *const ANY[] = {"20", "3", "1", "1", "\"2\"", "\"png\"", "\"none\"", "true", "true"};
    struct fault refused = {.code = "not_accepted_here"};

    (void)snprintf(refused.what, sizeof refused.what, "%s", on->endpoint);
    if (!field)
        check_refused(on, which, ANY[which], refused);
    else if (field->type == BOOLEAN_VALUE)
        check_taken(on, which, "true"), check_taken(on, which, "false");
    else if (strcmp(field->name, "safety_tolerance") == 0)
        check_tolerance(on, which);
    else if (field->type == WORD_VALUE)
        check_words(on, which, field->words, "\"JPEG\"");
    else
        check_number(on, which, field);
}

static void every_override_has_the_range_of_its_endpoint(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof OVERRIDDEN / sizeof *OVERRIDDEN; i++)
        for (int which = 0; which < OVERRIDES_COUNT; which++)
            check_override(&OVERRIDDEN[i], which);
}

static void nothing_else_can_be_overridden(void **state)
{
    static const char *const OURS[] = {"sync_mode", "enable_safety_checker", "prompt",     "seed",      "loras",
                                       "lora_url",  "finetune_id",           "num_images", "image_url", "model"};
    int known = 0;

    (void)state;
    for (size_t i = 0; i < sizeof OURS / sizeof *OURS; i++) {
        struct settings settings = {0};
        struct faults faults = {0};
        struct err err = {0};
        char json[60];
        (void)snprintf(json, sizeof json, "{\"%s\":true}", OURS[i]);
        assert_false(json_decode_body(text_of(json), settings_fields, &settings, &faults, &err));
        assert_string_equal(faults.items[0].code, "unknown_field");
    }
    for (const struct json_field *f = settings_fields; f->name; f++)
        known++;
    assert_int_equal(known, OVERRIDES_COUNT + 1); /* and use_ultra, which goes on no wire */
}

/* Before the avatar is known, what no endpoint would take is told with the widest range there is. */
static void what_no_endpoint_takes_is_told_before_the_avatar_is_known(void **state)
{
    struct settings settings = {0};
    struct faults faults = {0};
    struct err err = {0};

    (void)state;
    assert_true(json_decode_body(TEXT("{\"guidance_scale\":35.5,\"num_inference_steps\":0,\"output_format\":\"webp\","
                                      "\"finetune_strength\":2,\"safety_tolerance\":\"6\"}"),
                                 settings_fields, &settings, &faults, &err));
    assert_false(catalog_check_settings(plan_body_catalog, &settings, "overrides.", &faults));
    assert_int_equal(faults.count, 3);
    assert_string_equal(faults.items[0].field, "overrides.num_inference_steps");
    assert_int_equal(faults.items[0].max, 50);
    assert_string_equal(faults.items[1].field, "overrides.guidance_scale");
    assert_int_equal(faults.items[1].min, 0);
    assert_int_equal(faults.items[1].max, 35000);
    assert_string_equal(faults.items[2].what, "jpeg, png");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_seed_keeps_all_its_64_bits_and_the_same_wish_the_same_body),
        cmocka_unit_test(one_to_four_pictures_are_asked_for_and_no_more),
        cmocka_unit_test(sizes_of_ones_own_have_sides_from_256_to_2048),
        cmocka_unit_test(names_of_sizes_and_ratios_go_where_they_are_taken),
        cmocka_unit_test(every_override_has_the_range_of_its_endpoint),
        cmocka_unit_test(nothing_else_can_be_overridden),
        cmocka_unit_test(what_no_endpoint_takes_is_told_before_the_avatar_is_known),
    };

    return cmocka_run_group_tests(tests, plan_body_open, plan_body_close);
}
