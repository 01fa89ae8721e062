#include "support/wish.h"

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

enum who_kind wish_kind;

static struct next authenticate(struct call *call)
{
    (void)uuid_read(TEXT(FAKE_USER), &call->who.user);
    call->who.kind = wish_kind;
    call->who.scopes = SCOPE_READ | SCOPE_WRITE | SCOPE_GENERATE;
    (void)text_copy(call->who.locale, sizeof call->who.locale, TEXT("en"));
    (void)text_copy(call->who.default_preset, sizeof call->who.default_preset, TEXT("quality"));
    return call_enter(call);
}

static const struct route ROUTES[] = {
    {"POST", WISH_LIST, ACCESS_GENERATE, 65536, generation_create},
    {0},
};

int wish_set_up(void **state)
{
    (void)state;
    house_open(ROUTES, authenticate);
    fake_db_reset();
    log_set_level((enum log_level)(LOG_ERROR + 1));
    wish_kind = WHO_TOKEN;
    return 0;
}

struct loopback *wish_send(const char *body, const char *key)
{
    return house_send(
        &(struct loopback_message){.method = "POST",
                                   .path = WISH_LIST,
                                   .headers = {"content-type", "application/json", key ? "idempotency-key" : NULL, key},
                                   .body = body});
}

void wish_check(struct loopback *l, int status, const char *code)
{
    if (loopback_status(l) != status || strcmp(house_code(l), code) != 0)
        fail_msg("%d %s: %s", loopback_status(l), house_code(l), loopback_body(l));
    loopback_close(l);
}

bool wish_asks(const char *words) { return fake_db_waits() && strstr(fake_db_sql(), words) != NULL; }

void wish_answer_nothing(void) { fake_db_answer(fake_rows(1, 0, NULL)); }

void wish_answer_avatar(const char *type, const char *status, const char *lora_url, const char *finetune_id)
{
    assert_true(wish_asks("FROM avatars"));
    fake_db_answer(fake_avatar(type, status, lora_url, finetune_id));
}

void wish_answer_portrait(void)
{
    wish_answer_avatar("portrait", "completed", "https://v3.fal.media/a.safetensors", NULL);
}

const struct fake_generation WISH_PENDING = {WISH_ID, "pending", NULL, NULL, "-1", "0", "-1", NULL};

void wish_answer(const struct fake_generation *g) { fake_db_answer(fake_generations(g, 1)); }

yajl_val wish_body(const struct loopback *l)
{
    struct err err;
    yajl_val root;

    assert_true(json_parse(text_of(loopback_body(l)), &root, &err));
    return root;
}
