#include "falsim/paint_film.h"

#include <stdlib.h>
#include <string.h>

#include "falsim/paint_dice.h"

enum { TAPS = 4, ONE = 1 << 7, GRAIN_LEN = 1 << 14, GRAIN_AMPLITUDE = 3 };

/* Which neighbours make a pixel, and their weights; they add up to ONE. */
struct tap {
    int at[TAPS];
    int16_t weight[TAPS];
};

static double catmull_rom(double x)
{
    x = x < 0 ? -x : x;
    if (x < 1)
        return 1 + x * x * (1.5 * x - 2.5);
    return x < 2 ? 2 + x * (-4 + x * (2.5 - 0.5 * x)) : 0;
}

static struct tap *make_taps(int from, int to)
{
    struct tap *taps = calloc((size_t)to, sizeof *taps);

    if (!taps)
        abort();
    for (int i = 0; i < to; i++) {
        double middle = (i + 0.5) * from / to - 0.5;
        int first = (int)(middle + 1) - 2, left = ONE; /* + 1: rounds down below zero, too */
        for (int t = 0; t < TAPS; t++) {
            int at = first + t;
            int weight = (int)(catmull_rom(middle - at) * ONE + ONE + 0.5) - ONE;
            taps[i].at[t] = at < 0 ? 0 : at >= from ? from - 1 : at;
            taps[i].weight[t] = (int16_t)weight;
            left -= weight;
        }
        taps[i].weight[1] = (int16_t)(taps[i].weight[1] + left);
    }
    return taps;
}

static void widen(const uint8_t *row, const struct tap *taps, int width, int16_t *to)
{
    for (int x = 0; x < width; x++) {
        const struct tap *tap = &taps[x];
        for (int band = 0; band < 3; band++) {
            int sum = 0;
            for (int t = 0; t < TAPS; t++)
                sum += tap->weight[t] * row[3 * tap->at[t] + band];
            *to++ = (int16_t)(sum >> 2); /* keeps five more bits for the second pass */
        }
    }
}

static uint8_t clamp(int value) { return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value); }

static void combine(const int16_t *const rows[TAPS], const int16_t *weight, int len, uint8_t *to)
{
    for (int i = 0; i < len; i++) {
        int sum = weight[0] * rows[0][i] + weight[1] * rows[1][i] + weight[2] * rows[2][i] + weight[3] * rows[3][i];
        to[i] = clamp((sum + (1 << 11)) >> 12);
    }
}

/* Rounded normal values: the sum of four even ones is near enough. */
static int8_t *make_grain(struct dice *dice)
{
    int8_t *grain = malloc(GRAIN_LEN);

    if (!grain)
        abort();
    for (int i = 0; i < GRAIN_LEN; i++) {
        double sum = 0;
        for (int n = 0; n < 4; n++)
            sum += dice_between(dice, -1, 1);
        grain[i] = (int8_t)(sum * GRAIN_AMPLITUDE + 64.5 - 64);
    }
    return grain;
}

/* Each row begins somewhere else in the strip: no pattern shows. */
static void add_grain(uint8_t *row, int width, const int8_t *grain, unsigned at)
{
    for (int x = 0; x < width; x++) {
        int value = grain[(at + (unsigned)x) % GRAIN_LEN];
        for (int band = 0; band < 3; band++, row++)
            *row = clamp(*row + value);
    }
}

/* Rows of the canvas, widened; the last few are kept because neighbours share them. */
struct widened {
    const uint8_t *canvas;
    struct film_size from;
    const struct tap *taps;
    int width, number[TAPS + 1];
    int16_t *rows[TAPS + 1];
};

static const int16_t *widened_row(struct widened *w, int y)
{
    int place = y % (TAPS + 1);

    if (w->number[place] != y)
        widen(w->canvas + (size_t)y * (size_t)w->from.width * 3, w->taps, w->width, w->rows[place]);
    w->number[place] = y;
    return w->rows[place];
}

void film_develop(const uint8_t *canvas, struct film_size from, uint8_t *picture, struct film_size to, uint64_t seed)
{
    struct dice dice = dice_make(seed, TEXT("grain"), 0);
    struct tap *across = make_taps(from.width, to.width), *down = make_taps(from.height, to.height);
    struct widened w = {canvas, from, across, to.width, {-1, -1, -1, -1, -1}, {NULL}};
    int8_t *grain = make_grain(&dice);
    size_t row_len = (size_t)to.width * 3;

    for (int i = 0; i <= TAPS; i++)
        if (!(w.rows[i] = calloc(row_len, sizeof *w.rows[i])))
            abort();
    for (int y = 0; y < to.height; y++) {
        const int16_t *rows[TAPS];
        for (int t = 0; t < TAPS; t++)
            rows[t] = widened_row(&w, down[y].at[t]);
        combine(rows, down[y].weight, (int)row_len, picture + (size_t)y * row_len);
        add_grain(picture + (size_t)y * row_len, to.width, grain, (unsigned)dice_next(&dice));
    }
    for (int i = 0; i <= TAPS; i++)
        free(w.rows[i]);
    free(grain);
    free(across);
    free(down);
}
