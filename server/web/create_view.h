#pragma once
/* What the create page shows: the form with its choices, and what is wrong with it. */
#include "web/create_form.h"
#include "web/create_trouble.h"
#include "web/style_desk.h"

/* For templates/create/index.mustache. Everything it points to lives as long as the call. */
struct create_view;
extern const struct view_type create_view_type;

/* shelves: of struct style_shelf; none: the form alone. */
const struct create_view *create_view_make(struct call *call, const struct create_form *form,
                                           const struct style_reads *reads, struct view_items shelves,
                                           const struct create_trouble *trouble);
