#pragma once
/* GET /docs: the contract of the API as a page to read and to try out, for everybody. */
#include "web/page.h"

extern const struct page docs_page;

struct next docs_page_show(struct call *call);
