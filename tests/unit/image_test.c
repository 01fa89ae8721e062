#define _GNU_SOURCE /* memmem */
#include "image/image.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "support/picture.h"

static void assert_refused(struct text bytes, const char *code)
{
    struct image_files files;
    struct err err;

    if (image_prepare(bytes, &files, &err))
        fail_msg("%zu bytes were taken instead of %s", bytes.len, code);
    assert_string_equal(err.code, code);
    assert_int_equal(err.kind, ERR_UPSTREAM);
    assert_null(files.original.bytes);
    assert_null(files.small.bytes);
    assert_null(files.medium.bytes);
}

static const char *const SUFFIXES[] = {".jpg", ".png", ".webp"};
enum { FORMATS = 3 };

static void probe_tells_format_and_size(void **state)
{
    static const enum image_format EXPECTED[] = {IMAGE_JPEG, IMAGE_PNG, IMAGE_WEBP};

    (void)state;
    for (int i = 0; i < FORMATS; i++) {
        CLEANUP(buf_done) struct buf picture = picture_coded(picture_draw(60, 40, 3), SUFFIXES[i]);
        struct image_info info;
        struct err err;
        assert_true(image_probe(picture_text(&picture), &info, &err));
        assert_int_equal(info.format, EXPECTED[i]);
        assert_int_equal(info.width, 60);
        assert_int_equal(info.height, 40);
    }
}

static void refuses_whatever_is_neither_jpeg_png_nor_webp(void **state)
{
    const struct text OTHERS[] = {
        {NULL, 0},
        TEXT("GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\4\1\0\0\0\0,\0\0\0\0\1\0\1\0\0\2\2D\1\0;"),
        TEXT("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"10\" height=\"10\"/>"),
        TEXT("<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"/>"),
        TEXT("%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\ntrailer<</Root 1 0 R>>"),
        TEXT("BM\x1a\0\0\0\0\0\0\0\x1a\0\0\0\x0c\0\0\0\1\0\1\0\1\0\x18\0\0\0\xff\0"),
        TEXT("RIFF\x24\0\0\0WAVEfmt \x10\0\0\0"),
        TEXT("<!doctype html><title>502 Bad Gateway</title>"),
        TEXT("{\"detail\":\"Not Found\"}"),
        TEXT("\x89PNG\r\n"),
        TEXT("P6 1 1 255 abc"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof OTHERS / sizeof *OTHERS; i++)
        assert_refused(OTHERS[i], "image_unsupported");
}

static void refuses_a_real_tiff_and_shuts_its_loader(void **state)
{
    CLEANUP(buf_done) struct buf tiff = picture_coded(picture_draw(20, 20, 3), ".tif");
    VipsImage *image = vips_image_new_from_buffer(tiff.bytes, tiff.len, "", NULL);

    (void)state;
    assert_null(image);
    vips_error_clear();
    assert_refused(picture_text(&tiff), "image_unsupported");
}

static void refuses_an_animation(void **state)
{
    VipsImage *pages = picture_draw(20, 60, 3);

    (void)state;
    vips_image_set_int(pages, "page-height", 20);
    CLEANUP(buf_done) struct buf animation = picture_coded(pages, ".webp");
    assert_refused(picture_text(&animation), "image_unsupported");
}

static void refuses_magic_bytes_with_nothing_behind(void **state)
{
    (void)state;
    assert_refused(TEXT("\xff\xd8\xff"), "image_corrupt");
    assert_refused(TEXT("\xff\xd8\xff\xe0 and so on, but not a picture"), "image_corrupt");
    assert_refused(TEXT("\x89PNG\r\n\x1a\n"), "image_corrupt");
    assert_refused(TEXT("RIFF\4\0\0\0WEBP"), "image_corrupt");
}

/* Writes another size into a baseline JPEG's frame header. */
static void claim_size(struct buf *jpeg, int width, int height)
{
    unsigned char *at = memmem(jpeg->bytes, jpeg->len, "\xff\xc0\0\x11\x08", 5);

    assert_non_null(at);
    at[5] = (unsigned char)(height >> 8), at[6] = (unsigned char)height;
    at[7] = (unsigned char)(width >> 8), at[8] = (unsigned char)width;
}

static void refuses_too_many_pixels_before_decoding_any(void **state)
{
    CLEANUP(buf_done) struct buf picture = picture_coded(picture_draw(64, 64, 3), ".jpg");
    struct image_info info;
    struct err err;

    (void)state;
    claim_size(&picture, 10000, 5000);
    assert_true(image_probe(picture_text(&picture), &info, &err));
    claim_size(&picture, 10000, 5001);
    assert_refused(picture_text(&picture), "image_too_many_pixels");
    claim_size(&picture, 65000, 65000); /* more than an int holds */
    assert_refused(picture_text(&picture), "image_too_many_pixels");
}

static void refuses_too_many_bytes(void **state)
{
    CLEANUP(buf_done) struct buf picture = picture_coded(picture_draw(64, 64, 3), ".jpg");
    size_t missing = IMAGE_MAX_BYTES - picture.len;
    struct image_info info;
    struct err err;
    char *at = buf_reserve(&picture, missing + 1);

    (void)state;
    memset(at, 0, missing + 1);
    picture.len += missing;
    assert_true(image_probe(picture_text(&picture), &info, &err));
    picture.len++;
    assert_refused(picture_text(&picture), "image_too_large");
}

static void refuses_a_picture_cut_short_anywhere(void **state)
{
    static const char *const KINDS[] = {".jpg",  ".jpg[interlace]", ".png", ".png[interlace]",
                                        ".webp", ".webp[lossless]"};

    (void)state;
    for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++) {
        CLEANUP(buf_done) struct buf picture = picture_coded(picture_draw(200, 150, 3), KINDS[i]);
        for (size_t len = 12; len < picture.len - 16; len += picture.len / 23)
            assert_refused((struct text){picture.bytes, len}, "image_corrupt");
        assert_refused((struct text){picture.bytes, picture.len - 16}, "image_corrupt");
    }
}

static void refuses_damage_in_the_middle(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) { /* in WebP's arithmetic code every bit pattern is some picture */
        CLEANUP(buf_done) struct buf picture = picture_coded(picture_draw(200, 150, 3), SUFFIXES[i]);
        memset(picture.bytes + picture.len / 2, 0xff, 40);
        assert_refused(picture_text(&picture), "image_corrupt");
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(probe_tells_format_and_size),
        cmocka_unit_test(refuses_whatever_is_neither_jpeg_png_nor_webp),
        cmocka_unit_test(refuses_a_real_tiff_and_shuts_its_loader),
        cmocka_unit_test(refuses_an_animation),
        cmocka_unit_test(refuses_magic_bytes_with_nothing_behind),
        cmocka_unit_test(refuses_too_many_pixels_before_decoding_any),
        cmocka_unit_test(refuses_too_many_bytes),
        cmocka_unit_test(refuses_a_picture_cut_short_anywhere),
        cmocka_unit_test(refuses_damage_in_the_middle),
    };
    struct err err;

    (void)argc;
    return image_start(argv[0], &err) ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
