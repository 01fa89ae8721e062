/* Pictures made to do harm, or damaged, or two things at once: each costs bounded time and memory and harms nobody
   else. What each one cost is printed. */
#define _GNU_SOURCE /* memmem */
#include "decoder/decoder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "decoder/decoder_jail.h"
#include "support/bad_picture.h"
#include "support/decoding.h"
#include "support/picture.h"

/* The most memory that the decoder has ever had, in MiB. */
static long peak_mib(void)
{
    char path[64], line[128];
    long kib = 0;
    pid_t pid = 0;
    FILE *file;

    if (decoding_children(&pid) != 1)
        return 0;
    (void)snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, "VmHWM:", 6) == 0)
            kib = strtol(line + 6, NULL, 10);
    if (file)
        (void)fclose(file);
    return kib / 1024;
}

/* A decoder of its own for each, so that the memory is its own as well. code "": it is taken. */
static void assert_bounded(const char *name, struct buf photo, const char *code)
{
    struct decoder *decoder = decoding_open(1);
    CLEANUP(buf_done) struct buf sound = decoding_photo();
    struct photo_files files;
    struct err err = {0};
    int64_t began_ms;

    decoding_assert_taken(decoder, &sound);
    began_ms = clock_monotonic_ms();
    if (decoding_try(decoder, &photo, &files, &err))
        photo_files_done(&files);
    print_message("%-28s %8zu bytes %-20s %5d ms %4ld MiB\n", name, photo.len, *err.code ? err.code : "taken",
                  (int)(clock_monotonic_ms() - began_ms), peak_mib());
    assert_true(clock_monotonic_ms() - began_ms < DECODER_PHOTO_S * 1000 + 10000);
    if (!DECODER_JAIL_SANITIZED)
        assert_true(peak_mib() < DECODER_MEMORY_MIB + 100);
    if (strcmp(err.code, "photo_undecodable") == 0) /* on a machine that is too busy: that is a bound as well */
        assert_int_equal(decoder_counts(decoder).ended, 1);
    else if (code)
        assert_string_equal(err.code, code);
    decoding_assert_taken(decoder, &sound);
    buf_done(&photo);
    decoder_close(decoder);
}

static void headers_that_promise_too_much(void **state)
{
    (void)state;
    assert_bounded("PNG header 60000 x 60000", bad_picture_png_header(60000, 60000), "too_many_pixels");
    assert_bounded("PNG header 2^31-1 square", bad_picture_png_header(INT32_MAX, INT32_MAX), NULL);
    assert_bounded("JPEG header 65000 x 30000", bad_picture_jpeg_header(65000, 30000), "too_many_pixels");
    assert_bounded("PNG 20000 x 20000", bad_picture_large(20000, 20000, 1, ".png[bitdepth=1]"), "too_many_pixels");
    assert_bounded("JPEG header 7000 x 7000", bad_picture_jpeg_header(7000, 7000), "corrupt");
    assert_bounded("PNG header 50000 x 1000", bad_picture_png_header(50000, 1000), "corrupt");
}

static void as_many_pixels_as_are_taken(void **state)
{
    (void)state;
    assert_bounded("PNG 7000 x 7000", bad_picture_large(7000, 7000, 3, ".png"), "");
    assert_bounded("PNG 7000 x 7000, 64 bits", bad_picture_deep(7000, 7000), NULL);
    assert_bounded("JPEG 7000 x 7000", bad_picture_large(7000, 7000, 3, ".jpg[interlace,subsample-mode=off]"), "");
    assert_bounded("WebP 7000 x 7000", bad_picture_large(7000, 7000, 3, ".webp[lossless,effort=0]"), "");
    assert_bounded("JPEG 65000 x 512", bad_picture_large(65000, 512, 3, ".jpg"), "");
    assert_bounded("PNG 512 x 90000", bad_picture_large(512, 90000, 3, ".png"), "");
}

static void small_files_that_grow(void **state)
{
    (void)state;
    assert_bounded("PNG with 144 MB of profile", bad_picture_inflating("iCCP"), NULL);
    assert_bounded("PNG with 144 MB of text", bad_picture_inflating("zTXt"), NULL);
    assert_bounded("JPEG of 90 scans", bad_picture_many_scans(80), NULL);
    assert_bounded("JPEG of 5000 scans", bad_picture_many_scans(5000), "corrupt");
    assert_bounded("WebP of 20 frames", bad_picture_animation(20), "unsupported_format");
}

/* A sound picture with something else in front of it is none; with something behind it, only the picture is kept. */
static void two_things_at_once(void **state)
{
    static const char ZIP[] = "PK\3\4\x14\0\0\0\0\0evil.js<script>alert(1)</script>PK\5\6";

    (void)state;
    for (int i = 0; i < 3; i++) {
        static const char *const SUFFIXES[] = {".jpg", ".png", ".webp"};
        CLEANUP(buf_done) struct buf photo = picture_coded(picture_scene(700, 600, 1), SUFFIXES[i]);
        struct decoder *decoder = decoding_open(1);
        struct photo_files files;
        struct err err = {0};
        assert_true(buf_add(&photo, ZIP, sizeof ZIP));
        if (!decoding_try(decoder, &photo, &files, &err))
            fail_msg("%s: %s %s", SUFFIXES[i], err.code, err.detail);
        assert_null(memmem(files.clean.bytes, files.clean.len, "script", 6));
        assert_null(memmem(files.small.bytes, files.small.len, "script", 6));
        photo_files_done(&files);
        picture_insert(&photo, 0, "GIF89a/*", 8);
        decoding_assert_refused(decoder, &photo, "unsupported_format");
        decoder_close(decoder);
    }
}

/* Bytes changed, cut out and doubled at random. */
static void mutate(struct buf *photo, unsigned *seed)
{
    for (int changes = 1 + rand_r(seed) % 8; changes; changes--) {
        size_t at = (size_t)rand_r(seed) % (rand_r(seed) % 2 ? photo->len : 300);
        switch (rand_r(seed) % 4) {
        case 0: photo->bytes[at] = (char)rand_r(seed); break;
        case 1: photo->bytes[at] = (char)(photo->bytes[at] ^ 1 << rand_r(seed) % 8); break;
        case 2:
            if (at + 64 < photo->len)
                memmove(photo->bytes + at, photo->bytes + at + 17, 40);
            break;
        default: photo->len = photo->len > 600 && rand_r(seed) % 8 == 0 ? photo->len - 100 : photo->len;
        }
    }
}

static bool mutant_is_taken(struct decoder *decoder, const struct buf *sound, unsigned seed)
{
    CLEANUP(buf_done) struct buf photo = buf_make(sound->limit);
    struct photo_files files;
    struct err err = {0};

    assert_true(buf_add(&photo, sound->bytes, sound->len));
    mutate(&photo, &seed);
    if (decoding_try(decoder, &photo, &files, &err)) {
        photo_files_done(&files);
        return true;
    }
    if (err.kind != ERR_UPSTREAM)
        fail_msg("%s %s", err.code, err.detail);
    return false;
}

static void mutants_kill_nothing(void **state)
{
    static const char *const SUFFIXES[] = {".jpg", ".jpg[interlace]", ".png", ".webp", ".webp[lossless]"};
    const char *more = getenv("MUTANTS"); /* of each; by hand: 1000 */
    unsigned count = more ? (unsigned)strtoul(more, NULL, 10) : 10;
    struct decoder *decoder = decoding_open(1);
    int64_t slowest_ms = 0;
    int taken = 0;

    (void)state;
    for (size_t i = 0; i < sizeof SUFFIXES / sizeof *SUFFIXES; i++) {
        CLEANUP(buf_done) struct buf sound = picture_coded(picture_draw(520, 520, 3), SUFFIXES[i]);
        for (unsigned seed = 1; seed <= count; seed++) {
            int64_t began_ms = clock_monotonic_ms(), took_ms;
            taken += mutant_is_taken(decoder, &sound, seed);
            took_ms = clock_monotonic_ms() - began_ms;
            slowest_ms = took_ms > slowest_ms ? took_ms : slowest_ms;
        }
    }
    struct decoder_counts counts = decoder_counts(decoder);
    print_message("%ld mutants: %d taken, %ld died, %ld ended, slowest %d ms\n", counts.examined, taken, counts.died,
                  counts.ended, (int)slowest_ms);
    assert_int_equal(counts.died + counts.ended, 0);
    decoder_close(decoder);
}

static int run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_that_promise_too_much), cmocka_unit_test(as_many_pixels_as_are_taken),
        cmocka_unit_test(small_files_that_grow),         cmocka_unit_test(two_things_at_once),
        cmocka_unit_test(mutants_kill_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(int argc, char **argv) { return decoding_tests(argc, argv, run); }
