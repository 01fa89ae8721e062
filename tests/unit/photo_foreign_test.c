#include "image/photo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define FTYP(brand)                                                                                                    \
    "\0\0\0\x18"                                                                                                       \
    "ftyp" brand "\0\0\0\0"
#define BYTES(name, literal)                                                                                           \
    {                                                                                                                  \
        {literal, sizeof(literal) - 1}, name                                                                           \
    }

static const struct {
    struct text bytes;
    const char *name;
} FILES[] = {
    BYTES("HEIC", FTYP("heic") "mif1heic"),
    BYTES("HEIC", FTYP("mif1") "mif1heic"),
    BYTES("HEIC", FTYP("hevc") "msf1hevc"),
    BYTES("HEIF", FTYP("mif1") "mif1miaf"),
    BYTES("AVIF", FTYP("avif") "avifmif1"),
    BYTES("AVIF", FTYP("mif1") "miafavif"),
    BYTES("MOV", FTYP("qt  ") "qt  qt  "),
    BYTES("MOV", "\0\0\0\x08wide\0\0\0\0mdat"),
    BYTES("MP4", FTYP("isom") "isomavc1"),
    BYTES("MP4", FTYP("mp42") "heicmp42"),
    BYTES("CR3", FTYP("crx ") "crx isom"),
    BYTES("WebM", "\x1a\x45\xdf\xa3\x9f\x42\x86\x81\1\x42\x82\x84webm"),
    BYTES("MKV", "\x1a\x45\xdf\xa3\xa3\x42\x86\x81\1\x42\x82\x88matroska"),
    BYTES("AVI", "RIFF\x24\0\0\0AVI LIST"),
    BYTES("GIF", "GIF89a\1\0\1\0"),
    BYTES("GIF", "GIF87a\1\0\1\0"),
    BYTES("PDF", "%PDF-1.7\n"),
    BYTES("TIFF", "II*\0\x08\0\0\0"),
    BYTES("TIFF", "MM\0*\0\0\0\x08"),
    BYTES("TIFF", "MM\0+\0\x08\0\0"),
    BYTES("BMP", "BM\x1a\0\0\0\0\0\0\0\x1a\0\0\0\x28\0\0\0\1\0\1\0"),
    BYTES("ICO", "\0\0\1\0\1\0\x10\x10"),
    BYTES("PSD", "8BPS\0\1\0\0"),
    BYTES("JPEG XL", "\xff\x0a\xfa\x1f"),
    BYTES("JPEG XL", "\0\0\0\x0cJXL \r\n\x87\n"),
    BYTES("JPEG 2000", "\0\0\0\x0cjP  \r\n\x87\n"),
    BYTES("ZIP", "PK\3\4\x14\0\0\0"),
    BYTES("ZIP", "PK\5\6\0\0\0\0"),
    BYTES("GZIP", "\x1f\x8b\x08\0"),
    BYTES("RAR", "Rar!\x1a\7\1\0"),
    BYTES("7z", "7z\xbc\xaf\x27\x1c"),
    BYTES("animated WebP", "RIFF\x24\0\0\0WEBPVP8X\x0a\0\0\0\2\0\0\0"),
    BYTES("SVG", "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>"),
    BYTES("SVG", "\xef\xbb\xbf \r\n<?xml version=\"1.0\"?>\n<!-- a <svg> --> <!-- b -->\n<SVG>"),
    BYTES("SVG", "<!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" \"svg11.dtd\">\n<svg/>"),
    BYTES("HTML", "<!doctype html><title>x</title>"),
    BYTES("HTML", "\n<HTML><body>"),
};

static void names_what_it_is_not_by_the_first_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) {
        const char *name = photo_foreign_format(FILES[i].bytes);
        if (!name || strcmp(name, FILES[i].name) != 0)
            fail_msg("%s was taken for %s", FILES[i].name, name ? name : "nothing");
    }
}

static void has_no_name_for_what_is_taken_or_unknown(void **state)
{
    static const struct text OTHERS[] = {
        {NULL, 0},
        {"B", 1},
        {"BM is how this text begins, says the author", 43},
        {"<!-- never closed", 17},
        {"<?xml version=\"1.0\"?>", 21},
        {"<note/>", 7},
        {"\xff\xd8\xff\xe0\0\x10JFIF", 10},
        {"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16},
        {"RIFF\x24\0\0\0WEBPVP8 ", 16},
        {"RIFF\x24\0\0\0WEBPVP8X\x0a\0\0\0\x10\0\0\0", 24},
    };

    (void)state;
    for (size_t i = 0; i < sizeof OTHERS / sizeof *OTHERS; i++)
        assert_null(photo_foreign_format(OTHERS[i]));
}

/* From memory of exactly that size, so that the sanitizer sees every byte too many. */
static void reads_nothing_behind_a_file_that_is_cut_short(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++)
        for (size_t len = 0; len < FILES[i].bytes.len; len++) {
            char *bytes = malloc(len ? len : 1);
            memcpy(bytes, FILES[i].bytes.at, len);
            (void)photo_foreign_format((struct text){bytes, len});
            free(bytes);
        }
}

static void examining_says_the_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) {
        bool phone = strcmp(FILES[i].name, "HEIC") == 0 || strcmp(FILES[i].name, "HEIF") == 0 ||
                     strcmp(FILES[i].name, "AVIF") == 0;
        struct photo_files files;
        struct err err;
        assert_false(photo_examine(FILES[i].bytes, NULL, &files, &err));
        assert_string_equal(err.code, phone ? "heic_not_supported" : "unsupported_format");
        assert_string_equal(err.detail, FILES[i].name);
        assert_int_equal(err.kind, ERR_UPSTREAM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_what_it_is_not_by_the_first_bytes),
        cmocka_unit_test(has_no_name_for_what_is_taken_or_unknown),
        cmocka_unit_test(reads_nothing_behind_a_file_that_is_cut_short),
        cmocka_unit_test(examining_says_the_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
