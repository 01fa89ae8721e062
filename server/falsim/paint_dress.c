#include "falsim/paint_dress.h"

static const struct rgb GOLD = {232, 186, 84}, STEEL = {196, 204, 214}, WHITE = {255, 255, 255};

static void draw_gown(struct svg *svg, const struct pose *f)
{
    int skin = pose_shade(svg, f, rgb_mix(f->skin, svg->mood.near, 0.12), 0.5);

    pose_path(svg, f, skin,
              "M-.5 1.72C-1.2 1.95 -1.9 2.06 -2.3 2.5C-1.5 3.05 -.7 3.2 0 3.4C.7 3.2 1.5 3.05 2.3 2.5C1.9 2.06 1.2 "
              "1.95 .5 1.72Z");
    pose_outline(svg, f, rgb_mix(f->skin, svg->mood.near, 0.5), 0.35, 0.04,
                 "M-1.1 2.36Q-.5 2.5 -.16 2.44M1.1 2.36Q.5 2.5 .16 2.44");
    pose_outline(svg, f, rgb_mix(f->lit, WHITE, 0.5), 0.85, 0.045, "M-.5 1.95Q0 2.62 .5 1.95");
    pose_outline(svg, f, f->lit, 0.4, 0.04, "M-2.2 2.56C-1.4 3.1 -.7 3.25 0 3.45C.7 3.25 1.4 3.1 2.2 2.56");
}

static void draw_collar(struct svg *svg, const struct pose *f)
{
    int fold = pose_shade(svg, f, rgb_mix(f->cloth, WHITE, 0.14), 0.4);

    pose_path(
        svg, f, fold,
        "M-.66 1.2C-.8 1.5 -.86 1.86 -.8 2.1C-.4 2.42 .4 2.42 .8 2.1C.86 1.86 .8 1.5 .66 1.2C.3 1.5 -.3 1.5 -.66 1.2Z");
    for (int i = 0; i < 5; i++)
        svg_add(svg,
                "<g transform='translate(%.1f %.1f) scale(%.2f)'><path fill='none' stroke='%s' stroke-opacity='.28' "
                "stroke-width='.05' d='M%.2f 2.8V5'/></g>",
                f->x, f->y, f->u, SVG_COLOR(rgb_mix(f->cloth, svg->mood.near, 0.6)), -1.6 + 0.8 * i);
}

static void draw_scarf(struct svg *svg, const struct pose *f)
{
    struct rgb scarf = rgb_mix(svg->mood.accent, f->cloth, 0.2);

    pose_path(svg, f, pose_shade(svg, f, scarf, 0.5),
              "M-.78 1.3C-1.02 1.7 -.98 2.1 -.8 2.3C-.3 2.6 .4 2.6 .84 2.28C1 2.08 1 1.7 .78 1.3C.3 1.62 -.3 1.62 -.78 "
              "1.3Z");
    pose_path(svg, f, pose_shade(svg, f, rgb_mix(scarf, svg->mood.near, 0.2), 0.5), "M.1 2.3L.75 2.2L.9 4L.3 4.1Z");
}

static void draw_coat(struct svg *svg, const struct pose *f)
{
    pose_path(svg, f, pose_shade(svg, f, rgb_mix(svg->mood.low, WHITE, 0.5), 0.4),
              "M-.52 1.7L0 3.5L.52 1.7Q0 2.3 -.52 1.7Z");
    pose_path(svg, f, pose_shade(svg, f, rgb_mix(f->cloth, WHITE, 0.12), 0.4),
              "M-.7 1.56L-1.5 2.12L-.95 3.1L-.2 4.6L0 3.4ZM.7 1.56L1.5 2.12L.95 3.1L.2 4.6L0 3.4Z");
    pose_outline(svg, f, svg->mood.near, 0.4, 0.05, "M0 3.5V5.4");
}

static void draw_armour(struct svg *svg, const struct pose *f)
{
    int plate = pose_shade(svg, f, rgb_mix(STEEL, svg->mood.low, 0.18), 0.62);

    pose_path(svg, f, plate,
              "M-.62 1.5C-1.1 1.9 -1.5 2.1 -1.6 2.6C-1.7 3.6 -1.3 5 -1.1 6H1.1C1.3 5 1.7 3.6 1.6 2.6C1.5 2.1 1.1 1.9 "
              ".62 1.5C.3 1.9 -.3 1.9 -.62 1.5Z");
    pose_path(svg, f, plate,
              "M-1.35 2.02C-2.1 1.9 -2.9 2.3 -3 3.2C-2.5 3.5 -1.9 3.4 -1.5 3.1ZM1.35 2.02C2.1 1.9 2.9 2.3 3 3.2C2.5 "
              "3.5 1.9 3.4 1.5 3.1Z");
    pose_outline(svg, f, WHITE, 0.5, 0.05, "M-2.85 2.9C-2.6 2.3 -2.1 2.1 -1.5 2.12");
    pose_outline(svg, f, svg->mood.near, 0.45, 0.05,
                 "M0 1.9V6M-1.55 3.2C-.8 3.7 .8 3.7 1.55 3.2M-1.4 4.3C-.7 4.7 .7 4.7 1.4 4.3M-2.95 2.9C-2.4 3.1 -1.9 3 "
                 "-1.5 2.8");
    pose_outline(svg, f, rgb_mix(GOLD, svg->mood.glow, 0.2), 0.8, 0.06, "M-.62 1.5C-.3 1.92 .3 1.92 .62 1.5");
}

static void draw_suit(struct svg *svg, const struct pose *f)
{
    pose_path(svg, f, pose_shade(svg, f, rgb_mix(f->lit, WHITE, 0.35), 0.3), "M-.5 1.75L0 4.6L.5 1.75Q0 2.5 -.5 1.75Z");
    if (svg->mood.hair != HAIR_LONG)
        pose_path(svg, f, pose_shade(svg, f, svg->mood.accent, 0.4),
                  "M-.14 2.36L.14 2.36L.1 2.62L.24 4.2L0 4.6L-.24 4.2L-.1 2.62Z");
    pose_path(svg, f, pose_shade(svg, f, rgb_mix(f->cloth, svg->mood.near, 0.35), 0.5),
              "M-.52 1.7L-1.12 2.1L-.8 2.66L-1 2.8L0 5L-.06 4.4ZM.52 1.7L1.12 2.1L.8 2.66L1 2.8L0 5L.06 4.4Z");
}

static void draw_clothes(struct svg *svg, const struct pose *f)
{
    switch (svg->mood.dress) {
    case DRESS_GOWN: draw_gown(svg, f); return;
    case DRESS_SWEATER: draw_collar(svg, f); return;
    case DRESS_COAT: draw_coat(svg, f); return;
    case DRESS_ARMOUR: draw_armour(svg, f); return;
    case DRESS_SUIT: draw_suit(svg, f); return;
    default: return;
    }
}

void dress_body(struct svg *svg, const struct pose *f)
{
    draw_clothes(svg, f);
    if (svg->mood.extras & EXTRA_SCARF)
        draw_scarf(svg, f);
}

static void draw_crown(struct svg *svg, const struct pose *f)
{
    pose_path(svg, f, pose_shade(svg, f, rgb_mix(GOLD, svg->mood.glow, 0.2), 0.45),
              "M-.92 -1.06L-1.06 -1.95L-.5 -1.5L0 -2.12L.5 -1.5L1.06 -1.95L.92 -1.06Q0 -1.3 -.92 -1.06Z");
}

static void draw_helmet(struct svg *svg, const struct pose *f)
{
    pose_path(svg, f, pose_shade(svg, f, (struct rgb){222, 226, 232}, 0.55),
              "M-1.3 1.5Q0 2.3 1.3 1.5L1.5 2.2Q0 3 -1.5 2.2Z");
    svg_add(svg,
            "<circle cx='%.1f' cy='%.1f' r='%.1f' fill='%s' fill-opacity='.13' stroke='#e6eaf0' stroke-width='%.1f'/>",
            f->x, f->y - 0.05 * f->u, 1.75 * f->u, SVG_COLOR(f->lit), 0.11 * f->u);
    pose_outline(svg, f, WHITE, 0.65, 0.12, "M-1.28 -.75A1.5 1.5 0 0 1 -.5 -1.45");
}

static void draw_brim(struct svg *svg, const struct pose *f)
{
    struct rgb straw = rgb_mix((struct rgb){222, 184, 116}, svg->mood.glow, 0.12);

    pose_path(svg, f, pose_shade(svg, f, straw, 0.5), "M-.98 -1.02C-1.02 -2 -.7 -2.3 0 -2.3S1.02 -2 .98 -1.02Z");
    pose_path(svg, f, pose_shade(svg, f, svg->mood.accent, 0.4), "M-1 -1.3Q0 -1.02 1 -1.3L.98 -.98Q0 -.76 -.98 -.98Z");
    pose_path(svg, f, pose_shade(svg, f, rgb_mix(straw, WHITE, 0.1), 0.5),
              "M-2 -.86C-1.2 -1.3 1.2 -1.3 2 -.86C1.4 -.5 -1.4 -.5 -2 -.86Z");
}

static void draw_tall_hat(struct svg *svg, const struct pose *f)
{
    int felt = pose_shade(svg, f, (struct rgb){30, 28, 36}, 0.5);

    pose_path(svg, f, felt, "M-.9 -1C-.84 -1.8 -.9 -2.5 -.98 -2.8H.98C.9 -2.5 .84 -1.8 .9 -1Z");
    pose_path(svg, f, pose_shade(svg, f, GOLD, 0.4), "M-.9 -1.34Q0 -1.1 .9 -1.34L.9 -1.02Q0 -.8 -.9 -1.02Z");
    pose_path(svg, f, felt, "M-1.5 -.94C-1 -1.2 1 -1.2 1.5 -.94C1 -.66 -1 -.66 -1.5 -.94Z");
}

static void draw_knit_hat(struct svg *svg, const struct pose *f)
{
    struct rgb wool = rgb_mix(svg->mood.accent, WHITE, 0.25);

    pose_path(svg, f, pose_shade(svg, f, wool, 0.5), "M-1.1 -.7C-1.2 -1.7 -.7 -2.1 0 -2.1S1.2 -1.7 1.1 -.7Z");
    pose_path(svg, f, pose_shade(svg, f, rgb_mix(wool, WHITE, 0.6), 0.35),
              "M-1.16 -1C-.5 -1.26 .5 -1.26 1.16 -1L1.14 -.56C.5 -.8 -.5 -.8 -1.14 -.56ZM.34 -2.2A.34 .34 0 1 1 -.34 "
              "-2.2A.34 .34 0 1 1 .34 -2.2Z");
}

static void draw_phones(struct svg *svg, const struct pose *f)
{
    struct rgb shell = rgb_mix((struct rgb){40, 42, 52}, svg->mood.accent, 0.15);

    pose_outline(svg, f, shell, 1, 0.16, "M-1.1 .06C-1.4 -2.3 1.4 -2.3 1.1 .06");
    pose_path(svg, f, pose_shade(svg, f, shell, 0.4),
              "M-1.34 -.3Q-1.4 .5 -.96 .52V-.36ZM1.34 -.3Q1.4 .5 .96 .52V-.36Z");
    pose_outline(svg, f, svg->mood.accent, 0.95, 0.07, "M-1.24 -.16V.36M1.24 -.16V.36");
}

static void draw_leaves(struct svg *svg, const struct pose *f)
{
    int leaf = pose_shade(svg, f, rgb_mix((struct rgb){118, 158, 92}, svg->mood.glow, 0.15), 0.5);

    pose_path(svg, f, pose_shade(svg, f, f->skin, 0.35),
              "M-.98 -.2C-1.5 -.5 -1.72 -.9 -1.8 -1.2C-1.3 -1 -1 -.8 -.94 .3ZM.98 -.2C1.5 -.5 1.72 -.9 1.8 -1.2C1.3 -1 "
              "1 -.8 .94 .3Z");
    for (int i = 0; i < 7; i++) {
        double x = -0.9 + 0.3 * i, y = -1.06 - 0.22 * (1 - x * x), turn = 62 * x;
        svg_add(svg,
                "<g transform='translate(%.1f %.1f) scale(%.2f) rotate(%.0f)'><path fill='url(#g%d)' "
                "d='M0 .1C-.24 -.1 -.2 -.4 0 -.62C.2 -.4 .24 -.1 0 .1Z'/></g>",
                f->x + x * f->u, f->y + y * f->u, f->u, turn, leaf);
    }
}

static void draw_circuit(struct svg *svg, const struct pose *f)
{
    struct rgb light = rgb_mix(svg->mood.accent, WHITE, 0.3);

    pose_outline(svg, f, light, 0.35, 0.2, "M.3 -.2A.2 .2 0 1 1 .5 -.16");
    pose_outline(svg, f, light, 0.95, 0.05,
                 "M.4 .3L.6 .5V.9M.62 .1L.86 .1M.5 .62L.3 .8M.66 -.6L.8 -.9L.8 -1.2M.3 -.22A.18 .18 0 1 1 .48 -.06");
    pose_outline(svg, f, light, 0.8, 0.05, "M-.6 2V2.7L-1.1 3.2V4M.5 2.1V3L.9 3.4V4.4");
}

static void draw_glasses(struct svg *svg, const struct pose *f)
{
    pose_outline(svg, f, rgb_mix((struct rgb){34, 32, 40}, svg->mood.accent, 0.2), 0.95, 0.07,
                 "M-.12 -.14A.3 .3 0 1 1 -.72 -.14A.3 .3 0 1 1 -.12 -.14M.72 -.14A.3 .3 0 1 1 .12 -.14A.3 .3 0 1 1 .72 "
                 "-.14M-.12 -.16Q0 -.26 .12 -.16");
}

static void draw_hat(struct svg *svg, const struct pose *f)
{
    switch (svg->mood.hat) {
    case HAT_CROWN: draw_crown(svg, f); return;
    case HAT_BRIM: draw_brim(svg, f); return;
    case HAT_TALL: draw_tall_hat(svg, f); return;
    case HAT_KNIT: draw_knit_hat(svg, f); return;
    case HAT_PHONES: draw_phones(svg, f); return;
    case HAT_LEAVES: draw_leaves(svg, f); return;
    case HAT_CIRCUIT: draw_circuit(svg, f); return;
    case HAT_GLASSES: draw_glasses(svg, f); return;
    case HAT_NONE: return;
    }
}

void dress_draw(struct svg *svg, const struct pose *f)
{
    if (svg->mood.dress == DRESS_CROWN && svg->mood.hat != HAT_CROWN)
        draw_crown(svg, f);
    if (svg->mood.dress == DRESS_CAPE)
        pose_path(svg, f, pose_shade(svg, f, rgb_mix(GOLD, svg->mood.glow, 0.2), 0.4),
                  "M0 2.5L.55 2.72L.42 3.4L0 3.8L-.42 3.4L-.55 2.72Z");
    if (svg->mood.dress == DRESS_HELMET)
        draw_helmet(svg, f);
    draw_hat(svg, f);
}
