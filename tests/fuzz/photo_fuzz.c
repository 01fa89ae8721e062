/* Any bytes through what is said of a stranger's photo. Large pictures are left out: they only make it slow. */
#include "image/photo.h"

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
    enum { PIXELS_MAX = 600 * 600 };
    struct text photo = {(const char *)bytes, len};
    struct photo_files files, again;
    struct image_info info;
    struct err err;

    (void)photo_foreign_format(photo);
    if ((image_probe(photo, &info, &err) && (int64_t)info.width * info.height > PIXELS_MAX) ||
        !photo_examine(photo, NULL, &files, &err))
        return 0;
    /* What we keep is a sound photo of the same size, since none of these is large. */
    if (!photo_examine((struct text){files.clean.bytes, files.clean.len}, NULL, &again, &err) ||
        again.facts.width != files.facts.width || again.facts.height != files.facts.height)
        abort();
    photo_files_done(&files);
    photo_files_done(&again);
    return 0;
}
