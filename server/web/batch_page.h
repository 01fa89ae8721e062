#pragma once
/* /batches/{id}: what becomes of several descriptions. */
#include "web/page.h"

extern const struct page batch_page;

struct next batch_page_show(struct call *call);   /* GET */
struct next batch_page_cancel(struct call *call); /* POST …/cancel */
