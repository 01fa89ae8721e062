#include "support/picture_fuzz.h"

#include <stdlib.h>

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    struct err err;

    (void)argc;
    if (!image_start((*argv)[0], &err))
        abort();
    return 0;
}

bool picture_fuzz_is_large(struct text picture, int64_t pixels_max)
{
    struct image_info info;
    struct err err;

    return image_probe(picture, &info, &err) && (int64_t)info.width * info.height > pixels_max;
}
