#pragma once
/* What a page shows, in tests of handlers. What is not as expected fails the test. */
#include "support/loopback.h"

bool shown_has(const struct loopback *l, const char *part);
int shown_count(const struct loopback *l, const char *part);
void shown_assert(const struct loopback *l, const char *part);
/* The end of a test's request: with that status, and nothing left to wait for. */
void shown_close(struct loopback *l, int status);
