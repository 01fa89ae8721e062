/* Any bytes through the whole way of a provider's picture. Large pictures are left out: they only make it slow. */
#include "image/image.h"

#include <stdlib.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    struct err err;

    (void)argc;
    if (!image_start((*argv)[0], &err))
        abort();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    enum { PIXELS_MAX = 256 * 256 };
    struct text picture = {(const char *)bytes, len};
    struct image_files files, again;
    struct image_info info;
    struct err err;

    if (!image_probe(picture, &info, &err) || (int64_t)info.width * info.height > PIXELS_MAX ||
        !image_prepare(picture, &files, &err))
        return 0;
    /* What we keep is a sound picture of the same size. */
    if (!image_prepare((struct text){files.original.bytes, files.original.len}, &again, &err) ||
        again.info.width != files.info.width || again.info.height != files.info.height)
        abort();
    image_files_done(&files);
    image_files_done(&again);
    return 0;
}
