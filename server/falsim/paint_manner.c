#include "falsim/paint_manner.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct canvas {
    uint8_t *at;
    int width, height;
};

static double clamp01(double v) { return v < 0 ? 0 : v > 1 ? 1 : v; }
static uint8_t byte_of(double v) { return (uint8_t)(clamp01(v) * 255 + 0.5); }

static double light_at(const uint8_t *pixel) { return (0.3 * pixel[0] + 0.59 * pixel[1] + 0.11 * pixel[2]) / 255; }

/* A copy of the brightness, 0 … 1, to be freed. */
static float *light_of(const struct canvas *c)
{
    size_t count = (size_t)c->width * (size_t)c->height;
    float *light = malloc((count + 1) * sizeof *light);

    if (!light)
        abort();
    for (size_t i = 0; i < count; i++)
        light[i] = (float)light_at(c->at + 3 * i);
    return light;
}

/* How much the brightness changes there: 0 … about 1. */
static double edge_at(const float *light, const struct canvas *c, int x, int y)
{
    int left = x > 0 ? x - 1 : x, right = x + 1 < c->width ? x + 1 : x, up = y > 0 ? y - 1 : y,
        down = y + 1 < c->height ? y + 1 : y;
    const float *row = light + (size_t)y * (size_t)c->width;
    double across = row[right] - row[left];
    double along =
        light[(size_t)down * (size_t)c->width + (size_t)x] - light[(size_t)up * (size_t)c->width + (size_t)x];

    return sqrt(across * across + along * along);
}

static double hash_at(int x, int y)
{
    uint32_t h = (uint32_t)x * 374761393u + (uint32_t)y * 668265263u;

    h = (h ^ h >> 13) * 1274126177u;
    return ((h ^ h >> 16) & 0xffff) / 65535.0;
}

typedef void (*pixel_fn)(const struct canvas *c, const float *light, int x, int y, uint8_t *pixel);

static void grey(const struct canvas *c, const float *light, int x, int y, uint8_t *pixel)
{
    double v = light[(size_t)y * (size_t)c->width + (size_t)x], curve = v * v * (3 - 2 * v) * 0.55 + v * 0.45;

    pixel[0] = byte_of(curve * 1.01);
    pixel[1] = byte_of(curve * 0.99);
    pixel[2] = byte_of(curve * 0.96);
}

/* Lines where something ends, and smudged shading where it is dark. */
static void pencil(const struct canvas *c, const float *light, int x, int y, uint8_t *pixel)
{
    double v = light[(size_t)y * (size_t)c->width + (size_t)x], paper = 0.965, edge = edge_at(light, c, x, y);
    double shade = v < 0.62 ? 0.62 - v : 0, dark = 3.4 * (edge > 0.02 ? edge - 0.02 : 0) + 0.85 * shade;

    if (shade > 0.2 && (x + y) % 11 < 3)
        dark += 0.12;
    paper -= dark > 0.84 ? 0.84 : dark;
    pixel[0] = byte_of(paper);
    pixel[1] = byte_of(paper * 0.99);
    pixel[2] = byte_of(paper * 0.965);
}

/* Thin colours on paper, darker where a wash ends. */
static void water(const struct canvas *c, const float *light, int x, int y, uint8_t *pixel)
{
    double edge = edge_at(light, c, x, y), dx = 2.0 * x / c->width - 1, dy = 2.0 * y / c->height - 1;
    double rim = clamp01((dx * dx * dx * dx + dy * dy * dy * dy - 0.55) * 1.6);
    double v = light[(size_t)y * (size_t)c->width + (size_t)x];

    for (int i = 0; i < 3; i++) {
        double colour = v + (pixel[i] / 255.0 - v) * 1.9, wash = 0.24 + 0.82 * colour - 0.8 * edge;
        pixel[i] = byte_of(wash + (0.975 - wash) * rim);
    }
}

/* Few loud colours, thick lines, dots on what is light. */
static void poster(const struct canvas *c, const float *light, int x, int y, uint8_t *pixel)
{
    double v = light[(size_t)y * (size_t)c->width + (size_t)x], dot_x = x % 16 - 7.5, dot_y = y % 16 - 7.5;
    bool line = edge_at(light, c, x, y) > 0.11, dot = v > 0.5 && dot_x * dot_x + dot_y * dot_y < 90 * (v - 0.45);

    for (int i = 0; i < 3; i++) {
        double loud = 0.5 + (v - 0.42) * 1.5 + (pixel[i] / 255.0 - v) * 2.7;
        pixel[i] = byte_of(line ? 0.07 : dot ? 1 - 0.2 * i : floor(clamp01(loud) * 3 + 0.5) / 3);
    }
}

/* Strokes that follow nothing but the brush, and warmer shadows. */
static void oil(const struct canvas *c, const float *light, int x, int y, uint8_t *pixel)
{
    double stroke = 0.06 * (hash_at((x + y) / 9, (y - x + 9999) / 21) - 0.5);
    static const double TINT[3] = {1.06, 0.98, 0.84};

    (void)c;
    (void)light;
    for (int i = 0; i < 3; i++) {
        double v = pixel[i] / 255.0;
        v = floor(v * 20 + 0.5) / 20;
        pixel[i] = byte_of((v + stroke) * TINT[i] * 0.96);
    }
}

static void pearl(const struct canvas *c, const float *light, int x, int y, uint8_t *pixel)
{
    static const double TINT[3] = {0.985, 0.965, 0.935};
    double v = light[(size_t)y * (size_t)c->width + (size_t)x];

    for (int i = 0; i < 3; i++)
        pixel[i] = byte_of(TINT[i] * (0.34 + 0.68 * (0.65 * pixel[i] / 255.0 + 0.35 * v)));
}

void manner_apply(enum mood_manner manner, uint8_t *canvas, int width, int height)
{
    static const pixel_fn FUNCTIONS[] = {
        [MANNER_GREY] = grey, [MANNER_PENCIL] = pencil, [MANNER_WATER] = water, [MANNER_POSTER] = poster,
        [MANNER_OIL] = oil,   [MANNER_DOUBLE] = NULL,   [MANNER_PEARL] = pearl};
    struct canvas c = {canvas, width, height};
    float *light;

    if (!FUNCTIONS[manner])
        return;
    light = light_of(&c);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            FUNCTIONS[manner](&c, light, x, y, canvas + 3 * ((size_t)y * (size_t)width + (size_t)x));
    free(light);
}
