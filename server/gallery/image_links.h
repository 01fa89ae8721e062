#pragma once
#include "gallery/image.h"
#include "http/call.h"

/* For the pictures in this call's answer. */
struct image_links image_links_of(const struct call *call);
/* The same without a host, for pages: whichever address the reader came by. */
struct image_links image_links_of_page(const struct call *call);
