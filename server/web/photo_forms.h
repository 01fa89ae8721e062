#pragma once
#include "http/call.h"

struct next photo_forms_send(struct call *call);   /* POST /avatars/{id}/photos, multipart/form-data */
struct next photo_forms_delete(struct call *call); /* POST /avatars/{id}/photos/{photo}/delete */
