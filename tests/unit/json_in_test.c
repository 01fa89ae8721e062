/* JSON from outside: every type of field, and everything that must not get through to the parser. */
#include "json/json_in.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/uuid.h"

struct inner {
    char name[12];
    int64_t size;
};

struct target {
    char text[17]; /* four letters of four bytes */
    int64_t number;
    uint64_t seed;
    double share;
    bool flag;
    struct uuid id;
    struct inner inner;
    int custom;
    bool has_seed, seed_was_null;
};

static void decode_custom(yajl_val value, void *at, const char *field, struct faults *faults)
{
    struct inner inner = {"", 0};
    static const struct json_field FIELDS[] = {JSON_FIELD(JSON_INT64, struct inner, size, .min = 0, .max = 9), {0}};

    if (json_decode_at(field, value, FIELDS, &inner, faults))
        *(int *)at = (int)inner.size;
}

static const struct json_field INNER[] = {
    JSON_FIELD(JSON_TEXT, struct inner, name, .min = 1, .max = 11),
    JSON_FIELD(JSON_INT64, struct inner, size, .min = 0, .max = 10, .optional = true),
    {0},
};

static const struct json_field FIELDS[] = {
    JSON_FIELD(JSON_TEXT, struct target, text, .min = 2, .max = 4, .optional = true, .nullable = true),
    JSON_FIELD(JSON_INT64, struct target, number, .min = -5, .max = INT64_MAX, .optional = true),
    JSON_FIELD(JSON_UINT64, struct target, seed, .optional = true, .nullable = true,
               .present = offsetof(struct target, has_seed), .was_null = offsetof(struct target, seed_was_null)),
    JSON_FIELD(JSON_DOUBLE, struct target, share, .min = 0, .max = 3500, .optional = true),
    JSON_FIELD(JSON_BOOL, struct target, flag, .optional = true),
    JSON_FIELD(JSON_UUID, struct target, id, .optional = true),
    JSON_FIELD(JSON_OBJECT, struct target, inner, .fields = INNER, .optional = true),
    JSON_FIELD(JSON_CUSTOM, struct target, custom, .custom = decode_custom, .optional = true),
    {0},
};

static struct target target;
static struct faults faults;

static bool decode(const char *json)
{
    struct err err;

    target = (struct target){.text = "old", .number = 7, .flag = true};
    faults = (struct faults){0};
    if (json_decode_body(text_of(json), FIELDS, &target, &faults, &err))
        return true;
    if (err.kind != ERR_NONE)
        fail_msg("%s: %s", json, err.code);
    assert_true(faults.count > 0);
    return false;
}

static void fills_every_type(void **state)
{
    (void)state;
    assert_true(
        decode("{\"text\": \"\xd0\xb9\xf0\x9f\x98\x80\\u00e9\\n\", \"number\": -5, \"seed\": 18446744073709551615,"
               "\"share\": 3.5, \"flag\": false, \"id\": \"0199ABCD-0000-7000-8000-000000000001\","
               "\"inner\": {\"name\": \"x\", \"size\": 10}, \"custom\": {\"size\": 4}}"));
    assert_string_equal(target.text, "\xd0\xb9\xf0\x9f\x98\x80\xc3\xa9\n");
    assert_int_equal(target.number, -5);
    assert_true(target.seed == UINT64_MAX && target.has_seed && !target.seed_was_null);
    assert_true(target.share >= 3.5 && target.share <= 3.5);
    assert_false(target.flag);
    assert_string_equal(target.id.text, "0199abcd-0000-7000-8000-000000000001");
    assert_string_equal(target.inner.name, "x");
    assert_int_equal(target.inner.size, 10);
    assert_int_equal(target.custom, 4);
}

static void leaves_to_the_caller_what_has_no_limits(void **state)
{
    struct unlimited {
        int64_t whole;
        double number;
    } got;
    static const struct json_field ANY[] = {
        JSON_FIELD(JSON_INT64, struct unlimited, whole, .min = INT64_MIN, .max = INT64_MAX),
        JSON_FIELD(JSON_DOUBLE, struct unlimited, number, .min = INT64_MIN, .max = INT64_MAX),
        {0},
    };
    struct err err;

    (void)state;
    faults = (struct faults){0};
    assert_true(
        json_decode_body(TEXT("{\"whole\": 100000000000000000000, \"number\": 1e300}"), ANY, &got, &faults, &err));
    assert_true(got.whole == INT64_MAX && got.number > 9e299);
    assert_true(
        json_decode_body(TEXT("{\"whole\": -100000000000000000000, \"number\": -1e999}"), ANY, &got, &faults, &err));
    assert_true(got.whole == INT64_MIN && got.number < -1e308);
    assert_false(json_decode_body(TEXT("{\"whole\": 1.5, \"number\": \"1\"}"), ANY, &got, &faults, &err));
    assert_int_equal(faults.count, 2);
}

static void leaves_alone_what_is_absent_or_null(void **state)
{
    (void)state;
    assert_true(decode("{}"));
    assert_string_equal(target.text, "old");
    assert_int_equal(target.number, 7);
    assert_true(target.flag && !target.has_seed && !target.seed_was_null);
    assert_true(decode("{\"text\": null, \"seed\": null}"));
    assert_string_equal(target.text, "old");
    assert_true(!target.has_seed && target.seed_was_null);
}

/* A document, and the one fault in it: "field code min max what". */
static const char *const FAULTS[][2] = {
    {"{\"text\": \"\"}", "text empty 0 0 "},
    {"{\"text\": \"a\"}", "text too_short 2 4 "},
    {"{\"text\": \"\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80x\"}", "text too_long 2 4 "},
    {"{\"text\": 12}", "text not_a_string 0 0 "},
    {"{\"text\": [\"ab\"]}", "text not_a_string 0 0 "},
    {"{\"number\": null}", "number not_an_integer 0 0 "},
    {"{\"number\": \"1\"}", "number not_an_integer 0 0 "},
    {"{\"number\": 1.0}", "number not_an_integer 0 0 "},
    {"{\"number\": 1e2}", "number not_an_integer 0 0 "},
    {"{\"number\": 1E2}", "number not_an_integer 0 0 "},
    {"{\"number\": -6}", "number out_of_range -5 9223372036854775807 "},
    {"{\"number\": 9223372036854775808}", "number out_of_range -5 9223372036854775807 "},
    {"{\"number\": 100000000000000000000000000000000000000000}", "number out_of_range -5 9223372036854775807 "},
    {"{\"seed\": -1}", "seed not_uint64 0 0 "},
    {"{\"seed\": 1.5}", "seed not_uint64 0 0 "},
    {"{\"seed\": 18446744073709551616}", "seed not_uint64 0 0 "},
    {"{\"seed\": \"18446744073709551616\"}", "seed not_uint64 0 0 "},
    {"{\"seed\": \"\"}", "seed not_uint64 0 0 "},
    {"{\"seed\": \" 1\"}", "seed not_uint64 0 0 "},
    {"{\"seed\": \"0x1\"}", "seed not_uint64 0 0 "},
    {"{\"seed\": \"000000000000000000000001\"}", "seed not_uint64 0 0 "},
    {"{\"seed\": true}", "seed not_uint64 0 0 "},
    {"{\"share\": \"1\"}", "share not_a_number 0 0 "},
    {"{\"share\": 3.501}", "share out_of_range_thousandths 0 3500 "},
    {"{\"share\": -0.001}", "share out_of_range_thousandths 0 3500 "},
    {"{\"share\": 1e999}", "share out_of_range_thousandths 0 3500 "},
    {"{\"flag\": 1}", "flag not_a_boolean 0 0 "},
    {"{\"flag\": \"true\"}", "flag not_a_boolean 0 0 "},
    {"{\"flag\": null}", "flag not_a_boolean 0 0 "},
    {"{\"id\": \"0199abcd-0000-7000-8000-00000000000\"}", "id not_a_uuid 0 0 "},
    {"{\"id\": 7}", "id not_a_uuid 0 0 "},
    {"{\"inner\": []}", "inner not_an_object 0 0 "},
    {"{\"inner\": {}}", "inner.name required 0 0 "},
    {"{\"inner\": {\"name\": \"\"}}", "inner.name empty 0 0 "},
    {"{\"inner\": {\"name\": \"n\", \"size\": 11}}", "inner.size out_of_range 0 10 "},
    {"{\"inner\": {\"name\": \"n\", \"more\": 1}}", "inner unknown_field 0 0 more"},
    {"{\"custom\": {\"size\": 10}}", "custom.size out_of_range 0 9 "},
    {"{\"custom\": 1}", "custom not_an_object 0 0 "},
    {"{\"Text\": \"ab\"}", " unknown_field 0 0 Text"},
    {"{\"\": 1}", " unknown_field 0 0 "},
    {"{\"\xd0\xb9\": 1}", " unknown_field 0 0 \xd0\xb9"},
    {"{\"number\": 1, \"number\": 1}", "number repeated 0 0 "},
    {"{\"number\": 1, \"n\\u0075mber\": 1}", "number repeated 0 0 "},
    {"[]", " not_an_object 0 0 "},
    {"null", " not_an_object 0 0 "},
    {"\"text\"", " not_an_object 0 0 "},
};

static void names_the_field_and_what_is_wrong_with_it(void **state)
{
    char said[200];

    (void)state;
    for (size_t i = 0; i < sizeof FAULTS / sizeof *FAULTS; i++) {
        if (decode(FAULTS[i][0]))
            fail_msg("%s passed", FAULTS[i][0]);
        (void)snprintf(said, sizeof said, "%s %s %lld %lld %s", faults.items[0].field, faults.items[0].code,
                       (long long)faults.items[0].min, (long long)faults.items[0].max, faults.items[0].what);
        if (strcmp(said, FAULTS[i][1]) != 0 || faults.count != 1)
            fail_msg("%s: %d faults, \"%s\"", FAULTS[i][0], faults.count, said);
    }
}

static void takes_seeds_as_digits_and_as_text(void **state)
{
    (void)state;
    assert_true(decode("{\"seed\": \"18446744073709551615\"}") && target.seed == UINT64_MAX);
    assert_true(decode("{\"seed\": 9223372036854775808}") && target.seed == 1ULL << 63);
    assert_true(decode("{\"seed\": 0}") && target.seed == 0 && target.has_seed);
    assert_true(decode("{\"seed\": \"007\"}") && target.seed == 7);
}

static void reports_all_faults_at_once(void **state)
{
    (void)state;
    assert_false(decode("{\"text\": 1, \"number\": 1.5, \"x\": 0, \"inner\": {\"size\": -1, \"name\": 3}}"));
    assert_int_equal(faults.count, 5);
}

static void stops_at_the_limit_of_faults(void **state)
{
    CLEANUP(buf_done) struct buf json = buf_make(65536);

    (void)state;
    (void)buf_add_text(&json, "{\"x\": 1");
    while (buf_add_text(&json, ",\"x\": 1") && json.len < 64000)
        ;
    (void)buf_add_text(&json, "}");
    assert_false(decode(json.bytes));
    assert_int_equal(faults.count, FAULTS_MAX);
}

/* What json_parse says: "" for a document. */
static const char *code_of(const char *bytes, size_t len)
{
    static struct err err;
    char *copy = test_malloc(len ? len : 1);
    yajl_val root;

    err = (struct err){0};
    memcpy(copy, bytes, len);
    if (json_parse((struct text){copy, len}, &root, &err))
        yajl_tree_free(root);
    else
        assert_int_equal(err_http_status(err.kind), 400);
    test_free(copy);
    return err.code;
}

static const char *const MALFORMED[] = {"",
                                        " ",
                                        "{",
                                        "}",
                                        "[1,]",
                                        "{\"a\":1,}",
                                        "{\"a\" 1}",
                                        "{a:1}",
                                        "{'a':1}",
                                        "[1 2]",
                                        "{} {}",
                                        "{}x",
                                        "01",
                                        "1.",
                                        ".5",
                                        "+1",
                                        "NaN",
                                        "tru",
                                        "\"",
                                        "\"\\x\"",
                                        "\"\\u12\"",
                                        "\"\\u12g4\"",
                                        "\"a\nb\"",
                                        "[\"a\x01\"]",
                                        "\xef\xbb\xbf{}",
                                        "/* c */{}",
                                        "{} // c",
                                        "{\"a\":/**/1}",
                                        "[1/1]"};

static void refuses_what_is_not_json(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof MALFORMED / sizeof *MALFORMED; i++)
        if (strcmp(code_of(MALFORMED[i], strlen(MALFORMED[i])), "json_malformed") != 0)
            fail_msg("%s: \"%s\"", MALFORMED[i], code_of(MALFORMED[i], strlen(MALFORMED[i])));
}

static const char *const FINE[] = {"{}",
                                   "[]",
                                   " \t\r\n{ } \n",
                                   "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
                                   "-0.5e-300",
                                   "null",
                                   "\"/* */ //\"",
                                   "\"\\ud83d\\ude00\\ud83d\\ude00\"",
                                   "\"[[[[[[[[[[[[[[[[[[[[[\"",
                                   "[[],[],[[]]]",
                                   "\"\\\\\"",
                                   "[\"\\\\\\\"[\"]"};

static void takes_what_is_json(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof FINE / sizeof *FINE; i++)
        if (*code_of(FINE[i], strlen(FINE[i])))
            fail_msg("%s: \"%s\"", FINE[i], code_of(FINE[i], strlen(FINE[i])));
}

static const char *const BAD_TEXT[] = {
    "\"\xff\"",        "{\"\xc3\":1}",     "\"\xed\xa0\x80\"",   "\"\xc0\x80\"",       "\"\xf4\x90\x80\x80\"",
    "\"\xe2\x82\"",    "\"\\u0000\"",      "{\"a\\u0000b\":1}",  "\"\\ud800\"",        "\"\\udc00\"",
    "\"\\ud83dx\"",    "\"\\ud83d\\n\"",   "\"\\ud83d\\u0041\"", "\"\\ud83d\\ud83d\"", "\"\\uDFFF\\uD800\"",
    "\"\\\\\\ud83d\"", "\"\\uD83D\\uDE0\""};

static void refuses_text_that_is_not_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof BAD_TEXT / sizeof *BAD_TEXT; i++)
        if (strcmp(code_of(BAD_TEXT[i], strlen(BAD_TEXT[i])), "json_bad_text") != 0)
            fail_msg("%s: \"%s\"", BAD_TEXT[i], code_of(BAD_TEXT[i], strlen(BAD_TEXT[i])));
    assert_string_equal(code_of("{}\0", 3), "json_bad_text");
    assert_string_equal(code_of("\"a\0b\"", 5), "json_bad_text");
    assert_string_equal(code_of("\0", 1), "json_bad_text");
}

/* opening, depth times what is repeated, and as many brackets that close it. */
static const char *code_of_deep(const char *opening, const char *repeated, int depth)
{
    CLEANUP(buf_done) struct buf json = buf_make(2 << 20);

    (void)buf_add_text(&json, opening);
    for (int i = 0; i < depth; i++)
        (void)buf_add_text(&json, repeated);
    for (int i = 0; i < depth; i++)
        (void)buf_add_text(&json, strchr(repeated, '{') ? "}" : "]");
    return code_of(json.bytes, json.len);
}

static void refuses_depth_before_the_parser_sees_it(void **state)
{
    (void)state;
    assert_string_equal(code_of("[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]", 33), "");
    assert_string_equal(code_of_deep("", "[", 17), "json_too_deep");
    assert_string_equal(code_of_deep("", "[", 100000), "json_too_deep");
    assert_string_equal(code_of_deep("", "{\"a\":", 100000), "json_too_deep");
    assert_string_equal(code_of_deep("{\"a\":\"\\\"\",\"b\":", "[", 100000), "json_too_deep");
}

/* yajl's tree takes comments: a quote in one must not hide what stands behind it. */
static void nothing_hides_depth_from_the_check(void **state)
{
    (void)state;
    assert_string_equal(code_of_deep("/*\"*/", "[", 100000), "json_malformed");
    assert_string_equal(code_of_deep("//\"\n", "[", 100000), "json_malformed");
    assert_string_equal(code_of_deep("[/*]*/", "[/*]*/", 1000), "json_malformed");
    assert_string_equal(code_of_deep("]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", "[", 30), "json_malformed");
}

static void looks_into_answers_where_anything_may_be_missing(void **state)
{
    yajl_val root;
    struct err err;
    uint64_t seed = 0;

    (void)state;
    assert_true(json_parse(TEXT("{\"a\":\"t\",\"n\":-3,\"f\":1.5,\"s\":\"12\",\"z\":null}"), &root, &err));
    assert_string_equal(json_get_text(root, "a"), "t");
    assert_null(json_get_text(root, "n"));
    assert_null(json_get_text(root, "missing"));
    assert_int_equal(json_get_int64(root, "n", 9), -3);
    assert_int_equal(json_get_int64(root, "f", 9), 9);
    assert_int_equal(json_get_int64(root, "missing", 9), 9);
    assert_true(json_get_uint64(root, "s", &seed) && seed == 12);
    assert_false(json_get_uint64(root, "z", &seed));
    assert_false(json_get_uint64(root, "missing", &seed));
    assert_null(json_get(json_get(root, "a"), "b"));
    assert_null(json_get(NULL, "b"));
    yajl_tree_free(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_every_type),
        cmocka_unit_test(leaves_to_the_caller_what_has_no_limits),
        cmocka_unit_test(leaves_alone_what_is_absent_or_null),
        cmocka_unit_test(names_the_field_and_what_is_wrong_with_it),
        cmocka_unit_test(takes_seeds_as_digits_and_as_text),
        cmocka_unit_test(reports_all_faults_at_once),
        cmocka_unit_test(stops_at_the_limit_of_faults),
        cmocka_unit_test(refuses_what_is_not_json),
        cmocka_unit_test(takes_what_is_json),
        cmocka_unit_test(refuses_text_that_is_not_text),
        cmocka_unit_test(refuses_depth_before_the_parser_sees_it),
        cmocka_unit_test(nothing_hides_depth_from_the_check),
        cmocka_unit_test(looks_into_answers_where_anything_may_be_missing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
