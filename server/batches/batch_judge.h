#pragma once
/* From a batch's wish and an avatar to everything that is written down, each prompt judged for itself. No I/O. */
#include "batches/batch_change.h"
#include "batches/batch_wish.h"
#include "generations/generation_judge.h"

/* Ended with batch_judged_done. */
struct batch_judged {
    struct batch_new new; /* borrows from first, items, the wish and the key */
    struct generation_judged first;
    struct buf items;
    struct faults refusals; /* of the prompts: prompts[3] */
};

/* Fills *ret when at least one of the prompts can be made. On false it is empty, and either reterr->kind is set (as by
   generation_judge), or it is ERR_NONE and faults has entries: of what the prompts have in common, or of every prompt.
   The wish's own prompt is overwritten. */
bool batch_judge(const struct call *call, struct batch_wish *wish, const struct avatar *avatar,
                 const struct idempotency *key, struct batch_judged *ret, struct faults *faults, struct err *reterr);
void batch_judged_done(struct batch_judged *judged);
