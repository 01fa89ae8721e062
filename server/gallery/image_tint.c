#include "gallery/image_tint.h"

#include "base/crypto.h"

/* The means stand in the first three bytes, six bits each: lightness, yellow-blue, red-green (image/thumbhash.c). */
enum { HEADER = 3, STEPS = 63 };

static unsigned char channel(double value)
{
    if (value <= 0)
        return 0;
    return value >= 1 ? 255 : (unsigned char)(value * 255 + 0.5);
}

void image_tint(const unsigned char *thumbhash, size_t len, char to[IMAGE_TINT_ROOM])
{
    unsigned bits;
    double light, yellow, red;
    unsigned char rgb[3];

    to[0] = '\0';
    if (len < HEADER)
        return;
    bits = thumbhash[0] | (unsigned)thumbhash[1] << 8 | (unsigned)thumbhash[2] << 16;
    light = (double)(bits & STEPS) / STEPS;
    yellow = (double)(bits >> 6 & STEPS) * 2 / STEPS - 1;
    red = (double)(bits >> 12 & STEPS) * 2 / STEPS - 1;
    /* light = (r + g + b) / 3, yellow = (r + g) / 2 - b, red = r - g */
    rgb[2] = channel(light - yellow * 2 / 3);
    rgb[0] = channel(light + yellow / 3 + red / 2);
    rgb[1] = channel(light + yellow / 3 - red / 2);
    to[0] = '#';
    hex_write(rgb, sizeof rgb, to + 1);
}
