/* The query of a request and form bodies. */
#include "http/query_string.h"

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

struct target {
    char name[9]; /* two letters of four bytes */
    int64_t limit;
    bool flag;
    struct uuid id;
    bool has_flag;
};

static const struct query_field FIELDS[] = {
    QUERY_FIELD(QUERY_TEXT, struct target, name, .max = 2),
    QUERY_FIELD(QUERY_INT64, struct target, limit, .min = 1, .max = 100),
    QUERY_FIELD(QUERY_BOOL, struct target, flag, .present = offsetof(struct target, has_flag)),
    QUERY_FIELD(QUERY_UUID, struct target, id),
    {0},
};

static struct target target;
static struct faults faults;

static bool decode(const char *query)
{
    size_t len = strlen(query);
    char *copy = test_malloc(len ? len : 1);
    bool ok;

    memcpy(copy, query, len);
    target = (struct target){.name = "o", .limit = 24};
    faults = (struct faults){0};
    ok = query_string_decode((struct text){copy, len}, FIELDS, &target, &faults);
    test_free(copy);
    assert_int_equal(ok, faults.count == 0);
    return ok;
}

static void reads_every_type(void **state)
{
    (void)state;
    assert_true(decode("name=%d0%B9+&limit=100&flag=false&id=0199ABCD-0000-7000-8000-000000000001"));
    assert_string_equal(target.name, "\xd0\xb9 ");
    assert_int_equal(target.limit, 100);
    assert_true(!target.flag && target.has_flag);
    assert_string_equal(target.id.text, "0199abcd-0000-7000-8000-000000000001");
    assert_true(decode("flag=true"));
    assert_true(target.flag);
    assert_true(decode("n%61me=%F0%9F%98%80%f0%9f%98%80"));
    assert_string_equal(target.name, "\xf0\x9f\x98\x80\xf0\x9f\x98\x80");
}

static void leaves_alone_what_is_absent(void **state)
{
    static const char *const EMPTY[] = {"", "&", "&&&"};

    (void)state;
    for (size_t i = 0; i < sizeof EMPTY / sizeof *EMPTY; i++) {
        assert_true(decode(EMPTY[i]));
        assert_string_equal(target.name, "o");
        assert_true(target.limit == 24 && !target.has_flag);
    }
    assert_true(decode("&limit=1&&"));
    assert_int_equal(target.limit, 1);
    assert_true(decode("name="));
    assert_string_equal(target.name, "");
    assert_true(decode("name"));
    assert_string_equal(target.name, "");
    assert_true(decode("name=a=")); /* only the first one separates */
    assert_string_equal(target.name, "a=");
}

/* A query, and the one fault in it: "field code what". */
static const char *const FAULTS[][2] = {
    {"name=abc", "name too_long "},
    {"name=%", "name bad_text "},
    {"name=%4", "name bad_text "},
    {"name=%4g", "name bad_text "},
    {"name=%00", "name bad_text "},
    {"name=%ff", "name bad_text "},
    {"name=%c0%80", "name bad_text "},
    {"name=%ed%a0%80", "name bad_text "},
    {"name=a&name=a", "name repeated "},
    {"name=a&n%61me=b", "name repeated "},
    {"limit=", "limit out_of_range "},
    {"limit", "limit out_of_range "},
    {"limit=0", "limit out_of_range "},
    {"limit=101", "limit out_of_range "},
    {"limit=-1", "limit out_of_range "},
    {"limit=1.5", "limit out_of_range "},
    {"limit=+1", "limit out_of_range "},
    {"limit=1%20", "limit out_of_range "},
    {"limit=99999999999999999999", "limit out_of_range "},
    {"flag=1", "flag not_a_boolean "},
    {"flag=TRUE", "flag not_a_boolean "},
    {"flag=", "flag not_a_boolean "},
    {"id=1", "id not_a_uuid "},
    {"id=0199abcd-0000-7000-8000-00000000000%00", "id bad_text "},
    {"other=1", " unknown_parameter other"},
    {"=1", " unknown_parameter "},
    {"%zz=1", " unknown_parameter %zz"},
    {"limit%00=1", " unknown_parameter limit%00"},
    {"\xff=1", " unknown_parameter "},
    {"Limit=1", " unknown_parameter Limit"},
    {"limit;x=1", " unknown_parameter limit;x"},
};

static void names_the_parameter_and_what_is_wrong_with_it(void **state)
{
    char said[200];

    (void)state;
    for (size_t i = 0; i < sizeof FAULTS / sizeof *FAULTS; i++) {
        if (decode(FAULTS[i][0]))
            fail_msg("%s passed", FAULTS[i][0]);
        (void)snprintf(said, sizeof said, "%s %s %s", faults.items[0].field, faults.items[0].code,
                       faults.items[0].what);
        if (strcmp(said, FAULTS[i][1]) != 0 || faults.count != 1)
            fail_msg("%s: %d faults, \"%s\"", FAULTS[i][0], faults.count, said);
    }
}

static void reports_all_faults_at_once_up_to_the_limit(void **state)
{
    CLEANUP(buf_done) struct buf many = buf_make(10000);

    (void)state;
    assert_false(decode("limit=0&flag=x&id=x&name=abc&more=1"));
    assert_int_equal(faults.count, 5);
    for (int i = 0; i < 1000; i++)
        (void)buf_add_text(&many, "x=1&");
    assert_false(decode(many.bytes));
    assert_int_equal(faults.count, FAULTS_MAX);
}

static void a_value_longer_than_any_is_a_fault(void **state)
{
    CLEANUP(buf_done) struct buf query = buf_make(10000);

    (void)state;
    (void)buf_add_text(&query, "name=");
    for (int i = 0; i < 3000; i++)
        (void)buf_add_text(&query, "a");
    assert_false(decode(query.bytes));
    assert_string_equal(faults.items[0].field, "name");
    assert_string_equal(faults.items[0].code, "too_long");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_type),
        cmocka_unit_test(leaves_alone_what_is_absent),
        cmocka_unit_test(names_the_parameter_and_what_is_wrong_with_it),
        cmocka_unit_test(reports_all_faults_at_once_up_to_the_limit),
        cmocka_unit_test(a_value_longer_than_any_is_a_fault),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
