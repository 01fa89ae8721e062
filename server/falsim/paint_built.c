#include "falsim/paint_built.h"

static void draw_windows(struct svg *svg, double x, double top, double width, double bottom, double lit)
{
    static const double CELL = 21;

    for (double wy = top + 14; wy + 12 < bottom; wy += CELL * 1.25)
        for (double wx = x + 9; wx + 9 < x + width; wx += CELL)
            if (dice_between(&svg->dice, 0, 1) < lit)
                svg_rect(svg, wx, wy, 8, 13, dice_below(&svg->dice, 6) ? svg->mood.glow : svg->mood.accent,
                         dice_between(&svg->dice, 0.35, 0.95));
}

static void draw_tower_block(struct svg *svg, double x, double width, double top, double foot, double part)
{
    struct mood *m = &svg->mood;
    struct rgb body = rgb_mix(m->far, m->near, part);
    int id = svg_fade_down(svg, body, 1, rgb_mix(body, m->low, 0.45 * (1 - part)), 1);

    svg_add(svg, "<rect x='%.1f' y='%.1f' width='%.1f' height='%.1f' fill='url(#g%d)'/>", x, top, width, foot - top,
            id);
    if (dice_below(&svg->dice, 3) == 0)
        svg_rect(svg, x + width * 0.47, top - 60, 4, 62, body, 1);
    else if (dice_below(&svg->dice, 2))
        svg_rect(svg, x + width * 0.2, top - 22, width * 0.6, 24, body, 1);
    if (part > 0.3)
        draw_windows(svg, x, top, width, foot - 20, m->light == LIGHT_NIGHT || m->light == LIGHT_NEON ? 0.42 : 0.16);
}

static void draw_sign(struct svg *svg, double x, double y)
{
    struct rgb color = dice_below(&svg->dice, 2) ? svg->mood.accent : svg->mood.glow;
    double height = dice_between(&svg->dice, 90, 190);

    svg_glow(svg, x + 14, y + height / 2, height, color, 0.5);
    svg_add(svg, "<rect x='%.1f' y='%.1f' width='28' height='%.1f' rx='8' fill='none' stroke='%s' stroke-width='5'/>",
            x, y, height, SVG_COLOR(color));
    for (double line = y + 18; line < y + height - 14; line += 22)
        svg_rect(svg, x + 8, line, 12, 9, color, 0.9);
}

/* The street in front mirrors the lights as on wet asphalt. */
static void draw_street(struct svg *svg, double foot)
{
    struct mood *m = &svg->mood;
    int id = svg_fade_down(svg, rgb_mix(m->near, m->low, 0.35), 1, m->near, 1);

    svg_add(svg, "<rect y='%.1f' width='%.1f' height='%.1f' fill='url(#g%d)'/>", foot, svg->w, svg->h - foot, id);
    for (int i = 0; i < 26; i++) {
        struct rgb color = i % 3 ? m->glow : m->accent;
        int fade = svg_fade_down(svg, color, dice_between(&svg->dice, 0.15, 0.42), color, 0);
        svg_add(svg, "<rect x='%.1f' y='%.1f' width='%.1f' height='%.1f' rx='6' fill='url(#g%d)'/>",
                dice_between(&svg->dice, 0, svg->w), foot + 4, dice_between(&svg->dice, 8, 46),
                dice_between(&svg->dice, 0.3, 1) * (svg->h - foot), fade);
    }
}

void built_city(struct svg *svg, double horizon)
{
    double foot = svg->h * 0.87;

    for (int layer = 0; layer < 3; layer++) {
        double part = 0.15 + 0.4 * layer, x = -30;
        while (x < svg->w) {
            double width = dice_between(&svg->dice, 60, 120) * (0.8 + 0.35 * layer);
            double middle = 1 - (x + width / 2 - svg->w / 2) * (x + width / 2 - svg->w / 2) / (svg->w * svg->w / 4);
            double tall = layer == 2 ? 1.15 - 0.75 * middle : 0.6 + 0.5 * middle; /* near blocks leave the view open */
            draw_tower_block(svg, x, width, foot - dice_between(&svg->dice, 0.35, 0.95) * tall * horizon, foot, part);
            x += width + dice_between(&svg->dice, -6, 26);
        }
        if (layer < 2)
            svg_add(svg, "<rect y='%.1f' width='%.1f' height='%.1f' fill='url(#g%d)'/>", horizon * 0.4, svg->w,
                    foot - horizon * 0.4, svg_fade_down(svg, svg->mood.low, 0, svg->mood.low, 0.45));
    }
    if (svg->mood.light == LIGHT_NEON)
        for (int i = 0; i < 5; i++)
            draw_sign(svg,
                      svg->w * (i % 2 ? dice_between(&svg->dice, 0.74, 0.95) : dice_between(&svg->dice, 0.03, 0.24)),
                      svg->h * dice_between(&svg->dice, 0.3, 0.62));
    draw_street(svg, foot);
}

static void draw_battlements(struct svg *svg, double x, double y, double width, struct rgb color)
{
    double tooth = width / 7;

    for (int i = 0; i < 7; i += 2)
        svg_rect(svg, x + i * tooth, y - tooth, tooth, tooth + 1, color, 1);
}

static void draw_tower(struct svg *svg, double x, double foot, double width, double height, bool pointed)
{
    struct mood *m = &svg->mood;
    struct rgb stone = rgb_mix(m->near, m->far, 0.42);
    double top = foot - height;
    int id = svg_fade_across(svg, rgb_mix(stone, m->glow, 0.22), 1, m->near, 1);

    svg_add(svg, "<rect x='%.1f' y='%.1f' width='%.1f' height='%.1f' fill='url(#g%d)'/>", x, top, width, height + 40,
            id);
    if (pointed)
        svg_add(svg, "<path fill='%s' d='M%.1f %.1fL%.1f %.1fL%.1f %.1fZ'/>",
                SVG_COLOR(rgb_mix(m->accent, m->near, 0.35)), x - width * 0.18, top + 2, x + width / 2,
                top - width * 1.5, x + width * 1.18, top + 2);
    else
        draw_battlements(svg, x - width * 0.08, top, width * 1.16, rgb_mix(stone, m->near, 0.4));
    if (pointed)
        svg_add(svg, "<path fill='%s' d='M%.1f %.1fv-46l40 14l-40 14'/>", SVG_COLOR(m->accent), x + width / 2,
                top - width * 1.45);
    for (double y = top + 34; y < foot - 40; y += 92)
        svg_add(svg, "<rect x='%.1f' y='%.1f' width='13' height='30' rx='6.5' fill='%s' fill-opacity='%.2f'/>",
                x + width / 2 - 6.5, y, SVG_COLOR(m->glow), dice_between(&svg->dice, 0.3, 0.95));
}

void built_castle(struct svg *svg, double horizon)
{
    struct mood *m = &svg->mood;
    double middle = svg->w * dice_between(&svg->dice, 0.42, 0.6), foot = horizon + 40;
    struct rgb stone = rgb_mix(m->near, m->far, 0.36);

    draw_tower(svg, middle - 60, foot - 60, 120, dice_between(&svg->dice, 330, 420), true);
    draw_tower(svg, middle - 270, foot, 84, dice_between(&svg->dice, 230, 330), true);
    draw_tower(svg, middle + 180, foot, 92, dice_between(&svg->dice, 240, 340), true);
    draw_tower(svg, middle - 165, foot, 70, dice_between(&svg->dice, 170, 240), false);
    draw_tower(svg, middle + 90, foot, 70, dice_between(&svg->dice, 170, 250), false);
    svg_rect(svg, middle - 250, foot - 120, 500, 180, stone, 1);
    for (int i = 0; i < 4; i++)
        draw_battlements(svg, middle - 250 + 125 * i, foot - 120, 125, stone);
    svg_add(svg, "<path fill='%s' d='M%.1f %.1fv-60a34 34 0 0 1 68 0v60Z'/>", SVG_COLOR(m->near), middle - 34,
            foot + 20);
    svg_ridge(svg, foot + 30, 40, 0.6, svg_fade_down(svg, rgb_mix(m->near, m->far, 0.25), 1, m->near, 1));
    svg_ridge(svg, svg->h * 0.94, 60, 0.5, svg_fade_down(svg, m->near, 1, rgb_mix(m->near, m->far, 0.1), 1));
}
