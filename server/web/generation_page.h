#pragma once
/* /generations/{id}: how far it is, then what it has made. */
#include "web/page.h"

extern const struct page generation_page;

struct next generation_page_show(struct call *call);   /* GET */
struct next generation_page_cancel(struct call *call); /* POST /generations/{id}/cancel */
