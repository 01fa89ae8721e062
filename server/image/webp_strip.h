#pragma once
/* WebP without anything but the picture, the bitstream untouched. Container: RFC 9649, section 2. */
#include <stdbool.h>

#include "base/buf.h"
#include "base/text.h"

/* Appends to *to. Only the chunks VP8X, ALPH, VP8 and VP8L are copied, and bytes behind the container are dropped.
   False: malformed, without a picture, animated, or over the limit of *to (which then holds rubbish). */
bool webp_strip(struct text webp, struct buf *to);
