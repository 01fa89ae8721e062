#pragma once
/* For tests of statements about generations: a wish as it comes out of the plan, to be altered and inserted. */
#include "generations/generation.h"

/* One picture for 4 credits, usually 30 seconds. key NULL: without one. */
struct generation_new sql_wish(struct uuid user, struct uuid avatar, const struct idempotency *key);
