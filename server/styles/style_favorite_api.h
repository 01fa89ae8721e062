#pragma once
#include "http/call.h"

struct next style_favorite_api_put(struct call *call);    /* PUT /api/v1/templates/{id}/favorite */
struct next style_favorite_api_remove(struct call *call); /* DELETE /api/v1/templates/{id}/favorite */
