#pragma once
/* The words of a text as they are looked for: small letters, ё as е, and the stem beside the word. */
#include <stdbool.h>

#include "base/stem.h"
#include "base/text.h"

enum { STYLE_WORD_ROOM = 48, STYLE_STEMS_MAX = 160 };

struct style_stem {
    char word[STYLE_WORD_ROOM], stem[STYLE_WORD_ROOM];
    int weight;
};

struct style_stems {
    int count;
    struct style_stem at[STYLE_STEMS_MAX];
};

/* Cuts the next word off *rest, of valid UTF-8; what is longer than there is room for is passed over. The stem is in
   the language of the word's letters. False: there is none. */
bool style_stems_next(struct text *rest, struct stemmer *stemmer, struct style_stem *ret);
/* Adds the words of a text, as far as there is room. */
void style_stems_add(struct style_stems *stems, struct stemmer *stemmer, const char *text, int weight);

/* "in", "на": says nothing about what is looked for. */
bool style_stems_is_small(const char *word);
/* How well a word that is asked for fits one that is there: 2: the same stem; 1: it begins it, from three letters on,
   or differs in a vowel that comes and goes (замок, замки); 0: not at all. */
int style_stems_fit(const struct style_stem *asked, const struct style_stem *there);
