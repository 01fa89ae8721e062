#include "falsim/paint_room.h"

#include <math.h>

static const struct rgb WHITE = {255, 255, 255};

static void draw_wall(struct svg *svg, struct rgb top, struct rgb bottom)
{
    svg_add(svg, "<rect width='%.1f' height='%.1f' fill='url(#g%d)'/>", svg->w, svg->h,
            svg_fade_down(svg, top, 1, bottom, 1));
}

static void draw_floor(struct svg *svg, double y, struct rgb color)
{
    svg_add(svg, "<rect y='%.1f' width='%.1f' height='%.1f' fill='url(#g%d)'/>", y, svg->w, svg->h - y,
            svg_fade_down(svg, color, 1, rgb_mix(color, svg->mood.near, 0.6), 1));
}

/* A window to the street, with the light that falls in. */
static void draw_window(struct svg *svg, double x, double y, double w, double h)
{
    struct mood *m = &svg->mood;
    int sky = svg_fade_down(svg, rgb_mix(m->high, WHITE, 0.35), 1, rgb_mix(m->low, WHITE, 0.4), 1);

    svg_add(svg, "<rect x='%.1f' y='%.1f' width='%.1f' height='%.1f' rx='8' fill='url(#g%d)'/>", x, y, w, h, sky);
    for (int i = 0; i < 7; i++)
        svg_disc(svg, x + w * dice_between(&svg->dice, 0.1, 0.9), y + h * dice_between(&svg->dice, 0.35, 0.95),
                 dice_between(&svg->dice, 10, 34), i % 2 ? m->far : m->glow, 0.3);
    svg_add(svg,
            "<path d='M%.1f %.1fv%.1fM%.1f %.1fh%.1f' stroke='%s' stroke-width='12' fill='none'/>"
            "<rect x='%.1f' y='%.1f' width='%.1f' height='%.1f' rx='8' fill='none' stroke='%s' stroke-width='18'/>",
            x + w / 2, y, h, x, y + h * 0.42, w, SVG_COLOR(rgb_mix(m->far, WHITE, 0.5)), x, y, w, h,
            SVG_COLOR(rgb_mix(m->far, WHITE, 0.55)));
    svg_glow(svg, x + w / 2, y + h / 2, h * 1.1, m->glow, 0.35);
}

static void draw_lamp(struct svg *svg, double x, double y)
{
    struct rgb warm = {255, 214, 140};

    svg_add(svg, "<path d='M%.1f 0V%.1f' stroke='%s' stroke-width='4'/>", x, y, SVG_COLOR(svg->mood.near));
    svg_glow(svg, x, y + 40, 330, warm, 0.6);
    svg_add(svg, "<path fill='%s' d='M%.1f %.1fq34 -70 68 0Z'/>",
            SVG_COLOR(rgb_mix(svg->mood.near, svg->mood.accent, 0.35)), x - 34, y + 30);
    svg_disc(svg, x, y + 34, 16, rgb_mix(warm, WHITE, 0.4), 1);
}

static void draw_plant(struct svg *svg, double x, double foot, double size)
{
    struct rgb leaf = rgb_mix((struct rgb){74, 116, 74}, svg->mood.near, 0.25);

    for (int i = 0; i < 9; i++)
        svg_add(svg,
                "<g transform='translate(%.1f %.1f) rotate(%.0f)'><path fill='%s' d='M0 0C%.1f %.1f %.1f %.1f 0 "
                "%.1fC%.1f %.1f %.1f %.1f 0 0Z'/></g>",
                x, foot - size * 0.4, -72.0 + 18 * i, SVG_COLOR(rgb_mix(leaf, svg->mood.glow, 0.04 * (i % 4))),
                -size * 0.16, -size * 0.3, -size * 0.14, -size * 0.7, -size, size * 0.14, -size * 0.7, size * 0.16,
                -size * 0.3);
    svg_add(svg, "<path fill='%s' d='M%.1f %.1fh%.1fl%.1f %.1fh%.1fZ'/>",
            SVG_COLOR(rgb_mix(svg->mood.accent, svg->mood.near, 0.4)), x - size * 0.26, foot - size * 0.42, size * 0.52,
            -size * 0.08, size * 0.42, -size * 0.36);
}

static void draw_table(struct svg *svg, double y, struct rgb wood)
{
    int top = svg_fade_down(svg, rgb_mix(wood, svg->mood.glow, 0.3), 1, rgb_mix(wood, svg->mood.near, 0.4), 1);

    svg_add(svg, "<path fill='url(#g%d)' d='M-20 %.1fQ%.1f %.1f %.1f %.1fV%.1fH-20Z'/>", top, y, svg->w / 2, y - 30,
            svg->w + 20, y, svg->h + 20);
}

static void draw_cup(struct svg *svg, double x, double y)
{
    struct rgb cup = rgb_mix(WHITE, svg->mood.low, 0.15);

    svg_add(svg,
            "<path fill='%s' d='M%.1f %.1fh84q-2 66 -42 66t-42 -66Z'/><path fill='none' stroke='%s' stroke-width='9' "
            "d='M%.1f %.1fq34 -2 28 22t-36 18'/>",
            SVG_COLOR(cup), x - 42, y - 66, SVG_COLOR(cup), x + 40, y - 58);
    for (int i = 0; i < 3; i++)
        svg_add(svg,
                "<path fill='none' stroke='#fff' stroke-opacity='.4' stroke-width='6' stroke-linecap='round' d='M%.1f "
                "%.1fq14 -24 0 -44t0 -44'/>",
                x - 22 + 22 * i, y - 80);
}

static void draw_cafe(struct svg *svg)
{
    struct mood *m = &svg->mood;
    struct rgb wall = rgb_mix(m->low, m->far, 0.35);

    draw_wall(svg, rgb_mix(wall, m->glow, 0.25), rgb_mix(wall, m->near, 0.35));
    draw_window(svg, svg->w * 0.06, svg->h * 0.1, svg->w * 0.36, svg->h * 0.5);
    for (int i = 0; i < 2; i++) { /* shelves with jars */
        double y = svg->h * (0.2 + 0.17 * i);
        svg_rect(svg, svg->w * 0.62, y, svg->w * 0.34, 12, rgb_mix(m->near, m->far, 0.4), 1);
        for (int j = 0; j < 6; j++)
            svg_add(svg, "<rect x='%.1f' y='%.1f' width='34' height='%.1f' rx='9' fill='%s' fill-opacity='.85'/>",
                    svg->w * 0.64 + j * svg->w * 0.052, y - 34.0 - 12 * (j % 3), 34.0 + 12 * (j % 3),
                    SVG_COLOR(j % 2 ? rgb_mix(m->accent, m->low, 0.35) : rgb_mix(m->far, WHITE, 0.3)));
    }
    draw_lamp(svg, svg->w * 0.52, svg->h * 0.13);
    draw_lamp(svg, svg->w * 0.82, svg->h * 0.06);
    draw_plant(svg, svg->w * 0.9, svg->h * 0.86, 300);
}

static void draw_office(struct svg *svg)
{
    struct mood *m = &svg->mood;
    double foot = svg->h * 0.78;

    draw_wall(svg, rgb_mix(m->high, WHITE, 0.5), rgb_mix(m->low, WHITE, 0.4));
    for (int i = 0; i < 13; i++) { /* the city far below */
        double height = svg->h * dice_between(&svg->dice, 0.16, 0.44), w = svg->w / 11;
        svg_rect(svg, (i - 0.6) * svg->w / 12, foot - height, w, height,
                 rgb_mix(m->far, m->high, dice_between(&svg->dice, 0.1, 0.6)), 0.6);
    }
    for (int i = 0; i <= 4; i++) /* floor-to-ceiling windows */
        svg_rect(svg, i * svg->w / 4 - 9, 0, 18, foot, rgb_mix(m->near, WHITE, 0.62), 1);
    svg_rect(svg, 0, svg->h * 0.3, svg->w, 10, rgb_mix(m->near, WHITE, 0.62), 1);
    svg_glow(svg, svg->w * 0.7, svg->h * 0.2, svg->h * 0.6, m->glow, 0.5);
    draw_floor(svg, foot, rgb_mix(m->far, m->near, 0.2));
    draw_plant(svg, svg->w * 0.1, svg->h * 0.9, 320);
}

static void draw_books(struct svg *svg, double x, double y, double w, double h)
{
    struct mood *m = &svg->mood;
    struct rgb covers[] = {m->accent, m->far, m->near, rgb_mix(m->accent, m->near, 0.5), rgb_mix(m->far, m->glow, 0.4)};

    svg_rect(svg, x, y, w, h, rgb_mix(m->near, (struct rgb){70, 42, 24}, 0.5), 1);
    for (double at = x + 6; at < x + w - 10;) {
        double width = dice_between(&svg->dice, 12, 26), high = h * dice_between(&svg->dice, 0.66, 0.92);
        struct rgb cover = covers[dice_below(&svg->dice, 5)];
        svg_rect(svg, at, y + h - high, width - 2, high, cover, 0.95);
        svg_rect(svg, at, y + h - high * 0.84, width - 2, 5, m->glow, 0.4);
        at += width;
    }
    svg_rect(svg, x, y + h, w, 14, rgb_mix((struct rgb){110, 70, 40}, m->near, 0.2), 1);
}

static void draw_library(struct svg *svg)
{
    struct mood *m = &svg->mood;
    double row = svg->h / 5.6;

    draw_wall(svg, rgb_mix(m->near, m->far, 0.3), m->near);
    for (int i = 0; i < 6; i++) {
        draw_books(svg, -10, i * row, svg->w * 0.36, row - 14);
        draw_books(svg, svg->w * 0.64, i * row, svg->w * 0.38, row - 14);
        draw_books(svg, svg->w * 0.38, i * row, svg->w * 0.24, row - 14);
    }
    svg_rect(svg, 0, 0, svg->w, svg->h, m->near, 0.3);
    svg_glow(svg, svg->w * 0.18, svg->h * 0.5, svg->h * 0.5, (struct rgb){255, 206, 120}, 0.75);
    svg_glow(svg, svg->w * 0.85, svg->h * 0.25, svg->h * 0.5, m->glow, 0.35);
}

static void draw_chandelier(struct svg *svg, double x, double y)
{
    struct rgb warm = {255, 218, 150};

    svg_glow(svg, x, y, 380, warm, 0.7);
    for (int i = -3; i <= 3; i++) {
        svg_add(svg, "<path d='M%.1f %.1fQ%.1f %.1f %.1f %.1f' fill='none' stroke='%s' stroke-width='5'/>", x, y + 30,
                x + i * 26, y + 60, x + i * 44, y + 4, SVG_COLOR(rgb_mix(warm, svg->mood.near, 0.3)));
        svg_disc(svg, x + i * 44, y - 6, 11, rgb_mix(warm, WHITE, 0.6), 1);
    }
}

static void draw_hall(struct svg *svg)
{
    struct mood *m = &svg->mood;
    struct rgb stone = rgb_mix(m->far, m->low, 0.35);

    draw_wall(svg, rgb_mix(stone, m->near, 0.45), rgb_mix(stone, m->near, 0.1));
    for (int i = 0; i < 4; i++) { /* arches, and hangings between them */
        double x = svg->w * (0.02 + 0.26 * i), w = svg->w * 0.18;
        svg_add(svg, "<path fill='%s' d='M%.1f %.1fV%.1fa%.1f %.1f 0 0 1 %.1f 0V%.1fZ'/>",
                SVG_COLOR(rgb_mix(m->near, m->high, 0.3)), x, svg->h * 0.8, svg->h * 0.3, w / 2, w / 2, w,
                svg->h * 0.8);
        svg_add(svg, "<path fill='%s' d='M%.1f %.1fh%.1fv%.1fl%.1f 60l%.1f -60Z'/>",
                SVG_COLOR(rgb_mix(m->accent, m->near, 0.25)), x + w * 0.25, svg->h * 0.24, w * 0.5, svg->h * 0.34,
                -w * 0.25, -w * 0.25);
        svg_rect(svg, x + w + svg->w * 0.03, 0, 26, svg->h * 0.8, rgb_mix(stone, m->glow, 0.35), 0.9);
    }
    draw_floor(svg, svg->h * 0.8, rgb_mix(m->accent, m->near, 0.35));
    draw_chandelier(svg, svg->w * 0.28, svg->h * 0.13);
    draw_chandelier(svg, svg->w * 0.8, svg->h * 0.09);
}

static void draw_stage(struct svg *svg)
{
    struct mood *m = &svg->mood;
    static const struct rgb BEAMS[] = {{96, 160, 255}, {255, 190, 90}, {150, 120, 255}, {255, 150, 110}};

    draw_wall(svg, m->near, rgb_mix(m->high, m->low, 0.4));
    svg_add(svg, "<rect x='%.1f' y='%.1f' width='%.1f' height='%.1f' rx='14' fill='url(#g%d)'/>", svg->w * 0.16,
            svg->h * 0.08, svg->w * 0.68, svg->h * 0.4,
            svg_fade_down(svg, rgb_mix(m->glow, BEAMS[0], 0.5), 0.85, m->low, 0.7));
    for (int i = 0; i < 4; i++) {
        double from = svg->w * (0.1 + 0.27 * i), to = svg->w * dice_between(&svg->dice, 0.2, 0.8);
        svg_add(svg, "<path fill='url(#g%d)' d='M%.1f -10L%.1f -10L%.1f %.1fL%.1f %.1fZ'/>",
                svg_fade_down(svg, BEAMS[i], 0.6, BEAMS[i], 0), from - 8, from + 8, to + 150, svg->h * 0.95, to - 150,
                svg->h * 0.95);
    }
}

/* Heads of those who listen: before everything. */
static void draw_audience(struct svg *svg)
{
    for (int i = 0; i < 7; i++) {
        double x = svg->w * (i + 0.5) / 7 + dice_between(&svg->dice, -20, 20),
               y = svg->h * dice_between(&svg->dice, 0.9, 0.95);
        svg_disc(svg, x, y, 52, svg->mood.near, 1);
        svg_add(svg, "<ellipse cx='%.1f' cy='%.1f' rx='96' ry='70' fill='%s'/>", x, y + 96, SVG_COLOR(svg->mood.near));
    }
}

static void draw_lab(struct svg *svg)
{
    struct mood *m = &svg->mood;
    bool dark = m->light == LIGHT_NEON || m->light == LIGHT_NIGHT;
    struct rgb wall = dark ? m->near : rgb_mix(m->low, WHITE, 0.5), screen = dark ? m->glow : m->accent;

    draw_wall(svg, wall, dark ? rgb_mix(m->high, m->near, 0.5) : rgb_mix(m->low, m->far, 0.5));
    for (int i = 0; i < 7; i++) {
        double w = dice_between(&svg->dice, 150, 270), h = w * 0.62,
               x = (i % 2 ? 0.6 : 0.02) * svg->w + dice_between(&svg->dice, 0, 90);
        double y = svg->h * (0.05 + 0.22 * (i / 2));
        svg_glow(svg, x + w / 2, y + h / 2, w, screen, dark ? 0.5 : 0.25);
        svg_add(svg,
                "<rect x='%.1f' y='%.1f' width='%.1f' height='%.1f' rx='12' fill='%s' fill-opacity='.28' stroke='%s' "
                "stroke-width='4'/>",
                x, y, w, h, SVG_COLOR(screen), SVG_COLOR(screen));
        for (double line = y + 24; line < y + h - 14; line += 22)
            svg_rect(svg, x + 18, line, w * dice_between(&svg->dice, 0.3, 0.8), 8, rgb_mix(screen, WHITE, 0.45), 0.75);
    }
}

static void draw_rays(struct svg *svg)
{
    struct rgb gold = {212, 170, 84}, dark = {22, 40, 46}, teal = {28, 98, 100};

    draw_wall(svg, teal, dark);
    for (int i = 0; i < 24; i += 2) {
        double a = i * 0.2618, b = (i + 1) * 0.2618, r = 1.4 * svg->h, x = svg->w / 2, y = svg->h * 0.44;
        svg_add(svg, "<path fill='%s' fill-opacity='.8' d='M%.1f %.1fL%.1f %.1fL%.1f %.1fZ'/>", SVG_COLOR(gold), x, y,
                x + r * cos(a), y + r * sin(a), x + r * cos(b), y + r * sin(b));
    }
    for (int i = 0; i < 3; i++)
        svg_add(svg, "<circle cx='%.1f' cy='%.1f' r='%.1f' fill='%s' stroke='%s' stroke-width='14'/>", svg->w / 2,
                svg->h * 0.44, 430.0 - 70 * i, SVG_COLOR(i % 2 ? dark : teal), SVG_COLOR(gold));
    for (int i = 0; i < 2; i++)
        svg_add(svg, "<rect x='%d' y='%d' width='%.1f' height='%.1f' fill='none' stroke='%s' stroke-width='10'/>",
                24 + 26 * i, 24 + 26 * i, svg->w - 48 - 52 * i, svg->h - 48 - 52 * i, SVG_COLOR(gold));
}

void room_draw(struct svg *svg)
{
    switch (svg->mood.place) {
    case PLACE_OFFICE: draw_office(svg); return;
    case PLACE_LIBRARY: draw_library(svg); return;
    case PLACE_HALL: draw_hall(svg); return;
    case PLACE_STAGE: draw_stage(svg); return;
    case PLACE_LAB: draw_lab(svg); return;
    case PLACE_RAYS: draw_rays(svg); return;
    default: draw_cafe(svg); return;
    }
}

/* What stands in a place */

static void draw_dragon(struct svg *svg)
{
    struct rgb scale = rgb_mix(svg->mood.accent, svg->mood.near, 0.35);
    int body = svg_fade_across(svg, rgb_mix(scale, svg->mood.glow, 0.4), 1, scale, 1);

    svg_add(svg,
            "<g transform='translate(%.1f %.1f) scale(%.2f)' fill='url(#g%d)'>"
            "<path d='M-40 330C-190 250 -250 90 -130 10C-90 -18 -30 -10 -10 30L60 44L20 66L46 82L-6 82C-40 70 -80 80 "
            "-90 120"
            "C-100 190 60 210 120 330Z'/>"
            "<path fill-opacity='.88' d='M-110 160C-240 60 -300 -140 -250 -330C-200 -230 -160 -210 -120 -250C-100 -170 "
            "-50 -150 0 -180"
            "C0 -80 -40 60 -60 180Z'/><path d='M-100 12L-132 -70L-66 -4ZM-60 0L-76 -74L-28 0Z'/></g>",
            svg->w * 0.8, svg->h * 0.3, 1.25, body);
    svg_disc(svg, svg->w * 0.8 - 56, svg->h * 0.3 + 42, 10, svg->mood.glow, 1);
}

static void draw_fire(struct svg *svg)
{
    double x = svg->w * 0.2, y = svg->h * 0.86;
    struct rgb warm = {255, 168, 66};

    svg_glow(svg, x, y - 60, 520, warm, 0.75);
    svg_add(svg,
            "<g transform='translate(%.1f %.1f)'><path fill='#ff8a2c' d='M0 20C-90 0 -70 -90 -30 -130C-30 -90 0 -90 4 "
            "-190C60 -130 100 -60 60 0Z'/>"
            "<path fill='#ffd15c' d='M4 16C-46 0 -36 -56 -8 -84C0 -60 20 -60 22 -110C52 -60 52 -10 4 16Z'/>"
            "<path stroke='#4a2c1c' stroke-width='26' stroke-linecap='round' d='M-90 40L90 14M-90 14L90 40'/></g>",
            x, y);
}

static void draw_flowers(struct svg *svg)
{
    static const struct rgb PETALS[] = {{236, 132, 160}, {250, 208, 216}, {152, 118, 206}, {244, 186, 96}};

    for (int i = 0; i < 46; i++) {
        double x = svg->w * dice_between(&svg->dice, 0, 1), y = svg->h * (0.84 + 0.16 * i / 46), r = 16.0 + i * 0.5;
        struct rgb petal = rgb_mix(PETALS[i % 4], svg->mood.glow, dice_between(&svg->dice, 0, 0.25));
        svg_rect(svg, x - 2, y, 5, 90, (struct rgb){86, 122, 82}, 0.9);
        for (int p = 0; p < 5; p++)
            svg_disc(svg, x + r * 0.6 * cos(p * 1.2566), y + r * 0.6 * sin(p * 1.2566), r * 0.5, petal, 0.95);
        svg_disc(svg, x, y, r * 0.34, (struct rgb){250, 224, 150}, 1);
    }
}

void room_extras_behind(struct svg *svg)
{
    if (svg->mood.extras & EXTRA_DRAGON)
        draw_dragon(svg);
    if (svg->mood.extras & EXTRA_FLASHES)
        for (int i = 0; i < 18; i++)
            svg_glow(svg, svg->w * dice_between(&svg->dice, 0, 1), svg->h * dice_between(&svg->dice, 0.1, 0.7),
                     dice_between(&svg->dice, 30, 110), WHITE, 0.9);
    if (svg->mood.extras & EXTRA_FIRE)
        draw_fire(svg);
}

void room_extras_before(struct svg *svg)
{
    static const struct rgb FALLEN[] = {{206, 92, 38}, {226, 150, 52}, {164, 60, 40}};

    if (svg->mood.place == PLACE_STAGE)
        draw_audience(svg);
    if (svg->mood.place == PLACE_ROOM && svg->mood.figure) {
        draw_table(svg, svg->h * 0.9, rgb_mix((struct rgb){140, 92, 54}, svg->mood.near, 0.15));
        draw_cup(svg, svg->w * 0.24, svg->h * 0.92);
    }
    if (svg->mood.extras & EXTRA_LEAVES)
        for (int i = 0; i < 26; i++)
            svg_add(svg,
                    "<g transform='translate(%.1f %.1f) rotate(%d) scale(%.2f)'><path fill='%s' d='M0 -26C18 -14 18 10 "
                    "0 26C-18 10 -18 -14 0 -26Z'/></g>",
                    svg->w * dice_between(&svg->dice, 0, 1), svg->h * dice_between(&svg->dice, 0, 1),
                    dice_below(&svg->dice, 360), dice_between(&svg->dice, 0.4, 1.1), SVG_COLOR(FALLEN[i % 3]));
    if (svg->mood.extras & EXTRA_FLOWERS)
        draw_flowers(svg);
    if (svg->mood.extras & EXTRA_MAGIC)
        for (int i = 0; i < 40; i++)
            svg_glow(svg, svg->w * dice_between(&svg->dice, 0.05, 0.95), svg->h * dice_between(&svg->dice, 0.25, 1),
                     dice_between(&svg->dice, 6, 26), i % 3 ? svg->mood.glow : rgb_mix(svg->mood.accent, WHITE, 0.4),
                     0.9);
}
