#pragma once
/* /api/v1/tokens */
#include "http/call.h"

struct next token_list(struct call *call);   /* GET /api/v1/tokens */
struct next token_create(struct call *call); /* POST /api/v1/tokens */
struct next token_delete(struct call *call); /* DELETE /api/v1/tokens/{id} */
