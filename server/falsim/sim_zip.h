#pragma once
/* How many pictures are in a ZIP archive? Only its list of contents is read (PKWARE APPNOTE 4.3.12, 4.3.16). */
#include <stdbool.h>

#include "base/text.h"

/* Counts .jpg, .jpeg, .png and .webp outside of __MACOSX. False: not an archive that could be unpacked. */
bool sim_zip_count(struct text archive, int *retcount);
