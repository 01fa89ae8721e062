#pragma once
/* A training photo: what it is, how good it is, and the clean copy that is kept. Bytes of strangers: called in the
   decoder's process only (decoder/decoder.h), but for the pure parts.
   Errors, all of kind ERR_UPSTREAM, with the verdict's code: unsupported_format (detail: what it is, for people: "GIF",
   "SVG", "PDF", "MP4", "ZIP", "TIFF", "animated WebP"; "": unknown), heic_not_supported, too_small, too_many_pixels,
   corrupt. */
#include "image/image.h"

struct face_finder;

enum { PHOTO_MIN_SIDE = 512, PHOTO_KEPT_SIDE = 2048 /* longest side of the clean copy */ };

struct photo_facts {
    int32_t width, height; /* as sent, upright */
    int32_t face_count;    /* -1: nobody looked */
    float face_share;      /* height of the largest face to that of the picture; 0: none */
    float sharpness;       /* log10 of the variance of a 3x3 Laplacian over the luma at 1024 px */
    float brightness;      /* mean of the luma, 0..255 */
    float clipped;         /* share of pixels at 248 and above */
    uint64_t look;         /* perceptual hash: similar pictures differ in few bits */
    unsigned char placeholder[IMAGE_PLACEHOLDER_ROOM];
    uint32_t placeholder_len;
};

struct photo_files {
    struct photo_facts facts;
    struct buf clean; /* JPEG, upright, 8-bit sRGB, longest side at most PHOTO_KEPT_SIDE, not a byte of metadata */
    struct buf small; /* WebP, at most IMAGE_SMALL_SIDE */
};

/* The name of a format that is not taken, by the first bytes alone: "HEIC", "GIF", "SVG", "PDF", ...; NULL: unknown. */
const char *photo_foreign_format(struct text bytes);

/* Judges the header, decodes every pixel, measures, and makes the files. faces NULL: nobody looks for faces. On failure
 *ret is empty. Pixels are judged from the header, before anything is decoded. */
bool photo_examine(struct text bytes, struct face_finder *faces, struct photo_files *ret, struct err *reterr);
void photo_files_done(struct photo_files *files);

/* Pure. The score that people see, 0..1, from sharpness, exposure and size. */
float photo_quality(const struct photo_facts *facts);
/* What is wrong with it, gravest first: "no_face" (portraits), "blurry", "too_dark", "too_bright" refuse
   (*ret_refused), "several_faces", "blurry", "too_dark", "too_bright" warn; NULL: nothing. */
const char *photo_fault(const struct photo_facts *facts, bool portrait, bool *ret_refused);
/* Bits that differ; at most PHOTO_NEAR: the same picture again, re-encoded or resized. */
enum { PHOTO_NEAR = 6 };
int photo_distance(uint64_t a, uint64_t b);
