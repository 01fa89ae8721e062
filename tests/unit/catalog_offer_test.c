/* What an avatar may have of the presets, who serves in place of whom, and what is suggested. */
#include "catalog/catalog_offer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/catalog_write.h"
#include "support/altered_catalog.h"

#define LORA "fal-ai/flux-lora"
#define FINETUNED "fal-ai/flux-pro/finetuned"
#define ULTRA "fal-ai/flux-pro/v1.1-ultra-finetuned"

static struct catalog *catalog;

static const struct avatar_model PORTRAIT = {.type = AVATAR_PORTRAIT,
                                             .lora_url = "https://files.example/p",
                                             .has_default_lora_scale = true,
                                             .default_lora_scale = 0.7};
static const struct avatar_model FINETUNE = {.type = AVATAR_STYLE, .finetune_id = "f"};
static const struct avatar_model BOTH = {
    .type = AVATAR_STYLE, .lora_url = "https://files.example/s", .finetune_id = "f"};
static const struct avatar_model UNTRAINED_PORTRAIT = {.type = AVATAR_PORTRAIT},
                                 UNTRAINED_STYLE = {.type = AVATAR_STYLE};

static const struct endpoint *named(const char *id) { return catalog_endpoint(catalog, id); }

static void turn(const char *id, enum endpoint_state state, const char *replacement)
{
    catalog_switch(catalog, named(id), state, replacement ? named(replacement) : NULL);
}

static struct preset_offer offer(const char *preset, const struct avatar_model *model)
{
    return catalog_offer(catalog, catalog_preset(catalog, preset), model);
}

/* Who serves */

static bool fits_all(const struct endpoint *endpoint, const void *but)
{
    return !but || strcmp(endpoint->id, but) != 0;
}

static const char *serving(const char *id, const char *but)
{
    const struct endpoint *endpoint = endpoint_serving(named(id), fits_all, but);

    return endpoint ? endpoint->id : "nobody";
}

static void an_active_endpoint_serves_itself_whatever_its_replacement(void **state)
{
    (void)state;
    turn(LORA, ENDPOINT_ACTIVE, FINETUNED);
    assert_string_equal(serving(LORA, NULL), LORA);
}

static void the_first_active_replacement_that_fits_serves(void **state)
{
    (void)state;
    turn(LORA, ENDPOINT_DEPRECATED, FINETUNED);
    turn(FINETUNED, ENDPOINT_GONE, ULTRA);
    assert_string_equal(serving(LORA, NULL), ULTRA);
    assert_string_equal(serving(LORA, ULTRA), LORA); /* better a deprecated one than none */
    turn(FINETUNED, ENDPOINT_DEPRECATED, ULTRA);
    turn(LORA, ENDPOINT_GONE, FINETUNED);
    assert_string_equal(serving(LORA, ULTRA), FINETUNED);
    turn(FINETUNED, ENDPOINT_GONE, NULL);
    assert_string_equal(serving(LORA, NULL), "nobody");
}

/* Rows of the database may say what no patch would. */
static void a_circle_of_replacements_ends(void **state)
{
    (void)state;
    turn(LORA, ENDPOINT_GONE, FINETUNED);
    turn(FINETUNED, ENDPOINT_GONE, LORA);
    assert_string_equal(serving(LORA, NULL), "nobody");
    turn(FINETUNED, ENDPOINT_DEPRECATED, LORA);
    assert_string_equal(serving(LORA, NULL), FINETUNED);
}

/* Offers */

static void an_offer_says_where_it_goes_and_what_it_costs(void **state)
{
    struct preset_offer fast = offer("fast", &PORTRAIT), ultra = offer("ultra", &FINETUNE);

    (void)state;
    assert_null(fast.reason);
    assert_ptr_equal(fast.endpoint, named(LORA));
    assert_null(fast.instead_of);
    assert_int_equal(fast.price, 4);
    assert_non_null(fast.image_size);
    assert_null(fast.aspect_ratio);
    assert_true(fast.settings.given.lora_scale);
    assert_false(fast.settings.given.finetune_strength);
    assert_ptr_equal(ultra.endpoint, named(ULTRA));
    assert_int_equal(ultra.price, 7);
    assert_null(ultra.image_size);
    assert_non_null(ultra.aspect_ratio);
    assert_false(ultra.settings.given.num_inference_steps);
}

static void what_cannot_be_had_has_a_reason_and_no_endpoint(void **state)
{
    (void)state;
    assert_string_equal(offer("ultra", &PORTRAIT).reason, "preset_not_supported");
    assert_null(offer("ultra", &PORTRAIT).endpoint);
    turn(LORA, ENDPOINT_GONE, NULL);
    assert_string_equal(offer("fast", &PORTRAIT).reason, "endpoint_gone");
    assert_null(offer("fast", &FINETUNE).reason);
}

static void a_replacement_is_offered_in_the_place_of_the_usual_one(void **state)
{
    struct preset_offer fast;

    (void)state;
    turn(LORA, ENDPOINT_GONE, FINETUNED);
    fast = offer("fast", &BOTH);
    assert_ptr_equal(fast.endpoint, named(FINETUNED));
    assert_ptr_equal(fast.instead_of, named(LORA));
    assert_int_equal(fast.price, 6);
    assert_true(fast.settings.given.finetune_strength);
    assert_false(fast.settings.given.lora_scale);
}

static void what_is_not_trained_yet_rules_out_only_what_it_can_never_have(void **state)
{
    (void)state;
    assert_null(offer("fast", &UNTRAINED_PORTRAIT).reason);
    assert_null(offer("fast", &UNTRAINED_PORTRAIT).endpoint);
    assert_null(offer("ultra", &UNTRAINED_STYLE).reason);
    assert_string_equal(offer("ultra", &UNTRAINED_PORTRAIT).reason, "preset_not_supported");
    assert_null(offer("ultra", NULL).reason);
}

/* What clients build their forms from */

static yajl_val presets_for(const struct avatar_model *model)
{
    CLEANUP(buf_done) struct buf body = buf_make(CATALOG_PRESETS_MAX_BYTES);
    struct json_out out = json_out_begin(&body);

    catalog_write_presets(&out, catalog, model);
    assert_false(out.overflow);
    return yajl_tree_parse(body.bytes, NULL, 0);
}

static yajl_val preset_at(yajl_val tree, size_t i) { return YAJL_GET_ARRAY(json_get(tree, "presets"))->values[i]; }

static void the_default_of_an_override_is_what_is_used_without_it(void **state)
{
    yajl_val tree = presets_for(&PORTRAIT), overrides = json_get(preset_at(tree, 0), "overrides");

    (void)state;
    assert_int_equal(YAJL_GET_OBJECT(overrides)->len, 5);
    assert_int_equal(json_get_int64(json_get(overrides, "num_inference_steps"), "default", 0), 20);
    assert_string_equal(YAJL_GET_NUMBER(json_get(json_get(overrides, "lora_scale"), "default")), "0.8");
    assert_string_equal(json_get_text(json_get(overrides, "lora_scale"), "type"), "number");
    assert_string_equal(json_get_text(json_get(overrides, "acceleration"), "default"), "none");
    assert_null(json_get(overrides, "sync_mode"));
    assert_null(json_get(overrides, "enable_safety_checker"));
    yajl_tree_free(tree);
    tree = presets_for(&FINETUNE);
    overrides = json_get(preset_at(tree, 3), "overrides");
    assert_true(YAJL_IS_FALSE(json_get(json_get(overrides, "raw"), "default")));
    assert_true(YAJL_IS_FALSE(json_get(json_get(overrides, "enhance_prompt"), "default")));
    assert_null(json_get(overrides, "guidance_scale"));
    yajl_tree_free(tree);
}

/* All of them at their longest: every preset supported, with every override. */
static void the_whole_document_fits_many_times_into_its_limit(void **state)
{
    CLEANUP(buf_done) struct buf body = buf_make(CATALOG_PRESETS_MAX_BYTES);
    struct json_out out = json_out_begin(&body);

    (void)state;
    catalog_write_presets(&out, catalog, &FINETUNE);
    assert_true(body.len > 1000 && body.len < CATALOG_PRESETS_MAX_BYTES / 3);
}

/* Suggestions */

static const char *suggested(const struct avatar_model *model, enum lang lang)
{
    static char words[1000];
    struct catalog_suggestion suggestion = catalog_suggest(catalog, model);

    catalog_suggestion_say(&suggestion, lang, words, sizeof words);
    return words;
}

static void the_presets_of_this_avatar_and_kinds_of_others_are_suggested(void **state)
{
    (void)state;
    turn(FINETUNED, ENDPOINT_GONE, NULL);
    assert_string_equal(suggested(&FINETUNE, LANG_EN),
                        "These presets work with this avatar: Ultra. Portrait avatars work "
                        "at present. Style avatars work at present.");
    turn(FINETUNED, ENDPOINT_ACTIVE, NULL);
    turn(ULTRA, ENDPOINT_GONE, NULL);
    assert_non_null(strstr(suggested(&FINETUNE, LANG_RU), "пресеты: Быстро, Сбалансированно, Качество, Художественно, "
                                                          "Портрет, Пейзаж, Фотореализм."));
    turn(FINETUNED, ENDPOINT_GONE, NULL);
    turn(LORA, ENDPOINT_GONE, NULL);
    assert_string_equal(suggested(&PORTRAIT, LANG_EN), message_title("suggest_nothing", LANG_EN));
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_catalog, close_catalog)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_active_endpoint_serves_itself_whatever_its_replacement),
        TEST(the_first_active_replacement_that_fits_serves),
        TEST(a_circle_of_replacements_ends),
        TEST(an_offer_says_where_it_goes_and_what_it_costs),
        TEST(what_cannot_be_had_has_a_reason_and_no_endpoint),
        TEST(a_replacement_is_offered_in_the_place_of_the_usual_one),
        TEST(what_is_not_trained_yet_rules_out_only_what_it_can_never_have),
        TEST(the_default_of_an_override_is_what_is_used_without_it),
        TEST(the_whole_document_fits_many_times_into_its_limit),
        TEST(the_presets_of_this_avatar_and_kinds_of_others_are_suggested),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
