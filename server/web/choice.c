#include "web/choice.h"

#include <stdio.h>
#include <string.h>

#include "local.h"
#include "view/texts.h"
#include "web/page.h"

static const struct view_field FIELDS[] = {
    VIEW_FIELD(VIEW_STRING, struct choice, value),
    VIEW_FIELD(VIEW_STRING, struct choice, title),
    VIEW_FIELD(VIEW_STRING, struct choice, text),
    VIEW_FIELD(VIEW_BOOL, struct choice, is_chosen),
    {0},
};
const struct view_type choice_type = VIEW_TYPE(struct choice, FIELDS);

static struct choice choice_of(struct call *call, const char *name, const char *prefix, const char *chosen)
{
    char title[64], what[72];

    (void)snprintf(title, sizeof title, "%s%s", prefix, name);
    (void)snprintf(what, sizeof what, "%s_what", title);
    return (struct choice){.value = name,
                           .title = page_text(call, title),
                           .text = texts_has(local_of(call)->texts, what) ? page_text(call, what) : NULL,
                           .is_chosen = strcmp(name, chosen) == 0};
}

struct view_items choices_of(struct call *call, const char *const *names, const char *prefix, const char *chosen)
{
    struct choice *choices;
    size_t count = 0;

    while (names[count])
        count++;
    choices = call_alloc(call, sizeof *choices * count);
    for (size_t i = 0; i < count; i++)
        choices[i] = choice_of(call, names[i], prefix, chosen);
    return (struct view_items){choices, count};
}
