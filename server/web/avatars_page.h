#pragma once
/* /avatars: all of them. */
#include "avatars/avatar_shown.h"
#include "web/page.h"

extern const struct page avatars_page;

struct next avatars_page_show(struct call *call); /* GET /avatars */
