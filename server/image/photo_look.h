#pragma once
/* What is measured on a photo's luma, inside image/ only. Pure. */
#include <stdint.h>

/* Grey pixels, a byte each, row by row. */
struct luma {
    int width, height; /* 3 and more */
    const unsigned char *bytes;
};

void photo_look_luma(int count, const unsigned char *rgb, unsigned char *ret); /* BT.601 weights */

/* log10 of the variance of the 3x3 Laplacian; at least -3, where nothing at all is to be seen. */
float photo_look_sharpness(struct luma luma);
float photo_look_brightness(struct luma luma); /* mean, 0..255 */
float photo_look_clipped(struct luma luma);    /* share of pixels at 248 and above, 0..1 */

/* 64 bits: the signs of the lowest waves of the picture, stretched to a square, against their median. */
uint64_t photo_look_hash(struct luma luma);
