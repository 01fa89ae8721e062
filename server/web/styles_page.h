#pragma once
/* GET /styles: all styles, by category or by words; the user's own and the favourites. */
#include "web/page.h"

extern const struct page styles_page;

/* ?category=ID of a category or group, "own" or "favorites"; ?q=WORDS; ?avatar=ID */
struct next styles_page_show(struct call *call);
