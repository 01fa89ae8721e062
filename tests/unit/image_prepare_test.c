#include "image/image.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/crypto.h"
#include "support/picture.h"

static const char *const SUFFIXES[] = {".jpg", ".png", ".webp"};
enum { FORMATS = 3 };

static void keeps_every_pixel(void **state)
{
    static const struct {
        int bands;
        const char *suffix;
    } KINDS[] = {{3, ".jpg"},
                 {3, ".jpg[interlace]"},
                 {1, ".jpg"},
                 {3, ".jpg[Q=95]"},
                 {3, ".png"},
                 {4, ".png"},
                 {1, ".png"},
                 {2, ".png"},
                 {3, ".png[palette]"},
                 {3, ".webp"},
                 {4, ".webp[Q=60]"},
                 {4, ".webp[lossless]"},
                 {1, ".webp"},
                 {3, ".png[interlace]"},
                 {1, ".png[bitdepth=1]"}};

    (void)state;
    for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++) {
        CLEANUP(buf_done) struct buf picture = picture_coded(picture_draw(133, 71, KINDS[i].bands), KINDS[i].suffix);
        struct image_files files = picture_prepared(&picture);
        picture_assert_same(&picture, &files.original);
        assert_int_equal(files.info.width, 133);
        assert_int_equal(files.info.height, 71);
        image_files_done(&files);
    }
}

/* Found by fuzzing: a bitstream that is one byte short, which libwebp takes from the chunk behind it. */
static void refuses_a_picture_that_leans_on_its_metadata(void **state)
{
    static const char HEX[] =
        "524946467800000057454250565038580a000000080000001700001100005650384c510000002f17400400059bdadada"
        "a497316bf60840010e9080042c60010948c0411444007bd68cbdae4f4244ff2bf0bfd7bacc711a8377d66825c5d0776d"
        "91bef8c22b5ef08c239ef08803f6d8618b0dd6586189058d4558494600000000";
    char bytes[sizeof HEX / 2];
    struct image_files files;
    struct err err;

    (void)state;
    assert_true(hex_read((struct text){HEX, sizeof HEX - 1}, bytes, sizeof bytes));
    assert_false(image_prepare((struct text){bytes, sizeof bytes}, &files, &err));
    assert_string_equal(err.code, "image_corrupt");
}

static void keeps_sixteen_bits_and_shows_them_right(void **state)
{
    VipsImage *wide, *shifted;

    (void)state;
    VipsImage *flat = picture_fill(50, 40, 4, (double[]){200, 100, 50, 128});
    picture_must(vips_linear1(flat, &shifted, 257, 0, NULL));
    picture_must(vips_cast_ushort(shifted, &wide, NULL));
    g_object_unref(flat);
    g_object_unref(shifted);
    CLEANUP(buf_done) struct buf picture = picture_coded(picture_as(wide, VIPS_INTERPRETATION_RGB16), ".png");
    struct image_files files = picture_prepared(&picture);
    picture_assert_same(&picture, &files.original);
    assert_float_equal(picture_band(&files.small, 20, 20, 0), 200, 3);
    assert_float_equal(picture_band(&files.small, 20, 20, 2), 50, 3);
    assert_float_equal(picture_band(&files.small, 20, 20, 3), 128, 1);
    image_files_done(&files);
}

static void makes_thumbnails_of_the_right_size(void **state)
{
    static const struct {
        int width, height, medium_width, medium_height, small_width, small_height;
    } SIZES[] = {
        {1024, 768, 800, 600, 320, 240}, {768, 1024, 600, 800, 240, 320},
        {800, 800, 800, 800, 320, 320},  {801, 400, 800, 400, 320, 160},
        {500, 100, 500, 100, 320, 64},   {320, 200, 320, 200, 320, 200},
        {40, 30, 40, 30, 40, 30},        {1, 1, 1, 1, 1, 1},
        {3000, 2, 800, 1, 320, 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++) {
        CLEANUP(buf_done) struct buf picture = picture_coded(picture_draw(SIZES[i].width, SIZES[i].height, 3), ".jpg");
        struct image_files files = picture_prepared(&picture);
        struct image_info info;
        struct err err;
        assert_true(image_probe(picture_text(&files.medium), &info, &err));
        assert_int_equal(info.format, IMAGE_WEBP);
        picture_assert_size(&files.medium, SIZES[i].medium_width, SIZES[i].medium_height);
        picture_assert_size(&files.small, SIZES[i].small_width, SIZES[i].small_height);
        assert_in_range(files.placeholder_len, 5, 25);
        image_files_done(&files);
    }
}

static void thumbnails_and_placeholder_show_the_picture(void **state)
{
    CLEANUP(buf_done)
    struct buf picture = picture_coded(picture_fill(900, 600, 3, (double[]){220, 40, 120}), ".jpg[Q=95]");
    struct image_files files = picture_prepared(&picture);
    static const double COLOUR[] = {220, 40, 120};

    (void)state;
    for (int band = 0; band < 3; band++) {
        assert_float_equal(picture_band(&files.small, 160, 100, band), COLOUR[band], 6);
        assert_float_equal(picture_band(&files.medium, 799, 0, band), COLOUR[band], 6);
    }
    /* Mean lightness: six bits of (220 + 40 + 120) / 3 / 255. */
    assert_in_range(files.placeholder[0] & 63, 30, 32);
    image_files_done(&files);
}

static VipsImage *quadrants(void)
{
    static const double GREYS[] = {0, 80, 160, 240}; /* top left, top right, bottom left, bottom right */
    VipsImage *parts[4], *ret;

    for (int i = 0; i < 4; i++)
        parts[i] = picture_fill(48, 32, 1, &GREYS[i]);
    picture_must(vips_arrayjoin(parts, &ret, 4, "across", 2, NULL));
    for (int i = 0; i < 4; i++)
        g_object_unref(parts[i]);
    return picture_as(ret, VIPS_INTERPRETATION_B_W);
}

static void assert_corners(const struct buf *b, const int corners[3])
{
    VipsImage *image = picture_decoded(b);
    int right = image->Xsize - 8, bottom = image->Ysize - 8;

    assert_int_equal(vips_image_get_orientation(image), 1);
    g_object_unref(image);
    assert_float_equal(picture_band(b, 8, 8, 0), corners[0] * 80, 10);
    assert_float_equal(picture_band(b, right, 8, 0), corners[1] * 80, 10);
    assert_float_equal(picture_band(b, 8, bottom, 0), corners[2] * 80, 10);
}

/* libvips reads EXIF in PNG but does not write it. */
static void add_png_orientation(struct buf *png, int orientation)
{
    char exif[] = "MM\0*\0\0\0\x08\0\1\x01\x12\0\3\0\0\0\1\0?\0\0\0\0\0";

    exif[19] = (char)orientation;
    picture_insert_png_chunk(png, "eXIf", exif, sizeof exif);
}

static void turns_every_orientation_upright(void **state)
{
    /* Which stored quadrant is shown top left, top right, bottom left (Exif 2.3, tag 0x0112). */
    static const int SHOWN[9][3] = {{0},       {0, 1, 2}, {1, 0, 3}, {3, 2, 1}, {2, 3, 0},
                                    {0, 2, 1}, {2, 0, 3}, {3, 1, 2}, {1, 3, 0}};

    (void)state;
    for (int i = 0; i < FORMATS; i++)
        for (int orientation = 1; orientation <= 8; orientation++) {
            VipsImage *image = quadrants();
            vips_image_set_int(image, VIPS_META_ORIENTATION, orientation);
            CLEANUP(buf_done) struct buf picture = picture_coded(image, SUFFIXES[i]);
            if (i == 1)
                add_png_orientation(&picture, orientation);
            struct image_files files = picture_prepared(&picture);
            struct image_info info;
            struct err err;
            assert_true(image_probe(picture_text(&picture), &info, &err));
            assert_int_equal(info.width, orientation < 5 ? 96 : 64);
            assert_int_equal(info.height, orientation < 5 ? 64 : 96);
            assert_memory_equal(&info, &files.info, sizeof info);
            assert_corners(&files.original, SHOWN[orientation]);
            assert_corners(&files.medium, SHOWN[orientation]);
            assert_corners(&files.small, SHOWN[orientation]);
            image_files_done(&files);
        }
}

static void brings_other_colour_spaces_to_srgb(void **state)
{
    (void)state;
    for (int i = 0; i < FORMATS; i++) {
        CLEANUP(buf_done)
        struct buf picture =
            picture_coded(picture_with_profile(picture_fill(64, 64, 3, (double[]){200, 100, 100}), "p3"), SUFFIXES[i]);
        struct image_files files = picture_prepared(&picture);
        assert_float_equal(picture_band(&files.original, 30, 30, 0), 213, 4); /* P3's red is stronger than sRGB's */
        assert_float_equal(picture_band(&files.original, 30, 30, 1), 95, 5);
        assert_float_equal(picture_band(&files.small, 30, 30, 0), 213, 5);
        image_files_done(&files);
    }
}

static void a_profile_of_srgb_changes_no_pixel(void **state)
{
    (void)state;
    for (int i = 0; i < FORMATS; i++) {
        CLEANUP(buf_done)
        struct buf picture = picture_coded(picture_with_profile(picture_draw(64, 64, 3), "srgb"), SUFFIXES[i]);
        struct image_files files = picture_prepared(&picture);
        picture_assert_same(&picture, &files.original);
        image_files_done(&files);
    }
}

static void shows_print_colours(void **state)
{
    VipsImage *rgb = picture_fill(64, 64, 3, (double[]){180, 90, 60}), *cmyk;

    (void)state;
    picture_must(vips_icc_transform(rgb, &cmyk, "cmyk", "input_profile", "srgb", NULL));
    g_object_unref(rgb);
    CLEANUP(buf_done) struct buf picture = picture_coded(cmyk, ".jpg[Q=95]");
    struct image_files files = picture_prepared(&picture);
    assert_float_equal(picture_band(&files.original, 30, 30, 0), 180, 25);
    assert_float_equal(picture_band(&files.original, 30, 30, 1), 90, 25);
    assert_float_equal(picture_band(&files.original, 30, 30, 2), 60, 25);
    image_files_done(&files);
}

static void *prepare_again(void *arg)
{
    const struct buf *picture = arg;
    struct image_files *files = calloc(1, sizeof *files);
    struct err err;

    for (int i = 0; i < 5; i++) {
        image_files_done(files);
        if (image_prepare((struct text){picture->bytes, picture->len / 2}, files, &err) ||
            !image_prepare(picture_text(picture), files, &err))
            break;
    }
    image_thread_done();
    return files;
}

static void threads_make_the_same_files(void **state)
{
    enum { THREADS = 4 };
    CLEANUP(buf_done) struct buf picture = picture_coded(picture_with_profile(picture_draw(900, 700, 3), "p3"), ".jpg");
    struct image_files expected = picture_prepared(&picture);
    pthread_t threads[THREADS];

    (void)state;
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, prepare_again, &picture), 0);
    for (int i = 0; i < THREADS; i++) {
        struct image_files *files;
        assert_int_equal(pthread_join(threads[i], (void **)&files), 0);
        assert_true(text_equal(picture_text(&files->original), picture_text(&expected.original)));
        assert_true(text_equal(picture_text(&files->small), picture_text(&expected.small)));
        assert_true(text_equal(picture_text(&files->medium), picture_text(&expected.medium)));
        assert_memory_equal(files->placeholder, expected.placeholder, sizeof expected.placeholder);
        image_files_done(files);
        free(files);
    }
    image_files_done(&expected);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_every_pixel),
        cmocka_unit_test(refuses_a_picture_that_leans_on_its_metadata),
        cmocka_unit_test(keeps_sixteen_bits_and_shows_them_right),
        cmocka_unit_test(makes_thumbnails_of_the_right_size),
        cmocka_unit_test(thumbnails_and_placeholder_show_the_picture),
        cmocka_unit_test(turns_every_orientation_upright),
        cmocka_unit_test(brings_other_colour_spaces_to_srgb),
        cmocka_unit_test(a_profile_of_srgb_changes_no_pixel),
        cmocka_unit_test(shows_print_colours),
        cmocka_unit_test(threads_make_the_same_files),
    };
    struct err err;

    (void)argc;
    return image_start(argv[0], &err) ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
