#pragma once
/* JPEG without anything but the picture: the coefficients are copied, so no quality is lost. */
#include <stdbool.h>

#include "base/buf.h"
#include "base/text.h"

/* Appends to *to. No EXIF, ICC, comment, preview or byte behind the picture is copied. False: the library cannot
   (it knows the common chroma subsamplings only), or the limit of *to is too small; nothing is added then. */
bool jpeg_strip(struct text jpeg, struct buf *to);
