#pragma once
/* /avatars/import: taking over a model that was trained elsewhere. */
#include "web/page.h"

extern const struct page import_page;

struct next import_page_show(struct call *call); /* GET */
struct next import_page_send(struct call *call); /* POST */
