#pragma once
/* /api/v1/avatars: the first steps, for the table of routes. */
#include "http/call.h"

struct next avatar_list(struct call *call);   /* GET /api/v1/avatars */
struct next avatar_show(struct call *call);   /* GET /api/v1/avatars/{id} */
struct next avatar_patch(struct call *call);  /* PATCH /api/v1/avatars/{id} */
struct next avatar_remove(struct call *call); /* DELETE /api/v1/avatars/{id} */
