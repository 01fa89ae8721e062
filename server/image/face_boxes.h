#pragma once
/* From a net's numbers to faces: cells, boxes, and which of several boxes stand for the same face. */
#include "image/face.h"
#include "image/face_square.h"

enum { FACE_FOUND_MAX = 512 };

/* A net answers by grids of cells, one after the other, each with so many rows a cell. */
struct face_grid {
    int cells, rows; /* cells * cells, each with that many rows */
};

struct face_answer {
    int side;                  /* of the net's square, in pixels */
    struct face_grid grids[2]; /* the second may have 0 cells */
    const float *boxes, *scores;
    float least; /* score that counts, 0..1 */
};

/* Adds to found[*count], of which there is room for FACE_FOUND_MAX; more are dropped. Boxes in pixels of the picture,
   and perhaps partly outside. */
void face_boxes_read(const struct face_answer *answer, struct face_square square, struct face *found, int *count);

/* Best first; of boxes that overlap the best stays. Returns how many of found are left, at most max, in ret. */
int face_boxes_choose(struct face *found, int count, int max, struct face *ret);
