#pragma once
/* Which endpoint a wish goes to, made from words alone or from a picture. */
#include "generations/plan.h"

/* NULL: reterr->kind is set (as catalog_choose_endpoint and plan_make say), or a fault was added. */
const struct endpoint *plan_route(const struct catalog *catalog, const struct plan_request *request,
                                  const struct preset *preset, struct faults *faults, struct err *reterr);

/* Where a picture can be sent along with this model; NULL: nowhere, a variation of it is the same words with another
   seed. */
const struct endpoint *plan_route_of_variation(const struct catalog *catalog, const struct avatar_model *model);

/* Does it start from a picture? */
bool plan_route_takes_source(const struct endpoint *endpoint);
