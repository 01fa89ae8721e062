#pragma once
/* The words of a text, and how each of them may be read. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "moderation/letters.h"
#include "moderation/lookalike.h"

struct word {
    const struct letter *letters;
    uint32_t count;
    bool is_beside; /* to the word before: nothing but spaces, hyphens, quotes between them */
    bool is_listed; /* the same, or a comma */
    bool is_tied;   /* to the word before: by one character that is no space */
};

/* At most one word for each letter. Returns how many. */
size_t wording_split(const struct letter *letters, size_t count, struct word *ret);

enum { WORDING_LETTERS_MAX = 40 /* longer ones are no words that anybody lists */ };

/* One way to read letters: the script it is in, in UTF-8. */
struct reading {
    enum script script;
    char text[WORDING_LETTERS_MAX * 2 + 1];
    size_t len;
};

enum { READINGS_MAX = 18 };

/* As it stands; with letters that look alike taken for those of one script; digits and signs taken for letters;
   letters that are repeated three times and more taken once and twice. Returns how many. */
int wording_read(const struct letter *letters, size_t count, struct reading ret[READINGS_MAX]);

/* The value of a word that is a number below 1000; otherwise -1. */
int wording_number(const struct word *word);
