#pragma once
#include "gallery/image.h"
#include "http/call.h"

/* For the pictures in this call's answer. */
struct image_links image_links_of(const struct call *call);
