#pragma once
/* Pictures that a provider made: what they are, and the files that are kept of each. Nothing else decodes pictures.
   Every picture is judged by its bytes alone, never by a name or a declared type. Errors, all of kind ERR_UPSTREAM:
   image_unsupported (neither JPEG, PNG nor a still WebP), image_corrupt (damaged, or cut short),
   image_too_many_pixels, image_too_large. */
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"

enum {
    IMAGE_MAX_BYTES = 32 << 20,
    IMAGE_MAX_PIXELS = 50 * 1000 * 1000,
    IMAGE_SMALL_SIDE = 320, /* longest side of the small thumbnail */
    IMAGE_MEDIUM_SIDE = 800,
    IMAGE_PLACEHOLDER_ROOM = 32,
};

enum image_format { IMAGE_JPEG, IMAGE_PNG, IMAGE_WEBP };

struct image_info {
    enum image_format format;
    int width, height; /* as shown: EXIF rotation is applied */
};

/* Once per process, before any thread; program is argv[0]. Loaders other than the three formats' are shut for the
   whole process. False: the image library cannot start (image_library, ERR_INTERNAL). */
bool image_start(const char *program, struct err *reterr);
/* At the end of every thread that called anything below: frees what the library keeps per thread. */
void image_thread_done(void);

const char *image_content_type(enum image_format format); /* "image/jpeg" */
const char *image_extension(enum image_format format);    /* "jpg" */

/* Reads the header alone: a picture that passes may still be damaged further on. */
bool image_probe(struct text bytes, struct image_info *ret, struct err *reterr);

struct image_files {
    struct image_info info;   /* of original */
    struct buf original;      /* same format and look as the source; no metadata */
    struct buf small, medium; /* WebP, at most IMAGE_SMALL_SIDE and IMAGE_MEDIUM_SIDE; never enlarged */
    unsigned char placeholder[IMAGE_PLACEHOLDER_ROOM]; /* ThumbHash */
    size_t placeholder_len;                            /* 5 to 25 bytes */
};

/* Decodes every pixel (damage anywhere is an error) and makes the files. Nothing of EXIF, XMP, IPTC, comments or
   text survives in any of them; pixels are upright and sRGB. The original's coded picture is kept as it is where it
   can be (JPEG: same coefficients; WebP: same bitstream), PNG is written anew without loss, and only a picture that
   had to be turned or brought to sRGB is encoded again. CPU bound: tens to hundreds of ms. On failure *ret is empty. */
bool image_prepare(struct text bytes, struct image_files *ret, struct err *reterr);
void image_files_done(struct image_files *files);

/* Of a small thumbnail as image_prepare makes it: as large, with nothing to be made out, into an empty buffer. */
bool image_blur(struct text small, struct buf *ret, struct err *reterr);
