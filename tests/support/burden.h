#pragma once
/* Pictures that carry what must not be kept: place, camera, profile, comments, previews; all of them with BURDEN in it.
   Whatever goes wrong fails the test. */
#include <vips/vips.h>

#include "base/buf.h"

#define BURDEN "find-me-if-you-can"

VipsImage *burden_add(VipsImage *image);     /* returns image */
void burden_add_comments(struct buf *coded); /* what libvips does not write by itself; also behind the picture's end */
/* Neither a trace of it nor anything of the kind, in any byte of a JPEG, PNG or WebP. */
void burden_assert_none(const struct buf *coded);
