/* What a batch's counts say: status, progress, time that is left. */
#include "batches/batch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "batches/batch_wish.h"

/* Ten that can be made, of which so many are in each state; a generation takes 20 s, two at a time. */
static struct batch with(int64_t pending, int64_t running, int64_t completed, int64_t failed, int64_t cancelled)
{
    return (struct batch){.total = pending + running + completed + failed + cancelled + 1,
                          .refused = 1,
                          .pending = pending,
                          .running = running,
                          .completed = completed,
                          .failed = failed,
                          .cancelled = cancelled,
                          .ahead = -1,
                          .usual_s = 20,
                          .slots = 2};
}

static void a_batch_runs_until_all_of_it_has_ended(void **state)
{
    struct batch b = with(1, 0, 8, 1, 0);

    (void)state;
    assert_string_equal(batch_status(&b), "running");
    b = with(0, 1, 8, 1, 0);
    assert_string_equal(batch_status(&b), "running");
    b = with(0, 0, 0, 10, 0);
    assert_string_equal(batch_status(&b), "completed");
    assert_true(batch_has_ended(&b));
}

static void it_is_cancelled_when_a_cancel_of_the_whole_ended_some(void **state)
{
    struct batch b = with(0, 0, 9, 0, 1);

    (void)state;
    assert_string_equal(batch_status(&b), "completed"); /* that one was cancelled alone */
    b.cancel_requested = true;
    assert_string_equal(batch_status(&b), "cancelled");
    b = with(0, 0, 10, 0, 0);
    b.cancel_requested = true;
    assert_string_equal(batch_status(&b), "completed"); /* it came too late */
    b = with(0, 1, 0, 0, 9);
    b.cancel_requested = true;
    assert_string_equal(batch_status(&b), "running");
}

static void progress_counts_what_is_on_its_way_by_half_and_is_full_at_the_end_alone(void **state)
{
    struct batch b = with(10, 0, 0, 0, 0);

    (void)state;
    assert_int_equal(batch_progress(&b), 0);
    b = with(5, 4, 1, 0, 0);
    assert_int_equal(batch_progress(&b), 30);
    b = with(0, 1, 49, 0, 0);
    assert_int_equal(batch_progress(&b), 99);
    b = with(0, 0, 3, 3, 4);
    assert_int_equal(batch_progress(&b), 100);
}

static void the_time_left_counts_who_is_before_and_what_is_held_back(void **state)
{
    struct batch b = with(4, 1, 0, 0, 0);

    (void)state;
    b.ahead = 6;
    assert_int_equal(batch_seconds_left(&b), 20 + 6 * 10);
    b = with(4, 1, 0, 0, 0);
    b.held_back = 4;
    b.sent_ago_s = 5;
    assert_int_equal(batch_seconds_left(&b), 15 + 4 * 10);
    b.usual_s = 0.5; /* a second apart, however quick they are */
    assert_int_equal(batch_seconds_left(&b), 1 + 4);
    b = with(0, 1, 0, 0, 0);
    b.sent_ago_s = 100; /* late: but never less than a second */
    assert_int_equal(batch_seconds_left(&b), 1);
    b.sent_ago_s = -100; /* a clock that was set back */
    assert_int_equal(batch_seconds_left(&b), 20);
}

static void nobody_knows_the_time_left_of_what_waits_for_the_provider(void **state)
{
    struct batch b = with(4, 1, 0, 0, 0);

    (void)state;
    b.waiting_for = "waiting_provider";
    assert_int_equal(batch_seconds_left(&b), -1);
    b.waiting_for = NULL;
    b.ahead = GENERATION_AHEAD_MAX;
    assert_int_equal(batch_seconds_left(&b), -1);
    b = with(0, 0, 1, 0, 0);
    assert_int_equal(batch_seconds_left(&b), -1);
}

static void a_prompt_that_is_too_long_is_cut_between_characters(void **state)
{
    struct batch_wish *wish = calloc(1, sizeof *wish);
    enum { LONG = sizeof wish->prompts[0].text };
    char text[LONG + 8];

    (void)state;
    assert_non_null(wish);
    memset(text, 'x', sizeof text);
    memcpy(text + LONG - 2, "\xd0\xb6", 2); /* would be cut in two */
    assert_true(batch_wish_add(wish, (struct text){text, sizeof text}));
    assert_true(wish->prompts[0].is_cut);
    assert_int_equal(strlen(wish->prompts[0].text), LONG - 2);
    assert_true(batch_wish_add(wish, (struct text){text, LONG - 2}));
    assert_false(wish->prompts[1].is_cut);
    while (wish->count < BATCH_MAX)
        assert_true(batch_wish_add(wish, TEXT("one more")));
    assert_false(batch_wish_add(wish, TEXT("one too many")));
    assert_int_equal(wish->count, BATCH_MAX);
    free(wish);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_batch_runs_until_all_of_it_has_ended),
        cmocka_unit_test(it_is_cancelled_when_a_cancel_of_the_whole_ended_some),
        cmocka_unit_test(progress_counts_what_is_on_its_way_by_half_and_is_full_at_the_end_alone),
        cmocka_unit_test(the_time_left_counts_who_is_before_and_what_is_held_back),
        cmocka_unit_test(nobody_knows_the_time_left_of_what_waits_for_the_provider),
        cmocka_unit_test(a_prompt_that_is_too_long_is_cut_between_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
