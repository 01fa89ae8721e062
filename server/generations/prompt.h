#pragma once
/* The prompt as the model gets it. */
#include <stdbool.h>

#include "base/buf.h"
#include "base/text.h"

/* Does the prompt contain the trigger as a word (or as a phrase), and not only inside longer words? Letters beyond
   ASCII count as parts of words; the case of ASCII letters does not matter. False for an empty trigger. */
bool prompt_has_trigger(struct text prompt, struct text trigger);

/* Appends "{trigger} {prompt}", or the prompt alone when it has the trigger already or there is none. Blanks around
   the trigger are dropped. False: over the limit of out. */
bool prompt_write(struct text prompt, struct text trigger, struct buf *out);
