#include "image/photo.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "image/face.h"
#include "image/photo_look.h"
#include "image/pixels.h"

enum {
    CLEAN_MAX_BYTES = 16 << 20,
    SMALL_MAX_BYTES = 1 << 20,
    CLEAN_QUALITY = 92,
    SMALL_QUALITY = 80,
    MEASURED_SIDE = 1024, /* sharpness depends on it, and the finder of faces wants about that */
};

static bool is_still_of_the_future(const char *name)
{
    return strcmp(name, "HEIC") == 0 || strcmp(name, "HEIF") == 0 || strcmp(name, "AVIF") == 0;
}

static bool refuse_foreign(const char *name, struct err *reterr)
{
    const char *code = is_still_of_the_future(name) ? "heic_not_supported" : "unsupported_format";

    return err_set(reterr, ERR_UPSTREAM, code, "%s", name);
}

/* Says in the verdicts' codes what the image library's header reader found. */
static bool refuse_header(struct err err, struct err *reterr)
{
    if (strcmp(err.code, "image_unsupported") == 0)
        return err_set(reterr, ERR_UPSTREAM, "unsupported_format", "%s", "");
    if (strcmp(err.code, "image_too_many_pixels") == 0)
        return err_set(reterr, ERR_UPSTREAM, "too_many_pixels", "%s", err.detail);
    return err_set(reterr, ERR_UPSTREAM, "corrupt", "%s", err.detail);
}

static bool judge_header(struct text bytes, struct image_info *ret, struct err *reterr)
{
    const char *foreign = photo_foreign_format(bytes);
    struct err err = {0};

    if (foreign)
        return refuse_foreign(foreign, reterr);
    if (!image_probe(bytes, ret, &err))
        return refuse_header(err, reterr);
    if (ret->width < PHOTO_MIN_SIDE || ret->height < PHOTO_MIN_SIDE)
        return err_set(reterr, ERR_UPSTREAM, "too_small", "%d x %d pixels", ret->width, ret->height);
    return true;
}

static void measure(int width, int height, const unsigned char *rgb, struct photo_facts *facts)
{
    size_t count = (size_t)width * (size_t)height;
    unsigned char *bytes = malloc(count);
    struct luma luma = {width, height, bytes};

    if (!bytes)
        abort();
    photo_look_luma((int)count, rgb, bytes);
    facts->sharpness = photo_look_sharpness(luma);
    facts->brightness = photo_look_brightness(luma);
    facts->clipped = photo_look_clipped(luma);
    facts->look = photo_look_hash(luma);
    free(bytes);
}

static void look_for_faces(struct face_finder *faces, VipsImage *picture, const unsigned char *rgb,
                           struct photo_facts *facts)
{
    struct face found[FACE_MAX];

    facts->face_count = faces ? face_find(faces, picture->Xsize, picture->Ysize, rgb, found) : -1;
    for (int i = 0; i < facts->face_count; i++)
        facts->face_share = fminf(fmaxf(facts->face_share, found[i].height), 1);
}

static bool look_at(VipsImage *picture, struct face_finder *faces, struct photo_facts *facts)
{
    unsigned char *rgb;
    size_t size;

    if (!(rgb = vips_image_write_to_memory(picture, &size)))
        return false;
    measure(picture->Xsize, picture->Ysize, rgb, facts);
    look_for_faces(faces, picture, rgb, facts);
    g_free(rgb);
    return true;
}

static bool write_small(VipsImage *picture, struct photo_files *files)
{
    PIXELS small = pixels_shrink(picture, IMAGE_SMALL_SIDE);
    size_t len;

    if (!small || !pixels_write_webp(small, SMALL_QUALITY, &files->small) ||
        !pixels_placeholder(small, files->facts.placeholder, &len))
        return false;
    files->facts.placeholder_len = (uint32_t)len;
    return true;
}

static bool corrupt(struct err *reterr)
{
    struct err err = {0};

    (void)pixels_fault("decoding", &err);
    return err_set(reterr, ERR_UPSTREAM, "corrupt", "%s", err.detail);
}

static bool make(struct text bytes, enum image_format format, struct face_finder *faces, struct photo_files *files,
                 struct err *reterr)
{
    PIXELS kept = pixels_decode_small(bytes, format, PHOTO_KEPT_SIDE);
    PIXELS picture = kept ? pixels_shrink(kept, MEASURED_SIDE) : NULL;

    return (picture && look_at(picture, faces, &files->facts) && write_small(picture, files) &&
            pixels_write_jpeg(kept, CLEAN_QUALITY, true, &files->clean)) ||
           corrupt(reterr);
}

bool photo_examine(struct text bytes, struct face_finder *faces, struct photo_files *ret, struct err *reterr)
{
    struct image_info info;

    *ret = (struct photo_files){.clean = buf_make(CLEAN_MAX_BYTES), .small = buf_make(SMALL_MAX_BYTES)};
    if (judge_header(bytes, &info, reterr)) {
        ret->facts.width = info.width;
        ret->facts.height = info.height;
        if (make(bytes, info.format, faces, ret, reterr))
            return true;
    }
    photo_files_done(ret);
    return false;
}

void photo_files_done(struct photo_files *files)
{
    buf_done(&files->clean);
    buf_done(&files->small);
    *files = (struct photo_files){0};
}
