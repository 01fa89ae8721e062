#include "falsim/paint_svg.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

struct svg_color svg_color(struct rgb c)
{
    struct svg_color ret;

    (void)snprintf(ret.text, sizeof ret.text, "#%02x%02x%02x", (unsigned)(c.r + 0.5) & 255, (unsigned)(c.g + 0.5) & 255,
                   (unsigned)(c.b + 0.5) & 255);
    return ret;
}

/* Over the limit a shape is left out: the picture stays well-formed because every call adds whole elements. */
void svg_add(struct svg *svg, const char *fmt, ...)
{
    char element[2048];
    va_list args;
    int len;

    va_start(args, fmt);
    len = vsnprintf(element, sizeof element, fmt, args);
    va_end(args);
    if (len > 0 && (size_t)len < sizeof element)
        (void)buf_add(&svg->text, element, (size_t)len);
}

static int add_linear(struct svg *svg, const char *way, struct rgb a, double a_opacity, struct rgb b, double b_opacity)
{
    svg_add(svg,
            "<linearGradient id='g%d' %s><stop offset='0' stop-color='%s' stop-opacity='%.3f'/>"
            "<stop offset='1' stop-color='%s' stop-opacity='%.3f'/></linearGradient>",
            ++svg->ids, way, SVG_COLOR(a), a_opacity, SVG_COLOR(b), b_opacity);
    return svg->ids;
}

int svg_fade_down(struct svg *svg, struct rgb top, double top_opacity, struct rgb bottom, double bottom_opacity)
{
    return add_linear(svg, "x1='0' y1='0' x2='0' y2='1'", top, top_opacity, bottom, bottom_opacity);
}

int svg_fade_across(struct svg *svg, struct rgb left, double left_opacity, struct rgb right, double right_opacity)
{
    return add_linear(svg, "x1='0' y1='0' x2='1' y2='0.15'", left, left_opacity, right, right_opacity);
}

int svg_fade_out(struct svg *svg, struct rgb color, double opacity, double core)
{
    svg_add(svg,
            "<radialGradient id='g%d'><stop offset='%.3f' stop-color='%s' stop-opacity='%.3f'/>"
            "<stop offset='%.3f' stop-color='%s' stop-opacity='%.3f'/>"
            "<stop offset='1' stop-color='%s' stop-opacity='0'/></radialGradient>",
            ++svg->ids, core, SVG_COLOR(color), opacity, core + (1 - core) * 0.45, SVG_COLOR(color), opacity * 0.3,
            SVG_COLOR(color));
    return svg->ids;
}

void svg_glow(struct svg *svg, double x, double y, double radius, struct rgb color, double opacity)
{
    int id = svg_fade_out(svg, color, opacity, 0);

    svg_add(svg, "<circle cx='%.1f' cy='%.1f' r='%.1f' fill='url(#g%d)'/>", x, y, radius, id);
}

void svg_disc(struct svg *svg, double x, double y, double radius, struct rgb color, double opacity)
{
    svg_add(svg, "<circle cx='%.1f' cy='%.1f' r='%.1f' fill='%s' fill-opacity='%.3f'/>", x, y, radius, SVG_COLOR(color),
            opacity);
}

void svg_rect(struct svg *svg, double x, double y, double w, double h, struct rgb color, double opacity)
{
    svg_add(svg, "<rect x='%.1f' y='%.1f' width='%.1f' height='%.1f' fill='%s' fill-opacity='%.3f'/>", x, y, w, h,
            SVG_COLOR(color), opacity);
}

/* Sum of waves with random phases: the higher ones are added as rough says. */
void svg_ridge(struct svg *svg, double y, double amplitude, double rough, int gradient)
{
    enum { WAVES = 7 };
    double phase[WAVES], step = rough > 0.5 ? 9 : 18;

    for (int i = 0; i < WAVES; i++)
        phase[i] = dice_between(&svg->dice, 0, 6.283);
    svg_add(svg, "<path fill='url(#g%d)' d='M-20 %.1f", gradient, svg->h + 20);
    for (double x = -20; x <= svg->w + 20; x += step) {
        double up = 0, size = 1, length = 1.1e-3 * 6.283;
        for (int i = 0; i < WAVES; i++, length *= 1.93, size *= i < 2 ? 0.5 : 0.58 * rough)
            up += size *
                  (rough > 0.5 && i > 1 ? 1 - 2 * fabs(sin(x * length / 2 + phase[i])) : sin(x * length + phase[i]));
        svg_add(svg, "L%.0f %.1f", x, y - amplitude * up * 0.6);
    }
    svg_add(svg, "L%.1f %.1fZ'/>", svg->w + 20, svg->h + 20);
}
