/* A wish of which nothing was made: what is in its way, and the key of one that was made before. */
#include "generations/generation_create.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/fake_db.h"
#include "support/house.h"
#include "support/wish.h"

static char fingerprint[100]; /* that the last insert carried */

static void answer_obstacles(const char *account, const char *avatar, const char *available, const char *unfinished)
{
    assert_true(wish_asks("LEFT JOIN accounts"));
    fake_db_answer(fake_rows(4, 1, (const char *[]){account, avatar, available, unfinished}));
}

static struct loopback *create_in_vain(void)
{
    struct loopback *l = wish_send("{" WISH_PROMPT "}", NULL);

    wish_answer_portrait();
    wish_answer_nothing(); /* nothing was made */
    return l;
}

static void too_many_unfinished_ones_are_said_with_their_limit(void **state)
{
    struct loopback *l = create_in_vain();

    (void)state;
    answer_obstacles("t", "t", "1000", "10000");
    assert_string_equal(loopback_header(l, "retry-after", 0), "30");
    assert_non_null(strstr(loopback_header(l, "ratelimit-policy", 0), "q=10000"));
    assert_non_null(strstr(loopback_header(l, "ratelimit", 0), "r=0;t=30"));
    wish_check(l, 429, "too_many_requests");
    l = create_in_vain();
    answer_obstacles("t", "f", "3", "10000"); /* the avatar was deleted meanwhile */
    wish_check(l, 404, "not_found");
}

static void too_few_credits_are_said_with_figures(void **state)
{
    struct loopback *l = create_in_vain();
    yajl_val root;

    (void)state;
    answer_obstacles("t", "t", "3", "1");
    assert_int_equal(loopback_status(l), 402);
    root = wish_body(l);
    assert_string_equal(json_get_text(root, "code"), "quota_exceeded");
    assert_int_equal(json_get_int64(root, "needed", -1), 4);
    assert_int_equal(json_get_int64(root, "available", -1), 3);
    assert_non_null(strstr(json_get_text(root, "detail"), "4 are needed, 3 are left"));
    yajl_tree_free(root);
    loopback_close(l);
}

static void the_first_wish_opens_the_account(void **state)
{
    struct loopback *l = create_in_vain();

    (void)state;
    answer_obstacles("f", "t", NULL, NULL);
    assert_true(wish_asks("account_open"));
    assert_string_equal(fake_db_value(0), FAKE_USER);
    assert_string_equal(fake_db_value(1), "1000");
    fake_db_answer(fake_rows(1, 1, (const char *[]){"t"}));
    wish_answer_portrait();
    wish_answer(&WISH_PENDING);
    wish_check(l, 202, "");
}

static void what_was_in_the_way_and_has_gone_is_tried_again_but_not_for_ever(void **state)
{
    struct loopback *l = create_in_vain();

    (void)state;
    for (int i = 0; i < 2; i++) {
        answer_obstacles("t", "t", "1000", "1");
        wish_answer_portrait();
        wish_answer_nothing();
    }
    answer_obstacles("t", "t", "1000", "1");
    wish_check(l, 503, "busy");
}

/* Keys */

static void answer_key(const char *print, const char *ref)
{
    assert_true(wish_asks("FROM idempotency_keys"));
    fake_db_answer(fake_rows(3, 1, (const char *[]){print, ref, NULL}));
}

static void create_first(const char *key)
{
    struct loopback *l = wish_send("{" WISH_PROMPT "}", key);

    assert_true(wish_asks("FROM idempotency_keys"));
    assert_string_equal(fake_db_value(0), FAKE_USER);
    wish_answer_nothing();
    wish_answer_portrait();
    (void)snprintf(fingerprint, sizeof fingerprint, "%s", fake_db_value(4));
    wish_answer(&WISH_PENDING);
    wish_check(l, 202, "");
}

static void the_same_request_gets_the_same_answer(void **state)
{
    static const struct fake_generation LATER = {WISH_ID, "failed", "7",   "nsfw_result",
                                                 "-1",    "5",      "5.1", "2026-01-15 10:00:09+00"};
    struct loopback *l;
    yajl_val root;

    (void)state;
    create_first("\"quoted\"");
    l = wish_send("{" WISH_PROMPT "}", "quoted"); /* quotes are not part of it */
    assert_string_equal(fake_db_value(1), "quoted");
    answer_key(fingerprint, WISH_ID);
    assert_true(wish_asks("FROM generations"));
    wish_answer(&LATER); /* it has gone on since, but that was not the first answer */
    assert_string_equal(loopback_header(l, "idempotent-replayed", 0), "true");
    assert_string_equal(loopback_header(l, "location", 0), WISH_LIST "/" WISH_ID);
    assert_int_equal(loopback_status(l), 202);
    root = wish_body(l);
    assert_string_equal(json_get_text(root, "status"), "pending");
    assert_true(YAJL_IS_NULL(json_get(root, "seed")) && YAJL_IS_NULL(json_get(root, "error")));
    assert_true(YAJL_IS_NULL(json_get(root, "finished_at")) && YAJL_IS_NULL(json_get(root, "started_at")));
    yajl_tree_free(root);
    loopback_close(l);
}

static void another_request_with_the_key_is_refused(void **state)
{
    struct loopback *l;

    (void)state;
    create_first("k");
    l = wish_send("{" WISH_PROMPT ",\"num_images\":2}", "k");
    answer_key(fingerprint, WISH_ID);
    wish_check(l, 422, "idempotency_key_reused");
}

static void of_two_at_the_same_moment_the_slower_gets_the_answer_of_the_faster(void **state)
{
    struct loopback *l;

    (void)state;
    create_first("k");
    l = wish_send("{" WISH_PROMPT "}", "k");
    wish_answer_nothing(); /* not there yet */
    wish_answer_portrait();
    wish_answer_nothing(); /* the statement found the key taken */
    answer_key(fingerprint, WISH_ID);
    wish_answer(&WISH_PENDING);
    assert_string_equal(loopback_header(l, "idempotent-replayed", 0), "true");
    wish_check(l, 202, "");
    l = wish_send("{" WISH_PROMPT "}", "k");
    wish_answer_nothing();
    wish_answer_portrait();
    wish_answer_nothing();
    wish_answer_nothing(); /* no key: then it was the limit */
    answer_obstacles("t", "t", "1000", "10000");
    wish_check(l, 429, "too_many_requests");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, wish_set_up, house_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(too_many_unfinished_ones_are_said_with_their_limit),
        TEST(too_few_credits_are_said_with_figures),
        TEST(the_first_wish_opens_the_account),
        TEST(what_was_in_the_way_and_has_gone_is_tried_again_but_not_for_ever),
        TEST(the_same_request_gets_the_same_answer),
        TEST(another_request_with_the_key_is_refused),
        TEST(of_two_at_the_same_moment_the_slower_gets_the_answer_of_the_faster),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
