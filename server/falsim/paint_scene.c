#include "falsim/paint_scene.h"

#include <math.h>

#include "falsim/paint_built.h"
#include "falsim/paint_room.h"

static bool is_dark(const struct mood *mood) { return mood->light == LIGHT_NIGHT || mood->light == LIGHT_NEON; }

static void draw_sky(struct svg *svg, double horizon)
{
    struct mood *m = &svg->mood;
    struct rgb middle = rgb_mix(m->high, m->low, 0.45);

    svg_add(svg,
            "<linearGradient id='g%d' x1='0' y1='0' x2='0' y2='1'><stop offset='0' stop-color='%s'/>"
            "<stop offset='.55' stop-color='%s'/><stop offset='1' stop-color='%s'/></linearGradient>",
            ++svg->ids, SVG_COLOR(m->high), SVG_COLOR(middle), SVG_COLOR(m->low));
    svg_add(svg, "<rect width='%.1f' height='%.1f' fill='url(#g%d)'/>", svg->w, horizon, svg->ids);
    svg_rect(svg, 0, horizon - 1, svg->w, svg->h - horizon + 2, m->low, 1);
}

static void draw_stars(struct svg *svg, double bottom, int count)
{
    for (int i = 0; i < count; i++) {
        double y = dice_between(&svg->dice, 0, 1);
        svg_disc(svg, dice_between(&svg->dice, 0, svg->w), y * y * bottom, dice_between(&svg->dice, 0.8, 2.4),
                 svg->mood.glow, dice_between(&svg->dice, 0.25, 0.95) * (1 - y * 0.6));
    }
}

static void draw_cloud(struct svg *svg, double x, double y, double size, double opacity)
{
    int id = svg_fade_down(svg, rgb_mix(svg->mood.glow, svg->mood.low, 0.25), opacity, svg->mood.low, 0);

    for (int i = 0; i < 6; i++) {
        double part = dice_between(&svg->dice, -1, 1), rx = size * dice_between(&svg->dice, 0.35, 0.75);
        svg_add(svg, "<ellipse cx='%.1f' cy='%.1f' rx='%.1f' ry='%.1f' fill='url(#g%d)'/>", x + part * size,
                y - (1 - part * part) * size * 0.1 + dice_between(&svg->dice, -0.04, 0.04) * size, rx, rx * 0.16, id);
    }
}

static void draw_clouds(struct svg *svg, double horizon)
{
    int count = 2 + dice_below(&svg->dice, 4);

    for (int i = 0; i < count; i++)
        draw_cloud(svg, dice_between(&svg->dice, 0, svg->w), horizon * dice_between(&svg->dice, 0.15, 0.8),
                   dice_between(&svg->dice, 90, 260), is_dark(&svg->mood) ? 0.10 : 0.38);
}

/* The sun or the moon; returns where it stands. */
static double draw_lamp(struct svg *svg, double horizon, double *rety)
{
    struct mood *m = &svg->mood;
    bool low = m->light == LIGHT_SUNSET || m->light == LIGHT_DAWN || m->light == LIGHT_NEON || m->light == LIGHT_AUTUMN;
    double x = svg->w * (0.5 + dice_between(&svg->dice, 0.08, 0.3) * (dice_below(&svg->dice, 2) ? 1 : -1));
    double y = horizon * (low ? dice_between(&svg->dice, 0.72, 0.9) : dice_between(&svg->dice, 0.2, 0.45));
    double r = low ? dice_between(&svg->dice, 60, 115) : dice_between(&svg->dice, 36, 62);

    svg_glow(svg, x, y, r * 8, m->glow, low ? 0.6 : 0.42);
    svg_glow(svg, x, y, r * 2.6, m->glow, 0.8);
    svg_disc(svg, x, y, r, rgb_mix(m->glow, (struct rgb){255, 255, 255}, 0.35), 0.97);
    if (m->light == LIGHT_NIGHT) { /* the dark seas of the moon */
        svg_disc(svg, x - r * 0.3, y - r * 0.2, r * 0.24, m->high, 0.10);
        svg_disc(svg, x + r * 0.25, y + r * 0.3, r * 0.3, m->high, 0.09);
    }
    *rety = y;
    return x;
}

static double draw_open_sky(struct svg *svg, double horizon, double *rety)
{
    double x;

    draw_sky(svg, horizon);
    if (is_dark(&svg->mood))
        draw_stars(svg, horizon, 170);
    x = draw_lamp(svg, horizon, rety);
    draw_clouds(svg, horizon);
    return x;
}

/* Ridge i of n from far to near, its foot in haze. */
static void draw_layer(struct svg *svg, double y, double amplitude, double rough, double part)
{
    struct mood *m = &svg->mood;
    struct rgb body = rgb_mix(m->far, m->near, part);
    int id = svg_fade_down(svg, body, 1, rgb_mix(body, m->low, 0.55 * (1 - part) + 0.06), 1);

    svg_ridge(svg, y, amplitude, rough, id);
}

static void draw_pine(struct svg *svg, double x, double foot, double height, struct rgb color)
{
    for (int i = 0; i < 5; i++) {
        double y = foot - height * (0.12 + 0.17 * i), half = height * (0.24 - 0.042 * i);
        svg_add(svg, "<path fill='%s' d='M%.1f %.1fL%.1f %.1fQ%.1f %.1f %.1f %.1fZ'/>", SVG_COLOR(color), x,
                y - height * 0.26, x + half, y, x, y - height * 0.06, x - half, y);
    }
    svg_rect(svg, x - height * 0.014, foot - height * 0.16, height * 0.028, height * 0.18, color, 1);
}

static void draw_hills(struct svg *svg)
{
    double y, horizon = svg->h * dice_between(&svg->dice, 0.58, 0.68), rough = dice_below(&svg->dice, 2) ? 0.95 : 0.8;
    double foot = svg->h * 0.97;

    (void)draw_open_sky(svg, horizon, &y);
    for (int i = 0; i < 5; i++)
        draw_layer(svg, horizon - 120 + i * (svg->h - horizon + 90) / 4.6, 150 - 22 * i, i < 3 ? rough : 0.35, i / 4.2);
    if (svg->mood.light != LIGHT_DESERT)
        for (int i = 0; i < 9; i++)
            draw_pine(svg, svg->w * dice_between(&svg->dice, -0.02, 0.36) + (i % 2 ? svg->w * 0.66 : 0), foot + 30,
                      dice_between(&svg->dice, 110, 260), rgb_mix(svg->mood.near, svg->mood.far, 0.06));
}

static void draw_glints(struct svg *svg, double x, double horizon)
{
    for (int i = 0; i < 60; i++) {
        double depth = dice_between(&svg->dice, 0.01, 1), y = horizon + depth * (svg->h - horizon);
        double half = (14 + 120 * depth) * dice_between(&svg->dice, 0.3, 1.0);
        svg_add(svg, "<ellipse cx='%.1f' cy='%.1f' rx='%.1f' ry='%.1f' fill='%s' fill-opacity='%.2f'/>",
                x + dice_between(&svg->dice, -1, 1) * (30 + 120 * depth), y, half, 1.6 + 4 * depth,
                SVG_COLOR(svg->mood.glow), 0.55 * (1 - depth * 0.6));
    }
}

static void draw_boat(struct svg *svg, double x, double y, double size)
{
    struct rgb sail = rgb_mix(svg->mood.glow, svg->mood.accent, 0.25);

    svg_add(svg, "<path fill='%s' d='M%.1f %.1fh%.1fl%.1f %.1fh%.1fZ'/>", SVG_COLOR(svg->mood.near), x - size, y,
            size * 2, -size * 0.4, size * 0.34, -size * 1.1);
    svg_add(svg, "<path fill='%s' d='M%.1f %.1fv%.1fq%.1f %.1f %.1f %.1fZ'/>", SVG_COLOR(sail), x + 4, y - 6,
            -size * 2.2, size * 0.7, size, size * 0.86, size * 2.1);
    svg_add(svg, "<path fill='%s' fill-opacity='.85' d='M%.1f %.1fv%.1fq%.1f %.1f %.1f %.1fZ'/>", SVG_COLOR(sail),
            x - 4, y - 6, -size * 1.8, -size * 0.4, size * 0.9, -size * 0.7, size * 1.7);
}

static void draw_sea(struct svg *svg)
{
    struct mood *m = &svg->mood;
    double y, horizon = svg->h * dice_between(&svg->dice, 0.5, 0.6), x = draw_open_sky(svg, horizon, &y);
    int water = svg_fade_down(svg, rgb_mix(m->low, m->high, 0.4), 1, rgb_mix(m->high, m->near, 0.72), 1);

    draw_cloud(svg, svg->w * 0.5, horizon - 12, svg->w * 0.4, 0.2);
    svg_add(svg, "<rect y='%.1f' width='%.1f' height='%.1f' fill='url(#g%d)'/>", horizon, svg->w, svg->h - horizon,
            water);
    draw_glints(svg, x, horizon);
    for (int i = 0; i < 5; i++) {
        double top = horizon + (svg->h - horizon) * (0.3 + 0.16 * i);
        svg_ridge(svg, top, 7 + 4 * i, 0.2, svg_fade_down(svg, rgb_mix(m->low, m->near, 0.35), 0.28, m->near, 0.12));
    }
    if (dice_below(&svg->dice, 3))
        draw_boat(svg, svg->w * (x > svg->w / 2 ? 0.27 : 0.73), horizon + svg->h * 0.07,
                  dice_between(&svg->dice, 34, 62));
    if (dice_below(&svg->dice, 2))
        svg_ridge(svg, svg->h * 0.97, 60, 0.9, svg_fade_down(svg, rgb_mix(m->near, m->far, 0.15), 1, m->near, 1));
}

static void draw_shafts(struct svg *svg)
{
    double from = svg->w * dice_between(&svg->dice, 0.2, 0.8);

    for (int i = 0; i < 6; i++) {
        double to = from + dice_between(&svg->dice, -0.6, 0.6) * svg->w, half = dice_between(&svg->dice, 20, 80);
        int id = svg_fade_down(svg, svg->mood.glow, 0.30, svg->mood.glow, 0);
        svg_add(svg, "<path fill='url(#g%d)' d='M%.1f -20L%.1f -20L%.1f %.1fL%.1f %.1fZ'/>", id, from - 12, from + 12,
                to + half, svg->h * 0.92, to - half, svg->h * 0.92);
    }
}

static void draw_forest(struct svg *svg)
{
    struct mood *m = &svg->mood;
    double y;

    (void)draw_open_sky(svg, svg->h * 0.8, &y);
    svg_glow(svg, svg->w * 0.5, svg->h * 0.45, svg->h * 0.6, m->glow, 0.55);
    for (int layer = 0; layer < 4; layer++) {
        double part = layer / 3.0, foot = svg->h * (0.70 + 0.11 * layer);
        int count = (int)(svg->w / (70 + 50 * layer)) + 2;
        struct rgb color = rgb_mix(rgb_mix(m->far, m->low, 0.35), m->near, part);
        for (int i = 0; i < count; i++)
            draw_pine(svg, svg->w * (i + dice_between(&svg->dice, -0.4, 0.4)) / (count - 1),
                      foot + dice_between(&svg->dice, -10, 30), dice_between(&svg->dice, 260, 420) * (0.8 + 0.5 * part),
                      color);
        svg_ridge(svg, foot, 26, 0.4, svg_fade_down(svg, color, 1, rgb_mix(color, m->low, 0.4 * (1 - part)), 1));
        if (layer == 1)
            draw_shafts(svg);
    }
}

static void draw_dunes(struct svg *svg)
{
    struct mood *m = &svg->mood;
    double y, horizon = svg->h * dice_between(&svg->dice, 0.48, 0.58);

    (void)draw_open_sky(svg, horizon, &y);
    for (int i = 0; i < 5; i++) {
        double part = i / 4.0;
        struct rgb lit = rgb_mix(rgb_mix(m->far, m->glow, 0.35 - 0.2 * part), m->near, part * 0.45);
        svg_ridge(svg, horizon + 10 + i * (svg->h - horizon) / 5.2, 60 + 16 * i, 0.12,
                  svg_fade_across(svg, lit, 1, rgb_mix(lit, m->near, 0.6), 1));
    }
}

static void draw_planet(struct svg *svg, double x, double y, double r)
{
    struct mood *m = &svg->mood;
    struct rgb dark = rgb_mix(m->near, m->high, 0.3);
    int id = svg_fade_across(svg, rgb_mix(m->accent, m->glow, 0.45), 1, dark, 1);

    svg_glow(svg, x, y, r * 1.9, m->accent, 0.4);
    svg_add(svg, "<circle cx='%.1f' cy='%.1f' r='%.1f' fill='url(#g%d)'/>", x, y, r, id);
    for (int i = 0; i < 4; i++)
        svg_add(svg, "<ellipse cx='%.1f' cy='%.1f' rx='%.1f' ry='%.1f' fill='%s' fill-opacity='.13'/>", x,
                y + r * (-0.5 + 0.33 * i), r * (i == 0 || i == 3 ? 0.8 : 0.95), r * 0.06, SVG_COLOR(m->glow));
    svg_add(svg,
            "<g transform='rotate(-18 %.1f %.1f)'><path d='M%.1f %.1fa%.1f %.1f 0 0 0 %.1f 0' fill='none' stroke='%s' "
            "stroke-opacity='.75' stroke-width='%.1f'/></g>",
            x, y, x - r * 1.8, y, r * 1.8, r * 0.42, r * 3.6, SVG_COLOR(rgb_mix(m->glow, m->accent, 0.3)), r * 0.09);
}

static void draw_space(struct svg *svg)
{
    struct mood *m = &svg->mood;

    draw_sky(svg, svg->h);
    svg_rect(svg, 0, 0, svg->w, svg->h, m->near, 0.55);
    for (int i = 0; i < 7; i++)
        svg_glow(svg, svg->w * dice_between(&svg->dice, 0, 1), svg->h * dice_between(&svg->dice, 0.1, 0.9),
                 dice_between(&svg->dice, 200, 520), i % 3 ? rgb_mix(m->low, m->accent, 0.5) : m->accent, 0.30);
    draw_stars(svg, svg->h, 330);
    draw_planet(svg, svg->w * dice_between(&svg->dice, 0.22, 0.8), svg->h * dice_between(&svg->dice, 0.2, 0.5),
                dice_between(&svg->dice, 90, 190));
    draw_layer(svg, svg->h * 0.9, 70, 0.7, 0.8);
}

static void draw_garden(struct svg *svg)
{
    struct mood *m = &svg->mood;
    double y, horizon = svg->h * 0.52;

    (void)draw_open_sky(svg, horizon, &y);
    for (int i = 0; i < 4; i++)
        draw_layer(svg, horizon + i * svg->h * 0.1, 55, 0.25, i / 4.0);
    for (int i = 0; i < 170; i++) {
        double depth = sqrt((i + 1) / 170.0), foot = horizon + (svg->h * 1.02 - horizon) * (0.25 + 0.75 * depth);
        double r = 4 + 19 * depth * depth, x = dice_between(&svg->dice, 0, svg->w);
        struct rgb petal = rgb_mix(m->accent, m->glow, dice_between(&svg->dice, 0, 0.75));
        svg_rect(svg, x - r * 0.07, foot - r * 2.6, r * 0.14, r * 3, m->near, 0.7);
        for (int p = 0; p < 5 && r > 7; p++)
            svg_disc(svg, x + r * 0.55 * cos(p * 1.2566), foot - r * 2.6 + r * 0.5 * sin(p * 1.2566), r * 0.45, petal,
                     0.9);
        svg_disc(svg, x, foot - r * 2.6, r * 0.36, rgb_mix(m->glow, m->accent, 0.2), 0.95);
    }
}

static void draw_studio(struct svg *svg)
{
    struct mood *m = &svg->mood;
    double x = svg->w * dice_between(&svg->dice, 0.3, 0.7);

    svg_rect(svg, 0, 0, svg->w, svg->h, rgb_mix(m->high, m->near, 0.25), 1);
    svg_glow(svg, x, svg->h * 0.36, svg->h * 0.85, m->low, 0.95);
    svg_glow(svg, x, svg->h * 0.3, svg->h * 0.4, m->glow, 0.5);
    for (int i = 0; i < 3; i++) /* folds of the backdrop */
        svg_add(svg,
                "<ellipse cx='%.1f' cy='%.1f' rx='%.1f' ry='%.1f' fill='none' stroke='%s' stroke-opacity='.07' "
                "stroke-width='%.1f'/>",
                x + dice_between(&svg->dice, -60, 60), svg->h * 0.42, 260.0 + 130 * i, 330.0 + 130 * i,
                SVG_COLOR(m->glow), dice_between(&svg->dice, 8, 40));
    svg_glow(svg, dice_below(&svg->dice, 2) ? 0 : svg->w, svg->h * 0.6, svg->h * 0.5, m->accent, 0.4);
}

static void draw_shapes(struct svg *svg)
{
    struct mood *m = &svg->mood;
    struct rgb colors[] = {m->accent, m->far, m->glow, m->near, m->high, rgb_mix(m->accent, m->low, 0.5)};

    svg_rect(svg, 0, 0, svg->w, svg->h, rgb_mix(m->low, m->glow, 0.35), 1);
    for (int i = 0; i < 15; i++) {
        double r = dice_between(&svg->dice, 110, 400), x = svg->w * dice_between(&svg->dice, 0.05, 0.95);
        double y = svg->h * dice_between(&svg->dice, 0.05, 0.95), turn = 45.0 * dice_below(&svg->dice, 8);
        struct rgb a = colors[dice_below(&svg->dice, 6)], b = colors[dice_below(&svg->dice, 6)];
        int id = svg_fade_across(svg, a, 0.94, b, 0.55);
        svg_add(svg, "<g transform='translate(%.1f %.1f) rotate(%.0f)' fill='url(#g%d)'>", x, y, turn, id);
        if (i % 3 == 0)
            svg_add(svg, "<circle r='%.1f'/>", r * 0.72);
        else if (i % 3 == 1)
            svg_add(svg, "<path d='M%.1f 0a%.1f %.1f 0 0 1 %.1f 0Z'/>", -r, r, r, 2 * r);
        else
            svg_add(svg, "<rect x='%.1f' y='%.1f' width='%.1f' height='%.1f' rx='%.1f'/>", -r, -r * 0.16, 2 * r,
                    r * 0.32, r * 0.16);
        svg_add(svg, "</g>");
    }
}

void scene_draw(struct svg *svg)
{
    double y = 0, horizon = svg->h * 0.72;

    switch (svg->mood.place) {
    case PLACE_SEA: draw_sea(svg); return;
    case PLACE_FOREST: draw_forest(svg); return;
    case PLACE_STUDIO: draw_studio(svg); return;
    case PLACE_DESERT: draw_dunes(svg); return;
    case PLACE_SPACE: draw_space(svg); return;
    case PLACE_GARDEN: draw_garden(svg); return;
    case PLACE_SHAPES: draw_shapes(svg); return;
    case PLACE_CITY:
        (void)draw_open_sky(svg, horizon, &y);
        built_city(svg, horizon);
        return;
    case PLACE_CASTLE:
        (void)draw_open_sky(svg, horizon, &y);
        draw_layer(svg, horizon - 90, 110, 0.9, 0.1);
        draw_layer(svg, horizon - 30, 80, 0.8, 0.35);
        built_castle(svg, horizon);
        return;
    case PLACE_OFFICE:
    case PLACE_LIBRARY:
    case PLACE_ROOM:
    case PLACE_HALL:
    case PLACE_STAGE:
    case PLACE_LAB:
    case PLACE_RAYS: room_draw(svg); return;
    case PLACE_ANY:
    case PLACE_HILLS: draw_hills(svg); return;
    }
}

static void draw_weather(struct svg *svg)
{
    if (svg->mood.weather == WEATHER_SNOW)
        for (int i = 0; i < 210; i++)
            svg_disc(svg, dice_between(&svg->dice, 0, svg->w), dice_between(&svg->dice, 0, svg->h),
                     dice_between(&svg->dice, 1.5, i % 12 ? 5.5 : 13), (struct rgb){255, 255, 255},
                     i % 12 ? dice_between(&svg->dice, 0.35, 0.9) : 0.3);
    if (svg->mood.weather == WEATHER_RAIN)
        for (int i = 0; i < 170; i++)
            svg_add(svg, "<path d='M%.1f %.1fl-9 %.1f' stroke='#fff' stroke-opacity='%.2f' stroke-width='1.6'/>",
                    dice_between(&svg->dice, 0, svg->w), dice_between(&svg->dice, -40, svg->h),
                    dice_between(&svg->dice, 30, 80), dice_between(&svg->dice, 0.12, 0.4));
}

void scene_fog(struct svg *svg)
{
    if (svg->mood.weather == WEATHER_FOG)
        for (int i = 0; i < 5; i++)
            draw_cloud(svg, svg->w * dice_between(&svg->dice, 0, 1), svg->h * (0.45 + 0.1 * i), svg->w * 0.6, 0.5);
}

static void draw_bokeh(struct svg *svg)
{
    int count = is_dark(&svg->mood) ? 14 : 5;

    for (int i = 0; i < count; i++)
        svg_disc(svg, dice_between(&svg->dice, 0, svg->w), svg->h * dice_between(&svg->dice, 0.35, 1),
                 dice_between(&svg->dice, 8, 38), i % 2 ? svg->mood.accent : svg->mood.glow, 0.09);
}

void scene_finish(struct svg *svg)
{
    draw_weather(svg);
    draw_bokeh(svg);
    svg_add(svg,
            "<radialGradient id='vignette' cx='.5' cy='.46' r='.78'><stop offset='.5' stop-color='#000' "
            "stop-opacity='0'/><stop offset='1' stop-color='#000' stop-opacity='.52'/></radialGradient>"
            "<rect width='%.1f' height='%.1f' fill='url(#vignette)'/>",
            svg->w, svg->h);
    svg_add(svg, "<rect y='%.1f' width='%.1f' height='140' fill='url(#g%d)'/>", svg->h - 140, svg->w,
            svg_fade_down(svg, (struct rgb){0}, 0, (struct rgb){0}, 0.5)); /* so that the caption reads */
}
