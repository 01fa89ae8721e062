#pragma once
/* GET /login: what Aisha is, and how to get in. Whoever has a session goes on at once. */
#include "web/page.h"

extern const struct page login_page;

struct next login_page_show(struct call *call);
