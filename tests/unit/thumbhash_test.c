#include "image/thumbhash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/crypto.h"

typedef void painter(int x, int y, int rgba[4]);

static void gradient(int x, int y, int rgba[4])
{
    rgba[0] = x * 8, rgba[1] = y * 10, rgba[2] = (x + y) * 4, rgba[3] = 255;
}

static void ripples(int x, int y, int rgba[4])
{
    rgba[0] = (x * x * 3 + y * 7) % 256, rgba[1] = (y * y + x) % 256, rgba[2] = 128 + x * 3, rgba[3] = 255;
}

static void veil(int x, int y, int rgba[4])
{
    rgba[0] = x * 16, rgba[1] = y * 16, rgba[2] = 255 - x * 8, rgba[3] = x * y % 256;
}

static void nothing(int x, int y, int rgba[4])
{
    (void)x, (void)y;
    rgba[0] = 10, rgba[1] = 20, rgba[2] = 30, rgba[3] = 0;
}

static void ribbon(int x, int y, int rgba[4])
{
    rgba[0] = x * 2, rgba[1] = 255 - x * 2, rgba[2] = y * 50, rgba[3] = 255;
}

static void noise(int x, int y, int rgba[4])
{
    rgba[0] = (x * 73 + y * 151) % 256, rgba[1] = (x * 37 ^ y * 91) % 256, rgba[2] = x * y % 256, rgba[3] = 255;
}

static void half_veil(int x, int y, int rgba[4])
{
    rgba[0] = (x * x + y * 4) % 256, rgba[1] = (y * y * 2 + x) % 256, rgba[2] = 100 + x;
    rgba[3] = x * y < 900 ? 255 : 80 + x;
}

static size_t encode(int width, int height, painter *paint, unsigned char ret[THUMBHASH_ROOM])
{
    unsigned char *pixels = calloc((size_t)(4 * width * height), 1);
    size_t len;

    assert_non_null(pixels);
    for (int i = 0; i < width * height; i++) {
        int rgba[4];
        paint(i % width, i / width, rgba);
        for (int c = 0; c < 4; c++)
            pixels[4 * i + c] = (unsigned char)rgba[c];
    }
    len = thumbhash_encode(width, height, pixels, ret);
    free(pixels);
    return len;
}

/* The expected bytes are those of the reference encoder (thumbhash 0.1.1, JavaScript) for the same pixels.
   Perfectly regular pictures are left out: their zero waves are halves that rounding errors push up or down. */
static void agrees_with_the_reference_encoder(void **state)
{
    static const struct {
        int width, height;
        painter *paint;
        const char *hash;
    } PICTURES[] = {
        {32, 24, gradient, "5d180e0d9a7077878188888788788887788008f788"},
        {20, 40, ripples, "a026061c087317660656846967987d6180f7c6"},
        {16, 16, veil, "e90782150413b487c0865e7898e0c40bfe187077b088877878"},
        {8, 8, nothing, "00088205000000000000000000000000000000000000000000"},
        {100, 5, ribbon, "dd880961a887878870888788878f078887"},
        {100, 100, noise, "1ff8010f0020221340546542652665276553f1fddbaa4f09"},
        {60, 90, half_veil, "de178613002b50785825857f87f3962abe897f655a8776"},
    };
    unsigned char hash[THUMBHASH_ROOM];
    char hex[HEX_ROOM(THUMBHASH_ROOM)];

    (void)state;
    for (size_t i = 0; i < sizeof PICTURES / sizeof *PICTURES; i++) {
        size_t len = encode(PICTURES[i].width, PICTURES[i].height, PICTURES[i].paint, hash);
        hex_write(hash, len, hex);
        assert_string_equal(hex, PICTURES[i].hash);
    }
}

static void takes_pictures_of_every_shape(void **state)
{
    unsigned char hash[THUMBHASH_ROOM];

    (void)state;
    for (int width = 1; width <= THUMBHASH_SIDE; width += 11)
        for (int height = 1; height <= THUMBHASH_SIDE; height += 9) {
            size_t opaque = encode(width, height, noise, hash), veiled = encode(width, height, veil, hash);
            assert_in_range(opaque, 13, THUMBHASH_ROOM);
            assert_in_range(veiled, 13, THUMBHASH_ROOM);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_reference_encoder),
        cmocka_unit_test(takes_pictures_of_every_shape),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
