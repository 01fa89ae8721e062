#pragma once
/* Where a browser says that a request comes from, for requests that change something. */
#include "http/call.h"

/* Sec-Fetch-Site (Fetch Metadata) is believed first: a page cannot forge it. Browsers without it send Origin with a
   POST. A client that sends neither is no browser, and no page can make it send our cookies. */
bool same_origin_asked(const struct call *call);
