#pragma once
/* From a wish for an avatar of each kind to the body that the provider is sent, by the project's catalogue. For cmocka
   tests: what fails, fails the test. */
#include "generations/plan.h"

/* As they stand in a body. */
#define PLAN_BODY_LORA_URL "https://files.example/a_b.safetensors?x=\\\"1\\\""
#define PLAN_BODY_FINETUNE_ID "0f0e0d0c-0b0a-4908-8706-050403020100"
#define PLAN_BODY_PICTURE_URL "https://files.example/p.jpeg"
#define PLAN_BODY_PROMPT "\"prompt\":\"TOK a \\\"red\\\" castle\""

/* Of a test program: its fixtures open and close it. */
extern struct catalog *plan_body_catalog;
int plan_body_open(void **state);
int plan_body_close(void **state);

extern const struct avatar_model plan_body_portrait, plan_body_style_lora, plan_body_finetune;
extern const struct plan_source plan_body_picture;

/* For the words of PLAN_BODY_PROMPT. */
struct plan_request plan_body_ask(const struct avatar_model *model, const char *preset);
void plan_body_override(struct plan_request *request, const char *json);

/* The body as it would be sent, to be ended by the caller; *ret_endpoint is its endpoint. */
struct buf plan_body_sent(const struct plan_request *request, uint64_t seed, const char **ret_endpoint);
/* That this fault alone is told. */
void plan_body_check_fault(const struct plan_request *request, const struct fault *expected);
