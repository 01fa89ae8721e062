#pragma once
/* ThumbHash: a picture's colours and rough shapes in up to 25 bytes, for a placeholder (Evan Wallace, 2023). */
#include <stddef.h>

enum { THUMBHASH_SIDE = 100, THUMBHASH_ROOM = 25 };

/* rgba: width * height pixels of 4 bytes, alpha not multiplied in; sides 1 to THUMBHASH_SIDE. Returns the length. */
size_t thumbhash_encode(int width, int height, const unsigned char *rgba, unsigned char ret[THUMBHASH_ROOM]);
