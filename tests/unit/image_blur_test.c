/* What is shown of a picture in quarantine. */
#include "image/image.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "support/picture.h"

static struct buf blurred_of(VipsImage *image)
{
    CLEANUP(buf_done) struct buf coded = picture_coded(image, ".png");
    struct image_files files = picture_prepared(&coded);
    struct buf blurred = buf_make(1 << 20);
    struct err err;

    if (!image_blur(picture_text(&files.small), &blurred, &err))
        fail_msg("%s: %s", err.code, err.detail);
    image_files_done(&files);
    return blurred;
}

/* Of 3 bands and 8 bits. */
struct samples {
    unsigned char *at;
    int width, height;
};

static struct samples samples_of(const struct buf *picture)
{
    VipsImage *image = picture_decoded(picture);
    struct samples s = {.width = image->Xsize, .height = image->Ysize};
    size_t size;

    assert_int_equal(image->Bands, 3);
    s.at = vips_image_write_to_memory(image, &size);
    assert_int_equal(size, s.width * s.height * 3);
    g_object_unref(image);
    return s;
}

static int sample(const struct samples *s, int x, int y, int band) { return s->at[(y * s->width + x) * 3 + band]; }

/* The greatest step from one pixel to the next. */
static int sharpest_edge(const struct samples *s)
{
    int sharpest = 0;

    for (int y = 0; y < s->height; y++)
        for (int x = 1; x < s->width; x++) {
            int step = abs(sample(s, x, y, 1) - sample(s, x - 1, y, 1));
            sharpest = step > sharpest ? step : sharpest;
        }
    return sharpest;
}

/* Black and white squares of 16 pixels, as large as an eye: half of the thumbnail each. */
static VipsImage *chequered(int side, int square)
{
    VipsImage *image = picture_fill(side, side, 3, (const double[]){255, 255, 255});
    VipsImage *copy = NULL;

    picture_must(vips_copy(image, &copy, NULL));
    g_object_unref(image);
    image = vips_image_copy_memory(copy);
    g_object_unref(copy);
    for (int y = 0; y < side; y += square)
        for (int x = (y / square % 2) * square; x < side; x += 2 * square)
            picture_must(vips_draw_rect1(image, 0, x, y, square, square, "fill", TRUE, NULL));
    return image;
}

static void nothing_is_to_be_made_out(void **state)
{
    CLEANUP(buf_done) struct buf blurred = blurred_of(chequered(640, 32));
    struct samples s = samples_of(&blurred);
    int darkest = 255, brightest = 0;

    (void)state;
    assert_true(s.width == 320 && s.height == 320);
    assert_true(sharpest_edge(&s) < 12);
    for (int y = 40; y < 280; y++)
        for (int x = 40; x < 280; x++) {
            darkest = sample(&s, x, y, 1) < darkest ? sample(&s, x, y, 1) : darkest;
            brightest = sample(&s, x, y, 1) > brightest ? sample(&s, x, y, 1) : brightest;
        }
    assert_true(brightest - darkest < 60); /* of 255 */
    g_free(s.at);
}

static void where_it_is_light_and_of_which_colour_is_left(void **state)
{
    CLEANUP(buf_done) struct buf blurred = blurred_of(picture_fill(512, 768, 3, (const double[]){200, 40, 40}));

    (void)state;
    picture_assert_size(&blurred, 213, 320);
    assert_true(picture_band(&blurred, 100, 100, 0) > 180 && picture_band(&blurred, 100, 100, 1) < 60);
}

static void odd_shapes_are_blurred_as_well(void **state)
{
    static const int SIDES[][2] = {{1, 1}, {3, 2}, {2000, 9}, {9, 2000}, {11, 10}};

    (void)state;
    for (size_t i = 0; i < sizeof SIDES / sizeof *SIDES; i++)
        for (int bands = 1; bands <= 4; bands++) {
            CLEANUP(buf_done) struct buf blurred = blurred_of(picture_draw(SIDES[i][0], SIDES[i][1], bands));
            assert_true(blurred.len > 20 && memcmp(blurred.bytes, "RIFF", 4) == 0);
        }
}

static void refuses_what_is_no_thumbnail(void **state)
{
    CLEANUP(buf_done) struct buf blurred = buf_make(1 << 20);
    struct err err = {0};

    (void)state;
    assert_false(image_blur(TEXT("RIFF no picture"), &blurred, &err));
    assert_string_equal(err.code, "image_corrupt");
}

static int start(void **state)
{
    struct err err;

    (void)state;
    return image_start("image_blur_test", &err) ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_to_be_made_out),
        cmocka_unit_test(where_it_is_light_and_of_which_colour_is_left),
        cmocka_unit_test(odd_shapes_are_blurred_as_well),
        cmocka_unit_test(refuses_what_is_no_thumbnail),
    };

    return cmocka_run_group_tests(tests, start, NULL);
}
