#include "image/photo_look.h"

#include <math.h>
#include <stdlib.h>

enum { CLIPPED_FROM = 248, SQUARE = 32, WAVES = 8, BITS = WAVES * WAVES };

void photo_look_luma(int count, const unsigned char *rgb, unsigned char *ret)
{
    for (int i = 0; i < count; i++, rgb += 3)
        ret[i] = (unsigned char)((77 * rgb[0] + 150 * rgb[1] + 29 * rgb[2] + 128) >> 8);
}

float photo_look_sharpness(struct luma luma)
{
    int64_t sum = 0, squares = 0;
    double count = (double)(luma.width - 2) * (luma.height - 2), mean;

    for (int y = 1; y < luma.height - 1; y++) {
        const unsigned char *row = luma.bytes + (size_t)y * (size_t)luma.width;
        const unsigned char *above = row - luma.width, *below = row + luma.width;
        for (int x = 1; x < luma.width - 1; x++) {
            int edge = above[x] + below[x] + row[x - 1] + row[x + 1] - 4 * row[x];
            sum += edge;
            squares += edge * edge;
        }
    }
    mean = (double)sum / count;
    return (float)log10(fmax((double)squares / count - mean * mean, 1e-3));
}

float photo_look_brightness(struct luma luma)
{
    int count = luma.width * luma.height;
    int64_t sum = 0;

    for (int i = 0; i < count; i++)
        sum += luma.bytes[i];
    return (float)((double)sum / count);
}

float photo_look_clipped(struct luma luma)
{
    int count = luma.width * luma.height, clipped = 0;

    for (int i = 0; i < count; i++)
        clipped += luma.bytes[i] >= CLIPPED_FROM;
    return (float)clipped / (float)count;
}

/* Means of SQUARE x SQUARE fields; every pixel belongs to one, and a picture smaller than that repeats pixels. */
static void stretch(struct luma luma, double ret[SQUARE][SQUARE])
{
    for (int v = 0; v < SQUARE; v++)
        for (int u = 0; u < SQUARE; u++) {
            int top = v * luma.height / SQUARE, bottom = (v + 1) * luma.height / SQUARE;
            int left = u * luma.width / SQUARE, right = (u + 1) * luma.width / SQUARE;
            int64_t sum = 0, count = 0;
            for (int y = top; y < bottom || y == top; y++)
                for (int x = left; x < right || x == left; x++, count++)
                    sum += luma.bytes[(size_t)y * (size_t)luma.width + (size_t)x];
            ret[v][u] = (double)sum / (double)count;
        }
}

/* The WAVES x WAVES lowest waves of the discrete cosine transform (DCT-II), without the mean and without scale. */
static void transform(double square[SQUARE][SQUARE], double ret[BITS])
{
    double wave[WAVES][SQUARE], rows[SQUARE][WAVES];

    for (int k = 0; k < WAVES; k++)
        for (int x = 0; x < SQUARE; x++)
            wave[k][x] = cos(M_PI / SQUARE * (k + 1) * (x + 0.5));
    for (int y = 0; y < SQUARE; y++)
        for (int k = 0; k < WAVES; k++) {
            rows[y][k] = 0;
            for (int x = 0; x < SQUARE; x++)
                rows[y][k] += square[y][x] * wave[k][x];
        }
    for (int i = 0; i < BITS; i++) {
        ret[i] = 0;
        for (int y = 0; y < SQUARE; y++)
            ret[i] += rows[y][i % WAVES] * wave[i / WAVES][y];
    }
}

static int by_value(const void *a, const void *b)
{
    double one = *(const double *)a, two = *(const double *)b;

    return (one > two) - (one < two);
}

uint64_t photo_look_hash(struct luma luma)
{
    double square[SQUARE][SQUARE], waves[BITS], sorted[BITS], median;
    uint64_t hash = 0;

    stretch(luma, square);
    transform(square, waves);
    for (int i = 0; i < BITS; i++)
        sorted[i] = waves[i];
    qsort(sorted, BITS, sizeof *sorted, by_value);
    median = (sorted[BITS / 2 - 1] + sorted[BITS / 2]) / 2;
    for (int i = 0; i < BITS; i++)
        hash |= (uint64_t)(waves[i] > median) << i;
    return hash;
}
