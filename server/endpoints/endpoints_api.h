#pragma once
/* /api/v1/endpoints: for operators (scope admin). */
#include "http/call.h"

struct next endpoints_list(struct call *call);
struct next endpoints_patch(struct call *call);
