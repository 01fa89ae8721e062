#include "falsim/paint_figure.h"

/* Sizes are in units of the head's half width, so that a figure fits any frame. */
struct figure {
    double x, y, u; /* middle of the head and its half width */
    struct rgb skin, hair, cloth, lit;
    bool left; /* the light comes from the left */
};

static struct figure choose(struct svg *svg)
{
    static const struct rgb SKIN[] = {{241, 205, 177}, {224, 172, 135}, {198, 142, 104}, {150, 101, 72}, {108, 72, 53}};
    static const struct rgb HAIR[] = {{36, 26, 24},   {72, 46, 33},  {128, 82, 46},
                                      {196, 150, 92}, {150, 62, 36}, {120, 120, 126}};
    struct figure f = {.left = dice_below(&svg->dice, 2)};
    double tall = svg->h < 1350 ? svg->h / 1000 : 1.35; /* a narrow frame takes a larger figure */
    double shift = svg->w > svg->h * 1.2 ? 0.16 * (dice_below(&svg->dice, 2) ? 1 : -1) : 0;

    f.u = 122 * tall * dice_between(&svg->dice, 0.94, 1.08);
    f.x = svg->w * (0.5 + shift) + dice_between(&svg->dice, -24, 24);
    f.y = svg->h - 590 * tall - 0.12 * (svg->h - 1000) + dice_between(&svg->dice, -20, 20);
    f.lit = svg->mood.glow;
    f.skin = rgb_mix(SKIN[dice_below(&svg->dice, 5)], svg->mood.low, 0.07);
    f.hair = rgb_mix(HAIR[dice_below(&svg->dice, 6)], svg->mood.near, 0.25);
    f.cloth = rgb_mix(dice_below(&svg->dice, 2) ? svg->mood.accent : svg->mood.far, svg->mood.near, 0.28);
    return f;
}

/* From the lit side to the one in shadow. */
static int shade(struct svg *svg, const struct figure *f, struct rgb color, double depth)
{
    struct rgb lit = rgb_mix(color, f->lit, 0.28), dark = rgb_mix(color, svg->mood.near, depth);

    return f->left ? svg_fade_across(svg, lit, 1, dark, 1) : svg_fade_across(svg, dark, 1, lit, 1);
}

static void path(struct svg *svg, const struct figure *f, int fill, const char *d)
{
    svg_add(svg, "<g transform='translate(%.1f %.1f) scale(%.2f)'><path fill='url(#g%d)' d='%s'/></g>", f->x, f->y,
            f->u, fill, d);
}

static void outline(struct svg *svg, const struct figure *f, struct rgb color, double opacity, double width,
                    const char *d)
{
    svg_add(svg,
            "<g transform='translate(%.1f %.1f) scale(%.2f %.2f)'><path fill='none' stroke='%s' stroke-opacity='%.2f' "
            "stroke-width='%.3f' stroke-linecap='round' d='%s'/></g>",
            f->x, f->y, f->left ? f->u : -f->u, f->u, SVG_COLOR(color), opacity, width, d);
}

static void draw_behind(struct svg *svg, const struct figure *f)
{
    int hair = shade(svg, f, rgb_mix(f->hair, svg->mood.near, 0.3), 0.6);

    if (svg->mood.dress == DRESS_CAPE)
        path(svg, f, shade(svg, f, svg->mood.accent, 0.6),
             "M-1.5 1.7C-2.6 2.2 -3.1 3.6 -3.4 6H3.4C3.1 3.6 2.6 2.2 1.5 1.7Z");
    if (svg->mood.hair == HAIR_LONG)
        path(svg, f, hair,
             "M0 -1.62C-1.15 -1.62 -1.4 -.7 -1.34 .2C-1.3 1.1 -1.6 1.7 -1.5 2.6C-.8 2.9 .8 2.9 1.5 2.6"
             "C1.6 1.7 1.3 1.1 1.34 .2C1.4 -.7 1.15 -1.62 0 -1.62Z");
    if (svg->mood.hair == HAIR_BUN)
        path(svg, f, hair, "M.5 -1.85A.52 .52 0 1 1 -.54 -1.85A.52 .52 0 1 1 .5 -1.85Z");
    if (svg->mood.dress == DRESS_HOOD)
        path(svg, f, shade(svg, f, rgb_mix(f->cloth, svg->mood.near, 0.45), 0.7),
             "M0 -1.95C-1.4 -1.9 -1.75 -.6 -1.6 .6C-1.5 1.6 -1.9 2 -2.1 2.6H2.1C1.9 2 1.5 1.6 1.6 .6C1.75 -.6 1.4 -1.9 "
             "0 -1.95Z");
}

static void draw_body(struct svg *svg, const struct figure *f)
{
    path(svg, f, shade(svg, f, f->cloth, 0.72),
         "M-.5 1.72C-1.2 1.95 -2.15 2.1 -2.55 2.75C-2.9 3.4 -3 4.6 -3.05 6H3.05C3 4.6 2.9 3.4 2.55 2.75"
         "C2.15 2.1 1.2 1.95 .5 1.72Z");
    path(svg, f, shade(svg, f, rgb_mix(f->skin, svg->mood.near, 0.22), 0.6),
         "M-.46 .8V1.72C-.4 2.25 .4 2.25 .46 1.72V.8Z");
    outline(svg, f, f->lit, 0.5, 0.05, "M-.56 1.74C-1.2 1.95 -2.15 2.1 -2.55 2.75C-2.75 3.1 -2.88 3.6 -2.95 4.3");
}

static void draw_head(struct svg *svg, const struct figure *f)
{
    path(svg, f, shade(svg, f, f->skin, 0.27),
         "M0 -1.34C-.72 -1.34 -1 -.8 -.98 -.1C-.96 .62 -.55 1.3 0 1.34C.55 1.3 .96 .62 .98 -.1C1 -.8 .72 -1.34 0 "
         "-1.34Z");
    path(svg, f, shade(svg, f, f->skin, 0.4),
         "M-.98 -.12C-1.2 -.2 -1.18 .42 -.9 .42ZM.98 -.12C1.2 -.2 1.18 .42 .9 .42Z");
    outline(svg, f, f->lit, 0.55, 0.05, "M-.97 -.3C-1 .5 -.6 1.18 -.1 1.32");
    outline(svg, f, svg->mood.near, 0.16, 0.06, "M.06 -.16C.02 .2 .2 .36 -.04 .42"); /* the shadow of a nose */
    outline(svg, f, svg->mood.near, 0.22, 0.06, "M-.5 -.24Q-.36 -.34 -.2 -.25M.24 -.25Q.4 -.34 .54 -.24");
    outline(svg, f, rgb_mix(f->skin, (struct rgb){176, 62, 62}, 0.6), 0.6, 0.08, "M-.2 .78Q.02 .88 .24 .77");
}

static void draw_hair(struct svg *svg, const struct figure *f)
{
    int hair = shade(svg, f, f->hair, 0.6);

    if (svg->mood.hair == HAIR_BALD)
        return;
    if (svg->mood.hair == HAIR_SHORT)
        path(svg, f, hair,
             "M-1.02 -.1C-1.2 -1 -.9 -1.66 -.1 -1.7C.8 -1.78 1.2 -1.1 1.02 -.1C.95 -.5 .84 -.72 .6 -.86"
             "C.1 -.7 -.5 -.84 -.7 -.94C-.86 -.7 -.95 -.5 -1.02 -.1Z");
    else
        path(svg, f, hair,
             "M-1.03 .5C-1.3 -.9 -.95 -1.66 0 -1.66C.95 -1.66 1.3 -.9 1.03 .5C1 -.2 .8 -.8 .1 -1.02"
             "C-.5 -.8 -.92 -.3 -1.03 .5Z");
    outline(svg, f, f->lit, 0.4, 0.05, "M-1.0 -.72C-.9 -1.3 -.55 -1.6 -.05 -1.64");
}

static void draw_suit(struct svg *svg, const struct figure *f)
{
    path(svg, f, shade(svg, f, rgb_mix(f->lit, svg->mood.low, 0.2), 0.3), "M-.5 1.75L0 4.6L.5 1.75Q0 2.5 -.5 1.75Z");
    path(svg, f, shade(svg, f, svg->mood.accent, 0.4), "M-.14 2.36L.14 2.36L.1 2.62L.24 4.2L0 4.6L-.24 4.2L-.1 2.62Z");
    path(svg, f, shade(svg, f, rgb_mix(f->cloth, svg->mood.near, 0.35), 0.5),
         "M-.52 1.7L-1.12 2.1L-.8 2.66L-1 2.8L0 5L-.06 4.4ZM.52 1.7L1.12 2.1L.8 2.66L1 2.8L0 5L.06 4.4Z");
}

static void draw_dress(struct svg *svg, const struct figure *f)
{
    struct rgb gold = rgb_mix((struct rgb){232, 186, 84}, svg->mood.glow, 0.2);

    if (svg->mood.dress == DRESS_SUIT)
        draw_suit(svg, f);
    if (svg->mood.dress == DRESS_CROWN)
        path(svg, f, shade(svg, f, gold, 0.45),
             "M-.92 -1.06L-1.06 -1.95L-.5 -1.5L0 -2.12L.5 -1.5L1.06 -1.95L.92 -1.06Q0 -1.3 -.92 -1.06Z");
    if (svg->mood.dress == DRESS_CAPE)
        path(svg, f, shade(svg, f, gold, 0.4), "M0 2.5L.55 2.72L.42 3.4L0 3.8L-.42 3.4L-.55 2.72Z");
    if (svg->mood.dress != DRESS_HELMET)
        return;
    path(svg, f, shade(svg, f, (struct rgb){222, 226, 232}, 0.55), "M-1.3 1.5Q0 2.3 1.3 1.5L1.5 2.2Q0 3 -1.5 2.2Z");
    svg_add(svg,
            "<circle cx='%.1f' cy='%.1f' r='%.1f' fill='%s' fill-opacity='.13' stroke='#e6eaf0' stroke-width='%.1f'/>",
            f->x, f->y - 0.05 * f->u, 1.75 * f->u, SVG_COLOR(f->lit), 0.11 * f->u);
    outline(svg, f, (struct rgb){255, 255, 255}, 0.65, 0.12, "M-1.28 -.75A1.5 1.5 0 0 1 -.5 -1.45");
}

void figure_draw(struct svg *svg)
{
    struct figure f = choose(svg);

    svg_rect(svg, 0, 0, svg->w, svg->h, rgb_mix(svg->mood.low, svg->mood.high, 0.5),
             0.22); /* depth: the place recedes */
    svg_glow(svg, f.x + (f.left ? -1.6 : 1.6) * f.u, f.y, 4.2 * f.u, f.lit, 0.5);
    draw_behind(svg, &f);
    draw_body(svg, &f);
    draw_head(svg, &f);
    draw_hair(svg, &f);
    draw_dress(svg, &f);
}
