#pragma once
/* GET /images: "My images", by day, with what is being made on top. */
#include "web/page.h"

extern const struct page gallery_page;

struct next gallery_page_show(struct call *call);
