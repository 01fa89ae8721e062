#include "support/plan_body.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/altered_catalog.h"

struct catalog *plan_body_catalog;

#define LORA_URL "https://files.example/a_b.safetensors?x=\"1\""

const struct avatar_model plan_body_portrait = {.type = AVATAR_PORTRAIT, .lora_url = LORA_URL, .trigger = "TOK"};
const struct avatar_model plan_body_style_lora = {.type = AVATAR_STYLE, .lora_url = LORA_URL, .trigger = "TOK"};
const struct avatar_model plan_body_finetune = {
    .type = AVATAR_STYLE, .finetune_id = PLAN_BODY_FINETUNE_ID, .trigger = "TOK"};
const struct plan_source plan_body_picture = {.width = 1024, .height = 768};

struct plan_request plan_body_ask(const struct avatar_model *model, const char *preset)
{
    return (struct plan_request){.model = model, .prompt = TEXT("a \"red\" castle"), .preset = preset};
}

void plan_body_override(struct plan_request *request, const char *json)
{
    struct faults faults = {0};
    struct err err = {0};

    if (!json_decode_body(text_of(json), settings_fields, &request->overrides, &faults, &err))
        fail_msg("%s: %s %s", json, err.code, faults.items[0].code);
}

struct buf plan_body_sent(const struct plan_request *request, uint64_t seed, const char **ret_endpoint)
{
    struct buf body = buf_make(10000);
    struct json_out out = json_out_begin(&body);
    struct faults faults = {0};
    struct plan plan;
    struct err err;

    if (!plan_make(plan_body_catalog, request, &plan, &faults, &err))
        fail_msg("%s: %s %s %s", request->preset, err.code, faults.items[0].field, faults.items[0].code);
    plan_write_sent((struct text){plan.input.bytes, plan.input.len}, plan.sends_source ? PLAN_BODY_PICTURE_URL : NULL,
                    seed, &out);
    *ret_endpoint = plan.endpoint->id;
    plan_done(&plan);
    return body;
}

void plan_body_check_fault(const struct plan_request *request, const struct fault *expected)
{
    struct faults faults = {0};
    struct plan plan;
    struct err err;

    if (plan_make(plan_body_catalog, request, &plan, &faults, &err))
        fail_msg("%s was taken", expected->field);
    assert_int_equal(err.kind, ERR_NONE);
    assert_int_equal(faults.count, 1);
    assert_string_equal(faults.items[0].field, expected->field);
    assert_string_equal(faults.items[0].code, expected->code);
    assert_int_equal(faults.items[0].min, expected->min);
    assert_int_equal(faults.items[0].max, expected->max);
    assert_string_equal(faults.items[0].what, expected->what);
}

int plan_body_open(void **state)
{
    struct err err = {0};

    (void)state;
    if (!(plan_body_catalog = catalog_open(altered_catalog_root(), &err)))
        print_error("%s\n", err.detail);
    return plan_body_catalog ? 0 : -1;
}

int plan_body_close(void **state)
{
    (void)state;
    catalog_close(plan_body_catalog);
    return 0;
}
