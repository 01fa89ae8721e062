/* The scene is drawn as SVG on a small canvas and enlarged: soft edges look like shallow focus and cost little. Grain
   comes at full size, where it hides the enlargement and the bands of gradients; the caption is last.
   Every intermediate image belongs to the scope of its picture and goes with it. */
#include "falsim/paint.h"

#include <string.h>
#include <vips/vips.h>

#include "falsim/paint_figure.h"
#include "falsim/paint_film.h"
#include "falsim/paint_manner.h"
#include "falsim/paint_room.h"
#include "falsim/paint_scene.h"
#include "falsim/paint_svg.h"

enum { CANVAS_SIDE = 560, CAPTION_CHARACTERS = 52 };

static bool broken(struct err *reterr, const char *what)
{
    bool ret = err_set(reterr, ERR_INTERNAL, "paint", "%s: %.120s", what, vips_error_buffer());

    vips_error_clear();
    return ret;
}

bool paint_open(const char *program, struct err *reterr)
{
    if (VIPS_INIT(program) != 0)
        return broken(reterr, "starting libvips");
    vips_concurrency_set(1); /* pictures run side by side, each in one thread */
    vips_cache_set_max(0);
    return true;
}

void paint_close(void) { vips_shutdown(); }

static void compose(struct svg *svg, const struct paint_order *order)
{
    double shorter = order->width < order->height ? order->width : order->height;

    svg->w = 1000 * order->width / shorter;
    svg->h = 1000 * order->height / shorter;
    svg->dice = dice_make(order->seed, order->prompt, order->index);
    svg->mood = mood_of(order->prompt, &svg->dice);
    svg_add(svg, "<svg xmlns='http://www.w3.org/2000/svg' width='%.3f' height='%.3f' viewBox='0 0 %.3f %.3f'>", svg->w,
            svg->h, svg->w, svg->h);
    if (svg->mood.manner == MANNER_DOUBLE)
        figure_mask_begin(svg);
    scene_draw(svg);
    room_extras_behind(svg);
    scene_fog(svg);
    if (svg->mood.manner == MANNER_DOUBLE)
        figure_mask_end(svg);
    else if (svg->mood.figure)
        figure_draw(svg);
    room_extras_before(svg);
    if (svg->mood.manner != MANNER_DOUBLE && svg->mood.manner != MANNER_PEARL)
        scene_finish(svg);
    svg->text.limit += sizeof "</svg>"; /* always room to end, even where shapes had to be left out */
    svg_add(svg, "</svg>");
}

static VipsImage *draw_scene(VipsObject *scope, const struct paint_order *order)
{
    VipsImage **t = (VipsImage **)vips_object_local_array(scope, 3);
    struct svg svg = {.text = buf_make(SVG_MAX_BYTES)};
    int shorter = order->width < order->height ? order->width : order->height;
    double scale = (shorter < CANVAS_SIDE ? shorter : CANVAS_SIDE) / 1000.0;
    bool ok;

    compose(&svg, order);
    ok = vips_svgload_buffer(svg.text.bytes, svg.text.len, &t[0], "scale", scale, NULL) == 0 &&
         (t[1] = vips_image_copy_memory(t[0])) != NULL && /* drawn now: the loader reads from svg.text */
         vips_flatten(t[1], &t[2], NULL) == 0;
    buf_done(&svg.text);
    return ok ? t[2] : NULL;
}

/* The part keep of the source picture, the rest of the scene. */
static VipsImage *blend_source(VipsObject *scope, const struct paint_order *order, VipsImage *scene)
{
    VipsImage **t = (VipsImage **)vips_object_local_array(scope, 7);

    if (vips_thumbnail_buffer((void *)(uintptr_t)order->source.at, order->source.len, &t[0], scene->Xsize, "height",
                              scene->Ysize, "size", VIPS_SIZE_FORCE, NULL) != 0 ||
        vips_colourspace(t[0], &t[1], VIPS_INTERPRETATION_sRGB, NULL) != 0)
        return NULL;
    if (vips_image_hasalpha(t[1]) ? vips_flatten(t[1], &t[2], NULL) != 0 : vips_copy(t[1], &t[2], NULL) != 0)
        return NULL;
    if (vips_linear1(t[2], &t[3], order->keep, 0, NULL) != 0 ||
        vips_linear1(scene, &t[4], 1 - order->keep, 0, NULL) != 0 || vips_add(t[3], t[4], &t[5], NULL) != 0 ||
        vips_cast_uchar(t[5], &t[6], NULL) != 0)
        return NULL;
    return t[6];
}

static enum mood_manner manner_of(const struct paint_order *order)
{
    struct dice dice = dice_make(order->seed, order->prompt, order->index);

    return mood_of(order->prompt, &dice).manner;
}

/* The scene at its full size; the bytes go with the scope. */
static VipsImage *develop(VipsObject *scope, const struct paint_order *order, VipsImage *scene)
{
    VipsImage **t = (VipsImage **)vips_object_local_array(scope, 1);
    size_t len, room = (size_t)order->width * (size_t)order->height * 3;
    uint8_t *canvas = vips_image_write_to_memory(scene, &len), *picture;

    if (!canvas)
        return NULL;
    manner_apply(manner_of(order), canvas, scene->Xsize, scene->Ysize);
    picture = g_malloc(room);
    g_object_set_data_full(G_OBJECT(scope), "picture", picture, g_free);
    film_develop(canvas, (struct film_size){scene->Xsize, scene->Ysize}, picture,
                 (struct film_size){order->width, order->height}, order->seed + (uint64_t)order->index);
    g_free(canvas);
    t[0] = vips_image_new_from_memory(picture, room, order->width, order->height, 3, VIPS_FORMAT_UCHAR);
    return t[0];
}

/* The beginning of the prompt in one line, as Pango markup would take it. */
static bool make_caption(struct text prompt, struct buf *ret)
{
    size_t end = 0;
    int count = 0;

    for (; end < prompt.len && count <= CAPTION_CHARACTERS; end++)
        count += ((unsigned char)prompt.at[end] & 0xc0) != 0x80;
    if (count > CAPTION_CHARACTERS)
        end--;
    for (size_t i = 0; i < end; i++) {
        char c = prompt.at[i];
        if (!(c == '&'                  ? buf_add_text(ret, "&amp;")
              : c == '<'                ? buf_add_text(ret, "&lt;")
              : (unsigned char)c < 0x20 ? buf_add_text(ret, " ")
                                        : buf_add(ret, &c, 1)))
            return false;
    }
    return count <= CAPTION_CHARACTERS || buf_add_text(ret, "…");
}

/* Without a usable font the picture simply has no caption. */
static VipsImage *add_caption(VipsObject *scope, const struct paint_order *order, VipsImage *image)
{
    CLEANUP(buf_done) struct buf caption = buf_make(4096);
    VipsImage **t = (VipsImage **)vips_object_local_array(scope, 6);
    int shorter = order->width < order->height ? order->width : order->height, margin = shorter / 32;

    if (shorter < 200 || !make_caption(order->prompt, &caption) || caption.len == 0)
        return image;
    if (vips_text(&t[0], caption.bytes, "font", "DejaVu Sans 10", "dpi", shorter / 7, NULL) != 0 ||
        t[0]->Xsize + margin > order->width || t[0]->Ysize + margin > order->height ||
        vips_linear1(t[0], &t[1], 0.86, 0, NULL) != 0 || vips_cast_uchar(t[1], &t[2], NULL) != 0 ||
        vips_embed(t[2], &t[3], margin, order->height - margin - t[0]->Ysize, order->width, order->height, NULL) != 0) {
        vips_error_clear();
        return image;
    }
    t[4] = vips_image_new_from_image(image, (double[]){252, 249, 240}, 3);
    return t[4] && vips_ifthenelse(t[3], t[4], image, &t[5], "blend", TRUE, NULL) == 0 ? t[5] : NULL;
}

static VipsImage *fill(VipsObject *scope, const struct paint_order *order)
{
    VipsImage **t = (VipsImage **)vips_object_local_array(scope, 2);
    struct dice dice = dice_make(order->seed, order->prompt, order->index);
    double color[3] = {0};

    for (int i = 0; i < 3 && !order->black; i++)
        color[i] = dice_below(&dice, 256);
    if (vips_black(&t[0], order->width, order->height, "bands", 3, NULL) != 0)
        return NULL;
    return t[1] = vips_image_new_from_image(t[0], color, 3);
}

static VipsImage *draw(VipsObject *scope, const struct paint_order *order)
{
    VipsImage **t = (VipsImage **)vips_object_local_array(scope, 1), *image;

    if (order->black || order->plain)
        image = fill(scope, order);
    else if ((image = draw_scene(scope, order)) &&
             (!order->source.len || (image = blend_source(scope, order, image))) &&
             (image = develop(scope, order, image)) && !order->bare)
        image = add_caption(scope, order, image);
    return image && vips_copy(image, &t[0], "interpretation", VIPS_INTERPRETATION_sRGB, NULL) == 0 ? t[0] : NULL;
}

bool paint(const struct paint_order *order, struct buf *ret, struct err *reterr)
{
    VipsObject *scope = VIPS_OBJECT(vips_image_new());
    VipsImage *image = draw(scope, order);
    void *bytes = NULL;
    size_t len = 0;
    bool ok = image && (order->png ? vips_pngsave_buffer(image, &bytes, &len, "compression", 3, NULL)
                                   : vips_jpegsave_buffer(image, &bytes, &len, "Q", 88, NULL)) == 0;

    if (!ok)
        (void)broken(reterr, "painting");
    else if (!buf_add(ret, bytes, len))
        ok = err_set(reterr, ERR_TOO_LARGE, "paint", "%zu bytes", len);
    g_free(bytes);
    g_object_unref(scope);
    return ok;
}

bool paint_measure(struct text bytes, int *retwidth, int *retheight)
{
    VipsImage *image = vips_image_new_from_buffer(bytes.at, bytes.len, "", "access", VIPS_ACCESS_SEQUENTIAL, NULL);

    vips_error_clear();
    if (!image)
        return false;
    *retwidth = image->Xsize;
    *retheight = image->Ysize;
    g_object_unref(image);
    return true;
}
