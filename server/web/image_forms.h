#pragma once
/* What the page of a picture, and its tile in the gallery, can be told. */
#include "http/call.h"

struct next image_forms_favorite(struct call *call); /* POST /images/{id}/favorite */
struct next image_forms_rename(struct call *call);   /* POST /images/{id}/rename */
struct next image_forms_delete(struct call *call);   /* POST /images/{id}/delete: into the trash */
struct next image_forms_restore(struct call *call);  /* POST /images/{id}/restore */
