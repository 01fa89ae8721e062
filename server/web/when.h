#pragma once
/* Moments, as lists of facts show them: "20.11.2026, 12:41". The database writes them, since it knows the time zones.
 */
#include "base/messages.h"

/* The pattern of PostgreSQL's to_char in that language. */
const char *when_pattern(enum lang lang);
