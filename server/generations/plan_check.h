#pragma once
/* What is wrong with a wish. */
#include "generations/plan.h"

/* What can be judged without knowing the endpoint. The preset that is meant; NULL: there is no such. */
const struct preset *plan_check_request(const struct catalog *catalog, const struct plan_request *request,
                                        struct faults *faults);

/* What only the endpoint decides. True: nothing was added. */
bool plan_check_endpoint(const struct plan_request *request, const struct preset *preset,
                         const struct endpoint *endpoint, struct faults *faults);
