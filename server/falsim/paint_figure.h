#pragma once
/* Somebody in front of the scene: an abstract bust without a face, lit from one side. */
#include "falsim/paint_svg.h"

void figure_draw(struct svg *svg);

/* What is drawn between both is seen only inside of somebody's outline, on white paper. */
void figure_mask_begin(struct svg *svg);
void figure_mask_end(struct svg *svg);
