#pragma once
/* The beginning of a long text. */
#include "base/text.h"

/* At most count code points of valid UTF-8, cut between what readers take for characters (before a letter with its
   marks, an emoji with its parts), as far as there is such a place. t itself when it is not longer. */
struct text text_shorten(struct text t, size_t count);
