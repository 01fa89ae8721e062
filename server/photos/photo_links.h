#pragma once
#include "http/call.h"
#include "photos/photo_verdict.h"

/* For the photos in this call's answer. */
struct photo_links photo_links_of(const struct call *call);
/* The same without a host, for pages: whichever address the reader came by. */
struct photo_links photo_links_of_page(const struct call *call);
