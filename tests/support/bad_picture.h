#pragma once
/* Pictures made to do harm. Whatever goes wrong fails the test. */
#include "base/buf.h"

struct buf bad_picture_large(int width, int height, int bands, const char *suffix); /* black: few bytes, many pixels */
struct buf bad_picture_deep(int width,
                            int height); /* PNG of 16 bits, interlaced, with alpha: 8 bytes a pixel at once */
/* Only the header says so. */
struct buf bad_picture_png_header(int width, int height);
struct buf bad_picture_jpeg_header(int width, int height);
/* PNG with a chunk, "iCCP" or "zTXt", of some 100 KB that becomes 144 MB. */
struct buf bad_picture_inflating(const char *chunk);
struct buf bad_picture_many_scans(int times); /* progressive JPEG, its last scan so many times */
struct buf bad_picture_animation(int frames); /* WebP */
