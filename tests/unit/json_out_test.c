/* Writing JSON: what comes out is what a parser reads back, and the limit holds. */
#include "json/json_out.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <float.h>

#include "json/json_in.h"

static void write_all(struct json_out *out)
{
    json_object(out);
    json_key_text(out, "text", "a\"b\\c\n\x01\x7f\xd0\xb9");
    json_key_text(out, "none", NULL);
    json_key_int64(out, "least", INT64_MIN);
    json_key_double(out, "share", 0.25);
    json_key_bool(out, "yes", true);
    json_key_bool(out, "no", false);
    json_key_null(out, "null");
    json_key_raw(out, "raw", TEXT("{\"x\":[]}"));
    json_key(out, "list");
    json_array(out);
    json_plain(out, TEXT("plain"));
    json_text(out, TEXT(""));
    json_array(out);
    json_end_array(out);
    json_object(out);
    json_end_object(out);
    json_int64(out, 1);
    json_null(out);
    json_end_array(out);
    json_key(out, "last");
    json_bool(out, true);
    json_end_object(out);
}

static const char ALL[] = "{\"text\":\"a\\\"b\\\\c\\n\\u0001\\u007f\xd0\xb9\",\"none\":null,"
                          "\"least\":-9223372036854775808,\"share\":0.25,\"yes\":true,\"no\":false,\"null\":null,"
                          "\"raw\":{\"x\":[]},\"list\":[\"plain\",\"\",[],{},1,null],\"last\":true}";

static void puts_commas_where_they_belong(void **state)
{
    CLEANUP(buf_done) struct buf buf = buf_make(1000);
    struct json_out out = json_out_begin(&buf);

    (void)state;
    write_all(&out);
    assert_false(out.overflow);
    assert_string_equal(buf.bytes, ALL);
    assert_int_equal(buf.len, strlen(ALL));
}

static void says_so_when_the_limit_is_reached_wherever_that_is(void **state)
{
    (void)state;
    for (size_t limit = 0; limit < sizeof ALL + 4; limit++) {
        CLEANUP(buf_done) struct buf buf = buf_make(limit);
        struct json_out out = json_out_begin(&buf);
        write_all(&out);
        assert_true(buf.len <= limit);
        if (!out.overflow)
            assert_string_equal(buf.bytes, ALL);
        assert_true(out.overflow || limit >= strlen(ALL));
        if (limit > sizeof ALL)
            assert_false(out.overflow);
    }
}

static void appends_to_what_is_there(void **state)
{
    CLEANUP(buf_done) struct buf buf = buf_make(100);
    struct json_out out;

    (void)state;
    (void)buf_add_text(&buf, "data: ");
    out = json_out_begin(&buf);
    json_array(&out);
    json_end_array(&out);
    assert_string_equal(buf.bytes, "data: []");
}

static void every_character_comes_back_through_the_parser(void **state)
{
    CLEANUP(buf_done) struct buf buf = buf_make(4000);
    struct json_out out = json_out_begin(&buf);
    char all[256 + 4];
    struct err err;
    yajl_val root;

    (void)state;
    for (int i = 1; i < 0x80; i++)
        all[i - 1] = (char)i;
    memcpy(all + 127, "\xc2\x80\xef\xbf\xbf\xf4\x8f\xbf\xbf", 10);
    json_text(&out, text_of(all));
    assert_true(json_parse((struct text){buf.bytes, buf.len}, &root, &err));
    assert_string_equal(YAJL_GET_STRING(root), all);
    yajl_tree_free(root);
    for (size_t i = 0; i < buf.len; i++)
        assert_true((unsigned char)buf.bytes[i] >= 0x20 && buf.bytes[i] != 0x7f);
}

static void assert_double(double value, const char *expected)
{
    CLEANUP(buf_done) struct buf buf = buf_make(400);
    struct json_out out = json_out_begin(&buf);

    json_double(&out, value);
    if (expected)
        assert_string_equal(buf.bytes, expected);
    assert_false(out.overflow);
}

static void doubles_are_short(void **state)
{
    (void)state;
    assert_double(0, "0");
    assert_double(1, "1");
    assert_double(-2.5, "-2.5");
    assert_double(100, "100");
    assert_double(0.1, "0.1");
    assert_double(1.0000004, "1");
    assert_double(3.1415926535, "3.141593");
    assert_double(1e15, "1000000000000000");
    assert_double(-DBL_MAX, NULL);
}

static void a_text_of_no_bytes_needs_no_memory(void **state)
{
    CLEANUP(buf_done) struct buf buf = buf_make(400);
    struct json_out out = json_out_begin(&buf);

    (void)state;
    json_array(&out);
    json_text(&out, (struct text){NULL, 0});
    json_plain(&out, (struct text){NULL, 0});
    json_end_array(&out);
    assert_string_equal(buf.bytes, "[\"\",\"\"]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(puts_commas_where_they_belong),
        cmocka_unit_test(says_so_when_the_limit_is_reached_wherever_that_is),
        cmocka_unit_test(appends_to_what_is_there),
        cmocka_unit_test(every_character_comes_back_through_the_parser),
        cmocka_unit_test(doubles_are_short),
        cmocka_unit_test(a_text_of_no_bytes_needs_no_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
