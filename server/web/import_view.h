#pragma once
/* What templates/avatars/import.mustache shows. */
#include "view/value.h"
#include "web/import_form.h"

struct import_view;
extern const struct view_type import_view_type;

/* form: NULL when nobody has filled it in yet; trouble: why nothing was made, a code of base/messages.h, or NULL.
   Borrows form, and lives as long as the request. */
const struct import_view *import_view_make(struct call *call, const struct import_form *form,
                                           const struct faults *faults, const char *trouble);
