#pragma once
/* What may be asked for in a prompt: words of a data file (server/moderation/data/words.json), in English and Russian,
   with their inflections, whole words only. docs/moderation.md says what passes, and why.

   A moderation does not change after it was opened, but for its counters, which are atomic: any number of threads may
   use one. It outlives its verdicts. */
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/faults.h"
#include "base/messages.h"
#include "base/text.h"

struct moderation;

struct moderation_verdict {
    const char *category; /* "violence"; NULL: it passes */
    const char *title_ru, *title_en;
    struct text found; /* the part of the prompt that is meant, as it stands there: borrowed from the prompt */
};

/* From server/moderation/data under root. NULL: ERR_INTERNAL "data_file", with file and place. */
struct moderation *moderation_open(const char *root, struct err *reterr);
void moderation_close(struct moderation *moderation);

/* Of valid UTF-8. The time grows with the length: 4000 bytes take a few milliseconds at most. False: *ret says what it
   is about, and the block has been counted. */
bool moderation_passes(const struct moderation *moderation, struct text prompt, struct moderation_verdict *ret);

const char *moderation_title(const struct moderation_verdict *verdict, enum lang lang);
/* What is told beside a field of that name: {category} and the word, code "moderated". Returns false. */
bool moderation_fault(const struct moderation_verdict *verdict, enum lang lang, const char *field,
                      struct faults *faults);

/* Figures since the start: of each category in turn (NULL behind the last) how many texts were blocked, and how many
   were looked at in all. */
const char *moderation_category_at(const struct moderation *moderation, int index);
uint64_t moderation_blocked(const struct moderation *moderation, int index);
uint64_t moderation_looked_at(const struct moderation *moderation);
