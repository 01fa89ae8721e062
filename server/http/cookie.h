#pragma once
/* The Cookie header of a request (RFC 6265, 5.4): "a=1; b=2". */
#include "base/text.h"

/* The value of the first cookie of that name, without quotes' or escapes' meaning; points into header. Names are
   compared with their case. */
bool cookie_find(struct text header, const char *name, struct text *ret);
