#include "web/choice.h"

static const struct view_field FIELDS[] = {
    VIEW_FIELD(VIEW_STRING, struct choice, value),
    VIEW_FIELD(VIEW_STRING, struct choice, title),
    VIEW_FIELD(VIEW_STRING, struct choice, text),
    VIEW_FIELD(VIEW_BOOL, struct choice, is_chosen),
    {0},
};
const struct view_type choice_type = VIEW_TYPE(struct choice, FIELDS);
