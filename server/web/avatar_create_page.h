#pragma once
/* /avatars/new: an avatar of one's own begins with its type, whom it shows, and a name. */
#include "web/page.h"

extern const struct page avatar_create_page;

struct next avatar_create_page_show(struct call *call); /* GET */
struct next avatar_create_page_send(struct call *call); /* POST */
