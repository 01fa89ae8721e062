#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "falsim/sim_faults.h"
#include "falsim/sim_table.h"

static struct sim_request *make_request(int number)
{
    struct sim_request *r = calloc(1, sizeof *r);

    list_init(&r->link);
    (void)snprintf(r->id.text, sizeof r->id.text, "%08x-0000-4000-8000-000000000000", number);
    r->input = strdup("{}");
    return r;
}

static struct sim_request *add(struct sim_table *table, int number, bool low_priority)
{
    struct sim_request *r = make_request(number);

    r->low_priority = low_priority;
    return sim_table_add(table, r);
}

static void queues_normal_requests_before_those_of_low_priority(void **state)
{
    struct sim_table *table = sim_table_open();
    struct sim_request *low = add(table, 1, true), *first = add(table, 2, false), *second = add(table, 3, false);
    struct sim_request *lower = add(table, 4, true);

    (void)state;
    assert_int_equal(sim_table_position(table, first), 0);
    assert_int_equal(sim_table_position(table, second), 1);
    assert_int_equal(sim_table_position(table, low), 2);
    assert_int_equal(sim_table_position(table, lower), 3);
    sim_table_finish(table, first);
    assert_int_equal(sim_table_position(table, low), 1);
    assert_ptr_equal(sim_table_oldest(table), low);
    sim_table_close(table);
}

static void drops_the_oldest_finished_request_when_it_is_full(void **state)
{
    struct sim_table *table = sim_table_open();
    struct sim_request *extra;

    (void)state;
    for (int i = 0; i < SIM_MAX_REQUESTS; i++)
        assert_non_null(add(table, i, false));
    extra = make_request(SIM_MAX_REQUESTS);
    assert_null(sim_table_add(table, extra)); /* all are active */
    sim_table_finish(table, sim_table_find(table, TEXT("00000003-0000-4000-8000-000000000000")));
    sim_table_find(table, TEXT("00000003-0000-4000-8000-000000000000"))->making = true;
    assert_null(sim_table_add(table, extra)); /* a worker still has it */
    sim_table_finish(table, sim_table_find(table, TEXT("00000005-0000-4000-8000-000000000000")));
    assert_non_null(sim_table_add(table, extra));
    assert_null(sim_table_find(table, TEXT("00000005-0000-4000-8000-000000000000")));
    assert_non_null(sim_table_find(table, TEXT("00000003-0000-4000-8000-000000000000")));
    assert_ptr_equal(sim_table_newest(table), extra);
    sim_table_close(table);
}

static void finds_the_app_of_an_endpoint(void **state)
{
    (void)state;
    assert_true(text_equal(sim_app_of(TEXT("fal-ai/flux-pro/v1/fill")), TEXT("fal-ai/flux-pro")));
    assert_true(text_equal(sim_app_of(TEXT("fal-ai/flux-lora")), TEXT("fal-ai/flux-lora")));
    assert_true(text_equal(sim_app_of(TEXT("alone")), TEXT("alone")));
}

static bool strikes(struct sim_faults *faults, const char *op, const char *endpoint, const char *input)
{
    struct sim_fault fault;

    return sim_faults_strike(faults, op, NULL, text_of(endpoint), text_of(input), &fault);
}

static void counts_a_fault_down_where_it_fits_only(void **state)
{
    struct sim_faults *faults = sim_faults_open(1);
    struct err err;

    (void)state;
    assert_true(sim_faults_set(
        faults,
        TEXT("[{\"op\":\"submit\",\"fault\":\"503\",\"count\":2,\"endpoint\":\"fal-ai/flux-pro\",\"prompt\":\"cat\"}]"),
        &err));
    assert_false(strikes(faults, "status", "fal-ai/flux-pro", "a cat"));
    assert_false(strikes(faults, "submit", "fal-ai/flux-lora", "a cat"));
    assert_false(strikes(faults, "submit", "fal-ai/flux-pro/x", "a dog"));
    assert_int_equal(sim_faults_count(faults), 1);
    assert_true(strikes(faults, "submit", "fal-ai/flux-pro/x", "a cat"));
    assert_true(strikes(faults, "submit", "fal-ai/flux-pro", "a cat"));
    assert_false(strikes(faults, "submit", "fal-ai/flux-pro", "a cat"));
    assert_int_equal(sim_faults_count(faults), 0);
    sim_faults_close(faults);
}

static void keeps_the_old_rules_when_a_new_one_is_wrong(void **state)
{
    static const char *const WRONG[] = {"{}",
                                        "[{}]",
                                        "[{\"op\":\"submit\"}]",
                                        "[{\"op\":\"submit\",\"fault\":\"418\"}]",
                                        "[{\"op\":\"x\",\"fault\":\"401\"}]",
                                        "[1]",
                                        "[{\"op\":\"webhook\",\"fault\":\"duplicate\",\"times\":0}]",
                                        "[{\"op\":\"submit\",\"fault\":\"500\",\"by\":\"lot\"}]",
                                        "[{\"op\":\"file\",\"fault\":\"404\",\"probability\":2}]"};
    struct sim_faults *faults = sim_faults_open(1);
    struct err err;

    (void)state;
    assert_true(sim_faults_set(faults, TEXT("[{\"op\":\"cancel\",\"fault\":\"hang\"}]"), &err));
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++)
        assert_false(sim_faults_set(faults, text_of(WRONG[i]), &err));
    assert_true(strikes(faults, "cancel", "", ""));
    sim_faults_close(faults);
}

static void repeats_chance_from_the_seed(void **state)
{
    struct sim_faults *a = sim_faults_open(9), *b = sim_faults_open(9);
    struct text rule = TEXT("[{\"op\":\"submit\",\"fault\":\"500\",\"probability\":0.3}]");
    int struck = 0;
    struct err err;

    (void)state;
    assert_true(sim_faults_set(a, rule, &err) && sim_faults_set(b, rule, &err));
    for (int i = 0; i < 1000; i++) {
        bool one = strikes(a, "submit", "", "");
        assert_int_equal(one, strikes(b, "submit", "", ""));
        struck += one;
    }
    assert_in_range(struck, 230, 370);
    sim_faults_close(a);
    sim_faults_close(b);
}

enum { REQUESTS = 400, TURNS = 3 };

/* Which of all requests are struck at which turn, when they come in steps of so many from one to the next. */
static void strike_all(const char *rules, bool same_prompt, int step, int first_seed, bool struck[REQUESTS][TURNS])
{
    struct sim_faults *faults = sim_faults_open(9);
    struct err err;

    assert_true(sim_faults_set(faults, text_of(rules), &err));
    for (int turn = 0; turn < TURNS; turn++)
        for (int i = 0; i < REQUESTS; i++) {
            CLEANUP(buf_done) struct buf input = buf_make(200);
            int number = i * step % REQUESTS;
            assert_true(buf_add_format(&input, "{\"seed\":%d,\"prompt\":\"picture %d\"}", first_seed + number,
                                       same_prompt ? 0 : number));
            struck[number][turn] = strikes(faults, "submit", "fal-ai/flux-lora", input.bytes);
        }
    sim_faults_close(faults);
}

static const char RULES[] = "[{\"op\":\"submit\",\"fault\":\"500\",\"probability\":0.3},"
                            "{\"op\":\"submit\",\"fault\":\"close\",\"probability\":0.3}]";
static const char RULES_BY_SEED[] = "[{\"op\":\"submit\",\"fault\":\"500\",\"probability\":0.5,\"by\":\"seed\"}]";

static void strikes_the_same_requests_in_whatever_order_they_come(void **state)
{
    static bool one[REQUESTS][TURNS], other[REQUESTS][TURNS];
    int struck[TURNS] = {0}, both = 0;

    (void)state;
    strike_all(RULES, false, 1, 0, one);
    strike_all(RULES, false, 151, 5000, other); /* with other seeds, too */
    assert_memory_equal(one, other, sizeof one);
    for (int i = 0; i < REQUESTS; i++) {
        for (int turn = 0; turn < TURNS; turn++)
            struck[turn] += one[i][turn];
        both += one[i][0] && one[i][1];
    }
    for (int turn = 0; turn < TURNS; turn++)
        assert_in_range(struck[turn], 160, 250); /* 0.51 of 400 are 204 */
    assert_in_range(both, 70, 140);              /* a turn says nothing of the next: 0.26 are 104 */
}

static void tells_requests_with_one_prompt_by_their_seeds_to_order(void **state)
{
    static bool one[REQUESTS][TURNS], other[REQUESTS][TURNS];

    (void)state;
    strike_all(RULES_BY_SEED, true, 1, 0, one);
    strike_all(RULES_BY_SEED, true, 7, 0, other);
    assert_memory_equal(one, other, sizeof one);
    strike_all(RULES_BY_SEED, true, 7, 5000, other);
    assert_memory_not_equal(one, other, sizeof one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(queues_normal_requests_before_those_of_low_priority),
        cmocka_unit_test(drops_the_oldest_finished_request_when_it_is_full),
        cmocka_unit_test(finds_the_app_of_an_endpoint),
        cmocka_unit_test(counts_a_fault_down_where_it_fits_only),
        cmocka_unit_test(keeps_the_old_rules_when_a_new_one_is_wrong),
        cmocka_unit_test(repeats_chance_from_the_seed),
        cmocka_unit_test(strikes_the_same_requests_in_whatever_order_they_come),
        cmocka_unit_test(tells_requests_with_one_prompt_by_their_seeds_to_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
