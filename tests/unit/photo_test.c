#define _GNU_SOURCE /* memmem */
#include "image/photo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "support/burden.h"
#include "support/picture.h"

static struct photo_files examined(const struct buf *photo)
{
    struct photo_files files;
    struct err err;

    if (!photo_examine(picture_text(photo), NULL, &files, &err))
        fail_msg("%s: %s", err.code, err.detail);
    return files;
}

static void assert_refused(struct text bytes, const char *code)
{
    struct photo_files files;
    struct err err;

    if (photo_examine(bytes, NULL, &files, &err))
        fail_msg("%zu bytes were taken instead of %s", bytes.len, code);
    assert_string_equal(err.code, code);
    assert_int_equal(err.kind, ERR_UPSTREAM);
    assert_null(files.clean.bytes);
    assert_null(files.small.bytes);
}

static void keeps_a_clean_copy_and_a_thumbnail(void **state)
{
    static const char *const SUFFIXES[] = {".jpg",  ".jpg[interlace]", ".png", ".png[interlace]",
                                           ".webp", ".webp[lossless]"};

    (void)state;
    for (size_t i = 0; i < sizeof SUFFIXES / sizeof *SUFFIXES; i++) {
        CLEANUP(buf_done) struct buf photo = picture_coded(picture_draw(2400, 1600, 3), SUFFIXES[i]);
        struct photo_files files = examined(&photo);
        struct image_info clean, small;
        struct err err;
        assert_true(image_probe(picture_text(&files.clean), &clean, &err));
        assert_true(image_probe(picture_text(&files.small), &small, &err));
        assert_int_equal(clean.format, IMAGE_JPEG);
        assert_int_equal(small.format, IMAGE_WEBP);
        picture_assert_size(&files.clean, 2048, 1365);
        picture_assert_size(&files.small, 320, 213);
        assert_int_equal(files.facts.width, 2400);
        assert_int_equal(files.facts.height, 1600);
        assert_int_equal(files.facts.face_count, -1);
        assert_in_range(files.facts.placeholder_len, 5, 25);
        photo_files_done(&files);
    }
}

static void never_enlarges(void **state)
{
    CLEANUP(buf_done) struct buf photo = picture_coded(picture_draw(512, 700, 3), ".png");
    struct photo_files files = examined(&photo);

    (void)state;
    picture_assert_size(&files.clean, 512, 700);
    photo_files_done(&files);
}

/* Large enough that the decoder makes it smaller already. */
static void decodes_a_large_jpeg_at_half_its_size(void **state)
{
    CLEANUP(buf_done) struct buf photo = picture_coded(picture_fill(5000, 4200, 3, (double[]){10, 200, 90}), ".jpg");
    struct photo_files files = examined(&photo);

    (void)state;
    picture_assert_size(&files.clean, 2048, 1720);
    assert_int_equal(files.facts.width, 5000);
    assert_float_equal(picture_band(&files.clean, 1000, 1000, 1), 200, 3);
    photo_files_done(&files);
}

static VipsImage *beside(VipsImage *a, VipsImage *b, VipsDirection direction)
{
    VipsImage *both;

    picture_must(vips_join(a, b, &both, direction, NULL));
    g_object_unref(a);
    g_object_unref(b);
    return both;
}

/* Red and green above blue and yellow, as a camera stores it that is held so. */
static VipsImage *held(int orientation)
{
    VipsImage *top = beside(picture_fill(300, 300, 3, (double[]){200, 0, 0}),
                            picture_fill(300, 300, 3, (double[]){0, 200, 0}), VIPS_DIRECTION_HORIZONTAL);
    VipsImage *bottom = beside(picture_fill(300, 400, 3, (double[]){0, 0, 200}),
                               picture_fill(300, 400, 3, (double[]){200, 200, 0}), VIPS_DIRECTION_HORIZONTAL);

    return picture_held(beside(top, bottom, VIPS_DIRECTION_VERTICAL), orientation);
}

/* In every way that a camera can be held, and mirrored. */
static void turns_every_photo_upright(void **state)
{
    (void)state;
    for (int orientation = 1; orientation <= 8; orientation++) {
        CLEANUP(buf_done) struct buf photo = picture_coded(held(orientation), ".jpg");
        struct photo_files files = examined(&photo);
        assert_int_equal(files.facts.width, 600);
        assert_int_equal(files.facts.height, 700);
        picture_assert_size(&files.clean, 600, 700);
        assert_float_equal(picture_band(&files.clean, 100, 50, 0), 200, 4);
        assert_float_equal(picture_band(&files.clean, 100, 50, 1), 0, 4);
        assert_float_equal(picture_band(&files.clean, 500, 50, 1), 200, 4);
        assert_float_equal(picture_band(&files.clean, 500, 50, 0), 0, 4);
        assert_float_equal(picture_band(&files.clean, 100, 650, 2), 200, 4);
        assert_float_equal(picture_band(&files.clean, 500, 650, 0), 200, 4);
        assert_float_equal(picture_band(&files.clean, 500, 650, 1), 200, 4);
        assert_float_equal(picture_band(&files.small, 50, 300, 2), 200, 8);
        assert_float_equal(picture_band(&files.small, 220, 300, 1), 200, 8);
        photo_files_done(&files);
    }
}

static void assert_colour(const struct buf *photo, double red, double green, double blue)
{
    struct photo_files files = examined(photo);
    const double EXPECTED[] = {red, green, blue};
    VipsImage *clean = picture_decoded(&files.clean);

    assert_int_equal(clean->Bands, 3);
    assert_int_equal(clean->BandFmt, VIPS_FORMAT_UCHAR);
    g_object_unref(clean);
    for (int i = 0; i < 3; i++) {
        assert_float_equal(picture_band(&files.clean, 300, 300, i), EXPECTED[i], 4);
        assert_float_equal(picture_band(&files.small, 100, 100, i), EXPECTED[i], 6);
    }
    photo_files_done(&files);
}

static VipsImage *of_sixteen_bits(VipsImage *image, VipsInterpretation interpretation)
{
    VipsImage *shifted, *wide;

    picture_must(vips_linear1(image, &shifted, 257, 0, NULL));
    picture_must(vips_cast_ushort(shifted, &wide, NULL));
    g_object_unref(shifted);
    g_object_unref(image);
    return picture_as(wide, interpretation);
}

static void brings_every_kind_of_colour_to_srgb(void **state)
{
    static const double WARM[] = {200, 100, 50, 255}, GREY[] = {90}, GLASS[] = {0, 0, 0, 0}, HALF[] = {200, 0, 0, 128};
    struct buf photos[6] = {
        picture_coded(of_sixteen_bits(picture_fill(600, 600, 4, WARM), VIPS_INTERPRETATION_RGB16), ".png"),
        picture_coded(of_sixteen_bits(picture_fill(600, 600, 1, GREY), VIPS_INTERPRETATION_GREY16), ".png"),
        picture_coded(picture_fill(600, 600, 1, GREY), ".jpg"),
        picture_coded(picture_fill(600, 600, 4, GLASS), ".png"),
        picture_coded(picture_fill(600, 600, 4, HALF), ".webp[lossless]"),
        picture_coded(picture_fill(600, 600, 2, (double[]){90, 255}), ".png"),
    };
    static const double COLOURS[6][3] = {{200, 100, 50},  {90, 90, 90},    {90, 90, 90},
                                         {255, 255, 255}, {227, 127, 127}, {90, 90, 90}};

    (void)state;
    for (int i = 0; i < 6; i++) {
        assert_colour(&photos[i], COLOURS[i][0], COLOURS[i][1], COLOURS[i][2]);
        buf_done(&photos[i]);
    }
}

static void heeds_profiles_and_cmyk(void **state)
{
    static const double GREEN[] = {60, 200, 80};
    CLEANUP(buf_done)
    struct buf wide = picture_coded(picture_in_profile(picture_fill(600, 600, 3, GREEN), "p3"), ".png");
    CLEANUP(buf_done)
    struct buf print =
        picture_coded(picture_in_profile(picture_fill(600, 600, 3, (double[]){180, 120, 90}), "cmyk"), ".jpg[Q=95]");
    VipsImage *coded = picture_decoded(&print);

    (void)state;
    assert_int_equal(coded->Type, VIPS_INTERPRETATION_CMYK);
    g_object_unref(coded);
    assert_true(picture_band(&wide, 10, 10, 0) > 80); /* not the colour itself */
    assert_colour(&wide, 60, 200, 80);
    assert_colour(&print, 180, 120, 90);
}

static void refuses_small_and_huge_ones_by_their_header(void **state)
{
    CLEANUP(buf_done) struct buf narrow = picture_coded(picture_draw(511, 2000, 3), ".jpg");
    CLEANUP(buf_done) struct buf dot = picture_coded(picture_draw(1, 1, 3), ".png");
    CLEANUP(buf_done) struct buf huge = picture_coded(picture_draw(600, 600, 3), ".jpg");
    char *size = memmem(huge.bytes, huge.len, "\xff\xc0\0\x11\x08", 5);

    (void)state;
    assert_refused(picture_text(&narrow), "too_small");
    assert_refused(picture_text(&dot), "too_small");
    assert_non_null(size);
    memcpy(size + 5, "\x75\x30\xfd\xe8", 4); /* 30,000 rows of 65,000 */
    assert_refused(picture_text(&huge), "too_many_pixels");
}

static void finds_a_picture_that_is_cut_short_anywhere(void **state)
{
    static const char *const SUFFIXES[] = {".jpg", ".jpg[interlace]", ".png", ".webp", ".webp[lossless]"};

    (void)state;
    for (size_t i = 0; i < sizeof SUFFIXES / sizeof *SUFFIXES; i++) {
        CLEANUP(buf_done) struct buf photo = picture_coded(picture_scene(640, 560, 1), SUFFIXES[i]);
        for (size_t part = 2; part < 16; part++)
            assert_refused((struct text){photo.bytes, photo.len * part / 16}, "corrupt");
        assert_refused((struct text){photo.bytes, photo.len - photo.len / 100}, "corrupt");
    }
}

static void finds_damage_in_the_middle(void **state)
{
    CLEANUP(buf_done) struct buf jpeg = picture_coded(picture_scene(2400, 1800, 1), ".jpg[Q=90]");
    CLEANUP(buf_done) struct buf large = picture_coded(picture_scene(4400, 600, 1), ".jpg[Q=90]");
    CLEANUP(buf_done) struct buf png = picture_coded(picture_scene(640, 560, 1), ".png");

    (void)state;
    memcpy(jpeg.bytes + jpeg.len / 2, "\xff\xd9\xff\xd9", 4);
    memcpy(large.bytes + large.len / 2, "\xff\xd9\xff\xd9", 4);
    png.bytes[png.len / 2] ^= 0x10;
    assert_refused(picture_text(&jpeg), "corrupt");
    assert_refused(picture_text(&large), "corrupt");
    assert_refused(picture_text(&png), "corrupt");
}

static void keeps_no_metadata_in_any_byte(void **state)
{
    static const char *const SUFFIXES[] = {".jpg", ".jpg[interlace]", ".png", ".webp", ".webp[lossless]"};

    (void)state;
    for (size_t i = 0; i < sizeof SUFFIXES / sizeof *SUFFIXES; i++)
        for (int orientation = 1; orientation <= 6; orientation += 5) {
            VipsImage *image = burden_add(picture_draw(640, 560, i > 1 ? 4 : 3));
            vips_image_set_int(image, VIPS_META_ORIENTATION, orientation);
            CLEANUP(buf_done) struct buf photo = picture_coded(image, SUFFIXES[i]);
            burden_add_comments(&photo);
            assert_non_null(memmem(photo.bytes, photo.len - strlen(BURDEN), BURDEN, strlen(BURDEN)));
            struct photo_files files = examined(&photo);
            burden_assert_none(&files.clean);
            burden_assert_none(&files.small);
            photo_files_done(&files);
        }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_a_clean_copy_and_a_thumbnail),
        cmocka_unit_test(never_enlarges),
        cmocka_unit_test(decodes_a_large_jpeg_at_half_its_size),
        cmocka_unit_test(turns_every_photo_upright),
        cmocka_unit_test(brings_every_kind_of_colour_to_srgb),
        cmocka_unit_test(heeds_profiles_and_cmyk),
        cmocka_unit_test(refuses_small_and_huge_ones_by_their_header),
        cmocka_unit_test(finds_a_picture_that_is_cut_short_anywhere),
        cmocka_unit_test(finds_damage_in_the_middle),
        cmocka_unit_test(keeps_no_metadata_in_any_byte),
    };
    struct err err;

    (void)argc;
    return image_start(argv[0], &err) ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
