#pragma once
/* The square in which a net sees a picture: the whole of it, in the middle, black beside it. */

struct face_square {
    double left, top, side; /* in pixels of the picture; left or top is negative where there is black */
};

struct face_square face_square_of(int width, int height);

/* Averages the pixels of each of side * side fields of the square: R, G, B in -1..1, row by row. */
void face_square_draw(struct face_square square, int width, int height, const unsigned char *rgb, int side, float *to);
