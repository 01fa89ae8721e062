#pragma once
/* One of the answers that a form offers: an option, a radio button, a check box. */
#include "http/call.h"
#include "view/value.h"

struct choice {
    const char *value, *title;
    const char *text; /* what it means; NULL: the title says it */
    bool is_chosen;
};

extern const struct view_type choice_type;

/* Of names ("ru", "en", NULL): the title of each is the text {prefix}{name} of the catalogue, and what it means
   {prefix}{name}_what, where there is such a text. Lives as long as the request. */
struct view_items choices_of(struct call *call, const char *const *names, const char *prefix, const char *chosen);
