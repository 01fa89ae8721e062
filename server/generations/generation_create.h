#pragma once
/* From a wish to a durable job: what a JSON body and a form on a page have in common. The route's first step reads the
   wish and the key into its state; from there one way leads to exactly one of its answers. */
#include "generations/generation.h"
#include "generations/plan.h"
#include "http/call.h"

struct generation_wish {
    char prompt[4 * PLAN_PROMPT_MAX + 1];
    struct uuid avatar_id;       /* "": the main one */
    char preset[40];             /* "": the user's own, else the catalogue's */
    char aspect_ratio[40];       /* "": none */
    int64_t num_images;          /* 0: the preset's */
    struct plan_size image_size; /* all zero: none */
    bool has_seed;
    uint64_t seed;
    struct settings overrides;
    bool batch; /* after everything that somebody waits for */
};

/* How it ends. What they are given lives during the call. */
struct generation_answers {
    /* replayed: an earlier request with this key made it. */
    struct next (*created)(struct call *call, const struct generation *generation, bool replayed);
    struct next (*faulty)(struct call *call, const struct faults *faults);
    /* ERR_NOT_FOUND: the avatar is missing or somebody else's. ERR_CONFLICT: avatar_not_ready, no_main_avatar,
       lora_missing, finetune_missing, endpoint_gone. ERR_INVALID: idempotency_key_reused. ERR_PAYMENT: quota_exceeded,
       the state's needed and available say by how much. ERR_RATE: too many are unfinished. ERR_BUSY: generation_off. */
    struct next (*refused)(struct call *call, const struct err *err);
};

/* The first member of the call's state. */
struct generation_create {
    const struct generation_answers *answers;
    struct generation_wish wish;
    struct idempotency key;
    struct uuid avatar;        /* the one that was chosen */
    int64_t needed, available; /* credits: for this wish, and what the user has; for ERR_PAYMENT */
    int tries;
};

enum { GENERATION_RETRY_AFTER_S = 30 /* when too many are unfinished */ };

/* False: this server makes no generations; with ERR_BUSY. */
bool generation_create_is_on(const struct call *call, struct err *reterr);
/* Adds what can be judged before the avatar is known, but for fields that have a fault already. */
void generation_wish_check(const struct call *call, const struct generation_wish *wish, struct faults *faults);
/* The state is filled, the wish has no faults so far. */
struct next generation_create_begin(struct call *call);
