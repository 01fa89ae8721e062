#pragma once
#include "http/call.h"

struct next own_style_api_create(struct call *call); /* POST /api/v1/templates */
struct next own_style_api_patch(struct call *call);  /* PATCH /api/v1/templates/{id} */
struct next own_style_api_remove(struct call *call); /* DELETE /api/v1/templates/{id} */
