#pragma once
/* /styles/{id}: one style, shipped (by its slug) or of the user's own (by its UUID). */
#include "web/page.h"

extern const struct page style_page;

struct next style_page_show(struct call *call); /* GET; the query chooses what the form offers */
struct next style_page_make(struct call *call); /* POST: a picture in this style; what is missing takes its default */
/* POST /styles/{id}/look: the form sent to see the prompt for what is chosen; leads back to the page. */
struct next style_page_look(struct call *call);
