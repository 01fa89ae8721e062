#pragma once
/* How good a set of photos is to train on: advice, not a gate, but for their number. Pure. */
#include "base/messages.h"
#include "photos/photo.h"
#include "json/json_out.h"

enum {
    PHOTO_SET_ADVICE_MAX = 8,
    PHOTO_SET_ALIKE = 12 /* bits of the look that differ at most between pictures that show nearly the same */
};

struct photo_set {
    int usable, min, max;
    int missing;    /* until training may start; 0: it may */
    int different;  /* groups of photos that do not look alike */
    int close, far; /* by the size of the face: of portraits */
    int several;    /* with more than one face */
    int dark, bright, soft;
    bool portrait;
    int advice_count;
    const char *advice[PHOTO_SET_ADVICE_MAX]; /* "add_more", ...: most important first */
};

struct photo_set photo_set_judge(const struct photo *photos, int count, bool portrait, int min, int max);
/* The sentence of one piece of its advice. Appends to out. */
void photo_set_message(const struct photo_set *set, const char *advice, enum lang lang, struct buf *out);
/* {usable, min, max, missing, ready, different, advice: [{code, message}]} */
void photo_set_write(struct json_out *out, const struct photo_set *set, enum lang lang);
