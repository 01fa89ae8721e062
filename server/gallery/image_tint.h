#pragma once
/* The colour that stands for a picture until it is there. */
#include <stddef.h>

enum { IMAGE_TINT_ROOM = 8 };

/* "#rrggbb", the average colour of a ThumbHash; "" for one that is too short to have any. */
void image_tint(const unsigned char *thumbhash, size_t len, char to[IMAGE_TINT_ROOM]);
