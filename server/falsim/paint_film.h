#pragma once
/* The last step of a picture: the small canvas enlarged to the picture's size (Catmull-Rom, so that edges stay soft
   but do not blur) and grain over it, stronger in no channel than in another. */
#include <stdint.h>

struct film_size {
    int width, height; /* > 0; RGB, three bytes per pixel, rows without gaps */
};

/* picture has room for its size. The same seed gives the same grain. */
void film_develop(const uint8_t *canvas, struct film_size from, uint8_t *picture, struct film_size to, uint64_t seed);
