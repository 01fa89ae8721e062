#pragma once
/* The data file, made ready for looking words up: terms (a stem, a form, an age) and the sequences of them. Does not
   change after it was opened. */
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/stem.h"
#include "catalog/preset.h"
#include "moderation/wording.h"

enum { LEXICON_CATEGORIES_MAX = 12, LEXICON_SEQUENCE_MAX = 6, LEXICON_TERMS_OF_WORD_MAX = 8, LEXICON_ADULT = 18 };

struct lexicon_category {
    char name[24];
    struct words title;
    bool sexualises; /* beside a minor it is of the combination's category */
};

enum lexicon_use {
    LEXICON_BLOCKED,  /* of a category */
    LEXICON_DENIABLE, /* the same, but it passes when it is denied */
    LEXICON_ALLOWED,  /* says something else: what is blocked inside passes */
    LEXICON_DENIAL,   /* what stands behind is not wanted */
    LEXICON_LINK,     /* goes on with a denial: "no blood or gore" */
    LEXICON_TAIL,     /* may stand behind what is denied: "no blood please" */
    LEXICON_YOUNG,    /* somebody who is not of age, */
    LEXICON_SEXUAL,   /* and what may not stand beside that, if nothing worse does */
};

struct lexicon_sequence {
    uint16_t terms[LEXICON_SEQUENCE_MAX], count;
    enum lexicon_use use;
    int category; /* of LEXICON_BLOCKED and LEXICON_DENIABLE */
};

struct lexicon;

/* NULL: ERR_INTERNAL "data_file". */
struct lexicon *lexicon_open(const char *path, struct err *reterr);
/* The shipped one: server/moderation/data/words.json under root. */
struct lexicon *lexicon_open_under(const char *root, struct err *reterr);
void lexicon_close(struct lexicon *lexicon);

/* The last one is that of the combination. In the order of the file: the earlier is the worse, but for that one, which
   is the worst. NULL behind the last. */
const struct lexicon_category *lexicon_category(const struct lexicon *lexicon, int index);
int lexicon_combination(const struct lexicon *lexicon);

/* The terms that a word may be read as. Returns how many. */
int lexicon_terms(const struct lexicon *lexicon, struct stemmer *stemmer, const struct letter *letters, size_t count,
                  uint16_t ret[LEXICON_TERMS_OF_WORD_MAX]);
/* Those that begin with the term. */
const struct lexicon_sequence *lexicon_sequences(const struct lexicon *lexicon, uint16_t term, size_t *ret_count);
