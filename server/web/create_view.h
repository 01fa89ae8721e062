#pragma once
/* What the create page shows: the form with its choices, and what is wrong with it. */
#include "base/err.h"
#include "users/account.h"
#include "view/value.h"
#include "web/create_form.h"

/* Why the form is shown again; all zero: it is new. */
struct create_trouble {
    struct faults faults;
    const char *code; /* of a refusal as a whole; NULL: none */
};

/* For templates/create/index.mustache. Everything it points to lives as long as the call. */
struct create_view;
extern const struct view_type create_view_type;

/* avatars: rows for avatar_from_row, which must live as long as the view. */
const struct create_view *create_view_make(struct call *call, const struct create_form *form, const PGresult *avatars,
                                           const struct account *account, const struct create_trouble *trouble);
