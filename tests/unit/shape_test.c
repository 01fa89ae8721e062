/* The shape of pictures: from a form's word, from a generation's parameters, from a preset. */
#include "generations/shape.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct catalog *catalog;

static int open_catalog(void **state)
{
    const char *root = getenv("AISHA_ROOT");
    struct err err;

    (void)state;
    catalog = catalog_open(root ? root : ".", &err);
    return catalog ? 0 : -1;
}

static int close_catalog(void **state)
{
    (void)state;
    catalog_close(catalog);
    return 0;
}

static void check(struct shape shape, int64_t width, int64_t height, const char *size, const char *words)
{
    char to[32];

    assert_int_equal(shape.width, width);
    assert_int_equal(shape.height, height);
    assert_string_equal(shape.size, size);
    shape_words(&shape, to, sizeof to);
    assert_string_equal(to, words);
}

static struct shape of(const char *parameters) { return shape_of(catalog, text_of(parameters)); }

static void parameters_have_a_shape(void **state)
{
    (void)state;
    check(of("{\"image_size\":\"portrait_16_9\",\"x\":1}"), 576, 1024, "portrait_16_9", "576×1024");
    check(of("{\"image_size\":{\"width\":640,\"height\":800}}"), 640, 800, "640x800", "640×800");
    check(of("{\"aspect_ratio\":\"21:9\",\"raw\":false}"), 21, 9, "21:9", "21:9");
}

static void what_cannot_be_read_is_a_square(void **state)
{
    static const char *const STRANGE[] = {"",
                                          "[]",
                                          "{}",
                                          "{\"image_size\":7}",
                                          "{\"image_size\":\"huge\"}",
                                          "{\"aspect_ratio\":\"wide\"}",
                                          "{\"aspect_ratio\":\"1:0\"}",
                                          "{\"aspect_ratio\":\"1:00000000000000000000001\"}",
                                          "{\"image_size\":{\"width\":0,\"height\":5}}",
                                          "{\"image_size\":{\"width\":-1,\"height\":99999999999}}"};

    (void)state;
    for (size_t i = 0; i < sizeof STRANGE / sizeof *STRANGE; i++)
        check(of(STRANGE[i]), 1024, 1024, "square_hd", "1024×1024");
}

static void presets_have_a_shape(void **state)
{
    (void)state;
    check(shape_of_preset(catalog, catalog_preset(catalog, "fast")), 512, 512, "square", "512×512");
    check(shape_of_preset(catalog, catalog_preset(catalog, "portrait")), 768, 1024, "portrait_4_3", "768×1024");
    check(shape_of_preset(catalog, catalog_preset(catalog, "ultra")), 1, 1, "1:1", "1:1");
}

static void a_word_becomes_a_wish(void **state)
{
    struct plan_size size = {{0}, 0, 0};
    char ratio[40] = "";

    (void)state;
    assert_true(shape_read(TEXT(""), &size, ratio));
    assert_true(!*size.name && !size.width && !size.height && !*ratio);
    assert_true(shape_read(TEXT("640x800"), &size, ratio));
    assert_true(!*size.name && size.width == 640 && size.height == 800 && !*ratio);
    size = (struct plan_size){{0}, 0, 0};
    assert_true(shape_read(TEXT("16:9"), &size, ratio));
    assert_true(!*size.name && !size.width);
    assert_string_equal(ratio, "16:9");
}

static void what_is_no_size_is_a_name_for_the_plan_to_refuse(void **state)
{
    static const char *const NAMES[] = {"square_hd", "0x5", "640x", "x800", "640x800x1", "-1x5", "99999999x1", "+1x1"};

    (void)state;
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        struct plan_size size = {{0}, 0, 0};
        char ratio[40] = "";
        assert_true(shape_read(text_of(NAMES[i]), &size, ratio));
        assert_string_equal(size.name, NAMES[i]);
        assert_true(!size.width && !size.height && !*ratio);
    }
}

static void what_is_too_long_is_nothing(void **state)
{
    struct plan_size size = {{0}, 0, 0};
    char ratio[40] = "", longest[200];

    (void)state;
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_false(shape_read(text_of(longest), &size, ratio));
    longest[0] = ':';
    assert_false(shape_read(text_of(longest), &size, ratio));
    assert_true(!*size.name && !*ratio);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_have_a_shape),
        cmocka_unit_test(what_cannot_be_read_is_a_square),
        cmocka_unit_test(presets_have_a_shape),
        cmocka_unit_test(a_word_becomes_a_wish),
        cmocka_unit_test(what_is_no_size_is_a_name_for_the_plan_to_refuse),
        cmocka_unit_test(what_is_too_long_is_nothing),
    };

    return cmocka_run_group_tests(tests, open_catalog, close_catalog);
}
