#include "support/portrait.h"

#include <math.h>
#include <stdlib.h>

#include "support/picture.h"

enum { BOARDS = 7 };

struct colour {
    double red, green, blue;
};

/* Lengths in half widths of a head; the origin is the middle of the face. */
struct person {
    double left, top, unit; /* in pixels */
    double width, smile, eyes;
    struct colour skin, hair, clothes, iris, lips;
};

static double chance(unsigned *seed) /* 0..1 */
{
    *seed = *seed * 1664525 + 1013904223;
    return (*seed >> 8) / 16777216.0;
}

static double between(unsigned *seed, double low, double high) { return low + (high - low) * chance(seed); }

static struct colour shade(struct colour c, double by)
{
    return (struct colour){c.red * by, c.green * by, c.blue * by};
}

static struct colour any_of(unsigned *seed, const struct colour *colours, int count)
{
    return shade(colours[(int)(chance(seed) * count)], between(seed, 0.92, 1.05));
}

static struct person person_make(struct portrait p, unsigned *seed, int which)
{
    static const struct colour SKIN[] = {{226, 176, 146}, {214, 160, 128}, {188, 132, 100}, {150, 100, 74}};
    static const struct colour HAIR[] = {{48, 34, 26}, {96, 64, 40}, {30, 26, 28}, {150, 112, 66}};
    static const struct colour CLOTHES[] = {{60, 80, 120}, {130, 50, 50}, {50, 90, 70}, {190, 190, 180}};
    double room = p.two ? p.width / 2.0 : p.width, side = fmin(room, p.height * 0.8);
    struct person ret = {.unit = side * between(seed, 0.17, 0.26)};

    ret.left = room * (which + between(seed, 0.4, 0.6));
    ret.top = p.height * between(seed, 0.38, 0.44);
    ret.width = between(seed, 0.84, 0.95), ret.smile = between(seed, 0.26, 0.36), ret.eyes = between(seed, 0.35, 0.4);
    ret.skin = any_of(seed, SKIN, 4), ret.hair = any_of(seed, HAIR, 4), ret.clothes = any_of(seed, CLOTHES, 4);
    ret.iris = chance(seed) < 0.5 ? (struct colour){50, 35, 30} : (struct colour){50, 80, 110};
    ret.lips = (struct colour){ret.skin.red * 0.78, ret.skin.green * 0.46, ret.skin.blue * 0.52};
    return ret;
}

/* One point of the drawing, painted over and over. */
struct point {
    double x, y;
    struct colour colour;
};

static void paint(struct point *p, struct colour colour, double strength)
{
    p->colour.red += (colour.red - p->colour.red) * strength;
    p->colour.green += (colour.green - p->colour.green) * strength;
    p->colour.blue += (colour.blue - p->colour.blue) * strength;
}

/* How much of an ellipse is here: 1 inside, 0 outside, soft between. */
static double ellipse(const struct point *p, double x, double y, double wide, double high, double soft)
{
    double across = (p->x - x) / wide, down = (p->y - y) / high, square = across * across + down * down;

    if (square > (1 + 8 * soft) * (1 + 8 * soft))
        return 0;
    return 1 / (1 + exp((sqrt(square) - 1) / (soft * 0.3)));
}

static void paint_eye(struct point *p, const struct person *a, double x)
{
    struct colour dark = shade(a->hair, 0.9), shadow = shade(a->skin, 0.8), white = {240, 236, 230};

    paint(p, shadow, 0.6 * ellipse(p, x, -0.08, 0.28, 0.2, 0.2));
    paint(p, dark, 0.9 * ellipse(p, x, -0.32, 0.24, 0.05, 0.2)); /* brow */
    paint(p, white, ellipse(p, x, -0.08, 0.19, 0.09, 0.1));
    paint(p, a->iris, ellipse(p, x, -0.08, 0.085, 0.085, 0.1));
    paint(p, dark, 0.8 * ellipse(p, x, -0.16, 0.21, 0.03, 0.3)); /* lashes */
}

static void paint_face(struct point *p, const struct person *a)
{
    struct colour shadow = shade(a->skin, 0.8), light = shade(a->skin, 1.1), dark = shade(a->skin, 0.62);

    paint_eye(p, a, -a->eyes);
    paint_eye(p, a, a->eyes);
    paint(p, light, 0.5 * ellipse(p, 0, 0.15, 0.07, 0.3, 0.3)); /* nose */
    paint(p, shadow, 0.5 * ellipse(p, 0, 0.42, 0.2, 0.06, 0.4));
    paint(p, dark, 0.7 * ellipse(p, -0.1, 0.38, 0.06, 0.04, 0.4));
    paint(p, dark, 0.7 * ellipse(p, 0.1, 0.38, 0.06, 0.04, 0.4));
    paint(p, a->lips, 0.9 * ellipse(p, 0, 0.72, a->smile, 0.09, 0.15));
    paint(p, shade(a->lips, 0.65), 0.8 * ellipse(p, 0, 0.71, a->smile, 0.02, 0.3));
    paint(p, shadow, 0.5 * ellipse(p, 0, 0.9, 0.2, 0.05, 0.4)); /* chin */
}

static void paint_person(struct point *p, const struct person *a, bool faceless)
{
    double face;

    if (fabs(p->x) > 2.6 || p->y < -2.6)
        return;
    face = ellipse(p, 0, 0.1, a->width, 1.2, 0.03);
    paint(p, shade(a->clothes, fmod(p->y + 9, 0.14) < 0.07 ? 1.2 : 0.8),
          ellipse(p, 0, 3.2, 1.9, 1.7, 0.03));                           /* stripes */
    paint(p, shade(a->skin, 0.85), ellipse(p, 0, 1.4, 0.45, 0.6, 0.05)); /* neck */
    paint(p, a->hair, ellipse(p, 0, -0.25, a->width + 0.22, 1.25, 0.04));
    if (faceless)
        return;
    paint(p, a->skin, face);
    paint(p, shade(a->skin, 0.8), face * 0.35 * fmin(1, fabs(p->x)));
    paint(p, a->hair, ellipse(p, 0, -1.05, a->width - 0.05, 0.35, 0.1));
    if (face > 0)
        paint_face(p, a);
}

/* The wall: a colour, and what hangs on it, so that no two portraits look alike from afar. */
struct wall {
    struct colour colour;
    struct board {
        double left, top, right, bottom, shade; /* shares of the picture */
    } boards[BOARDS];
};

static struct wall wall_make(unsigned *seed)
{
    static const struct colour WALL[] = {{150, 165, 180}, {190, 180, 160}, {120, 140, 120}, {190, 185, 190}};
    struct wall ret = {.colour = any_of(seed, WALL, 4)};

    for (int i = 0; i < BOARDS; i++) {
        struct board *b = &ret.boards[i];
        b->left = between(seed, -0.2, 0.9), b->top = between(seed, -0.2, 0.9);
        b->right = b->left + between(seed, 0.15, 0.5), b->bottom = b->top + between(seed, 0.15, 0.5);
        b->shade = between(seed, 0.4, 1.3);
    }
    return ret;
}

static struct colour wall_at(const struct wall *wall, double x, double y)
{
    struct colour ret = wall->colour;

    for (int i = 0; i < BOARDS; i++) {
        const struct board *b = &wall->boards[i];
        if (x > b->left && x < b->right && y > b->top && y < b->bottom)
            ret = shade(wall->colour, b->shade);
    }
    return ret;
}

static unsigned char byte_of(double value) { return (unsigned char)fmax(0, fmin(255, value + 0.5)); }

static void paint_pixel(const struct portrait *p, const struct person people[2], const struct wall *wall, int x, int y,
                        unsigned char *to)
{
    struct point point = {.colour = wall_at(wall, (double)x / p->width, (double)y / p->height)};

    for (int i = 0; i < 1 + p->two; i++) {
        point.x = (x - people[i].left) / people[i].unit, point.y = (y - people[i].top) / people[i].unit;
        paint_person(&point, &people[i], p->faceless);
    }
    to[0] = byte_of(point.colour.red), to[1] = byte_of(point.colour.green), to[2] = byte_of(point.colour.blue);
}

unsigned char *portrait_pixels(struct portrait p)
{
    size_t row = 3 * (size_t)p.width;
    unsigned char *ret = malloc(row * (size_t)p.height);
    unsigned seed = p.seed * 2654435761u + 12345, grain = seed;
    struct person people[2];
    struct wall wall;

    if (!ret)
        abort();
    wall = wall_make(&seed);
    people[0] = person_make(p, &seed, 0), people[1] = person_make(p, &seed, 1);
    for (int y = 0; y < p.height; y++)
        for (int x = 0; x < p.width; x++) {
            unsigned char *to = ret + (size_t)y * row + 3 * (size_t)x;
            int noise = (int)(chance(&grain) * 13) - 6; /* a camera's: what is drawn would be all too smooth */
            paint_pixel(&p, people, &wall, x, y, to);
            for (int c = 0; c < 3; c++)
                to[c] = byte_of(to[c] + noise);
        }
    return ret;
}

VipsImage *portrait_draw(struct portrait p)
{
    unsigned char *pixels = portrait_pixels(p);
    VipsImage *ret = vips_image_new_from_memory_copy(pixels, (size_t)p.width * (size_t)p.height * 3, p.width, p.height,
                                                     3, VIPS_FORMAT_UCHAR);

    free(pixels);
    if (!ret)
        abort();
    return picture_as(ret, VIPS_INTERPRETATION_sRGB);
}
