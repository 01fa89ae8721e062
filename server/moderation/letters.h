#pragma once
/* A text letter by letter: without case, accents, presentation forms and what cannot be seen; ё is е. */
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

struct letter {
    uint32_t c;
    uint32_t from, to; /* bytes of the text it comes from */
};

size_t letters_room(size_t bytes); /* letters that a text of so many bytes may become */
/* Of valid UTF-8. Returns how many were written to ret. */
size_t letters_fold(struct text text, struct letter *ret);
