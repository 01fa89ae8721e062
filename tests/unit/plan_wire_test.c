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

#include "support/fal_table.h"
#include "support/json_same.h"
#include "support/plan_body.h"

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

static const struct avatar_model *const WITH_LORA[] = {&plan_body_portrait, &plan_body_style_lora};

/* What is expected, composed from the tables above */

#define SEED "18446744073709551615"

static void lora_body(const struct wire_preset *p, const char *source, const char *size, char *to, size_t room)
{
    (void)snprintf(to, room,
                   "{" PLAN_BODY_PROMPT ",\"loras\":[{\"path\":\"" PLAN_BODY_LORA_URL
                   "\",\"scale\":%s}],%s\"image_size\":%s,"
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
                   "{" PLAN_BODY_PROMPT ",\"finetune_id\":\"" PLAN_BODY_FINETUNE_ID
                   "\",\"finetune_strength\":%s,\"image_size\":\"%s\","
                   "\"num_inference_steps\":%s,\"guidance_scale\":%s,\"num_images\":1,\"safety_tolerance\":\"%s\","
                   "\"seed\":" SEED "}",
                   p->strength, p->size, p->steps, p->guidance, p->tolerance);
}

/* Neither size nor steps nor guidance; what the preset ultra brings beside goes with it alone. */
static void ultra_body(const struct wire_preset *p, const char *source, const char *ratio, char *to, size_t room)
{
    (void)snprintf(to, room,
                   "{" PLAN_BODY_PROMPT ",\"finetune_id\":\"" PLAN_BODY_FINETUNE_ID
                   "\",\"finetune_strength\":%s,%s\"aspect_ratio\":\"%s\","
                   "\"num_images\":1,\"safety_tolerance\":\"%s\",%s\"seed\":" SEED "}",
                   p->strength, source, ratio, p->tolerance,
                   is_ultra(p) ? "\"output_format\":\"jpeg\",\"raw\":false," : "");
}

static void check_body(const struct plan_request *request, const char *endpoint, const char *expected)
{
    const char *went_to;
    CLEANUP(buf_done) struct buf body = plan_body_sent(request, UINT64_MAX, &went_to);

    assert_string_equal(went_to, endpoint);
    if (!json_same(body.bytes, expected))
        fail_msg("%s %s:\n%s\n  is not\n%s", endpoint, request->preset, body.bytes, expected);
    assert_non_null(strstr(body.bytes, "\"seed\":" SEED)); /* numbers were compared as doubles */
    fal_table_check(endpoint, body.bytes);
}

/* Every preset */

static void avatars_with_a_lora_send_every_preset_to_flux_lora(void **state)
{
    char expected[2000];

    (void)state;
    for (size_t m = 0; m < 2; m++)
        for (int i = 0; i < PRESETS_COUNT; i++) {
            struct plan_request request = plan_body_ask(WITH_LORA[m], PRESETS[i].name);
            named_size_body(&PRESETS[i], expected, sizeof expected);
            if (is_ultra(&PRESETS[i]))
                plan_body_check_fault(&request, &(struct fault){.field = "preset", .code = "preset_not_supported"});
            else
                check_body(&request, "fal-ai/flux-lora", expected);
        }
}

static void avatars_with_a_finetune_send_every_preset_but_ultra_to_flux_pro(void **state)
{
    char expected[2000];

    (void)state;
    for (int i = 0; i < PRESETS_COUNT; i++) {
        const struct plan_request request = plan_body_ask(&plan_body_finetune, PRESETS[i].name);
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
        struct plan_request request = plan_body_ask(&plan_body_finetune, PRESETS[i].name);
        plan_body_override(&request, "{\"use_ultra\":true}");
        ultra_body(&PRESETS[i], "", "1:1", expected, sizeof expected);
        check_body(&request, "fal-ai/flux-pro/v1.1-ultra-finetuned", expected);
    }
}

static void the_presets_of_the_catalogue_are_these_eight(void **state)
{
    (void)state;
    for (int i = 0; i < PRESETS_COUNT; i++)
        assert_non_null(catalog_preset(plan_body_catalog, PRESETS[i].name));
    assert_null(catalog_preset_at(plan_body_catalog, PRESETS_COUNT));
}

/* Variations of a picture */

static const struct plan_source ODD_PICTURE = {.width = 1000, .height = 600};

static void a_variation_of_a_lora_goes_to_image_to_image_with_every_preset(void **state)
{
    static const char SOURCE[] = "\"image_url\":\"" PLAN_BODY_PICTURE_URL "\",\"strength\":0.6,";
    char expected[2000];

    (void)state;
    for (size_t m = 0; m < 2; m++)
        for (int i = 0; i < PRESETS_COUNT; i++) {
            struct plan_request request = plan_body_ask(WITH_LORA[m], PRESETS[i].name);
            if (is_ultra(&PRESETS[i]))
                continue;
            request.source = &plan_body_picture;
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
        struct plan_request request = plan_body_ask(&plan_body_finetune, PRESETS[i].name);
        request.source = &plan_body_picture;
        ultra_body(&PRESETS[i], "\"image_url\":\"" PLAN_BODY_PICTURE_URL "\",\"image_prompt_strength\":0.1,", "4:3",
                   expected, sizeof expected);
        check_body(&request, "fal-ai/flux-pro/v1.1-ultra-finetuned", expected);
    }
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

    return cmocka_run_group_tests(tests, plan_body_open, plan_body_close);
}
