#pragma once
/* Where somebody stands, of which colours, and from where the light comes; shapes in those measures. */
#include "falsim/paint_svg.h"

/* Sizes are in units of the head's half width, so that a figure fits any frame. */
struct pose {
    double x, y, u; /* middle of the head and its half width */
    struct rgb skin, hair, cloth, lit;
    bool left; /* the light comes from the left */
};

struct pose pose_choose(struct svg *svg);
/* A gradient from the lit side to the one in shadow. */
int pose_shade(struct svg *svg, const struct pose *f, struct rgb color, double depth);
void pose_path(struct svg *svg, const struct pose *f, int fill, const char *d);
/* A line, mirrored when the light comes from the right. */
void pose_outline(struct svg *svg, const struct pose *f, struct rgb color, double opacity, double width, const char *d);
