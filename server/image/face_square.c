#include "image/face_square.h"

#include <math.h>
#include <stddef.h>

struct face_square face_square_of(int width, int height)
{
    double side = width > height ? width : height;

    return (struct face_square){(width - side) / 2, (height - side) / 2, side};
}

/* Pixels [from, to) along one direction; none where they lie outside. */
struct range {
    int from, to;
};

static struct range range_at(double start, double step, int index, int end)
{
    int from = (int)floor(start + index * step), to = (int)floor(start + (index + 1) * step);

    if (to <= from)
        to = from + 1; /* a picture smaller than the square: the nearest pixel */
    return (struct range){from < 0 ? 0 : from, to > end ? end : to};
}

static void average(const unsigned char *rgb, int width, struct range x, struct range y, float to[3])
{
    unsigned sums[3] = {0}, count = (unsigned)((x.to - x.from) * (y.to - y.from));

    for (int row = y.from; row < y.to; row++) {
        const unsigned char *pixel = rgb + 3 * ((size_t)row * (size_t)width + (size_t)x.from);
        for (int i = x.from; i < x.to; i++, pixel += 3)
            sums[0] += pixel[0], sums[1] += pixel[1], sums[2] += pixel[2];
    }
    for (int c = 0; c < 3; c++)
        to[c] = (float)sums[c] / (127.5f * (float)count) - 1;
}

void face_square_draw(struct face_square square, int width, int height, const unsigned char *rgb, int side, float *to)
{
    double step = square.side / side;

    for (int row = 0; row < side; row++)
        for (int column = 0; column < side; column++, to += 3) {
            struct range x = range_at(square.left, step, column, width), y = range_at(square.top, step, row, height);
            if (x.from < x.to && y.from < y.to)
                average(rgb, width, x, y, to);
            else
                to[0] = to[1] = to[2] = -1;
        }
}
