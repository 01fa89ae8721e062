#pragma once
/* From a wish and an avatar to everything that is written down, shown or sent: one way for single wishes, batches,
   variations, retries and dry runs. No I/O, so it may be asked many times in one step. */
#include "avatars/avatar.h"
#include "base/faults.h"
#include "generations/generation.h"
#include "generations/generation_wish.h"
#include "generations/plan.h"
#include "http/call.h"
#include "moderation/moderation.h"
#include "storage/object_link.h"

/* Ended with generation_judged_done, whatever generation_judge said. */
struct generation_judged {
    struct plan plan;
    struct buf prompt; /* without the trigger */
    bool is_blocked;   /* by what the verdict says; the rest is there nevertheless, for who only looks */
    struct moderation_verdict verdict; /* about the final prompt, from which it borrows */
    const char *variant;               /* of the style's prompt; NULL: there are none */
    char model_url[OBJECT_LINK_ROOM];  /* of a model that is ours: the provider's address for it, for two days */
};

/* Adds what can be judged before the avatar is known, but for fields that have a fault already. */
void generation_wish_check(const struct call *call, const struct generation_wish *wish, struct faults *faults);

/* Fills *ret. On false either reterr->kind is set (ERR_CONFLICT: avatar_not_ready, lora_missing,
   finetune_missing, endpoint_gone; ERR_INVALID: moderation_blocked, when is_blocked), or it is ERR_NONE and faults has
   entries under the names of the wish's fields. */
bool generation_judge(const struct call *call, const struct generation_wish *wish, const struct avatar *avatar,
                      struct generation_judged *ret, struct faults *faults, struct err *reterr);
void generation_judged_done(struct generation_judged *judged);

/* The row that it becomes. Borrows from wish, judged and key, which outlive it. */
struct generation_new generation_judged_new(const struct call *call, const struct generation_wish *wish,
                                            const struct avatar *avatar, const struct generation_judged *judged,
                                            const struct idempotency *key);
