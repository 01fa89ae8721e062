#pragma once
/* How far a training is, guessed from what its program prints: fal.ai has no figure for it. */
#include <yajl/yajl_tree.h>

enum { FAL_PROGRESS_BAR_MIN = 50 };

/* The furthest that the lines tell, 0..1; -1: none does. logs: the array of a status, of objects with a "message".
   Believed first is "step N/M", then progress bars ("N/M [", or "P%|" on a line without that) of FAL_PROGRESS_BAR_MIN
   steps and more: shorter ones are of what is fetched and read before it begins. Everything else is passed over. */
double fal_progress_read(yajl_val logs);
