#pragma once
/* Drawn people for tests: a face that detectors take for one, shoulders, hair, a wall behind. No photo of anybody is
   needed where a test only wants a face to be found. */
#include <stdbool.h>
#include <vips/vips.h>

struct portrait {
    int width, height;
    unsigned seed; /* another seed, another person: colours, proportions, place */
    bool faceless; /* the same without a face */
    bool two;      /* two people side by side */
};

/* width * height * 3 bytes of sRGB, to be freed with free(). The same portrait gives the same bytes. */
unsigned char *portrait_pixels(struct portrait portrait);
VipsImage *portrait_draw(struct portrait portrait); /* the same as an image, for picture_coded */
