/* Any bytes through what is said of a stranger's photo. */
#include "image/photo.h"

#include <stdlib.h>

#include "support/picture_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    enum { PIXELS_MAX = 600 * 600 };
    struct text photo = {(const char *)bytes, len};
    struct photo_files files, again;
    struct err err;

    (void)photo_foreign_format(photo);
    if (picture_fuzz_is_large(photo, PIXELS_MAX) || !photo_examine(photo, NULL, &files, &err))
        return 0;
    /* What we keep is a sound photo of the same size, since none of these is large. */
    if (!photo_examine((struct text){files.clean.bytes, files.clean.len}, NULL, &again, &err) ||
        again.facts.width != files.facts.width || again.facts.height != files.facts.height)
        abort();
    photo_files_done(&files);
    photo_files_done(&again);
    return 0;
}
