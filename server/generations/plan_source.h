#pragma once
/* How far a variation goes from its picture. */
#include "generations/plan_write.h"

/* What is wrong with it for that endpoint. True: nothing was added. */
bool plan_source_check(const struct plan_source *source, const struct endpoint *endpoint, struct faults *faults);

/* Fills sends_source and the strengths of a draft whose endpoint is chosen; source NULL: there is none. */
void plan_source_settle(const struct plan_source *source, struct plan_draft *draft);
