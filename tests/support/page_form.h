#pragma once
/* Forms as browsers send them. */
#include "support/house.h"

/* POST of name, value, name, value, ..., NULL; application/x-www-form-urlencoded, with a csrf_token in front. */
struct loopback *page_form_send(const char *path, const char *const *fields);

/* How often part stands in the page. */
int page_count(const struct loopback *l, const char *part);
bool page_has(const struct loopback *l, const char *part);
/* What stands between the first begin and the end behind it: of an attribute, of an element. Lives until the next
   call; "" when there is no such. */
const char *page_between(const struct loopback *l, const char *begin, const char *end);
