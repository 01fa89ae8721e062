/* How much of the disk uploads may take, all together and one user's. */
#include "http/upload_space.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { LIMIT = 100 };

static const struct uuid NOBODY = {""}, ANNA = {"01990000-0000-7000-8000-000000000001"},
                         BORIS = {"01990000-0000-7000-8000-000000000002"};

static void all_together_take_no_more_than_the_limit(void **state)
{
    (void)state;
    assert_false(upload_space_take(NOBODY, LIMIT + 1, LIMIT));
    assert_true(upload_space_take(NOBODY, 60, LIMIT));
    assert_true(upload_space_take(NOBODY, 30, LIMIT)); /* nobody in particular: no share of it */
    assert_false(upload_space_take(ANNA, 11, LIMIT));
    assert_true(upload_space_take(ANNA, 10, LIMIT));
    assert_false(upload_space_take(BORIS, 1, LIMIT));
    upload_space_give_back(NOBODY, 60);
    assert_true(upload_space_take(BORIS, 60, LIMIT));
    assert_false(upload_space_take(NOBODY, 1, LIMIT));
    upload_space_give_back(NOBODY, 30);
    upload_space_give_back(ANNA, 10);
    upload_space_give_back(BORIS, 60);
}

static void a_user_s_further_uploads_take_half_at_most(void **state)
{
    (void)state;
    assert_true(upload_space_take(ANNA, 30, LIMIT));
    assert_true(upload_space_take(ANNA, 20, LIMIT));
    assert_false(upload_space_take(ANNA, 1, LIMIT));
    assert_true(upload_space_take(BORIS, 50, LIMIT));
    upload_space_give_back(BORIS, 50);
    upload_space_give_back(ANNA, 20);
    assert_true(upload_space_take(ANNA, 20, LIMIT));
    upload_space_give_back(ANNA, 20);
    upload_space_give_back(ANNA, 30);
    assert_true(upload_space_take(ANNA, LIMIT, LIMIT)); /* the only one may be larger */
    assert_false(upload_space_take(ANNA, 0, LIMIT));
    upload_space_give_back(ANNA, LIMIT);
    assert_true(upload_space_take(ANNA, LIMIT, LIMIT)); /* nothing of what was is left */
    upload_space_give_back(ANNA, LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_together_take_no_more_than_the_limit),
        cmocka_unit_test(a_user_s_further_uploads_take_half_at_most),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
