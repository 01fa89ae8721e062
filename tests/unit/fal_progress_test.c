/* Progress out of the lines that training programs print. */
#include "fal/fal_progress.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "json/json_in.h"

static double read(const char *logs)
{
    struct err err;
    yajl_val tree;
    double share;

    assert_true(json_parse(text_of(logs), &tree, &err));
    share = fal_progress_read(tree);
    yajl_tree_free(tree);
    return share;
}

#define LINE(text) "{\"timestamp\":\"2026-01-15T10:00:01.120314\",\"message\":\"" text "\"}"
#define reads(share, logs) assert_float_equal(read("[" logs "]"), share, 1e-9)

static void reads_every_way_of_saying_it(void **state)
{
    (void)state;
    reads(0.1, LINE("step 100/1000"));
    reads(0.1, LINE("Step: 100/1000, loss=0.03"));
    reads(0.1, LINE("Training steps 100/1000"));
    reads(0.12, LINE(" 12%|#2        | 120/1000 [00:12<01:30,  9.77it/s]"));
    reads(0.12, LINE("Training: 120/1000 [00:12<01:30]"));
    reads(0.12, LINE(" 12%|"));
    reads(1, LINE("step 1000/1000"));
    reads(0, LINE("step 0/1000"));
}

static void the_furthest_counts_in_whatever_order_they_stand(void **state)
{
    (void)state;
    reads(0.5, LINE("step 500/1000") "," LINE("step 10/1000") "," LINE("loss 0.1"));
    reads(0.03, LINE("  1%|   | 10/1000 [00:01\\r  3%|   | 30/1000 [00:03\\n"));
}

static void bars_of_what_comes_before_do_not_count(void **state)
{
    (void)state;
    reads(-1, LINE("Loading pipeline components...: 100%|##########| 7/7 [00:03<00:00]"));
    reads(-1, LINE("Fetching 23 files: 100%|##########| 23/23 [00:01<00:00]"));
    reads(0.02, LINE("Fetching: 100%|####| 23/23 [00:01]") "," LINE("  2%|   | 20/1000 [00:02]"));
    reads(0.2, LINE("Encoding: 100%|####| 64/64 [00:01]") "," LINE("step 200/1000"));
}

static void nothing_is_told_by_anything_else(void **state)
{
    (void)state;
    reads(-1, "");
    reads(-1, LINE("epoch 3") "," LINE("20/1000") "," LINE("loss 0.12%") "," LINE("eta 3/4"));
    reads(-1, LINE("step 5/0") "," LINE("step 7/5") "," LINE("step 3") "," LINE("step 3/"));
    reads(-1, LINE("step 1/99999999999999999999") "," LINE("step 99999999999999999999/100"));
    reads(-1, LINE("101%|") "," LINE("step -1/10") "," LINE("") "," LINE("/") "," LINE("5/"));
    reads(-1, "null,7,\"step 1/2\",[],{},{\"message\":7},{\"message\":null}");
    assert_float_equal(read("null"), -1, 0);
    assert_float_equal(read("{\"message\":\"step 1/2\"}"), -1, 0);
    assert_float_equal(read("\"step 1/2\""), -1, 0);
    assert_float_equal(fal_progress_read(NULL), -1, 0);
}

/* A line of a megabyte is read in time that grows with it alone. */
static void a_huge_line_is_read(void **state)
{
    enum { DIGITS = 1 << 20 };
    char *logs = malloc(DIGITS + 100), *to = logs;

    (void)state;
    assert_non_null(logs);
    to = stpcpy(to, "[{\"message\":\"step 1/");
    memset(to, '9', DIGITS);
    (void)stpcpy(to + DIGITS, " step 1/4\"}]");
    assert_float_equal(read(logs), 0.25, 0);
    for (char *c = to; c < to + DIGITS; c++)
        *c = c == to ? '4' : "/["[(c - to) & 1];
    assert_float_equal(read(logs), 0.25, 0);
    free(logs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_way_of_saying_it),
        cmocka_unit_test(the_furthest_counts_in_whatever_order_they_stand),
        cmocka_unit_test(bars_of_what_comes_before_do_not_count),
        cmocka_unit_test(nothing_is_told_by_anything_else),
        cmocka_unit_test(a_huge_line_is_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
