#pragma once
/* Looking into a ZIP archive as whoever trains would: its list of contents, and every picture in it unpacked (PKWARE
   APPNOTE 4.3, RFC 1951). A reader of its own, so that it does not share the mistakes of whoever packed. */
#include <stdbool.h>

#include "base/text.h"

enum { SIM_ZIP_ENTRY_MAX = 64 << 20 }; /* bytes of one file when unpacked */

struct sim_zip {
    int pictures; /* .jpg, .jpeg, .png and .webp outside of __MACOSX */
    char why[80]; /* on false: what is wrong with it */
};

/* False: not an archive, a part of one, an encrypted one, one that unpacks to something else than its list says or to
   more than SIM_ZIP_ENTRY_MAX, or one with a picture that is none by its first bytes. */
bool sim_zip_look(struct text archive, struct sim_zip *ret);
