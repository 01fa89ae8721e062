#include "image/jpeg_strip.h"

#include <turbojpeg.h>

bool jpeg_strip(struct text jpeg, struct buf *to)
{
    tjtransform plain = {.op = TJXOP_NONE, .options = TJXOPT_COPYNONE};
    tjhandle handle = tjInitTransform();
    unsigned char *bytes = NULL;
    unsigned long len = 0;
    bool ok = handle && jpeg.len &&
              tjTransform(handle, (const unsigned char *)jpeg.at, jpeg.len, 1, &bytes, &len, &plain,
                          TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS) == 0 &&
              buf_add(to, bytes, len);

    tjFree(bytes);
    if (handle)
        (void)tjDestroy(handle);
    return ok;
}
