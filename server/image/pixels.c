#include "image/pixels.h"

#include <string.h>

#include "image/thumbhash.h"
#include "image/webp_strip.h"

void pixels_free(VipsImage **image) { g_clear_object(image); }

bool pixels_fault(const char *doing, struct err *reterr)
{
    char *reason = vips_error_buffer_copy();

    (void)err_set(reterr, ERR_UPSTREAM, "image_corrupt", "%s: %s", doing, g_strstrip(reason));
    g_free(reason);
    return false;
}

VipsImage *pixels_open(struct text bytes, enum image_format format)
{
    static int (*const LOAD[])(void *, size_t, VipsImage **, ...) = {
        [IMAGE_JPEG] = vips_jpegload_buffer, [IMAGE_PNG] = vips_pngload_buffer, [IMAGE_WEBP] = vips_webpload_buffer};
    VipsImage *image = NULL;

    /* FAIL_ON_WARNING is the only level that notices damage in the middle of a JPEG. "memory": WebP is decoded in one
       piece, which else would go into a file in /tmp when it is large; the others need not be in one piece at all. */
    if (LOAD[format]((void *)bytes.at, bytes.len, &image, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on",
                     VIPS_FAIL_ON_WARNING, "memory", format == IMAGE_WEBP, NULL))
        return NULL;
    return image;
}

/* Evaluates image into memory of its own. Starting over from the naked bytes is what loses the metadata: libvips 8.14
   writes EXIF, XMP and the embedded preview into WebP even when told to strip. */
static VipsImage *bare(VipsImage *image)
{
    VipsImage *from, *ret = NULL;
    size_t size;
    void *memory = vips_image_write_to_memory(image, &size);

    if (!memory)
        return NULL;
    from = vips_image_new_from_memory(memory, size, image->Xsize, image->Ysize, image->Bands, image->BandFmt);
    if (!from) {
        g_free(memory);
        return NULL;
    }
    g_signal_connect_swapped(from, "postclose", G_CALLBACK(g_free), memory);
    (void)vips_copy(from, &ret, "interpretation", image->Type, NULL);
    g_object_unref(from);
    return ret;
}

/* Replaces *image by its upright version. Turning reads the picture out of order, a sequential decoder cannot. */
static bool turn_upright(VipsImage **image)
{
    PIXELS loaded = vips_image_copy_memory(*image);
    VipsImage *upright;

    if (!loaded || vips_autorot(loaded, &upright, NULL))
        return false;
    g_object_unref(*image);
    *image = upright;
    return true;
}

/* Would the pixels look different without their profile? Profiles name themselves in ASCII or UTF-16. */
static bool has_foreign_profile(VipsImage *image)
{
    static const char WIDE[] = {'s', 0, 'R', 0, 'G', 0, 'B'};
    const void *profile;
    size_t len;

    if (!vips_image_get_typeof(image, VIPS_META_ICC_NAME) ||
        vips_image_get_blob(image, VIPS_META_ICC_NAME, &profile, &len))
        return false;
    return !memmem(profile, len, "sRGB", 4) && !memmem(profile, len, WIDE, sizeof WIDE);
}

/* Replaces *image by its sRGB version. A profile that cannot be used is ignored, as browsers do. */
static bool bring_to_srgb(VipsImage **image)
{
    bool cmyk = (*image)->Type == VIPS_INTERPRETATION_CMYK;
    int depth = (*image)->BandFmt == VIPS_FORMAT_USHORT ? 16 : 8;
    VipsImage *converted;

    if (vips_icc_transform(*image, &converted, "srgb", "embedded", TRUE, "input_profile", cmyk ? "cmyk" : "srgb",
                           "depth", depth, NULL)) {
        if (!cmyk)
            vips_error_clear();
        return !cmyk;
    }
    g_object_unref(*image);
    *image = converted;
    return true;
}

static bool is_turned(VipsImage *image) { return vips_image_get_orientation(image) != 1; }

static bool is_not_srgb(VipsImage *image)
{
    return image->Type == VIPS_INTERPRETATION_CMYK || has_foreign_profile(image);
}

bool pixels_are_plain(struct text bytes, enum image_format format)
{
    PIXELS image = pixels_open(bytes, format);

    if (!image)
        vips_error_clear();
    return image && !is_turned(image) && !is_not_srgb(image);
}

VipsImage *pixels_decode(struct text bytes, enum image_format format)
{
    PIXELS image = pixels_open(bytes, format);

    if (!image || (is_turned(image) && !turn_upright(&image)) || (is_not_srgb(image) && !bring_to_srgb(&image)))
        return NULL;
    return bare(image);
}

/* Replaces *image by what an operation made of it; NULL: it failed. */
static bool become(VipsImage **image, VipsImage *by)
{
    if (by) {
        g_object_unref(*image);
        *image = by;
    }
    return by;
}

static bool bring_to_eight_bits(VipsImage **image)
{
    bool grey = (*image)->Type == VIPS_INTERPRETATION_GREY16;
    VipsImage *bytes = NULL, *named = NULL;

    if ((*image)->BandFmt == VIPS_FORMAT_UCHAR)
        return true;
    if (vips_cast(*image, &bytes, VIPS_FORMAT_UCHAR, "shift", TRUE, NULL) || !become(image, bytes))
        return false;
    (void)vips_copy(*image, &named, "interpretation", grey ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB, NULL);
    return become(image, named);
}

static bool put_on_white(VipsImage **image)
{
    VipsArrayDouble *white;
    VipsImage *opaque = NULL;

    if (!vips_image_hasalpha(*image))
        return true;
    white = vips_array_double_newv(1, 255.0);
    (void)vips_flatten(*image, &opaque, "background", white, NULL);
    vips_area_unref(VIPS_AREA(white));
    return become(image, opaque);
}

/* Cubic: near to the best there is, at two thirds of its price. */
static bool shrink(VipsImage **image, int side)
{
    int longest = (*image)->Xsize > (*image)->Ysize ? (*image)->Xsize : (*image)->Ysize;
    VipsImage *small = NULL;

    if (longest <= side)
        return true;
    (void)vips_resize(*image, &small, (double)side / longest, "kernel", VIPS_KERNEL_CUBIC, NULL);
    return become(image, small);
}

static bool bring_to_three_bands(VipsImage **image)
{
    VipsImage *coloured = NULL;

    (void)vips_colourspace(*image, &coloured, VIPS_INTERPRETATION_sRGB, NULL);
    return become(image, coloured);
}

/* As pixels_open, but JPEG at a half or a quarter of its size, as long as that is not below side: all of it is read all
   the same, so damage is noticed, but half of the work is saved. */
static VipsImage *open_near(struct text bytes, enum image_format format, int side)
{
    VipsImage *whole = pixels_open(bytes, format), *reduced = NULL;
    int longest, times = 1;

    if (!whole || format != IMAGE_JPEG)
        return whole;
    longest = whole->Xsize > whole->Ysize ? whole->Xsize : whole->Ysize;
    while (times < 4 && longest / (2 * times) >= side)
        times *= 2;
    if (times == 1)
        return whole;
    g_object_unref(whole);
    (void)vips_jpegload_buffer((void *)bytes.at, bytes.len, &reduced, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on",
                               VIPS_FAIL_ON_WARNING, "shrink", times, NULL);
    return reduced;
}

VipsImage *pixels_decode_small(struct text bytes, enum image_format format, int side)
{
    PIXELS image = open_near(bytes, format, side);

    /* Pixels stream past up to the copy; turning and colours cost least when the picture is small. */
    if (!image || !bring_to_eight_bits(&image) || !put_on_white(&image) || !shrink(&image, side) ||
        !become(&image, vips_image_copy_memory(image)))
        return NULL;
    if ((is_turned(image) && !turn_upright(&image)) || (is_not_srgb(image) && !bring_to_srgb(&image)) ||
        !bring_to_three_bands(&image))
        return NULL;
    return bare(image);
}

VipsImage *pixels_shrink(VipsImage *image, int side)
{
    PIXELS small = g_object_ref(image);

    return shrink(&small, side) ? bare(small) : NULL;
}

VipsImage *pixels_fit(VipsImage *image, int side)
{
    PIXELS screen = NULL;
    PIXELS small = NULL;

    if (vips_colourspace(image, &screen, VIPS_INTERPRETATION_sRGB, NULL) ||
        vips_thumbnail_image(screen, &small, side, "height", side, "size", VIPS_SIZE_DOWN, "no_rotate", TRUE, NULL))
        return NULL;
    return bare(small);
}

enum { BLUR_SIDE = 10 };

VipsImage *pixels_blur(VipsImage *image)
{
    PIXELS tiny = pixels_fit(image, BLUR_SIDE);
    PIXELS large = NULL;
    PIXELS soft = NULL;

    if (!tiny ||
        vips_resize(tiny, &large, (double)image->Xsize / tiny->Xsize, "vscale", (double)image->Ysize / tiny->Ysize,
                    "kernel", VIPS_KERNEL_CUBIC, NULL) ||
        vips_gaussblur(large, &soft, (double)image->Xsize / tiny->Xsize / 2, NULL))
        return NULL;
    return bare(soft);
}

bool pixels_placeholder(VipsImage *image, unsigned char ret[IMAGE_PLACEHOLDER_ROOM], size_t *ret_len)
{
    PIXELS tiny = pixels_fit(image, THUMBHASH_SIDE);
    PIXELS rgba = NULL;
    unsigned char *bytes;
    size_t size;

    if (!tiny || (tiny->Bands == 4 ? vips_copy(tiny, &rgba, NULL) : vips_addalpha(tiny, &rgba, NULL)) ||
        !(bytes = vips_image_write_to_memory(rgba, &size)))
        return false;
    *ret_len = thumbhash_encode(rgba->Xsize, rgba->Ysize, bytes, ret);
    g_free(bytes);
    return true;
}

static bool keep(void *bytes, size_t len, struct buf *to)
{
    bool ok = buf_add(to, bytes, len);

    g_free(bytes);
    if (!ok)
        vips_error("image", "%zu bytes are over the limit", len);
    return ok;
}

bool pixels_write_jpeg(VipsImage *image, int quality, bool quick, struct buf *to)
{
    void *bytes = NULL;
    size_t len;

    return !vips_jpegsave_buffer(image, &bytes, &len, "Q", quality, "optimize_coding", !quick, "strip", TRUE, NULL) &&
           keep(bytes, len, to);
}

bool pixels_write_png(VipsImage *image, struct buf *to)
{
    void *bytes = NULL;
    size_t len;

    return !vips_pngsave_buffer(image, &bytes, &len, "compression", 4, "filter", VIPS_FOREIGN_PNG_FILTER_ALL, "strip",
                                TRUE, NULL) &&
           keep(bytes, len, to);
}

bool pixels_write_webp(VipsImage *image, int quality, struct buf *to)
{
    void *bytes = NULL;
    size_t len;
    bool lossless = quality > 100, ok;

    if (vips_webpsave_buffer(image, &bytes, &len, "Q", lossless ? 75 : quality, "lossless", lossless, NULL))
        return false;
    ok = webp_strip((struct text){bytes, len}, to); /* the saver adds EXIF of its own making */
    g_free(bytes);
    if (!ok)
        vips_error("image", "%zu bytes of WebP are over the limit", len);
    return ok;
}
