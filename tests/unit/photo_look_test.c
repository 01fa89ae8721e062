#include "image/photo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "image/photo_look.h"
#include "support/picture.h"

enum { WIDTH = 1200, HEIGHT = 900 };

/* What is measured of a picture when it is coded like that; takes it. */
static struct photo_facts facts_of(VipsImage *image, const char *suffix)
{
    CLEANUP(buf_done) struct buf coded = picture_coded(image, suffix);
    struct photo_files files;
    struct photo_facts facts;
    struct err err;

    if (!photo_examine(picture_text(&coded), NULL, &files, &err))
        fail_msg("%s: %s", err.code, err.detail);
    facts = files.facts;
    photo_files_done(&files);
    return facts;
}

static VipsImage *resized(VipsImage *image, double scale)
{
    VipsImage *ret;

    picture_must(vips_resize(image, &ret, scale, NULL));
    g_object_unref(image);
    return ret;
}

static VipsImage *cropped(VipsImage *image, int percent)
{
    VipsImage *ret;
    int x = image->Xsize * percent / 200, y = image->Ysize * percent / 200;

    picture_must(vips_crop(image, &ret, x, y, image->Xsize - 2 * x, image->Ysize - 2 * y, NULL));
    g_object_unref(image);
    return ret;
}

static VipsImage *blurred(VipsImage *image, double sigma)
{
    VipsImage *ret;

    picture_must(vips_gaussblur(image, &ret, sigma, NULL));
    g_object_unref(image);
    return ret;
}

static VipsImage *lit(VipsImage *image, double times, double plus)
{
    VipsImage *ret;

    picture_must(vips_linear1(image, &ret, times, plus, "uchar", TRUE, NULL));
    g_object_unref(image);
    return ret;
}

static void knows_the_same_picture_again(void **state)
{
    (void)state;
    for (int seed = 0; seed < 4; seed++) {
        uint64_t look = facts_of(picture_scene(WIDTH, HEIGHT, seed), ".png").look;
        const uint64_t AGAIN[] = {
            facts_of(picture_scene(WIDTH, HEIGHT, seed), ".jpg[Q=50]").look,
            facts_of(resized(picture_scene(WIDTH, HEIGHT, seed), 0.6), ".jpg[Q=50]").look,
            facts_of(cropped(picture_scene(WIDTH, HEIGHT, seed), 1), ".webp").look,
            facts_of(lit(picture_scene(WIDTH, HEIGHT, seed), 0.9, 5), ".jpg").look,
        };
        for (size_t i = 0; i < sizeof AGAIN / sizeof *AGAIN; i++)
            assert_in_range(photo_distance(look, AGAIN[i]), 0, PHOTO_NEAR);
    }
}

static uint64_t look_of_scene(int seed)
{
    enum { SIDE = 128, COUNT = SIDE * SIDE };
    VipsImage *image = picture_scene(SIDE, SIDE, seed);
    unsigned char luma[COUNT], *rgb;
    size_t len;

    picture_must((rgb = vips_image_write_to_memory(image, &len)) == NULL);
    assert_int_equal(len, 3 * COUNT);
    photo_look_luma(COUNT, rgb, luma);
    g_free(rgb);
    g_object_unref(image);
    return photo_look_hash((struct luma){SIDE, SIDE, luma});
}

static void tells_two_hundred_pictures_apart(void **state)
{
    enum { COUNT = 200 };
    uint64_t looks[COUNT];

    (void)state;
    for (int i = 0; i < COUNT; i++) {
        looks[i] = look_of_scene(i);
        for (int j = 0; j < i; j++)
            if (photo_distance(looks[i], looks[j]) <= PHOTO_NEAR)
                fail_msg("%d and %d: %d bits", i, j, photo_distance(looks[i], looks[j]));
    }
}

static void sharpness_falls_as_a_picture_is_blurred(void **state)
{
    float sharp = facts_of(picture_scene(WIDTH, HEIGHT, 1), ".png").sharpness;
    float soft = facts_of(blurred(picture_scene(WIDTH, HEIGHT, 1), 3), ".png").sharpness;
    float blurry = facts_of(blurred(picture_scene(WIDTH, HEIGHT, 1), 12), ".png").sharpness;

    (void)state;
    assert_true(sharp > 1.8F);
    assert_true(soft < sharp - 0.5F);
    assert_true(blurry < soft);
    assert_true(blurry < 1.3F);
}

static void sharpness_does_not_depend_on_the_size(void **state)
{
    struct photo_facts large = facts_of(picture_scene(2400, 1800, 2), ".png");
    struct photo_facts half = facts_of(resized(picture_scene(2400, 1800, 2), 0.5), ".png");

    (void)state;
    assert_float_equal(large.sharpness, half.sharpness, 0.15);
}

static void measures_light(void **state)
{
    struct photo_facts dark = facts_of(lit(picture_scene(WIDTH, HEIGHT, 3), 0.1, 0), ".png");
    struct photo_facts plain = facts_of(picture_scene(WIDTH, HEIGHT, 3), ".png");
    struct photo_facts bright = facts_of(lit(picture_scene(WIDTH, HEIGHT, 3), 1, 130), ".png");

    (void)state;
    assert_in_range((int)dark.brightness, 5, 24);
    assert_in_range((int)plain.brightness, 70, 180);
    assert_in_range((int)bright.brightness, 205, 255);
    assert_true(dark.clipped < 0.001F);
    assert_true(bright.clipped > 0.3F);
}

static void measures_exactly_what_is_known(void **state)
{
    unsigned char stripes[64 * 64], luma[2];

    (void)state;
    for (size_t i = 0; i < sizeof stripes; i++)
        stripes[i] = i % 2 ? 250 : 0;
    struct luma picture = {64, 64, stripes};
    assert_float_equal(photo_look_brightness(picture), 125, 0.01);
    assert_float_equal(photo_look_clipped(picture), 0.5, 0.001);
    assert_float_equal(photo_look_sharpness(picture), 5.398, 0.001); /* log10(500^2): left and right differ by 250 */
    photo_look_luma(2, (const unsigned char[]){255, 255, 255, 0, 255, 0}, luma);
    assert_int_equal(luma[0], 255);
    assert_int_equal(luma[1], 149);
    memset(stripes, 7, sizeof stripes);
    assert_float_equal(photo_look_sharpness(picture), -3, 0.001);
}

static void takes_a_picture_of_any_shape(void **state)
{
    static const unsigned char BYTES[3 * 4000] = {1, 2, 3, 200};

    (void)state;
    (void)photo_look_hash((struct luma){3, 4000, BYTES});
    (void)photo_look_hash((struct luma){4000, 3, BYTES});
    (void)photo_look_hash((struct luma){3, 3, BYTES});
    assert_float_equal(photo_look_sharpness((struct luma){3, 3, BYTES}), -3, 0.001);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_the_same_picture_again),
        cmocka_unit_test(tells_two_hundred_pictures_apart),
        cmocka_unit_test(sharpness_falls_as_a_picture_is_blurred),
        cmocka_unit_test(sharpness_does_not_depend_on_the_size),
        cmocka_unit_test(measures_light),
        cmocka_unit_test(measures_exactly_what_is_known),
        cmocka_unit_test(takes_a_picture_of_any_shape),
    };
    struct err err;

    (void)argc;
    return image_start(argv[0], &err) ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
