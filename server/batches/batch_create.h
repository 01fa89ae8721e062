#pragma once
/* From a batch's wish to its durable rows: what a JSON body and a form on a page have in common. As with a single wish
   (generations/generation_create.h), the first step reads wish and key into its state, and one way leads to exactly one
   of its answers. */
#include "batches/batch_wish.h"
#include "generations/wish_steps.h"
#include "http/call.h"

struct batch_answers {
    /* replayed: an earlier request with this key made it. */
    struct next (*created)(struct call *call, struct uuid batch, bool replayed);
    /* Of what the prompts have in common, or of every prompt: prompts[3]. */
    struct next (*faulty)(struct call *call, const struct faults *faults);
    struct next (*refused)(struct call *call, const struct err *err); /* as of struct generation_answers */
};

/* The first member of the call's state. */
struct batch_create {
    struct wish_steps steps; /* first; its key is filled beside the wish */
    const struct batch_answers *answers;
    struct batch_wish wish;
};

/* The state is filled, the wish has no faults so far, and at least one prompt. */
struct next batch_create_begin(struct call *call);
