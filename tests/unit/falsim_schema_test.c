#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "falsim/sim_schema.h"
#include "json/json_in.h"

/* What the endpoint says about the input: "[]" when it is fine. */
static const char *faults_of(const char *endpoint, const char *input)
{
    static char detail[8192];
    struct buf found = buf_make(sizeof detail - 1);
    struct err err;
    yajl_val parsed;
    bool ok;

    assert_true(json_parse(text_of(input), &parsed, &err));
    ok = sim_schema_check(sim_endpoint_named(text_of(endpoint)), parsed, &found);
    yajl_tree_free(parsed);
    assert_int_equal(ok, found.len == 0);
    (void)snprintf(detail, sizeof detail, "%s", found.len ? found.bytes : "");
    buf_done(&found);
    return detail;
}

#define FINE(endpoint, input) assert_string_equal(faults_of(endpoint, input), "")
#define FAULT(endpoint, input, words) assert_non_null(strstr(faults_of(endpoint, input), words))

static void accepts_the_inputs_of_the_documentation(void **state)
{
    (void)state;
    FINE("fal-ai/flux-lora",
         "{\"prompt\":\"TOK man\",\"loras\":[{\"path\":\"https://x/y.safetensors\",\"scale\":1.15}],\"image_size\":"
         "\"square_hd\",\"num_inference_steps\":28,\"guidance_scale\":3.5,\"num_images\":1,\"enable_safety_checker\":"
         "true,\"output_format\":\"jpeg\",\"acceleration\":\"regular\",\"seed\":17454220438242315174}");
    FINE("fal-ai/flux-pro/v1.1-ultra-finetuned",
         "{\"prompt\":\"ARTST\",\"finetune_id\":\"0f0e0d0c\",\"finetune_strength\":1.1,\"aspect_ratio\":\"1:1\","
         "\"safety_tolerance\":\"2\",\"raw\":false,\"image_url\":null,\"enable_safety_checker\":true}");
    FINE("fal-ai/flux-lora-portrait-trainer",
         "{\"images_data_url\":\"u\",\"steps\":10000,\"learning_rate\":0.0002,\"trigger_phrase\":null}");
    FINE("fal-ai/flux-pro-trainer",
         "{\"data_url\":\"u\",\"finetune_comment\":\"c\",\"iterations\":500,\"priority\":\"speed\",\"lora_rank\":32}");
    FINE("fal-ai/flux-lora-fast-training", "{\"images_data_url\":\"u\",\"is_style\":true,\"trigger_word\":\"ARTST\"}");
}

static void writes_a_missing_field_as_pydantic_does(void **state)
{
    (void)state;
    assert_string_equal(faults_of("fal-ai/flux-lora", "{\"seed\":1}"),
                        "{\"loc\":[\"body\",\"prompt\"],\"msg\":\"Field required\",\"type\":\"missing\",\"url\":"
                        "\"https://docs.fal.ai/errors/#missing\",\"input\":{\"seed\":1}}");
}

static void checks_both_ends_of_every_range(void **state)
{
    static const struct {
        const char *endpoint, *rest, *field, *low, *high, *below, *above;
    } RANGES[] = {
        {"fal-ai/flux-lora", "\"prompt\":\"p\"", "num_inference_steps", "1", "50", "0", "51"},
        {"fal-ai/flux-lora", "\"prompt\":\"p\"", "guidance_scale", "0", "35", "-0.1", "35.1"},
        {"fal-ai/flux-lora", "\"prompt\":\"p\"", "num_images", "1", "4", "0", "5"},
        {"fal-ai/flux-lora/image-to-image", "\"prompt\":\"p\",\"image_url\":\"u\"", "strength", "0.01", "1", "0",
         "1.01"},
        {"fal-ai/flux-pro/finetuned", "\"prompt\":\"p\",\"finetune_id\":\"f\"", "finetune_strength", "0", "2", "-0.01",
         "2.01"},
        {"fal-ai/flux-lora-portrait-trainer", "\"images_data_url\":\"u\"", "steps", "1", "10000", "0", "10001"},
        {"fal-ai/flux-lora-portrait-trainer", "\"images_data_url\":\"u\"", "learning_rate", "0.000001", "0.001",
         "0.0000009", "0.0011"},
        {"fal-ai/flux-pro-trainer", "\"data_url\":\"u\",\"finetune_comment\":\"c\"", "iterations", "100", "1000", "99",
         "1001"},
    };
    char input[300];

    (void)state;
    for (size_t i = 0; i < sizeof RANGES / sizeof *RANGES; i++) {
        const char *values[] = {RANGES[i].low, RANGES[i].high, RANGES[i].below, RANGES[i].above};
        const char *types[] = {"", "", "\"greater_than_equal\"", "\"less_than_equal\""};
        for (int v = 0; v < 4; v++) {
            (void)snprintf(input, sizeof input, "{%s,\"%s\":%s}", RANGES[i].rest, RANGES[i].field, values[v]);
            if (*types[v])
                FAULT(RANGES[i].endpoint, input, types[v]);
            else
                FINE(RANGES[i].endpoint, input);
        }
    }
}

static void names_the_place_of_a_fault_inside_a_list(void **state)
{
    (void)state;
    FAULT("fal-ai/flux-lora", "{\"prompt\":\"p\",\"loras\":[{\"path\":\"a\"},{\"path\":\"b\",\"scale\":4.5}]}",
          "\"loc\":[\"body\",\"loras\",1,\"scale\"]");
}

static void keeps_the_digits_of_what_it_echoes(void **state)
{
    (void)state;
    FAULT("fal-ai/flux-lora", "{\"prompt\":\"p\",\"num_images\":18446744073709551615}",
          "\"input\":18446744073709551615}");
}

static void wants_choices_in_their_own_type(void **state)
{
    (void)state;
    FAULT("fal-ai/flux-pro/finetuned",
          "{\"prompt\":\"p\",\"finetune_id\":\"f\",\"finetune_strength\":1,\"safety_tolerance\":2}",
          "\"literal_error\"");
    FAULT("fal-ai/flux-lora", "{\"prompt\":\"p\",\"output_format\":\"webp\"}", "Input should be 'jpeg' or 'png'");
    FAULT("fal-ai/flux-pro-trainer", "{\"data_url\":\"u\",\"finetune_comment\":\"c\",\"mode\":\"x\"}",
          "Input should be 'character', 'product', 'style' or 'general'");
}

static void knows_apps_by_owner_and_alias(void **state)
{
    (void)state;
    assert_true(sim_app_exists(TEXT("fal-ai/flux-pro")));
    assert_false(sim_app_exists(TEXT("fal-ai/flux")));
    assert_false(sim_app_exists(TEXT("fal-ai")) && sim_endpoint_named(TEXT("fal-ai")));
    assert_null(sim_endpoint_named(TEXT("fal-ai/flux-pro")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_the_inputs_of_the_documentation),
        cmocka_unit_test(writes_a_missing_field_as_pydantic_does),
        cmocka_unit_test(checks_both_ends_of_every_range),
        cmocka_unit_test(names_the_place_of_a_fault_inside_a_list),
        cmocka_unit_test(keeps_the_digits_of_what_it_echoes),
        cmocka_unit_test(wants_choices_in_their_own_type),
        cmocka_unit_test(knows_apps_by_owner_and_alias),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
