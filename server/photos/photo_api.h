#pragma once
/* /api/v1/avatars/{id}/photos: the first steps, for the table of routes. */
#include "http/call.h"

struct next photo_list(struct call *call);        /* GET …/photos */
struct next photo_send(struct call *call);        /* POST …/photos */
struct next photo_show(struct call *call);        /* GET …/photos/{photo_id} */
struct next photo_delete(struct call *call);      /* DELETE …/photos/{photo_id} */
struct next photo_upload_open(struct call *call); /* POST …/photos/uploads */

/* A GET of all photos; POSTs of a form's many: as many photos as an avatar may have, with something around each. */
enum { PHOTO_UPLOAD_LIMIT = 512 << 20 };
