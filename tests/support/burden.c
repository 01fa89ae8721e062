#define _GNU_SOURCE /* memmem */
#include "support/burden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "support/picture.h"

VipsImage *burden_add(VipsImage *image)
{
    static const char PREVIEW[] = "\xff\xd8\xff\xfe\0\x14" BURDEN "\xff\xd9";
    static const char XMP[] = "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">" BURDEN "</x:xmpmeta>";

    vips_image_set_string(image, "exif-ifd0-Model", BURDEN " (" BURDEN ", ASCII, 19 components, 19 bytes)");
    vips_image_set_string(image, "exif-ifd0-ImageDescription", BURDEN);
    vips_image_set_string(image, "exif-ifd3-GPSLatitude", "55/1 45/1 21/1");
    vips_image_set_string(image, "exif-ifd3-GPSLongitude", "37/1 37/1 3/1");
    vips_image_set_blob_copy(image, VIPS_META_XMP_NAME, XMP, sizeof XMP - 1);
    vips_image_set_blob_copy(image, "jpeg-thumbnail-data", PREVIEW, sizeof PREVIEW - 1);
    return picture_with_profile(image, "srgb");
}

/* What libvips does not write by itself. */
void burden_add_comments(struct buf *b)
{
    static const char JPEG[] = "\xff\xfe\0\x14" BURDEN, TEXTUAL[] = "Author\0" BURDEN,
                      EXIF[] = "MM\0*\0\0\0\x08\0\1\x01\x0e\0\2\0\0\0\x13\0\0\0\x1a\0\0\0\0" BURDEN;

    if (b->bytes[0] == '\xff') {
        picture_insert(b, 2, JPEG, sizeof JPEG - 1);
    } else if (b->bytes[0] == '\x89') {
        picture_insert_png_chunk(b, "tEXt", TEXTUAL, sizeof TEXTUAL - 1);
        picture_insert_png_chunk(b, "eXIf", EXIF, sizeof EXIF);
        picture_insert_png_chunk(b, "prVt", BURDEN, strlen(BURDEN));
    }
    assert_true(buf_add_text(b, BURDEN)); /* behind the end of the picture */
}

static unsigned big_endian(const unsigned char *at, int len)
{
    unsigned value = 0;

    for (int i = 0; i < len; i++)
        value = value << 8 | at[i];
    return value;
}

static void assert_bare_jpeg(const unsigned char *b, size_t len)
{
    size_t at = 2;

    while (at + 4 < len && b[at + 1] != 0xda) {
        assert_int_equal(b[at], 0xff);
        if (b[at + 1] == 0xe0) /* JFIF: version, density and no thumbnail, nothing else */
            assert_int_equal(big_endian(b + at + 2, 2), 16);
        else
            assert_false((b[at + 1] >= 0xe1 && b[at + 1] <= 0xef) || b[at + 1] == 0xfe);
        at += 2 + big_endian(b + at + 2, 2);
    }
    assert_memory_equal(b + len - 2, "\xff\xd9", 2);
}

static void assert_bare_png(const unsigned char *b, size_t len)
{
    size_t at = 8;

    while (at + 12 <= len) {
        if (memcmp(b + at + 4, "IHDR", 4) != 0 && memcmp(b + at + 4, "IDAT", 4) != 0 &&
            memcmp(b + at + 4, "IEND", 4) != 0 && memcmp(b + at + 4, "pHYs", 4) != 0)
            fail_msg("a PNG chunk %.4s", (const char *)b + at + 4);
        at += 12 + big_endian(b + at, 4);
    }
    assert_int_equal(at, len);
    assert_memory_equal(b + len - 8, "IEND", 4);
}

static void assert_bare_webp(const unsigned char *b, size_t len)
{
    size_t at = 12;

    while (at + 8 <= len) {
        size_t size = b[at + 4] | (size_t)b[at + 5] << 8 | (size_t)b[at + 6] << 16;
        if (memcmp(b + at, "VP8 ", 4) != 0 && memcmp(b + at, "VP8L", 4) != 0 && memcmp(b + at, "ALPH", 4) != 0 &&
            (memcmp(b + at, "VP8X", 4) != 0 || (b[at + 8] & ~0x10)))
            fail_msg("a WebP chunk %.4s", (const char *)b + at);
        at += 8 + size + size % 2;
    }
    assert_int_equal(at, len);
    assert_int_equal(b[4] | b[5] << 8 | b[6] << 16, len - 8);
}

void burden_assert_none(const struct buf *b)
{
    const unsigned char *at = (const unsigned char *)b->bytes;

    assert_null(memmem(b->bytes, b->len, BURDEN, strlen(BURDEN)));
    assert_null(memmem(b->bytes, b->len, "Exif", 4));
    assert_null(memmem(b->bytes, b->len, "xmp", 3));
    if (at[0] == 0xff)
        assert_bare_jpeg(at, b->len);
    else if (at[0] == 0x89)
        assert_bare_png(at, b->len);
    else
        assert_bare_webp(at, b->len);
}
