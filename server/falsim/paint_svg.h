#pragma once
/* The picture as SVG while it is composed: w × h units, the short side is 1000. Colours as in paint_mood.h. */
#include "base/buf.h"
#include "falsim/paint_dice.h"
#include "falsim/paint_mood.h"

enum { SVG_MAX_BYTES = 1 << 20, SVG_COLOR_ROOM = 8 };

struct svg {
    struct buf text;
    struct mood mood;
    struct dice dice;
    double w, h;
    int ids; /* of gradients, given so far */
};

struct svg_color {
    char text[SVG_COLOR_ROOM];
};
struct svg_color svg_color(struct rgb color);
#define SVG_COLOR(color) (svg_color(color).text)

void svg_add(struct svg *svg, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Define a gradient and return its number, to be used as fill='url(#g%d)'. */
int svg_fade_down(struct svg *svg, struct rgb top, double top_opacity, struct rgb bottom, double bottom_opacity);
int svg_fade_across(struct svg *svg, struct rgb left, double left_opacity, struct rgb right, double right_opacity);
/* Full in the middle up to the part core (0 … 1) of the radius, gone at the edge. */
int svg_fade_out(struct svg *svg, struct rgb color, double opacity, double core);

void svg_glow(struct svg *svg, double x, double y, double radius, struct rgb color, double opacity);
void svg_disc(struct svg *svg, double x, double y, double radius, struct rgb color, double opacity);
void svg_rect(struct svg *svg, double x, double y, double w, double h, struct rgb color, double opacity);

/* A hill line from the left edge to the right one, filled down to the bottom; rough 0 (dunes) … 1 (rock). */
void svg_ridge(struct svg *svg, double y, double amplitude, double rough, int gradient);
