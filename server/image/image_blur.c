#include "image/image.h"
#include "image/pixels.h"

enum { BLURRED_QUALITY = 60 };

bool image_blur(struct text small, struct buf *ret, struct err *reterr)
{
    PIXELS picture = pixels_decode(small, IMAGE_WEBP);
    PIXELS blurred = picture ? pixels_blur(picture) : NULL;

    return (blurred && pixels_write_webp(blurred, BLURRED_QUALITY, ret)) || pixels_fault("blurring", reterr);
}
