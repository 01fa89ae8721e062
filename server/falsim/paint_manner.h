#pragma once
/* The finished scene as somebody else would have made it: in pencil, in water colours, as a print. Works on the small
   canvas, in place. */
#include <stdint.h>

#include "falsim/paint_mood.h"

/* RGB, three bytes per pixel, rows without gaps. */
void manner_apply(enum mood_manner manner, uint8_t *canvas, int width, int height);
