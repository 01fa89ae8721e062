#pragma once
/* What a page shows, in tests of handlers. What is not as expected fails the test. */
#include "support/loopback.h"

bool shown_has(const struct loopback *l, const char *part);
int shown_count(const struct loopback *l, const char *part);
/* What stands between the first begin and the end behind it: of an attribute, of an element. Lives until the next
   call; "" when there is no such. */
const char *shown_between(const struct loopback *l, const char *begin, const char *end);
void shown_assert(const struct loopback *l, const char *part);
/* The end of a test's request: with that status, and nothing left to wait for. */
void shown_close(struct loopback *l, int status);
/* The same for a 303 that leads there. */
void shown_close_redirect(struct loopback *l, const char *location);
