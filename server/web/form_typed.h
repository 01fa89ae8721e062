#pragma once
/* What somebody typed into a field, for the form to be shown again: also what is too long to be taken. */
#include "http/call.h"

/* Lives as long as the request; "" when there was nothing, or no text. */
const char *form_typed(struct call *call, const char *field);
