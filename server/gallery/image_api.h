#pragma once
/* /api/v1/images: the first steps, for the table of routes. */
#include "http/call.h"

struct next image_list(struct call *call);          /* GET /api/v1/images */
struct next image_show(struct call *call);          /* GET /api/v1/images/{id} */
struct next image_patch(struct call *call);         /* PATCH /api/v1/images/{id} */
struct next image_remove(struct call *call);        /* DELETE /api/v1/images/{id} */
struct next image_restore_asked(struct call *call); /* POST /api/v1/images/{id}/restore */
