#pragma once
/* What somebody asks for with a batch, before anything of it is judged. A large thing: it lives in a call's state. */
#include "batches/batch.h"
#include "generations/generation_wish.h"

/* As it came; what is longer than any prompt may be was cut, and is refused for that. */
struct batch_prompt {
    char text[4 * PLAN_PROMPT_MAX + 1]; /* valid UTF-8 */
    bool is_cut;
};

struct batch_wish {
    struct generation_wish each; /* what they have in common; its prompt is used for each in turn */
    bool is_sequential;
    int count;
    struct batch_prompt prompts[BATCH_MAX];
};

/* Takes over a prompt of valid UTF-8. False: there are BATCH_MAX already. */
bool batch_wish_add(struct batch_wish *wish, struct text prompt);
