#pragma once
/* Pictures for tests, drawn with libvips and coded by it, metadata and all. Whatever goes wrong fails the test.
   Images belong to the caller, except that functions which make one image of another take theirs. */
#include <vips/vips.h>

#include "base/buf.h"
#include "image/image.h"

void picture_must(int failed); /* for calls of libvips */
VipsImage *picture_as(VipsImage *image, VipsInterpretation interpretation);

/* Waves that differ by band, 1 to 4 bands; the second or fourth is alpha. */
VipsImage *picture_draw(int width, int height, int bands);
/* Clouds with large and small forms, in colour: for the eye of a program much like a photo. seed: which one. */
VipsImage *picture_scene(int width, int height, int seed);
VipsImage *picture_fill(int width, int height, int bands, const double *colour);
/* A built-in profile: "srgb", "p3". */
VipsImage *picture_with_profile(VipsImage *image, const char *name);
/* The same colours in that profile's own numbers: "p3", "cmyk". */
VipsImage *picture_in_profile(VipsImage *image, const char *name);
/* As a camera stores it that is held so, EXIF's orientation from 1 to 8: what that undoes, done. */
VipsImage *picture_held(VipsImage *upright, int orientation);

/* suffix: ".jpg", ".png", ".webp" with options, as ".jpg[Q=95]". */
struct buf picture_coded(VipsImage *image, const char *suffix);
struct text picture_text(const struct buf *b);
struct image_files picture_prepared(const struct buf *b); /* image_prepare, which must succeed */

void picture_insert(struct buf *b, size_t at, const char *bytes, size_t len);
/* Behind the header; up to 100 bytes. */
void picture_insert_png_chunk(struct buf *png, const char *name, const char *body, size_t len);

VipsImage *picture_decoded(const struct buf *b);
double picture_band(const struct buf *b, int x, int y, int band); /* one sample of one pixel */
void picture_assert_size(const struct buf *b, int width, int height);
void picture_assert_same(const struct buf *a, const struct buf *b); /* pixel by pixel */
