#pragma once
/* Stems of words: what inflections have in common ("картины" and "картиной": "картин"). Snowball's rules. */
#include "base/text.h"

enum stem_language { STEM_ENGLISH, STEM_RUSSIAN, STEM_LANGUAGES };

/* For one thread at a time; making one is cheap. */
struct stemmer;
struct stemmer *stemmer_open(void); /* aborts when there is no memory */
void stemmer_close(struct stemmer *stemmer);

/* Of a word in small letters, of valid UTF-8, in which ё is written е. Borrowed until the next call. */
struct text stemmer_stem(struct stemmer *stemmer, enum stem_language language, struct text word);
