/* Problem documents in both languages: for every code there is. */
#include "http/problem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "http/status.h"
#include "support/json_same.h"
#include "json/json_in.h"

static struct buf written;

static yajl_val write(const struct problem *problem)
{
    struct json_out out;
    struct err err;
    yajl_val root;

    buf_done(&written);
    written = buf_make(64 * 1024);
    out = json_out_begin(&written);
    problem_write(&out, problem);
    assert_false(out.overflow);
    assert_true(json_parse((struct text){written.bytes, written.len}, &root, &err));
    return root;
}

static void a_problem_says_what_it_is_and_what_to_do(void **state)
{
    yajl_val root = write(&(struct problem){404, "not_found", LANG_EN, "abc", NULL});

    (void)state;
    yajl_tree_free(root);
    assert_true(json_same(written.bytes, "{\"type\":\"urn:aisha:problem:not_found\",\"title\":\"Not found\",\"status\":"
                                         "404,\"detail\":\"There is no such address or object, or it belongs to"
                                         " somebody else.\",\"code\":\"not_found\",\"request_id\":\"abc\"}"));
}

static void every_code_has_a_document_in_both_languages(void **state)
{
    const char *code;

    (void)state;
    for (int i = 0; (code = message_code_at(i)); i++)
        for (int lang = LANG_RU; lang <= LANG_EN; lang++) {
            yajl_val root = write(&(struct problem){400, code, (enum lang)lang, "id", NULL});
            const char *title = json_get_text(root, "title"), *detail = json_get_text(root, "detail");
            assert_string_equal(json_get_text(root, "code"), code);
            if (!*title || !*detail || strchr(title, '|') || strchr(detail, '|'))
                fail_msg("%s: %s, %s", code, title, detail);
            yajl_tree_free(root);
        }
}

static void every_fault_stands_in_errors(void **state)
{
    struct faults faults = {0};
    yajl_val root, errors, last;

    (void)state;
    (void)faults_add_range(&faults, "image_size.width", "out_of_range", 256, 2048);
    (void)faults_add(&faults, "prompt", "required");
    while (faults.count < FAULTS_MAX)
        (void)faults_add_what(&faults, "", "unknown_field", TEXT("\"\\\n"));
    root = write(&(struct problem){422, "invalid", LANG_RU, "id", &faults});
    errors = json_get(root, "errors");
    assert_int_equal(YAJL_GET_ARRAY(errors)->len, FAULTS_MAX);
    assert_string_equal(json_get_text(YAJL_GET_ARRAY(errors)->values[0], "field"), "image_size.width");
    assert_string_equal(json_get_text(YAJL_GET_ARRAY(errors)->values[0], "detail"), "Допустимо от 256 до 2048.");
    assert_string_equal(json_get_text(YAJL_GET_ARRAY(errors)->values[1], "code"), "required");
    last = YAJL_GET_ARRAY(errors)->values[FAULTS_MAX - 1];
    assert_string_equal(json_get_text(last, "field"), "");
    assert_string_equal(json_get_text(last, "detail"), "Неизвестное поле «\"\\\n».");
    yajl_tree_free(root);
}

static void no_faults_are_still_a_list(void **state)
{
    struct faults faults = {0};
    yajl_val root = write(&(struct problem){422, "invalid", LANG_EN, "id", &faults});

    (void)state;
    assert_true(YAJL_IS_ARRAY(json_get(root, "errors")));
    yajl_tree_free(root);
    root = write(&(struct problem){500, "internal", LANG_EN, "id", NULL});
    assert_null(json_get(root, "errors"));
    yajl_tree_free(root);
}

static void every_kind_of_error_has_a_status_with_a_reason(void **state)
{
    (void)state;
    for (int kind = ERR_BAD_REQUEST; kind <= ERR_TIMEOUT; kind++) {
        int status = err_http_status((enum err_kind)kind);
        assert_in_range(status, 400, 599);
        assert_string_not_equal(status_reason(status), "Unknown");
    }
    assert_string_equal(status_reason(299), "Unknown");
}

static int free_written(void **state)
{
    (void)state;
    buf_done(&written);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_problem_says_what_it_is_and_what_to_do),
        cmocka_unit_test(every_code_has_a_document_in_both_languages),
        cmocka_unit_test(every_fault_stands_in_errors),
        cmocka_unit_test(no_faults_are_still_a_list),
        cmocka_unit_test(every_kind_of_error_has_a_status_with_a_reason),
    };

    return cmocka_run_group_tests(tests, NULL, free_written);
}
