/* Any bytes through the whole way of a provider's picture. */
#include "image/image.h"

#include <stdlib.h>

#include "support/picture_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    enum { PIXELS_MAX = 256 * 256 };
    struct text picture = {(const char *)bytes, len};
    struct image_files files, again;
    struct err err;

    if (picture_fuzz_is_large(picture, PIXELS_MAX) || !image_prepare(picture, &files, &err))
        return 0;
    /* What we keep is a sound picture of the same size. */
    if (!image_prepare((struct text){files.original.bytes, files.original.len}, &again, &err) ||
        again.info.width != files.info.width || again.info.height != files.info.height)
        abort();
    image_files_done(&files);
    image_files_done(&again);
    return 0;
}
