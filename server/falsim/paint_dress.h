#pragma once
/* What somebody wears: over the body, and on the head. */
#include "falsim/paint_pose.h"

void dress_body(struct svg *svg, const struct pose *f); /* before the head is drawn */
void dress_draw(struct svg *svg, const struct pose *f); /* over everything */
