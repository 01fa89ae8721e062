#pragma once
/* Forms as browsers send them. */
#include "support/house.h"

/* POST of name, value, name, value, ..., NULL; application/x-www-form-urlencoded, with a csrf_token in front. */
struct loopback *page_form_send(const char *path, const char *const *fields);
