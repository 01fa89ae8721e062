#pragma once
/* "A variation of …": templates/image/descent.mustache. */
#include "generations/descent.h"
#include "http/call.h"
#include "storage/object_link.h"
#include "view/value.h"

struct descent_view {
    struct uuid parent;
    bool is_repeat, is_shown, is_hidden, is_gone; /* exactly one of the last three */
    char small_url[OBJECT_LINK_ROOM];             /* of one that is shown */
};

extern const struct view_type descent_view_type;

void descent_view_fill(const struct call *call, const struct descent *descent, struct descent_view *ret);
