#define _GNU_SOURCE /* memmem */
#include "support/bad_picture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "support/picture.h"

enum { PNG_HEADER_END = 33, CHUNK_AROUND = 12 };

static void put_big_endian(char *to, size_t value, int len)
{
    for (int i = 0; i < len; i++)
        to[i] = (char)(value >> (8 * (len - 1 - i)) & 255);
}

static unsigned checksum(const char *bytes, size_t len)
{
    unsigned crc = ~0u;

    for (size_t i = 0; i < len; i++) {
        crc ^= (unsigned char)bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
    }
    return ~crc;
}

struct buf bad_picture_large(int width, int height, int bands, const char *suffix)
{
    VipsImage *black;

    picture_must(vips_black(&black, width, height, "bands", bands, NULL));
    return picture_coded(picture_as(black, bands < 3 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB), suffix);
}

struct buf bad_picture_deep(int width, int height)
{
    VipsImage *black, *wide;

    picture_must(vips_black(&black, width, height, "bands", 4, NULL));
    picture_must(vips_cast_ushort(black, &wide, NULL));
    g_object_unref(black);
    return picture_coded(picture_as(wide, VIPS_INTERPRETATION_RGB16), ".png[interlace,compression=1]");
}

struct buf bad_picture_png_header(int width, int height)
{
    struct buf png = picture_coded(picture_draw(64, 64, 3), ".png");

    put_big_endian(png.bytes + 16, (size_t)width, 4);
    put_big_endian(png.bytes + 20, (size_t)height, 4);
    put_big_endian(png.bytes + 29, checksum(png.bytes + 12, 17), 4);
    return png;
}

struct buf bad_picture_jpeg_header(int width, int height)
{
    struct buf jpeg = picture_coded(picture_draw(64, 64, 3), ".jpg");
    char *size = memmem(jpeg.bytes, jpeg.len, "\xff\xc0\0\x11\x08", 5);

    assert_non_null(size);
    put_big_endian(size + 5, (size_t)height, 2);
    put_big_endian(size + 7, (size_t)width, 2);
    return jpeg;
}

static size_t read_big_endian(const char *at)
{
    const unsigned char *b = (const unsigned char *)at;

    return (size_t)b[0] << 24 | (size_t)b[1] << 16 | (size_t)b[2] << 8 | b[3];
}

/* The pixels of a black PNG are zeros as zlib packs them. */
static struct buf packed_zeros(void)
{
    CLEANUP(buf_done) struct buf png = bad_picture_large(12000, 12000, 1, ".png[filter=none]");
    struct buf ret = buf_make(1 << 20);

    for (size_t at = PNG_HEADER_END - 25; at + CHUNK_AROUND <= png.len;) {
        size_t len = read_big_endian(png.bytes + at);
        if (memcmp(png.bytes + at + 4, "IDAT", 4) == 0)
            assert_true(buf_add(&ret, png.bytes + at + 8, len));
        at += CHUNK_AROUND + len;
    }
    return ret;
}

struct buf bad_picture_inflating(const char *chunk)
{
    CLEANUP(buf_done) struct buf zeros = packed_zeros();
    struct buf png = picture_coded(picture_draw(600, 600, 3), ".png");
    size_t len = 3 + zeros.len; /* "x", the end of this name, and the way of packing */
    char *bytes = malloc(len + CHUNK_AROUND);

    assert_non_null(bytes);
    put_big_endian(bytes, len, 4);
    memcpy(bytes + 4, chunk, 4);
    memcpy(bytes + 8, "x\0\0", 3);
    memcpy(bytes + 11, zeros.bytes, zeros.len);
    put_big_endian(bytes + 8 + len, checksum(bytes + 4, len + 4), 4);
    picture_insert(&png, PNG_HEADER_END, bytes, len + CHUNK_AROUND);
    free(bytes);
    return png;
}

struct buf bad_picture_many_scans(int times)
{
    struct buf jpeg = picture_coded(picture_draw(600, 600, 3), ".jpg[interlace]");
    size_t end = jpeg.len - 2, start = end - 2;

    while (start > 2 && memcmp(jpeg.bytes + start, "\xff\xda", 2) != 0)
        start--;
    size_t len = end - start;
    char *scan = malloc(len);
    assert_non_null(scan);
    memcpy(scan, jpeg.bytes + start, len);
    jpeg.len -= 2;
    for (int i = 0; i < times; i++)
        assert_true(buf_add(&jpeg, scan, len));
    assert_true(buf_add(&jpeg, "\xff\xd9", 2));
    free(scan);
    return jpeg;
}

struct buf bad_picture_animation(int frames)
{
    VipsImage *strip = picture_draw(600, 600 * frames, 3); /* no two alike, or there would be no animation */

    vips_image_set_int(strip, VIPS_META_PAGE_HEIGHT, 600);
    return picture_coded(strip, ".webp[effort=0]");
}
