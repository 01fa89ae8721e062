#pragma once
/* The form of a style of one's own, as it is shown: typed, and what is wrong with it. */
#include "http/call.h"
#include "styles/own_style.h"
#include "view/value.h"

/* As typed, also when it is too long. */
struct style_edit_form {
    char title[4 * 200 + 1], prompt[4 * 2000 + 1], preset[40];
    struct uuid image_id; /* "": it comes from no picture */
    char key[IDEMPOTENCY_KEY_MAX + 1];
};

/* For templates/styles/edit.mustache. Everything it points to lives as long as the call. */
struct style_edit_view;
extern const struct view_type style_edit_view_type;

/* id: of the style that is changed; "": a new one. trouble: a code for the form as a whole, or NULL. */
const struct style_edit_view *style_edit_view_make(struct call *call, struct uuid id,
                                                   const struct style_edit_form *form, const struct faults *faults,
                                                   const char *trouble);
