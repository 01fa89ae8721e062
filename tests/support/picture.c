#include "support/picture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

void picture_must(int failed)
{
    if (failed)
        fail_msg("libvips: %s", vips_error_buffer());
}

VipsImage *picture_as(VipsImage *image, VipsInterpretation interpretation)
{
    VipsImage *ret;

    picture_must(vips_copy(image, &ret, "interpretation", interpretation, NULL));
    g_object_unref(image);
    return ret;
}

VipsImage *picture_draw(int width, int height, int bands)
{
    VipsImage *waves[4], *joined, *memory;

    for (int i = 0; i < bands; i++)
        picture_must(
            vips_sines(&waves[i], width, height, "hfreq", 1.5 + i, "vfreq", 2.5 - 0.5 * i, "uchar", TRUE, NULL));
    picture_must(vips_bandjoin(waves, &joined, bands, NULL));
    memory = vips_image_copy_memory(joined);
    g_object_unref(joined);
    for (int i = 0; i < bands; i++)
        g_object_unref(waves[i]);
    return picture_as(memory, bands < 3 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB);
}

VipsImage *picture_scene(int width, int height, int seed)
{
    VipsImage *sum, *octave, *next, *bands[3], *joined, *memory;

    picture_must(vips_black(&sum, width, height, NULL));
    for (int cell = width / 3, i = 0; cell >= 2; cell /= 2, i++) {
        picture_must(vips_perlin(&octave, width, height, "cell_size", cell, "seed", 7919 * seed + 104729 * i, NULL));
        picture_must(vips_linear1(octave, &next, 30 + 120.0 * cell / width, 0, NULL));
        g_object_unref(octave);
        picture_must(vips_add(sum, next, &octave, NULL));
        g_object_unref(next);
        g_object_unref(sum);
        sum = octave;
    }
    for (int i = 0; i < 3; i++)
        picture_must(vips_linear1(sum, &bands[i], 1 - 0.1 * i, 128 - 8 * i, "uchar", TRUE, NULL));
    picture_must(vips_bandjoin(bands, &joined, 3, NULL));
    picture_must((memory = vips_image_copy_memory(joined)) == NULL);
    for (int i = 0; i < 3; i++)
        g_object_unref(bands[i]);
    g_object_unref(joined);
    g_object_unref(sum);
    return picture_as(memory, VIPS_INTERPRETATION_sRGB);
}

VipsImage *picture_fill(int width, int height, int bands, const double *colour)
{
    static const double NOTHING[4];
    VipsImage *black, *filled, *bytes;

    picture_must(vips_black(&black, width, height, NULL));
    picture_must(vips_linear(black, &filled, NOTHING, colour, bands, NULL));
    picture_must(vips_cast_uchar(filled, &bytes, NULL));
    g_object_unref(black);
    g_object_unref(filled);
    return picture_as(bytes, bands < 3 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB);
}

struct buf picture_coded(VipsImage *image, const char *suffix)
{
    struct buf ret = buf_make(64 << 20);
    void *bytes;
    size_t len;

    picture_must(vips_image_write_to_buffer(image, suffix, &bytes, &len, NULL));
    assert_true(buf_add(&ret, bytes, len));
    g_free(bytes);
    g_object_unref(image);
    return ret;
}

struct text picture_text(const struct buf *b) { return (struct text){b->bytes, b->len}; }

VipsImage *picture_decoded(const struct buf *b)
{
    VipsImage *image = vips_image_new_from_buffer(b->bytes, b->len, "", NULL), *memory;

    picture_must(image == NULL);
    memory = vips_image_copy_memory(image);
    g_object_unref(image);
    picture_must(memory == NULL);
    return memory;
}

void picture_assert_size(const struct buf *b, int width, int height)
{
    VipsImage *image = picture_decoded(b);

    assert_int_equal(image->Xsize, width);
    assert_int_equal(image->Ysize, height);
    g_object_unref(image);
}

double picture_band(const struct buf *b, int x, int y, int band)
{
    VipsImage *image = picture_decoded(b);
    double *point, value;
    int count;

    picture_must(vips_getpoint(image, &point, &count, x, y, NULL));
    assert_true(band < count);
    value = point[band];
    g_free(point);
    g_object_unref(image);
    return value;
}

void picture_assert_same(const struct buf *a, const struct buf *b)
{
    VipsImage *one = picture_decoded(a), *two = picture_decoded(b);
    size_t len_one, len_two;
    void *bytes_one = vips_image_write_to_memory(one, &len_one), *bytes_two = vips_image_write_to_memory(two, &len_two);

    assert_int_equal(one->Xsize, two->Xsize);
    assert_int_equal(one->Bands, two->Bands);
    assert_int_equal(len_one, len_two);
    assert_memory_equal(bytes_one, bytes_two, len_one);
    g_free(bytes_one);
    g_free(bytes_two);
    g_object_unref(one);
    g_object_unref(two);
}

VipsImage *picture_with_profile(VipsImage *image, const char *name)
{
    VipsBlob *profile;
    const void *bytes;
    size_t len;

    picture_must(vips_profile_load(name, &profile, NULL));
    bytes = vips_blob_get(profile, &len);
    vips_image_set_blob_copy(image, VIPS_META_ICC_NAME, bytes, len);
    vips_area_unref(VIPS_AREA(profile));
    return image;
}

VipsImage *picture_in_profile(VipsImage *image, const char *name)
{
    VipsImage *ret;

    picture_must(vips_icc_transform(image, &ret, name, "input_profile", "srgb", NULL));
    g_object_unref(image);
    return ret;
}

VipsImage *picture_held(VipsImage *upright, int orientation)
{
    static const struct {
        VipsAngle turned;
        bool mirrored;
    } STORED[] = {[1] = {VIPS_ANGLE_D0, false},  [2] = {VIPS_ANGLE_D0, true},  [3] = {VIPS_ANGLE_D180, false},
                  [4] = {VIPS_ANGLE_D180, true}, [5] = {VIPS_ANGLE_D90, true}, [6] = {VIPS_ANGLE_D270, false},
                  [7] = {VIPS_ANGLE_D270, true}, [8] = {VIPS_ANGLE_D90, false}};
    VipsImage *turned, *stored;

    picture_must(vips_rot(upright, &turned, STORED[orientation].turned, NULL));
    g_object_unref(upright);
    if (!STORED[orientation].mirrored)
        stored = turned;
    else {
        picture_must(vips_flip(turned, &stored, VIPS_DIRECTION_HORIZONTAL, NULL));
        g_object_unref(turned);
    }
    vips_image_set_int(stored, VIPS_META_ORIENTATION, orientation);
    return stored;
}

struct image_files picture_prepared(const struct buf *picture)
{
    struct image_files files;
    struct err err;

    if (!image_prepare(picture_text(picture), &files, &err))
        fail_msg("%s: %s", err.code, err.detail);
    return files;
}

void picture_insert(struct buf *b, size_t at, const char *bytes, size_t len)
{
    assert_non_null(buf_reserve(b, len));
    memmove(b->bytes + at + len, b->bytes + at, b->len - at);
    memcpy(b->bytes + at, bytes, len);
    b->len += len;
}

void picture_insert_png_chunk(struct buf *png, const char *name, const char *body, size_t len)
{
    unsigned char chunk[128] = {0, 0, 0, (unsigned char)len};
    unsigned crc = ~0u;

    assert_true(len + 12 <= sizeof chunk);
    memcpy(chunk + 4, name, 4);
    memcpy(chunk + 8, body, len);
    for (size_t i = 4; i < 8 + len; i++) {
        crc ^= chunk[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
    }
    for (int i = 0; i < 4; i++)
        chunk[8 + len + (size_t)i] = (unsigned char)(~crc >> (24 - 8 * i));
    picture_insert(png, 33, (const char *)chunk, len + 12);
}
