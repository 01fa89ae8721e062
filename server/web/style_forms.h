#pragma once
/* Small forms about a style: the heart, and deleting one of one's own. */
#include "http/call.h"

struct next style_forms_favorite(struct call *call); /* POST /styles/{id}/favorite */
struct next style_forms_delete(struct call *call);   /* POST /styles/{id}/delete */
