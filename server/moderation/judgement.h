#pragma once
/* One text read against the lexicon. */
#include "moderation/lexicon.h"

/* The worst that was found: a category of the lexicon (-1: nothing) and the bytes of the text that are meant. */
struct finding {
    int category;
    size_t from, to;
};

struct finding judgement_of(const struct lexicon *lexicon, struct text text);
