#pragma once
/* What went wrong, for people: not found, refused, too much, our fault; with the ways on. */
#include "web/page.h"

extern const struct page error_page;

/* page_reply for a problem; the frame is that of a visitor who may be nobody. */
struct next error_page_reply(struct call *call, const struct problem *problem);
/* Would a description that somebody wrote get lost with the form that was refused? The page then shows it to be copied.
   Not when another site sent the form: its words are not to stand on a page of ours. */
bool error_page_saves_text(struct call *call);
