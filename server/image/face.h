#pragma once
/* Finding faces: BlazeFace (Bazarevsky et al., 2019), its weights read from MediaPipe's TFLite files. A finder belongs
   to one thread. */
#include <stdbool.h>

#include "base/err.h"

struct face_finder;

struct face {
    float left, top, width, height; /* of the picture: 0..1 */
    float score;                    /* 0..1 */
};

/* Below AISHA_ROOT: where npm puts the weights. */
#define FACE_MODELS "node_modules/@mediapipe/face_detection"

enum { FACE_MAX = 32 };

/* dir has face_detection_full_range.tflite and face_detection_short_range.tflite. NULL: *reterr (ERR_INTERNAL,
   face_model): a file is missing, or not the one that is known by its SHA-256. */
struct face_finder *face_finder_open(const char *dir, struct err *reterr);
void face_finder_close(struct face_finder *finder); /* NULL is fine */

/* rgb: width * height pixels of 3 bytes, upright sRGB; best at about a megapixel. Returns how many, best first. */
int face_find(struct face_finder *finder, int width, int height, const unsigned char *rgb, struct face ret[FACE_MAX]);
