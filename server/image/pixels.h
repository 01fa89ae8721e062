#pragma once
/* The steps between a coded picture and pixels, inside image/ only. All images are owned by the caller (PIXELS or
   g_object_unref); NULL or false means that the library has put its reason into its error buffer, which
   pixels_fault turns into an error. */
#include <stdbool.h>
#include <vips/vips.h>

#include "base/buf.h"
#include "image/image.h"

void pixels_free(VipsImage **image); /* *image may be NULL */
#define PIXELS CLEANUP(pixels_free) VipsImage *

/* Opens without decoding; bytes must outlive the image. Any damage met later makes the evaluation fail. */
VipsImage *pixels_open(struct text bytes, enum image_format format);

/* Are the coded pixels upright and sRGB already, as far as the header says? False as well when it cannot be read. */
bool pixels_are_plain(struct text bytes, enum image_format format);

/* Decodes everything: upright, sRGB or grey, 8 or 16 bits, perhaps with alpha, no metadata; independent of bytes. */
VipsImage *pixels_decode(struct text bytes, enum image_format format);

/* The same, but longest side at most side, 8 bits, three bands, and what is transparent is white. Memory is needed for
   the smaller picture alone, as far as the format allows. */
VipsImage *pixels_decode_small(struct text bytes, enum image_format format, int side);
/* Such a picture made smaller still, in less time than pixels_fit takes. */
VipsImage *pixels_shrink(VipsImage *image, int side);

/* Longest side at most side, 8-bit sRGB, no metadata; a smaller picture keeps its size. */
VipsImage *pixels_fit(VipsImage *image, int side);

/* As large, but of so few different pixels that only where is light and where is dark is left. */
VipsImage *pixels_blur(VipsImage *image);

/* ThumbHash of a small picture that is 8-bit sRGB. */
bool pixels_placeholder(VipsImage *image, unsigned char ret[IMAGE_PLACEHOLDER_ROOM], size_t *ret_len);

/* Encoders; what they write holds no metadata as long as the image holds none. quick: 5 % larger, in a third of the
   time. */
bool pixels_write_jpeg(VipsImage *image, int quality, bool quick, struct buf *to);
bool pixels_write_png(VipsImage *image, struct buf *to);
bool pixels_write_webp(VipsImage *image, int quality, struct buf *to); /* quality above 100: lossless */

/* image_corrupt with the library's own words; empties the error buffer. Returns false. */
bool pixels_fault(const char *doing, struct err *reterr);
