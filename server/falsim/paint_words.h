#pragma once
/* The words that a painter knows, in English and Russian. Of places, lights, clothes and colours the first that a
   prompt names counts. */
#include "falsim/paint_mood.h"

void words_read(struct mood *mood, struct text prompt);
