#pragma once
/* Pictures for the simulator's results: a scene in the mood of the prompt, of exactly the ordered size, the same bytes
   for the same order on the same machine. Callable from several threads after paint_open. */
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"

enum { PAINT_MAX_SIDE = 14142, PAINT_MAX_PIXELS = 40 * 1000 * 1000, PAINT_MAX_BYTES = 96 << 20 };

struct paint_order {
    uint64_t seed;
    struct text prompt; /* UTF-8 */
    int index;          /* of the picture in its request */
    int width, height;
    bool png;           /* else JPEG */
    bool black;         /* nothing but black */
    bool bare;          /* without the caption */
    bool plain;         /* nothing but one colour, by lot: ten times as quick */
    struct text source; /* encoded picture to make a variation of; empty: none */
    double keep;        /* how much of source stays visible, 0 … 1 */
};

/* Once per process, before the first picture. */
bool paint_open(const char *program, struct err *reterr);
void paint_close(void);

/* Appends the encoded picture. */
bool paint(const struct paint_order *order, struct buf *ret, struct err *reterr);

/* The size of an encoded picture; false when it is none that can be read. */
bool paint_measure(struct text bytes, int *retwidth, int *retheight);
