#include "image/thumbhash.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Lightness, yellow-blue, red-green and alpha are each turned into a few cosine waves: the mean (dc), the triangle of
   low frequencies (ac, brought to 0…1) and the amplitude that was divided out (scale). */
enum { LIGHT, YELLOW_BLUE, RED_GREEN, ALPHA, CHANNELS, AC_MAX = 32 };

struct channel {
    double *samples;
    int nx, ny; /* frequencies asked for */
    double dc, scale, ac[AC_MAX];
    int ac_count;
};

struct picture {
    int width, height;
    const unsigned char *rgba;
    double mean[3]; /* colour behind transparent pixels, 0…1 */
    bool transparent;
};

static unsigned nearest(double value) { return (unsigned)floor(value + 0.5); }

static void find_mean(struct picture *p)
{
    int count = p->width * p->height;
    double opacity = 0;

    for (int i = 0; i < count; i++) {
        const unsigned char *pixel = p->rgba + 4 * i;
        double alpha = pixel[3] / 255.0;
        for (int c = 0; c < 3; c++)
            p->mean[c] += alpha / 255 * pixel[c];
        opacity += alpha;
    }
    for (int c = 0; opacity > 0 && c < 3; c++)
        p->mean[c] /= opacity;
    p->transparent = opacity < count;
}

static void split_colours(const struct picture *p, struct channel channels[CHANNELS])
{
    for (int i = 0; i < p->width * p->height; i++) {
        const unsigned char *pixel = p->rgba + 4 * i;
        double alpha = pixel[3] / 255.0, rgb[3];
        for (int c = 0; c < 3; c++)
            rgb[c] = p->mean[c] * (1 - alpha) + alpha / 255 * pixel[c];
        channels[LIGHT].samples[i] = (rgb[0] + rgb[1] + rgb[2]) / 3;
        channels[YELLOW_BLUE].samples[i] = (rgb[0] + rgb[1]) / 2 - rgb[2];
        channels[RED_GREEN].samples[i] = rgb[0] - rgb[1];
        channels[ALPHA].samples[i] = alpha;
    }
}

static double wave(const struct picture *p, const double *samples, int cx, int cy)
{
    double along_x[THUMBHASH_SIDE], sum = 0;

    for (int x = 0; x < p->width; x++)
        along_x[x] = cos(M_PI / p->width * cx * (x + 0.5));
    for (int y = 0; y < p->height; y++) {
        double along_y = cos(M_PI / p->height * cy * (y + 0.5));
        for (int x = 0; x < p->width; x++)
            sum += samples[x + y * p->width] * along_x[x] * along_y;
    }
    return sum / (p->width * p->height);
}

static void transform(const struct picture *p, struct channel *channel)
{
    channel->dc = wave(p, channel->samples, 0, 0);
    for (int cy = 0; cy < channel->ny; cy++)
        for (int cx = cy ? 0 : 1; cx * channel->ny < channel->nx * (channel->ny - cy); cx++) {
            double f = wave(p, channel->samples, cx, cy);
            assert(channel->ac_count < AC_MAX);
            channel->ac[channel->ac_count++] = f;
            channel->scale = fmax(channel->scale, fabs(f));
        }
    for (int i = 0; channel->scale > 0 && i < channel->ac_count; i++)
        channel->ac[i] = 0.5 + 0.5 / channel->scale * channel->ac[i];
}

static size_t write_header(const struct channel *c, bool landscape, bool transparent, unsigned char *to)
{
    int shape = landscape ? c[LIGHT].ny : c[LIGHT].nx; /* the longer side's count follows from the format */
    uint32_t first = nearest(63 * c[LIGHT].dc) | nearest(31.5 + 31.5 * c[YELLOW_BLUE].dc) << 6 |
                     nearest(31.5 + 31.5 * c[RED_GREEN].dc) << 12 | nearest(31 * c[LIGHT].scale) << 18 |
                     (uint32_t)transparent << 23;
    uint32_t second = (uint32_t)shape | nearest(63 * c[YELLOW_BLUE].scale) << 3 |
                      nearest(63 * c[RED_GREEN].scale) << 9 | (uint32_t)landscape << 15;

    for (int i = 0; i < 3; i++)
        to[i] = (unsigned char)(first >> (8 * i));
    for (int i = 0; i < 2; i++)
        to[3 + i] = (unsigned char)(second >> (8 * i));
    if (transparent)
        to[5] = (unsigned char)(nearest(15 * c[ALPHA].dc) | nearest(15 * c[ALPHA].scale) << 4);
    return transparent ? 6 : 5;
}

/* Two waves to a byte, the first in its low half. */
static size_t write_waves(const struct channel *channels, int count, size_t start, unsigned char *to)
{
    size_t halves = 0;

    for (int c = 0; c < count; c++)
        for (int i = 0; i < channels[c].ac_count; i++, halves++) {
            size_t at = start + halves / 2;
            assert(at < THUMBHASH_ROOM);
            to[at] = (unsigned char)(to[at] | nearest(15 * channels[c].ac[i]) << (halves % 2 * 4));
        }
    return start + (halves + 1) / 2;
}

static int light_waves(int side, int longest, bool transparent)
{
    int waves = (int)nearest((transparent ? 5 : 7) * side / (double)longest);

    return waves < 1 ? 1 : waves;
}

size_t thumbhash_encode(int width, int height, const unsigned char *rgba, unsigned char ret[THUMBHASH_ROOM])
{
    struct picture p = {.width = width, .height = height, .rgba = rgba};
    struct channel channels[CHANNELS] = {
        [YELLOW_BLUE] = {.nx = 3, .ny = 3}, [RED_GREEN] = {.nx = 3, .ny = 3}, [ALPHA] = {.nx = 5, .ny = 5}};
    size_t area = (size_t)width * (size_t)height, start;
    int longest = width > height ? width : height, lx, ly, count;
    double *samples = calloc(CHANNELS * area, sizeof *samples);

    assert(width > 0 && height > 0 && longest <= THUMBHASH_SIDE);
    if (!samples)
        abort();
    for (size_t c = 0; c < CHANNELS; c++)
        channels[c].samples = samples + c * area;
    find_mean(&p);
    split_colours(&p, channels);
    lx = light_waves(width, longest, p.transparent);
    ly = light_waves(height, longest, p.transparent);
    channels[LIGHT].nx = lx > 3 ? lx : 3;
    channels[LIGHT].ny = ly > 3 ? ly : 3;
    count = p.transparent ? CHANNELS : CHANNELS - 1;
    for (int c = 0; c < count; c++)
        transform(&p, &channels[c]);
    free(samples);
    memset(ret, 0, THUMBHASH_ROOM);
    channels[LIGHT].nx = lx; /* the header carries the real shape, not the minimum */
    channels[LIGHT].ny = ly;
    start = write_header(channels, width > height, p.transparent, ret);
    return write_waves(channels, count, start, ret);
}
