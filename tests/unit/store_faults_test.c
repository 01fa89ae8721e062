/* The object store in a build with fault points. */
#ifndef FAULTS
#define FAULTS 1
#endif
#include "base/fault_point.c" /* NOLINT(bugprone-suspicious-include) */
#include "storage/store.c"    /* NOLINT(bugprone-suspicious-include) */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "support/folder.h"

#define BUCKET TEXT("b")
#define KEY TEXT("k")

static char folder[FOLDER_ROOM];
static struct store *store;
static struct err err;

static void use(const char *rules) { assert_true(fault_point_rules(rules, 1, &err)); }

static int set_up(void **state)
{
    (void)state;
    use("");
    folder_make(folder);
    store = store_open(folder, &err);
    return store ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    store_close(store);
    folder_remove(folder);
    return 0;
}

static bool is_there(void)
{
    bool there;

    assert_true(store_exists(store, BUCKET, KEY, &there, &err));
    return there;
}

static void a_put_struck_before_leaves_nothing(void **state)
{
    (void)state;
    use("error:1:put.before");
    assert_false(store_put(store, BUCKET, KEY, TEXT("bytes"), &err));
    assert_string_equal(err.code, "storage_failed");
    assert_false(is_there());
}

static void a_put_struck_after_has_been_carried_out(void **state)
{
    (void)state;
    use("error:1:put.after");
    assert_false(store_put(store, BUCKET, KEY, TEXT("bytes"), &err));
    assert_string_equal(err.code, "storage_failed");
    assert_true(is_there());
}

static void a_get_that_is_struck_brings_nothing(void **state)
{
    static const char *const RULES[] = {"error:1:get.before", "error:1:get.after"};
    CLEANUP(buf_done) struct buf buf = buf_make(100);

    (void)state;
    assert_true(store_put(store, BUCKET, KEY, TEXT("bytes"), &err));
    assert_true(buf_add_text(&buf, "kept "));
    for (int i = 0; i < 2; i++) {
        use(RULES[i]);
        assert_false(store_get(store, BUCKET, KEY, &buf, &err));
        assert_string_equal(err.code, "storage_failed");
        assert_string_equal(buf.bytes, "kept ");
    }
    use("");
    assert_true(store_get(store, BUCKET, KEY, &buf, &err));
    assert_string_equal(buf.bytes, "kept bytes");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_put_struck_before_leaves_nothing),
        TEST(a_put_struck_after_has_been_carried_out),
        TEST(a_get_that_is_struck_brings_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
