#include "falsim/paint_figure.h"

#include "falsim/paint_dress.h"

static void draw_behind(struct svg *svg, const struct pose *f)
{
    int hair = pose_shade(svg, f, rgb_mix(f->hair, svg->mood.near, 0.3), 0.6);

    if (svg->mood.dress == DRESS_CAPE)
        pose_path(svg, f, pose_shade(svg, f, svg->mood.accent, 0.6),
                  "M-1.5 1.7C-2.6 2.2 -3.1 3.6 -3.4 6H3.4C3.1 3.6 2.6 2.2 1.5 1.7Z");
    if (svg->mood.hair == HAIR_LONG)
        pose_path(svg, f, hair,
                  "M0 -1.62C-1.15 -1.62 -1.4 -.7 -1.34 .2C-1.3 1.1 -1.6 1.7 -1.5 2.6C-.8 2.9 .8 2.9 1.5 2.6"
                  "C1.6 1.7 1.3 1.1 1.34 .2C1.4 -.7 1.15 -1.62 0 -1.62Z");
    if (svg->mood.hair == HAIR_BUN)
        pose_path(svg, f, hair, "M.5 -1.85A.52 .52 0 1 1 -.54 -1.85A.52 .52 0 1 1 .5 -1.85Z");
    if (svg->mood.dress == DRESS_HOOD)
        pose_path(
            svg, f, pose_shade(svg, f, rgb_mix(f->cloth, svg->mood.near, 0.45), 0.7),
            "M0 -1.95C-1.4 -1.9 -1.75 -.6 -1.6 .6C-1.5 1.6 -1.9 2 -2.1 2.6H2.1C1.9 2 1.5 1.6 1.6 .6C1.75 -.6 1.4 -1.9 "
            "0 -1.95Z");
}

static void draw_body(struct svg *svg, const struct pose *f)
{
    pose_path(svg, f, pose_shade(svg, f, f->cloth, 0.72),
              "M-.5 1.72C-1.2 1.95 -2.15 2.1 -2.55 2.75C-2.9 3.4 -3 4.6 -3.05 6H3.05C3 4.6 2.9 3.4 2.55 2.75"
              "C2.15 2.1 1.2 1.95 .5 1.72Z");
    pose_path(svg, f, pose_shade(svg, f, rgb_mix(f->skin, svg->mood.near, 0.22), 0.6),
              "M-.46 .8V1.72C-.4 2.25 .4 2.25 .46 1.72V.8Z");
    pose_outline(svg, f, f->lit, 0.5, 0.05, "M-.56 1.74C-1.2 1.95 -2.15 2.1 -2.55 2.75C-2.75 3.1 -2.88 3.6 -2.95 4.3");
}

static void draw_head(struct svg *svg, const struct pose *f)
{
    pose_path(svg, f, pose_shade(svg, f, f->skin, 0.27),
              "M0 -1.34C-.72 -1.34 -1 -.8 -.98 -.1C-.96 .62 -.55 1.3 0 1.34C.55 1.3 .96 .62 .98 -.1C1 -.8 .72 -1.34 0 "
              "-1.34Z");
    pose_path(svg, f, pose_shade(svg, f, f->skin, 0.4),
              "M-.98 -.12C-1.2 -.2 -1.18 .42 -.9 .42ZM.98 -.12C1.2 -.2 1.18 .42 .9 .42Z");
    pose_outline(svg, f, f->lit, 0.55, 0.05, "M-.97 -.3C-1 .5 -.6 1.18 -.1 1.32");
    pose_outline(svg, f, svg->mood.near, 0.16, 0.06, "M.06 -.16C.02 .2 .2 .36 -.04 .42"); /* the shadow of a nose */
    pose_outline(svg, f, svg->mood.near, 0.22, 0.06, "M-.5 -.24Q-.36 -.34 -.2 -.25M.24 -.25Q.4 -.34 .54 -.24");
    pose_outline(svg, f, rgb_mix(f->skin, (struct rgb){176, 62, 62}, 0.6), 0.6, 0.08, "M-.2 .78Q.02 .88 .24 .77");
}

static void draw_hair(struct svg *svg, const struct pose *f)
{
    int hair = pose_shade(svg, f, f->hair, 0.6);

    if (svg->mood.hair == HAIR_BALD)
        return;
    if (svg->mood.hair == HAIR_SHORT)
        pose_path(svg, f, hair,
                  "M-1.02 -.1C-1.2 -1 -.9 -1.66 -.1 -1.7C.8 -1.78 1.2 -1.1 1.02 -.1C.95 -.5 .84 -.72 .6 -.86"
                  "C.1 -.7 -.5 -.84 -.7 -.94C-.86 -.7 -.95 -.5 -1.02 -.1Z");
    else
        pose_path(svg, f, hair,
                  "M-1.03 .5C-1.3 -.9 -.95 -1.66 0 -1.66C.95 -1.66 1.3 -.9 1.03 .5C1 -.2 .8 -.8 .1 -1.02"
                  "C-.5 -.8 -.92 -.3 -1.03 .5Z");
    pose_outline(svg, f, f->lit, 0.4, 0.05, "M-1.0 -.72C-.9 -1.3 -.55 -1.6 -.05 -1.64");
}

void figure_draw(struct svg *svg)
{
    struct pose f = pose_choose(svg);

    svg_rect(svg, 0, 0, svg->w, svg->h, rgb_mix(svg->mood.low, svg->mood.high, 0.5),
             0.22); /* depth: the place recedes */
    svg_glow(svg, f.x + (f.left ? -1.6 : 1.6) * f.u, f.y, 4.2 * f.u, f.lit, 0.5);
    draw_behind(svg, &f);
    draw_body(svg, &f);
    dress_body(svg, &f);
    draw_head(svg, &f);
    draw_hair(svg, &f);
    dress_draw(svg, &f);
}

static void add_outline(struct svg *svg, const struct pose *f, const char *d)
{
    svg_add(svg, "<path transform='translate(%.1f %.1f) scale(%.2f)' d='%s'/>", f->x, f->y, f->u * 1.12, d);
}

void figure_mask_begin(struct svg *svg)
{
    struct pose f = pose_choose(svg);

    svg_rect(svg, 0, 0, svg->w, svg->h, (struct rgb){250, 248, 244}, 1);
    svg_add(svg, "<clipPath id='somebody'>");
    add_outline(svg, &f,
                "M-.5 1.72C-1.2 1.95 -2.15 2.1 -2.55 2.75C-2.9 3.4 -3 4.6 -3.05 6H3.05C3 4.6 2.9 3.4 2.55 2.75"
                "C2.15 2.1 1.2 1.95 .5 1.72Z");
    add_outline(svg, &f, "M-.46 .7V1.85H.46V.7Z");
    add_outline(svg, &f,
                "M0 -1.66C-1.15 -1.66 -1.2 -.8 -1.06 -.1C-1.0 .62 -.55 1.3 0 1.34C.55 1.3 1.0 .62 1.06 -.1C1.2 -.8 "
                "1.15 -1.66 0 -1.66Z");
    svg_add(svg, "</clipPath><g clip-path='url(#somebody)'>");
}

void figure_mask_end(struct svg *svg)
{
    svg->text.limit += sizeof "</g>";
    svg_add(svg, "</g>");
}
