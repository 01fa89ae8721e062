#pragma once
/* POST /api/v1/generations in a house (house.h): sending a wish, and playing the database until it is answered. */
#include "http/call.h"
#include "support/fake_generation.h"
#include "support/loopback.h"
#include "json/json_in.h"

#define WISH_ID "01990000-0000-7000-8000-0000000000b0"
#define WISH_LIST "/api/v1/generations"
#define WISH_PROMPT "\"prompt\":\"A cat\",\"avatar_id\":\"" FAKE_AVATAR "\""

extern const struct fake_generation WISH_PENDING; /* what is answered first */
extern enum who_kind wish_kind;                   /* who asks */

int wish_set_up(void **state);                                     /* for cmocka, with house_tear_down */
struct loopback *wish_send(const char *body, const char *key);     /* key NULL: none */
void wish_check(struct loopback *l, int status, const char *code); /* and closes it */
yajl_val wish_body(const struct loopback *l);                      /* to be freed */
bool wish_asks(const char *words);                                 /* does the query waited for contain them? */
void wish_answer_nothing(void);
void wish_answer_avatar(const char *type, const char *status, const char *lora_url, const char *finetune_id);
void wish_answer_portrait(void);
void wish_answer(const struct fake_generation *g);
