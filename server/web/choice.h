#pragma once
/* One of the answers that a form offers: an option, a radio button, a check box. */
#include "view/value.h"

struct choice {
    const char *value, *title;
    const char *text; /* what it means; NULL: the title says it */
    bool is_chosen;
};

extern const struct view_type choice_type;
