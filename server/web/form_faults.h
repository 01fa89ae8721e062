#pragma once
/* What is wrong with a form, as the form says it when it is shown again: a list at its top, and a sentence at each
   field. */
#include "base/faults.h"
#include "http/call.h"
#include "view/value.h"

struct form_fault {
    const char *field; /* "" for the form as a whole */
    const char *text;
};

extern const struct view_type form_fault_type;

/* In the reader's language; lives as long as the request. A text "{page}.fault_{field}_{code}" of the catalogue goes
   before the sentence of base/messages.h, which speaks to programs as well. */
struct view_items form_faults_of(struct call *call, const struct faults *faults, const char *page);
/* The first sentence about the field; NULL: it is fine. */
const char *form_fault_at(struct view_items faults, const char *field);
