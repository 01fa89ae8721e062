#include "image/image.h"

#include <string.h>

#include "image/jpeg_strip.h"
#include "image/pixels.h"
#include "image/webp_strip.h"

enum {
    KEPT_MAX_BYTES = 4 * IMAGE_MAX_BYTES, /* a PNG may grow when it is written anew */
    THUMBNAIL_MAX_BYTES = 4 << 20,
    THUMBNAIL_QUALITY = 80,
    QUALITY = 95, /* of what must be encoded again */
    LOSSLESS = 101,
};

static bool has_lossless_chunk(struct text webp)
{
    return webp.len > 16 && (memcmp(webp.at + 12, "VP8L", 4) == 0 || memmem(webp.at, webp.len, "VP8L", 4));
}

/* The coded picture as it is, without the rest. False: this one has to be encoded again. */
static bool strip(struct text bytes, struct image_files *files)
{
    enum image_format format = files->info.format;
    bool ok = format != IMAGE_PNG && pixels_are_plain(bytes, format) &&
              (format == IMAGE_JPEG ? jpeg_strip : webp_strip)(bytes, &files->original);

    if (!ok)
        buf_clear(&files->original);
    return ok;
}

static bool encode(struct text source, VipsImage *pixels, struct image_files *files)
{
    switch (files->info.format) {
    case IMAGE_JPEG: return pixels_write_jpeg(pixels, QUALITY, false, &files->original);
    case IMAGE_PNG: return pixels_write_png(pixels, &files->original);
    case IMAGE_WEBP:
        return pixels_write_webp(pixels, has_lossless_chunk(source) ? LOSSLESS : QUALITY, &files->original);
    }
    return false;
}

/* Each from the next larger one: the whole picture is reduced only once. */
static bool make_thumbnails(VipsImage *pixels, struct image_files *files)
{
    PIXELS medium = pixels_fit(pixels, IMAGE_MEDIUM_SIDE);
    PIXELS small = medium ? pixels_fit(medium, IMAGE_SMALL_SIDE) : NULL;

    return small && pixels_write_webp(medium, THUMBNAIL_QUALITY, &files->medium) &&
           pixels_write_webp(small, THUMBNAIL_QUALITY, &files->small) &&
           pixels_placeholder(small, files->placeholder, &files->placeholder_len);
}

/* Stripping comes first, so that what is decoded, and so found to be whole, is what is kept: a decoder may well read
   on into the metadata of a damaged source. */
static bool make_files(struct text bytes, struct image_files *files, struct err *reterr)
{
    bool stripped = strip(bytes, files);
    struct text kept = {files->original.bytes, files->original.len};
    PIXELS pixels = pixels_decode(stripped ? kept : bytes, files->info.format);

    if (!pixels)
        return pixels_fault("decoding", reterr);
    files->info.width = pixels->Xsize;
    files->info.height = pixels->Ysize;
    if (!stripped && !encode(bytes, pixels, files))
        return pixels_fault("encoding", reterr);
    return make_thumbnails(pixels, files) || pixels_fault("thumbnails", reterr);
}

bool image_prepare(struct text bytes, struct image_files *ret, struct err *reterr)
{
    *ret = (struct image_files){.original = buf_make(KEPT_MAX_BYTES),
                                .small = buf_make(THUMBNAIL_MAX_BYTES),
                                .medium = buf_make(THUMBNAIL_MAX_BYTES)};
    if (image_probe(bytes, &ret->info, reterr) && make_files(bytes, ret, reterr))
        return true;
    image_files_done(ret);
    return false;
}

void image_files_done(struct image_files *files)
{
    buf_done(&files->original);
    buf_done(&files->small);
    buf_done(&files->medium);
    *files = (struct image_files){0};
}
