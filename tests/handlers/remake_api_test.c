/* POST /api/v1/images/{id}/variations and /repeat, /api/v1/generations/{id}/retry, and dry runs. */
#include "generations/remake_api.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "generations/generation_api.h"
#include "support/fake_db.h"
#include "support/house.h"
#include "support/json_same.h"
#include "support/wish.h"

#define IMAGE "01990000-0000-7000-8000-0000000000a0"
#define SOURCE "01990000-0000-7000-8000-0000000000a1"
#define PARENT "01990000-0000-7000-8000-0000000000a2"
#define OLD "01990000-0000-7000-8000-0000000000b9"
#define LORA "https://v3.fal.media/a.safetensors"

static struct next authenticate(struct call *call)
{
    (void)uuid_read(TEXT(FAKE_USER), &call->who.user);
    call->who.kind = WHO_TOKEN;
    call->who.scopes = SCOPE_READ | SCOPE_WRITE | SCOPE_GENERATE;
    (void)text_copy(call->who.locale, sizeof call->who.locale, TEXT("en"));
    (void)text_copy(call->who.default_preset, sizeof call->who.default_preset, TEXT("quality"));
    return call_enter(call);
}

static const struct route ROUTES[] = {
    {"POST", "/api/v1/images/{id}/variations", ACCESS_GENERATE, 65536, remake_vary},
    {"POST", "/api/v1/images/{id}/repeat", ACCESS_GENERATE, 65536, remake_repeat},
    {"POST", "/api/v1/generations/{id}/retry", ACCESS_GENERATE, 65536, remake_retry},
    {"POST", "/api/v1/generations", ACCESS_GENERATE, 65536, generation_create},
    {0},
};

static int set_up(void **state)
{
    (void)state;
    house_open(ROUTES, authenticate);
    fake_db_reset();
    log_set_level((enum log_level)(LOG_ERROR + 1));
    return 0;
}

/* What something was made from, where it differs from the usual: a square portrait of balanced. */
struct origin_row {
    const char *status, *preset, *endpoint, *parameters, *seed, *wanted_seed, *num_images, *avatar_deleted, *parent,
        *source, *source_key, *image, *width, *height, *image_deleted, *hidden, *style;
};

#define OR(value, otherwise) ((value) ? (value) : (otherwise))

static void answer_origin(struct origin_row o)
{
    assert_true(wish_asks("g.source_image_id"));
    assert_string_equal(fake_db_value(0), FAKE_USER);
    fake_db_answer(
        fake_rows(24, 1,
                  (const char *[]){OLD,
                                   FAKE_AVATAR,
                                   OR(o.status, "completed"),
                                   "A cat",
                                   OR(o.preset, "balanced"),
                                   OR(o.endpoint, "fal-ai/flux-lora"),
                                   o.style,
                                   NULL,
                                   OR(o.parameters,
                                      "{\"image_size\":\"square_hd\",\"num_inference_steps\":31,\"guidance_scale\":3.5,"
                                      "\"lora_scale\":1,\"enable_safety_checker\":true}"),
                                   OR(o.seed, "18446744073709551615"),
                                   o.wanted_seed,
                                   OR(o.num_images, "3"),
                                   OR(o.avatar_deleted, "f"),
                                   o.parent,
                                   o.source,
                                   o.source_key,
                                   "1024",
                                   "768",
                                   o.image,
                                   OR(o.width, "1024"),
                                   OR(o.height, "1024"),
                                   o.image ? "2026/11/20/" IMAGE ".jpg" : NULL,
                                   OR(o.image_deleted, "f"),
                                   OR(o.hidden, "f")}));
}

static struct loopback *ask(const char *path, const char *body)
{
    return house_send(&(struct loopback_message){
        .method = "POST", .path = path, .headers = {"content-type", "application/json"}, .body = body});
}

static struct loopback *vary(const char *body) { return ask("/api/v1/images/" IMAGE "/variations", body); }
static struct loopback *repeat(const char *body) { return ask("/api/v1/images/" IMAGE "/repeat", body); }
static struct loopback *retry(const char *body) { return ask("/api/v1/generations/" OLD "/retry", body); }

/* The parameters of the statement that creates: as generation_insert has them. */
enum { PROMPT = 5, PRESET = 7, ENDPOINT = 8, COUNT = 9, PARAMETERS = 10, INPUT = 11, SEED = 12, ORIGINS = 18 };
enum { STYLE = ORIGINS, PARENT_IMAGE = ORIGINS + 2, RETRY_OF, SOURCE_IMAGE };

static void assert_value(int at, const char *expected)
{
    const char *value = fake_db_value(at);

    if (!expected && value)
        fail_msg("%d: %s", at, value);
    if (expected)
        assert_string_equal(value ? value : "(null)", expected);
}

static void assert_json(int at, const char *expected)
{
    if (!json_same(fake_db_value(at), expected))
        fail_msg("%s\nnot %s", fake_db_value(at), expected);
}

static void finish(struct loopback *l)
{
    assert_true(wish_asks("INSERT INTO generations"));
    wish_answer(&WISH_PENDING);
    assert_int_equal(loopback_status(l), 202);
    loopback_close(l);
}

static void a_portrait_varies_from_its_picture_with_what_it_was_made_with(void **state)
{
    struct loopback *l = vary("{}");

    (void)state;
    assert_string_equal(fake_db_value(1), IMAGE);
    answer_origin((struct origin_row){.image = IMAGE});
    wish_answer_portrait();
    assert_value(PROMPT, "A cat");
    assert_value(PRESET, "balanced");
    assert_value(ENDPOINT, "fal-ai/flux-lora/image-to-image");
    assert_value(COUNT, "1");
    assert_value(SEED, NULL);
    assert_value(PARENT_IMAGE, IMAGE);
    assert_value(SOURCE_IMAGE, IMAGE);
    assert_value(RETRY_OF, NULL);
    assert_json(INPUT, "{\"prompt\":\"ANNA A cat\",\"loras\":[{\"path\":\"" LORA "\",\"scale\":1}],\"strength\":0.6,"
                       "\"image_size\":\"square_hd\",\"num_inference_steps\":31,\"guidance_scale\":3.5,"
                       "\"num_images\":1,\"enable_safety_checker\":true}");
    finish(l);
}

static void a_variation_may_say_how_it_differs(void **state)
{
    struct loopback *l = vary("{\"prompt\":\"A dog\",\"strength\":0.25,\"num_images\":4,\"preset\":\"fast\",\"seed\":7,"
                              "\"overrides\":{\"guidance_scale\":9}}");

    (void)state;
    answer_origin((struct origin_row){.image = IMAGE, .width = "1000", .height = "600", .style = "business_office"});
    wish_answer_portrait();
    assert_value(PROMPT, "A dog");
    assert_value(COUNT, "4");
    assert_value(SEED, "7");
    assert_value(STYLE, NULL); /* its words are others now */
    assert_json(INPUT, "{\"prompt\":\"ANNA A dog\",\"loras\":[{\"path\":\"" LORA "\",\"scale\":0.8}],\"strength\":0.25,"
                       "\"image_size\":{\"width\":1000,\"height\":600},\"num_inference_steps\":20,"
                       "\"guidance_scale\":9,\"num_images\":4,\"enable_safety_checker\":true}");
    finish(l);
}

static void a_finetune_takes_the_picture_beside_its_prompt(void **state)
{
    struct loopback *l = vary("{\"change\":\"little\"}");

    (void)state;
    answer_origin((struct origin_row){.image = IMAGE,
                                      .endpoint = "fal-ai/flux-pro/finetuned",
                                      .width = "1024",
                                      .height = "576",
                                      .parameters = "{\"image_size\":\"landscape_16_9\",\"finetune_strength\":0.9,"
                                                    "\"num_inference_steps\":28,\"safety_tolerance\":\"2\"}"});
    wish_answer_avatar("style", "completed", NULL, "f-1");
    assert_value(ENDPOINT, "fal-ai/flux-pro/v1.1-ultra-finetuned");
    assert_value(SOURCE_IMAGE, IMAGE);
    assert_json(INPUT, "{\"prompt\":\"ANNA A cat\",\"finetune_id\":\"f-1\",\"image_prompt_strength\":0.4,"
                       "\"aspect_ratio\":\"16:9\",\"finetune_strength\":0.9,\"safety_tolerance\":\"2\","
                       "\"num_images\":1}");
    finish(l);
}

static void a_repeat_is_the_whole_generation_with_its_seed_on_its_endpoint(void **state)
{
    struct loopback *l = repeat(NULL);

    (void)state;
    answer_origin((struct origin_row){.image = IMAGE});
    wish_answer_portrait();
    assert_value(ENDPOINT, "fal-ai/flux-lora");
    assert_value(COUNT, "3");
    assert_value(SEED, "18446744073709551615");
    assert_value(PARENT_IMAGE, IMAGE);
    assert_value(SOURCE_IMAGE, NULL);
    assert_json(PARAMETERS, "{\"image_size\":\"square_hd\",\"num_inference_steps\":31,\"guidance_scale\":3.5,"
                            "\"lora_scale\":1,\"enable_safety_checker\":true}");
    finish(l);
}

static void a_repeated_variation_starts_from_the_same_picture_as_far_away(void **state)
{
    struct loopback *l = repeat("{}");

    (void)state;
    answer_origin((struct origin_row){.image = IMAGE,
                                      .endpoint = "fal-ai/flux-lora/image-to-image",
                                      .parameters = "{\"strength\":0.31,\"image_size\":\"square\",\"lora_scale\":1}",
                                      .source = SOURCE,
                                      .source_key = "2026/11/19/x.jpg"});
    wish_answer_portrait();
    assert_value(ENDPOINT, "fal-ai/flux-lora/image-to-image");
    assert_value(PARENT_IMAGE, IMAGE);
    assert_value(SOURCE_IMAGE, SOURCE);
    assert_json(PARAMETERS, "{\"strength\":0.31,\"image_size\":\"square\",\"num_inference_steps\":28,"
                            "\"guidance_scale\":3.5,\"lora_scale\":1,\"enable_safety_checker\":true}");
    finish(l);
}

static void what_failed_is_tried_again_as_it_was_wished_for(void **state)
{
    struct loopback *l = retry("{}");

    (void)state;
    answer_origin((struct origin_row){.status = "failed", .seed = "5", .parent = PARENT, .style = "business_office"});
    wish_answer_portrait();
    assert_value(COUNT, "3");
    assert_value(SEED, NULL); /* the seed was left open */
    assert_value(PARENT_IMAGE, PARENT);
    assert_value(RETRY_OF, OLD);
    assert_value(STYLE, "business_office");
    finish(l);
    l = retry(NULL);
    answer_origin((struct origin_row){.status = "cancelled", .wanted_seed = "99"});
    wish_answer_portrait();
    assert_value(SEED, "99");
    finish(l);
}

static void an_ultra_one_is_tried_again_as_ultra_whatever_its_preset(void **state)
{
    struct loopback *l = retry(NULL);

    (void)state;
    answer_origin((struct origin_row){.status = "failed",
                                      .endpoint = "fal-ai/flux-pro/v1.1-ultra-finetuned",
                                      .parameters = "{\"aspect_ratio\":\"3:4\",\"finetune_strength\":1}"});
    wish_answer_avatar("style", "completed", NULL, "f-1");
    assert_value(ENDPOINT, "fal-ai/flux-pro/v1.1-ultra-finetuned");
    assert_value(PRESET, "balanced");
    assert_json(PARAMETERS, "{\"aspect_ratio\":\"3:4\",\"finetune_strength\":1,\"safety_tolerance\":\"2\"}");
    finish(l);
}

/* Refusals */

static void what_stands_in_the_way_is_named(void **state)
{
    static const struct case_of {
        struct loopback *(*ask)(const char *body);
        struct origin_row origin;
        const char *code;
    } CASES[] = {
        {vary, {.image = IMAGE, .image_deleted = "t"}, "image_deleted"},
        {vary, {.image = IMAGE, .hidden = "t"}, "image_quarantined"},
        {vary, {.image = IMAGE, .avatar_deleted = "t"}, "avatar_deleted"},
        {repeat, {.image = IMAGE, .hidden = "t"}, "image_quarantined"},
        {repeat, {.image = IMAGE, .source = SOURCE}, "source_missing"},
        {retry, {.status = "running"}, "generation_unfinished"},
        {retry, {.status = "pending"}, "generation_unfinished"},
        {retry, {.status = "completed"}, "generation_completed"},
        {retry, {.status = "failed", .avatar_deleted = "t"}, "avatar_deleted"},
        {retry, {.status = "failed", .source = SOURCE}, "source_missing"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct loopback *l = CASES[i].ask("{}");
        answer_origin(CASES[i].origin);
        wish_check(l, 409, CASES[i].code);
        assert_false(fake_db_waits());
    }
}

static void what_is_not_there_or_somebody_elses_is_a_404(void **state)
{
    struct loopback *(*const asks[])(const char *) = {vary, repeat, retry};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct loopback *l = asks[i]("{}");
        wish_answer_nothing();
        wish_check(l, 404, "not_found");
    }
    wish_check(ask("/api/v1/images/x/variations", "{}"), 404, "not_found");
}

static void check_fault(const char *body, bool before_the_origin, const char *type, const char *field, const char *code)
{
    struct loopback *l = vary(body);
    char expected[200];

    if (!before_the_origin) {
        answer_origin((struct origin_row){.image = IMAGE});
        if (type)
            wish_answer_avatar(type, "completed", *type == 'p' ? LORA : NULL, *type == 'p' ? NULL : "f-1");
    }
    (void)snprintf(expected, sizeof expected, "\"field\":\"%s\",\"code\":\"%s\"", field, code);
    if (loopback_status(l) != 422 || !strstr(loopback_body(l), expected))
        fail_msg("%s: %d %s", body, loopback_status(l), loopback_body(l));
    loopback_close(l);
}

static void what_a_variation_may_not_say_is_named(void **state)
{
    (void)state;
    check_fault("{\"strength\":1.5}", true, NULL, "strength", "out_of_range_thousandths");
    check_fault("{\"change\":\"wild\"}", true, NULL, "change", "not_one_of");
    check_fault("{\"change\":1}", true, NULL, "change", "not_a_string");
    check_fault("{\"image_size\":\"square\"}", true, NULL, "", "unknown_field");
    check_fault("{\"preset\":\"none\"}", false, NULL, "preset", "not_one_of");
    check_fault("{\"prompt\":\"  \"}", false, NULL, "prompt", "blank");
    check_fault("{\"strength\":0.005}", false, "portrait", "strength", "out_of_range_thousandths");
    check_fault("{\"image_prompt_strength\":0.5}", false, "portrait", "image_prompt_strength", "not_accepted_here");
    check_fault("{\"strength\":0.5,\"change\":\"much\"}", false, "portrait", "change", "exclusive");
    check_fault("{\"strength\":0.5}", false, "style", "strength", "not_accepted_here");
    check_fault("{\"overrides\":{\"num_inference_steps\":30}}", false, "style", "overrides.num_inference_steps",
                "not_accepted_here");
    check_fault("{\"preset\":\"ultra\",\"change\":\"much\",\"image_prompt_strength\":0.5}", false, "style", "change",
                "exclusive");
}

static void the_same_key_for_another_picture_is_another_request(void **state)
{
    static const struct loopback_message FIRST = {
        .method = "POST",
        .path = "/api/v1/images/" IMAGE "/repeat",
        .headers = {"content-type", "application/json", "idempotency-key", "k"},
        .body = "{}"};
    struct loopback_message second = FIRST;
    struct loopback *l = house_send(&FIRST);
    char fingerprint[80];

    (void)state;
    wish_answer_nothing();
    answer_origin((struct origin_row){.image = IMAGE});
    wish_answer_portrait();
    assert_string_equal(fake_db_value(3), "k");
    (void)snprintf(fingerprint, sizeof fingerprint, "%s", fake_db_value(4));
    finish(l);
    second.path = "/api/v1/images/" SOURCE "/repeat";
    l = house_send(&second);
    wish_answer_nothing();
    answer_origin((struct origin_row){.image = IMAGE});
    wish_answer_portrait();
    assert_string_not_equal(fake_db_value(4), fingerprint);
    finish(l);
}

/* Dry runs */

static void answer_account(const char *available)
{
    assert_true(wish_asks("FROM accounts"));
    fake_db_answer(fake_rows(4, 1, (const char *[]){"100", available, "0", "0"}));
}

static void assert_shown(const struct loopback *l, const char *member, const char *expected)
{
    yajl_val root = wish_body(l), value = json_get(root, member);
    char text[40];

    if (YAJL_IS_STRING(value))
        (void)snprintf(text, sizeof text, "%s", YAJL_GET_STRING(value));
    else if (YAJL_IS_NUMBER(value))
        (void)snprintf(text, sizeof text, "%s", YAJL_GET_NUMBER(value));
    else
        (void)snprintf(text, sizeof text, "%s", YAJL_IS_TRUE(value) ? "true" : YAJL_IS_FALSE(value) ? "false" : "null");
    assert_string_equal(text, expected);
    yajl_tree_free(root);
}

static void a_dry_run_shows_what_would_be_sent_and_writes_nothing(void **state)
{
    struct loopback *l = ask("/api/v1/generations", "{" WISH_PROMPT ",\"preset\":\"fast\",\"num_images\":2,\"seed\":"
                                                    "\"18446744073709551615\",\"dry_run\":true}");

    (void)state;
    answer_account("7");
    wish_answer_portrait();
    assert_false(fake_db_waits());
    assert_int_equal(loopback_status(l), 200);
    assert_shown(l, "dry_run", "true");
    assert_shown(l, "endpoint", "fal-ai/flux-lora");
    assert_shown(l, "final_prompt", "ANNA A cat");
    assert_shown(l, "seed", "18446744073709551615");
    assert_shown(l, "cost", "8");
    assert_shown(l, "available", "7");
    assert_shown(l, "affordable", "false");
    assert_non_null(strstr(loopback_body(l), "/fal-ai/flux-lora\",\"body\":{\"prompt\":\"ANNA A cat\",\"loras\":"));
    assert_non_null(strstr(loopback_body(l), "\"seed\":18446744073709551615},\"decided_when_sent\":[]"));
    assert_non_null(strstr(loopback_body(l), "\"moderation\":{\"allowed\":true,\"category\":null"));
    loopback_close(l);
}

static void a_dry_run_says_what_is_decided_when_it_is_sent(void **state)
{
    struct loopback *l = vary("{\"dry_run\":true}");

    (void)state;
    answer_origin((struct origin_row){.image = IMAGE});
    answer_account("80");
    wish_answer_portrait();
    assert_false(fake_db_waits());
    assert_shown(l, "seed", "null");
    assert_shown(l, "affordable", "true");
    assert_shown(l, "parent_image_id", IMAGE);
    assert_non_null(strstr(loopback_body(l), "\"decided_when_sent\":[\"seed\",\"image_url\"]"));
    loopback_close(l);
}

static void a_blocked_prompt_is_a_verdict_of_a_dry_run(void **state)
{
    struct loopback *l = ask("/api/v1/generations", "{\"prompt\":\"a nude\",\"dry_run\":true}");

    (void)state;
    answer_account("80");
    wish_answer_portrait();
    assert_int_equal(loopback_status(l), 200);
    assert_non_null(strstr(loopback_body(l), "\"moderation\":{\"allowed\":false,\"category\":\""));
    loopback_close(l);
}

static void other_faults_of_a_dry_run_are_what_they_always_are(void **state)
{
    struct loopback *l = ask("/api/v1/generations", "{\"prompt\":\"a cat\",\"preset\":\"none\",\"dry_run\":true}");

    (void)state;
    wish_check(l, 422, "invalid");
    l = ask("/api/v1/generations", "{\"prompt\":\"a cat\",\"dry_run\":true}");
    answer_account("80");
    wish_answer_nothing();
    wish_check(l, 409, "no_main_avatar");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, house_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_portrait_varies_from_its_picture_with_what_it_was_made_with),
        TEST(a_variation_may_say_how_it_differs),
        TEST(a_finetune_takes_the_picture_beside_its_prompt),
        TEST(a_repeat_is_the_whole_generation_with_its_seed_on_its_endpoint),
        TEST(a_repeated_variation_starts_from_the_same_picture_as_far_away),
        TEST(what_failed_is_tried_again_as_it_was_wished_for),
        TEST(an_ultra_one_is_tried_again_as_ultra_whatever_its_preset),
        TEST(what_stands_in_the_way_is_named),
        TEST(what_is_not_there_or_somebody_elses_is_a_404),
        TEST(what_a_variation_may_not_say_is_named),
        TEST(the_same_key_for_another_picture_is_another_request),
        TEST(a_dry_run_shows_what_would_be_sent_and_writes_nothing),
        TEST(a_dry_run_says_what_is_decided_when_it_is_sent),
        TEST(a_blocked_prompt_is_a_verdict_of_a_dry_run),
        TEST(other_faults_of_a_dry_run_are_what_they_always_are),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
