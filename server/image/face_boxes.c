#include "image/face_boxes.h"

#include <math.h>
#include <stdlib.h>

#include "image/face_net.h"

/* Two boxes are one face when they share more than this much of what they cover together, or of the smaller one. */
static const float SAME = 0.3f, INSIDE = 0.7f;

static float logistic(float value) { return 1 / (1 + expf(-value)); }

/* x and y: the middle of the cell, as shares of the square. */
static struct face face_at(const float *row, double x, double y, double side, struct face_square square, float score)
{
    double width = row[2] / side, height = row[3] / side;
    double left = x + row[0] / side - width / 2, top = y + row[1] / side - height / 2;

    return (struct face){(float)(square.left + left * square.side), (float)(square.top + top * square.side),
                         (float)(width * square.side), (float)(height * square.side), score};
}

static const float *read_grid(const struct face_answer *a, struct face_grid grid, const float *scores, const float *row,
                              struct face_square square, struct face *found, int *count)
{
    int rows = grid.cells * grid.cells * grid.rows;

    for (int i = 0; i < rows; i++, row += FACE_BOX_NUMBERS) {
        float score = logistic(scores[i]);
        int cell = i / grid.rows;
        double x = (cell % grid.cells + 0.5) / grid.cells, y = (cell / grid.cells + 0.5) / grid.cells;
        bool counts = score >= a->least && row[2] > 0 && row[3] > 0;
        if (counts && *count < FACE_FOUND_MAX)
            found[(*count)++] = face_at(row, x, y, a->side, square, score);
    }
    return row;
}

void face_boxes_read(const struct face_answer *a, struct face_square square, struct face *found, int *count)
{
    const float *row = read_grid(a, a->grids[0], a->scores, a->boxes, square, found, count);
    const float *scores = a->scores + (row - a->boxes) / FACE_BOX_NUMBERS;

    if (a->grids[1].cells)
        (void)read_grid(a, a->grids[1], scores, row, square, found, count);
}

static int better_first(const void *a, const void *b)
{
    float x = ((const struct face *)a)->score, y = ((const struct face *)b)->score;

    return (x < y) - (x > y);
}

static bool same_face(const struct face *a, const struct face *b)
{
    float wide = fminf(a->left + a->width, b->left + b->width) - fmaxf(a->left, b->left);
    float high = fminf(a->top + a->height, b->top + b->height) - fmaxf(a->top, b->top);
    float one = a->width * a->height, other = b->width * b->height, both = wide * high;

    return wide > 0 && high > 0 && (both > SAME * (one + other - both) || both > INSIDE * fminf(one, other));
}

int face_boxes_choose(struct face *found, int count, int max, struct face *ret)
{
    int kept = 0;

    qsort(found, (size_t)count, sizeof *found, better_first);
    for (int i = 0; i < count && kept < max; i++) {
        bool new = true;
        for (int k = 0; k < kept && new; k++)
            new = !same_face(&found[i], &ret[k]);
        if (new)
            ret[kept++] = found[i];
    }
    return kept;
}
