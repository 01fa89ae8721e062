#pragma once
/* What people built: a city at the horizon, a castle on its hill. Drawn over a sky. */
#include "falsim/paint_svg.h"

void built_city(struct svg *svg, double horizon);
void built_castle(struct svg *svg, double horizon);
