/* What goes to fal.ai, field for field: every endpoint, preset and kind of avatar. The endpoints' parameters and the
   presets' numbers stand here once more, written down from the provider's and the product's own tables and not from our
   data files, so that a slip there is seen here. */
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

#include "support/altered_catalog.h"
#include "support/fal_table.h"
#include "support/json_same.h"

static struct catalog *catalog;

/* The product's table of presets */

static const struct wire_preset {
    const char *name, *steps, *guidance, *size, *lora, *strength, *tolerance;
} PRESETS[] = {
    {"fast", "20", "3", "square", "0.8", "0.8", "2"},
    {"balanced", "28", "3.5", "square_hd", "1", "1", "2"},
    {"quality", "50", "4", "square_hd", "1.2", "1.2", "2"},
    {"ultra", "35", "3.5", "square_hd", "1.1", "1.1", "2"},
    {"artistic", "35", "4", "square_hd", "1.3", "1.3", "3"},
    {"portrait", "35", "3.5", "portrait_4_3", "1.1", "1", "2"},
    {"landscape", "30", "3.5", "landscape_4_3", "1", "1", "2"},
    {"photorealistic", "40", "3", "square_hd", "1.1", "1", "2"},
};
enum { PRESETS_COUNT = sizeof PRESETS / sizeof *PRESETS };

static bool is_ultra(const struct wire_preset *preset) { return strcmp(preset->name, "ultra") == 0; }

/* Avatars */

#define LORA_URL "https://files.example/a_b.safetensors?x=\\\"1\\\""
#define FINETUNE_ID "0f0e0d0c-0b0a-4908-8706-050403020100"
#define PICTURE_URL "https://files.example/p.jpeg"

static const struct avatar_model PORTRAIT = {
    .type = AVATAR_PORTRAIT, .lora_url = "https://files.example/a_b.safetensors?x=\"1\"", .trigger = "TOK"};
static const struct avatar_model STYLE_LORA = {
    .type = AVATAR_STYLE, .lora_url = "https://files.example/a_b.safetensors?x=\"1\"", .trigger = "TOK"};
static const struct avatar_model FINETUNE = {.type = AVATAR_STYLE, .finetune_id = FINETUNE_ID, .trigger = "TOK"};
static const struct avatar_model *const WITH_LORA[] = {&PORTRAIT, &STYLE_LORA};

/* What is expected, composed from the tables above */

#define SEED "18446744073709551615"
#define PROMPT "\"prompt\":\"TOK a \\\"red\\\" castle\""

static void lora_body(const struct wire_preset *p, const char *source, const char *size, char *to, size_t room)
{
    (void)snprintf(to, room,
                   "{" PROMPT ",\"loras\":[{\"path\":\"" LORA_URL "\",\"scale\":%s}],%s\"image_size\":%s,"
                   "\"num_inference_steps\":%s,\"guidance_scale\":%s,\"num_images\":1,\"enable_safety_checker\":true,"
                   "\"seed\":" SEED "}",
                   p->lora, source, size, p->steps, p->guidance);
}

static void named_size_body(const struct wire_preset *p, char *to, size_t room)
{
    char size[40];

    (void)snprintf(size, sizeof size, "\"%s\"", p->size);
    lora_body(p, "", size, to, room);
}

static void finetuned_body(const struct wire_preset *p, char *to, size_t room)
{
    (void)snprintf(to, room,
                   "{" PROMPT ",\"finetune_id\":\"" FINETUNE_ID "\",\"finetune_strength\":%s,\"image_size\":\"%s\","
                   "\"num_inference_steps\":%s,\"guidance_scale\":%s,\"num_images\":1,\"safety_tolerance\":\"%s\","
                   "\"seed\":" SEED "}",
                   p->strength, p->size, p->steps, p->guidance, p->tolerance);
}

/* Neither size nor steps nor guidance; what the preset ultra brings beside goes with it alone. */
static void ultra_body(const struct wire_preset *p, const char *source, const char *ratio, char *to, size_t room)
{
    (void)snprintf(to, room,
                   "{" PROMPT ",\"finetune_id\":\"" FINETUNE_ID "\",\"finetune_strength\":%s,%s\"aspect_ratio\":\"%s\","
                   "\"num_images\":1,\"safety_tolerance\":\"%s\",%s\"seed\":" SEED "}",
                   p->strength, source, ratio, p->tolerance,
                   is_ultra(p) ? "\"output_format\":\"jpeg\",\"raw\":false," : "");
}

/* Asking */

static struct plan_request ask(const struct avatar_model *model, const char *preset)
{
    return (struct plan_request){.model = model, .prompt = TEXT("a \"red\" castle"), .preset = preset};
}

static void override(struct plan_request *request, const char *json)
{
    struct faults faults = {0};
    struct err err = {0};

    if (!json_decode_body(text_of(json), settings_fields, &request->overrides, &faults, &err))
        fail_msg("%s: %s %s", json, err.code, faults.items[0].code);
}

/* The body as it would be sent, to be ended by the caller; *ret_endpoint is its endpoint. */
static struct buf sent(const struct plan_request *request, uint64_t seed, const char **ret_endpoint)
{
    struct buf body = buf_make(10000);
    struct json_out out = json_out_begin(&body);
    struct faults faults = {0};
    struct plan plan;
    struct err err;

    if (!plan_make(catalog, request, &plan, &faults, &err))
        fail_msg("%s: %s %s %s", request->preset, err.code, faults.items[0].field, faults.items[0].code);
    plan_write_sent((struct text){plan.input.bytes, plan.input.len}, plan.sends_source ? PICTURE_URL : NULL, seed,
                    &out);
    *ret_endpoint = plan.endpoint->id;
    plan_done(&plan);
    return body;
}

static void check_body(const struct plan_request *request, const char *endpoint, const char *expected)
{
    const char *went_to;
    CLEANUP(buf_done) struct buf body = sent(request, UINT64_MAX, &went_to);

    assert_string_equal(went_to, endpoint);
    if (!json_same(body.bytes, expected))
        fail_msg("%s %s:\n%s\n  is not\n%s", endpoint, request->preset, body.bytes, expected);
    assert_non_null(strstr(body.bytes, "\"seed\":" SEED)); /* numbers were compared as doubles */
    fal_table_check(endpoint, body.bytes);
}

static void check_fault(const struct plan_request *request, const struct fault *expected)
{
    struct faults faults = {0};
    struct plan plan;
    struct err err;

    if (plan_make(catalog, request, &plan, &faults, &err))
        fail_msg("%s was taken", expected->field);
    assert_int_equal(err.kind, ERR_NONE);
    assert_int_equal(faults.count, 1);
    assert_string_equal(faults.items[0].field, expected->field);
    assert_string_equal(faults.items[0].code, expected->code);
    assert_int_equal(faults.items[0].min, expected->min);
    assert_int_equal(faults.items[0].max, expected->max);
    assert_string_equal(faults.items[0].what, expected->what);
}

/* Every preset */

static void avatars_with_a_lora_send_every_preset_to_flux_lora(void **state)
{
    char expected[2000];

    (void)state;
    for (size_t m = 0; m < 2; m++)
        for (int i = 0; i < PRESETS_COUNT; i++) {
            struct plan_request request = ask(WITH_LORA[m], PRESETS[i].name);
            named_size_body(&PRESETS[i], expected, sizeof expected);
            if (is_ultra(&PRESETS[i]))
                check_fault(&request, &(struct fault){.field = "preset", .code = "preset_not_supported"});
            else
                check_body(&request, "fal-ai/flux-lora", expected);
        }
}

static void avatars_with_a_finetune_send_every_preset_but_ultra_to_flux_pro(void **state)
{
    char expected[2000];

    (void)state;
    for (int i = 0; i < PRESETS_COUNT; i++) {
        const struct plan_request request = ask(&FINETUNE, PRESETS[i].name);
        finetuned_body(&PRESETS[i], expected, sizeof expected);
        if (!is_ultra(&PRESETS[i]))
            check_body(&request, "fal-ai/flux-pro/finetuned", expected);
    }
}

static void ultra_has_the_shape_of_its_own_endpoint_with_every_preset(void **state)
{
    char expected[2000];

    (void)state;
    for (int i = 0; i < PRESETS_COUNT; i++) {
        struct plan_request request = ask(&FINETUNE, PRESETS[i].name);
        override(&request, "{\"use_ultra\":true}");
        ultra_body(&PRESETS[i], "", "1:1", expected, sizeof expected);
        check_body(&request, "fal-ai/flux-pro/v1.1-ultra-finetuned", expected);
    }
}

static void the_presets_of_the_catalogue_are_these_eight(void **state)
{
    (void)state;
    for (int i = 0; i < PRESETS_COUNT; i++)
        assert_non_null(catalog_preset(catalog, PRESETS[i].name));
    assert_null(catalog_preset_at(catalog, PRESETS_COUNT));
}

/* Variations of a picture */

static const struct plan_source PICTURE = {.width = 1024, .height = 768}, ODD_PICTURE = {.width = 1000, .height = 600};

static void a_variation_of_a_lora_goes_to_image_to_image_with_every_preset(void **state)
{
    static const char SOURCE[] = "\"image_url\":\"" PICTURE_URL "\",\"strength\":0.6,";
    char expected[2000];

    (void)state;
    for (size_t m = 0; m < 2; m++)
        for (int i = 0; i < PRESETS_COUNT; i++) {
            struct plan_request request = ask(WITH_LORA[m], PRESETS[i].name);
            if (is_ultra(&PRESETS[i]))
                continue;
            request.source = &PICTURE;
            lora_body(&PRESETS[i], SOURCE, "\"landscape_4_3\"", expected, sizeof expected);
            check_body(&request, "fal-ai/flux-lora/image-to-image", expected);
            request.source = &ODD_PICTURE;
            lora_body(&PRESETS[i], SOURCE, "{\"width\":1000,\"height\":600}", expected, sizeof expected);
            check_body(&request, "fal-ai/flux-lora/image-to-image", expected);
        }
}

static void a_variation_of_a_finetune_goes_to_ultra_with_every_preset(void **state)
{
    char expected[2000];

    (void)state;
    for (int i = 0; i < PRESETS_COUNT; i++) {
        struct plan_request request = ask(&FINETUNE, PRESETS[i].name);
        request.source = &PICTURE;
        ultra_body(&PRESETS[i], "\"image_url\":\"" PICTURE_URL "\",\"image_prompt_strength\":0.1,", "4:3", expected,
                   sizeof expected);
        check_body(&request, "fal-ai/flux-pro/v1.1-ultra-finetuned", expected);
    }
}

static int open_catalog(void **state)
{
    struct err err = {0};

    (void)state;
    if (!(catalog = catalog_open(altered_catalog_root(), &err)))
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
        cmocka_unit_test(the_presets_of_the_catalogue_are_these_eight),
        cmocka_unit_test(avatars_with_a_lora_send_every_preset_to_flux_lora),
        cmocka_unit_test(avatars_with_a_finetune_send_every_preset_but_ultra_to_flux_pro),
        cmocka_unit_test(ultra_has_the_shape_of_its_own_endpoint_with_every_preset),
        cmocka_unit_test(a_variation_of_a_lora_goes_to_image_to_image_with_every_preset),
        cmocka_unit_test(a_variation_of_a_finetune_goes_to_ultra_with_every_preset),
    };

    return cmocka_run_group_tests(tests, open_catalog, close_catalog);
}
