#pragma once
#include "http/call.h"

struct next generation_create(struct call *call);       /* POST /api/v1/generations */
struct next generation_list(struct call *call);         /* GET /api/v1/generations */
struct next generation_show(struct call *call);         /* GET /api/v1/generations/{id} */
struct next generation_cancel_asked(struct call *call); /* POST /api/v1/generations/{id}/cancel */
