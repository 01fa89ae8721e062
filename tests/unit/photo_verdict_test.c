/* What a photo is told: sentences, and names without what does not belong into them. */
#include "photos/photo_verdict.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/config.h"

static const struct config CONFIG = {.avatar_min_photos = 10, .avatar_max_photos = 20, .photo_max_size = 20 << 20};

static void assert_sentence(enum photo_status status, const char *code, const char *what, enum lang lang,
                            const char *expected)
{
    CLEANUP(buf_done) struct buf out = buf_make(2000);
    struct photo_verdict verdict = {.status = status};

    (void)text_copy(verdict.code, sizeof verdict.code, text_of(code));
    (void)text_copy(verdict.what, sizeof verdict.what, text_of(what));
    photo_verdict_message(&verdict, &CONFIG, lang, &out);
    if (!strstr(out.bytes, expected))
        fail_msg("%s: \"%s\" does not say \"%s\"", code, out.bytes, expected);
}

static void sentences_name_formats_and_limits(void **state)
{
    (void)state;
    assert_sentence(PHOTO_VALID, "", "", LANG_EN, "Good.");
    assert_sentence(PHOTO_REJECTED, "unsupported_format", "GIF", LANG_EN, "This is GIF.");
    assert_sentence(PHOTO_REJECTED, "unsupported_format", "GIF", LANG_RU, "Это GIF.");
    assert_sentence(PHOTO_REJECTED, "unsupported_format", "animated WebP", LANG_RU, "анимированный WebP");
    assert_sentence(PHOTO_REJECTED, "unsupported_format", "", LANG_EN, "not a photo that we know");
    assert_sentence(PHOTO_REJECTED, "heic_not_supported", "", LANG_RU, "HEIC");
    assert_sentence(PHOTO_REJECTED, "too_large", "", LANG_EN, "20 MiB");
    assert_sentence(PHOTO_REJECTED, "too_small", "", LANG_EN, "512 pixels");
    assert_sentence(PHOTO_REJECTED, "too_many_pixels", "", LANG_EN, "50 megapixels");
    assert_sentence(PHOTO_REJECTED, "limit_reached", "", LANG_EN, "20 photos");
}

static void a_warning_reads_milder_than_a_refusal(void **state)
{
    static const char *const BOTH[] = {"blurry", "too_dark", "too_bright"};

    (void)state;
    for (size_t i = 0; i < sizeof BOTH / sizeof *BOTH; i++) {
        assert_sentence(PHOTO_WARNING, BOTH[i], "", LANG_EN, "It will do, but");
        assert_sentence(PHOTO_REJECTED, BOTH[i], "", LANG_EN, "Take a");
    }
    assert_sentence(PHOTO_WARNING, "near_duplicate", "", LANG_EN, "much like another");
    assert_sentence(PHOTO_WARNING, "several_faces", "", LANG_EN, "crop");
}

static void every_code_has_a_sentence_of_its_own(void **state)
{
    static const char *const REFUSED[] = {"unsupported_format",
                                          "heic_not_supported",
                                          "too_large",
                                          "too_small",
                                          "too_many_pixels",
                                          "corrupt",
                                          "duplicate",
                                          "no_face",
                                          "blurry",
                                          "too_dark",
                                          "too_bright",
                                          "limit_reached"};
    static const char *const WARNED[] = {"near_duplicate", "several_faces", "blurry", "too_dark", "too_bright"};
    char key[60];

    (void)state;
    for (size_t i = 0; i < sizeof REFUSED / sizeof *REFUSED; i++) {
        (void)snprintf(key, sizeof key, "photo_%s", REFUSED[i]);
        assert_true(message_exists(key));
    }
    for (size_t i = 0; i < sizeof WARNED / sizeof *WARNED; i++) {
        (void)snprintf(key, sizeof key, "warn_%s", WARNED[i]);
        assert_true(message_exists(key));
    }
}

static void assert_name(const char *sent, const char *expected)
{
    char name[4 * PHOTO_FILE_NAME_MAX + 1];

    photo_file_name(text_of(sent), name);
    assert_string_equal(name, expected);
}

static void names_lose_folders_and_controls(void **state)
{
    (void)state;
    assert_name("beach.jpg", "beach.jpg");
    assert_name("C:\\Users\\Anna\\пляж 😀.png", "пляж 😀.png");
    assert_name("../../etc/passwd", "passwd");
    assert_name("folder/", "");
    assert_name("a\r\nb\tc\x7f.png", "abc.png");
    assert_name("exe\xe2\x80\xaegnp.jpg", "exegnp.jpg");
    assert_name("\xc2\x85x\xef\xbb\xbfy", "xy");
    assert_name("bad \xff utf-8", "");
    photo_file_name((struct text){NULL, 0}, (char[4 * PHOTO_FILE_NAME_MAX + 1]){0});
}

static void names_end_after_two_hundred_characters(void **state)
{
    char sent[2000] = "", name[4 * PHOTO_FILE_NAME_MAX + 1];

    (void)state;
    for (int i = 0; i < 300; i++)
        memcpy(sent + 4 * i, "😀", 5);
    photo_file_name(text_of(sent), name);
    assert_int_equal(text_code_points(text_of(name)), PHOTO_FILE_NAME_MAX);
    assert_true(text_is_utf8(text_of(name)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sentences_name_formats_and_limits),
        cmocka_unit_test(a_warning_reads_milder_than_a_refusal),
        cmocka_unit_test(every_code_has_a_sentence_of_its_own),
        cmocka_unit_test(names_lose_folders_and_controls),
        cmocka_unit_test(names_end_after_two_hundred_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
