#pragma once
/* Places under a roof, and what stands in places: a fire, a dragon, drifting leaves. */
#include "falsim/paint_svg.h"

void room_draw(struct svg *svg); /* the mood's place is one of them */
/* Behind whoever stands in front, and before them. */
void room_extras_behind(struct svg *svg);
void room_extras_before(struct svg *svg);
