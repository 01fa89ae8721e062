#include "falsim/paint_pose.h"

struct pose pose_choose(struct svg *svg)
{
    static const struct rgb SKIN[] = {{241, 205, 177}, {224, 172, 135}, {198, 142, 104}, {150, 101, 72}, {108, 72, 53}};
    static const struct rgb HAIR[] = {{36, 26, 24},   {72, 46, 33},  {128, 82, 46},
                                      {196, 150, 92}, {150, 62, 36}, {120, 120, 126}};
    struct pose f = {.left = dice_below(&svg->dice, 2)};
    double tall = svg->h < 1350 ? svg->h / 1000 : 1.35; /* a narrow frame takes a larger figure */
    double shift = svg->w > svg->h * 1.2 ? 0.16 * (dice_below(&svg->dice, 2) ? 1 : -1) : 0;

    f.u = 122 * tall * dice_between(&svg->dice, 0.94, 1.08);
    f.x = svg->w * (0.5 + shift) + dice_between(&svg->dice, -24, 24);
    f.y = svg->h - 590 * tall - 0.12 * (svg->h - 1000) + dice_between(&svg->dice, -20, 20);
    f.lit = svg->mood.glow;
    f.skin = rgb_mix(SKIN[dice_below(&svg->dice, 5)], svg->mood.low, 0.07);
    f.hair = rgb_mix(HAIR[dice_below(&svg->dice, 6)], svg->mood.near, 0.25);
    f.cloth = rgb_mix(dice_below(&svg->dice, 2) ? svg->mood.accent : svg->mood.far, svg->mood.near, 0.28);
    if (svg->mood.cloth)
        f.cloth = rgb_mix(rgb_of(svg->mood.cloth), svg->mood.low, 0.06);
    return f;
}

int pose_shade(struct svg *svg, const struct pose *f, struct rgb color, double depth)
{
    struct rgb lit = rgb_mix(color, f->lit, 0.28), dark = rgb_mix(color, svg->mood.near, depth);

    return f->left ? svg_fade_across(svg, lit, 1, dark, 1) : svg_fade_across(svg, dark, 1, lit, 1);
}

void pose_path(struct svg *svg, const struct pose *f, int fill, const char *d)
{
    svg_add(svg, "<g transform='translate(%.1f %.1f) scale(%.2f)'><path fill='url(#g%d)' d='%s'/></g>", f->x, f->y,
            f->u, fill, d);
}

void pose_outline(struct svg *svg, const struct pose *f, struct rgb color, double opacity, double width, const char *d)
{
    svg_add(svg,
            "<g transform='translate(%.1f %.1f) scale(%.2f %.2f)'><path fill='none' stroke='%s' stroke-opacity='%.2f' "
            "stroke-width='%.3f' stroke-linecap='round' d='%s'/></g>",
            f->x, f->y, f->left ? f->u : -f->u, f->u, SVG_COLOR(color), opacity, width, d);
}
