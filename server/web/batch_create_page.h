#pragma once
/* /create/batch: several descriptions at once. */
#include "web/page.h"

extern const struct page batch_create_page;

struct next batch_create_page_show(struct call *call); /* GET; ?batch=: what an earlier one did not make */
struct next batch_create_page_send(struct call *call); /* POST */
