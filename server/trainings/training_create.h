#pragma once
/* Beginning a training: what a JSON body and a form on a page have in common. The route's first step reads preset and
   key into its state; from there one way leads to exactly one of its answers. */
#include "http/call.h"
#include "trainings/training.h"
#include "users/idempotency.h"

/* How it ends. What they are given lives during the call. */
struct training_answers {
    /* replayed: an earlier request with this key began it. */
    struct next (*begun)(struct call *call, const struct training *training, bool replayed);
    /* ERR_NOT_FOUND: the avatar is missing or somebody else's. ERR_CONFLICT: photos_too_few (the state's needed and
       available say by how much), avatar_training (this one learns already), training_running (another one of the user
       does), endpoint_gone. ERR_INVALID: idempotency_key_reused. ERR_PAYMENT: quota_exceeded (needed and available, in
       credits). ERR_BUSY: generation_off. */
    struct next (*refused)(struct call *call, const struct err *err);
};

/* The first member of the call's state. */
struct training_create {
    const struct training_answers *answers;
    struct uuid avatar;
    const struct training_preset *preset; /* of the catalogue */
    struct idempotency key;
    struct uuid id;            /* of the new one */
    int64_t needed, available; /* photos or credits, by the refusal's code */
    int tries;
};

/* The state is filled. */
struct next training_create_begin(struct call *call);
