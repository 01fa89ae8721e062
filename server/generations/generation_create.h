#pragma once
/* From a wish to a durable job: what a JSON body and a form on a page have in common. The route's first step reads the
   wish and the key into its state; from there one way leads to exactly one of its answers. */
#include "catalog/catalog_offer.h"
#include "generations/generation.h"
#include "generations/generation_judge.h"
#include "generations/generation_wish.h"
#include "generations/wish_steps.h"
#include "http/call.h"

/* How it ends. What they are given lives during the call. */
struct generation_answers {
    /* replayed: an earlier request with this key made it. */
    struct next (*created)(struct call *call, const struct generation *generation, bool replayed);
    struct next (*faulty)(struct call *call, const struct faults *faults);
    /* ERR_NOT_FOUND: the avatar is missing or somebody else's. ERR_CONFLICT: avatar_not_ready, no_main_avatar,
       lora_missing, finetune_missing, endpoint_gone (the state's suggestion says what works). ERR_INVALID:
       idempotency_key_reused. ERR_PAYMENT: quota_exceeded, the steps' needed and available say by how much. ERR_RATE:
       too many are unfinished. ERR_BUSY: generation_off. */
    struct next (*refused)(struct call *call, const struct err *err);
    /* Moderation does not let it pass. NULL: told as a fault of the prompt. */
    struct next (*blocked)(struct call *call, const struct moderation_verdict *verdict);
    /* A dry run: what would be made is shown instead, beside the steps' available; keys are passed over, for nothing
       is created. NULL: it is made. */
    struct next (*judged)(struct call *call, const struct avatar *avatar, const struct generation_judged *judged);
};

/* The first member of the call's state. */
struct generation_create {
    struct wish_steps steps; /* first; its key is filled beside the wish */
    const struct generation_answers *answers;
    struct generation_wish wish;
    /* What has to be read before the wish is whole, once its key turned out to be new: goes on with
       generation_create_go. NULL: nothing. */
    struct next (*prepare)(struct call *call);
    struct catalog_suggestion suggestion; /* for endpoint_gone */
};

/* False: this server makes no generations; with ERR_BUSY. */
bool generation_create_is_on(const struct call *call, struct err *reterr);
/* The state is filled, the wish has no faults so far. */
struct next generation_create_begin(struct call *call);
/* From prepare: the wish is whole now. */
struct next generation_create_go(struct call *call);
