#pragma once
/* A style of one's own: made of a picture or of a text, and changed. */
#include "web/page.h"

extern const struct page style_edit_page;

struct next
style_new_show(struct call *call); /* GET /styles/new; ?image=ID fills it with what a picture was made from */
struct next style_new_send(struct call *call);  /* POST /styles/new */
struct next style_edit_show(struct call *call); /* GET /styles/{id}/edit */
struct next style_edit_send(struct call *call); /* POST /styles/{id}/edit */
