#pragma once
/* The places a picture can show, each composed of sky, light and layers from far to near. */
#include "falsim/paint_svg.h"

void scene_draw(struct svg *svg);
/* Banks of fog, behind whoever stands in front. */
void scene_fog(struct svg *svg);
/* Falling snow or rain, drops of light, darkened corners: goes over everything. */
void scene_finish(struct svg *svg);
