#pragma once
/* /generations: everything that was ever asked for, newest first. */
#include "web/page.h"

extern const struct page generations_page;

struct next generations_page_show(struct call *call);
