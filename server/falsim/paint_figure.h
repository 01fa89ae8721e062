#pragma once
/* Somebody in front of the scene: an abstract bust without a face, lit from one side. */
#include "falsim/paint_svg.h"

void figure_draw(struct svg *svg);
