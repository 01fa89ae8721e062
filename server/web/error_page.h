#pragma once
/* What went wrong, for people: not found, refused, too much, our fault. */
#include "web/page.h"

extern const struct page error_page;

/* page_reply for a problem; the frame is that of a visitor who may be nobody. */
struct next error_page_reply(struct call *call, const struct problem *problem);
