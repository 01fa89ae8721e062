#pragma once
/* The placeholders of a prompt, told apart from the text around them. */
#include <stdbool.h>

#include "base/text.h"

struct style_piece {
    struct text text;
    bool is_placeholder; /* text is then the name between the braces */
};

/* Cuts the next piece off *rest: plain text, or {name} with a name of a-z and _. A brace that begins no placeholder is
   plain text. False: nothing is left. */
bool style_words_next(struct text *rest, struct style_piece *ret);

/* "man", "woman", "person"; "his", "her", "their". */
const char *style_words_subject(const char *gender);
const char *style_words_their(const char *gender);
