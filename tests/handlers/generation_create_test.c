/* POST /api/v1/generations: what is asked of the database, what comes of its answers, and what is refused at sight. */
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

static void a_wish_becomes_durable_and_stands_in_the_queue(void **state)
{
    struct loopback *l = wish_send("{" WISH_PROMPT ",\"preset\":\"fast\",\"seed\":\"18446744073709551615\"}", NULL);
    yajl_val root;

    (void)state;
    assert_true(wish_asks("FROM avatars"));
    wish_answer_portrait();
    assert_true(wish_asks("INSERT INTO generations") && strstr(fake_db_sql(), "INSERT INTO generation_queue"));
    assert_string_equal(fake_db_value(1), FAKE_USER);
    assert_string_equal(fake_db_value(2), FAKE_AVATAR);
    assert_null(fake_db_value(3)); /* no key */
    assert_string_equal(fake_db_value(5), "A cat");
    assert_non_null(strstr(fake_db_value(6), "ANNA"));
    assert_string_equal(fake_db_value(7), "fast");
    assert_string_equal(fake_db_value(12), "18446744073709551615");
    assert_string_equal(fake_db_value(13), "api");
    assert_false(loopback_answered(l)); /* not before it is durable */
    wish_answer(&WISH_PENDING);
    assert_int_equal(loopback_status(l), 202);
    assert_string_equal(loopback_header(l, "location", 0), WISH_LIST "/" WISH_ID);
    assert_null(loopback_header(l, "idempotent-replayed", 0));
    root = wish_body(l);
    assert_string_equal(json_get_text(root, "id"), WISH_ID);
    assert_string_equal(json_get_text(root, "status"), "pending");
    assert_int_equal(json_get_int64(root, "progress", -1), 0);
    yajl_tree_free(root);
    loopback_close(l);
}

static void the_source_is_who_asks(void **state)
{
    static const struct {
        enum who_kind kind;
        const char *source;
    } SOURCES[] = {{WHO_TOKEN, "api"}, {WHO_SESSION, "web"}, {WHO_SERVICE, "telegram"}};

    (void)state;
    for (size_t i = 0; i < sizeof SOURCES / sizeof *SOURCES; i++) {
        struct loopback *l;
        wish_kind = SOURCES[i].kind;
        l = wish_send("{" WISH_PROMPT "}", NULL);
        wish_answer_portrait();
        assert_string_equal(fake_db_value(13), SOURCES[i].source);
        assert_string_equal(fake_db_value(7), "quality"); /* the user's own preset */
        wish_answer(&WISH_PENDING);
        wish_check(l, 202, "");
    }
}

static const char *const REFUSED[][3] = {
    /* body, status and code; nothing is asked of the database */
    {"", "400", "json_malformed"},
    {"{\"prompt\":", "400", "json_malformed"},
    {"{\"prompt\":\"\\ud800\"}", "400", "json_bad_text"},
    {"[[[[[[[[[[[[[[[[[[", "400", "json_too_deep"},
    {"[]", "422", "invalid"},
    {"{}", "422", "invalid"},
    {"{\"prompt\":\"\"}", "422", "invalid"},
    {"{\"prompt\":7}", "422", "invalid"},
    {"{\"prompt\":\"x\",\"num_images\":0}", "422", "invalid"},
    {"{\"prompt\":\"x\",\"num_images\":5}", "422", "invalid"},
    {"{\"prompt\":\"x\",\"avatar_id\":\"me\"}", "422", "invalid"},
    {"{\"prompt\":\"x\",\"seed\":-1}", "422", "invalid"},
    {"{\"prompt\":\"x\",\"seed\":18446744073709551616}", "422", "invalid"},
    {"{\"prompt\":\"x\",\"overrides\":7}", "422", "invalid"},
    {"{\"prompt\":\"x\",\"image_size\":true}", "422", "invalid"},
    {"{\"prompt\":\"x\",\"user_id\":\"x\"}", "422", "invalid"},
    {"{\"prompt\":\"x\",\"prompt\":\"y\"}", "422", "invalid"},
};

static void a_bad_body_is_refused_before_anything_is_asked(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof REFUSED / sizeof *REFUSED; i++) {
        struct loopback *l = wish_send(REFUSED[i][0], NULL);
        assert_false(fake_db_waits());
        wish_check(l, REFUSED[i][1][1] == '0' ? 400 : 422, REFUSED[i][2]);
    }
}

static void a_thousand_letters_pass_and_one_more_does_not(void **state)
{
    (void)state;
    for (int letters = 1000; letters <= 1001; letters++) {
        CLEANUP(buf_done) struct buf body = buf_make(10000);
        struct loopback *l;
        (void)buf_add_text(&body, "{\"prompt\":\"");
        for (int i = 0; i < letters; i++)
            (void)buf_add_text(&body, "\xf0\x9f\x98\x80");
        (void)buf_add_text(&body, "\"}");
        l = wish_send(body.bytes, NULL);
        assert_int_equal(loopback_status(l), letters == 1000 ? 0 : 422);
        loopback_close(l);
    }
    assert_int_equal(fake_db_cancelled(), 1);
}

static void the_request_itself_is_looked_at(void **state)
{
    struct loopback *l =
        house_send(&(struct loopback_message){.method = "POST", .path = WISH_LIST, .body = "{\"prompt\":\"x\"}"});

    (void)state;
    wish_check(l, 415, "json_expected");
    wish_check(house_send(&(struct loopback_message){.method = "POST",
                                                     .path = WISH_LIST "?x=1",
                                                     .headers = {"content-type", "application/json"},
                                                     .body = "{\"prompt\":\"x\"}"}),
               400, "invalid_query");
    wish_check(wish_send("{\"prompt\":\"x\"}", " "), 400, "idempotency_key_invalid");
    wish_check(wish_send("{\"prompt\":\"x\"}", "a b"), 400, "idempotency_key_invalid");
    wish_check(wish_send("{\"prompt\":\"x\"}", "\xd0\xb9"), 400, "idempotency_key_invalid");
    assert_false(fake_db_waits());
}

static void faults_of_the_plan_are_named_by_field(void **state)
{
    static const char *const FAULTS[][3] = {{"\"preset\":\"nothing\"", "preset", "not_one_of"},
                                            {"\"preset\":\"ultra\"", "preset", "preset_not_supported"},
                                            {"\"image_size\":{\"width\":255,\"height\":512}", "image_size.width", NULL},
                                            {"\"overrides\":{\"num_inference_steps\":51}", NULL, NULL},
                                            {"\"overrides\":{\"num_inference_steps\":0}", NULL, NULL}};

    (void)state;
    for (size_t i = 0; i < sizeof FAULTS / sizeof *FAULTS; i++) {
        char body[300];
        struct loopback *l;
        yajl_val root, error;
        (void)snprintf(body, sizeof body, "{" WISH_PROMPT ",%s}", FAULTS[i][0]);
        l = wish_send(body, NULL);
        if (fake_db_waits())
            wish_answer_portrait();
        assert_false(fake_db_waits());
        assert_int_equal(loopback_status(l), 422);
        root = wish_body(l);
        assert_true(YAJL_IS_ARRAY(json_get(root, "errors")) && YAJL_GET_ARRAY(json_get(root, "errors"))->len == 1);
        error = YAJL_GET_ARRAY(json_get(root, "errors"))->values[0];
        if (FAULTS[i][1])
            assert_string_equal(json_get_text(error, "field"), FAULTS[i][1]);
        if (FAULTS[i][2])
            assert_string_equal(json_get_text(error, "code"), FAULTS[i][2]);
        yajl_tree_free(root);
        loopback_close(l);
    }
}

static void an_avatar_that_cannot_be_used_is_refused(void **state)
{
    struct loopback *l = wish_send("{" WISH_PROMPT "}", NULL);

    (void)state;
    wish_answer_nothing(); /* somebody else's, or none */
    wish_check(l, 404, "not_found");
    l = wish_send("{\"prompt\":\"x\"}", NULL);
    assert_true(wish_asks("is_main"));
    wish_answer_nothing();
    wish_check(l, 409, "no_main_avatar");
    l = wish_send("{" WISH_PROMPT "}", NULL);
    wish_answer_avatar("portrait", "training", NULL, NULL);
    wish_check(l, 409, "avatar_not_ready");
    l = wish_send("{" WISH_PROMPT "}", NULL);
    wish_answer_avatar("portrait", "completed", NULL, NULL);
    wish_check(l, 409, "lora_missing");
    l = wish_send("{" WISH_PROMPT "}", NULL);
    wish_answer_avatar("style", "completed", NULL, NULL);
    assert_int_equal(loopback_status(l), 409);
    loopback_close(l);
}

static void batches_stand_in_their_own_lane(void **state)
{
    struct loopback *l = wish_send("{" WISH_PROMPT ",\"priority\":\"batch\"}", NULL);

    (void)state;
    wish_answer_portrait();
    assert_string_equal(fake_db_value(17), "1");
    wish_answer(&WISH_PENDING);
    wish_check(l, 202, "");
    l = wish_send("{" WISH_PROMPT ",\"priority\":\"interactive\"}", NULL);
    wish_answer_portrait();
    assert_string_equal(fake_db_value(17), "0");
    wish_answer(&WISH_PENDING);
    wish_check(l, 202, "");
    wish_check(wish_send("{" WISH_PROMPT ",\"priority\":\"soon\"}", NULL), 422, "invalid");
    wish_check(wish_send("{" WISH_PROMPT ",\"priority\":1}", NULL), 422, "invalid");
}

static void a_database_that_is_away_is_said_wherever_it_goes(void **state)
{
    (void)state;
    for (int step = 0; step < 3; step++) {
        struct loopback *l = wish_send("{" WISH_PROMPT "}", "key");
        if (step > 0)
            wish_answer_nothing();
        if (step > 1)
            wish_answer_portrait();
        fake_db_fail(ERR_BUSY, "database");
        assert_string_equal(loopback_header(l, "retry-after", 0), "2");
        wish_check(l, 503, "database");
    }
}

static void nothing_is_accepted_without_a_key_of_the_provider(void **state)
{
    static struct config without;

    (void)state;
    without = *house_local()->config;
    without.generation.key = NULL;
    house_local()->config = &without;
    wish_check(wish_send("{" WISH_PROMPT "}", NULL), 503, "generation_off");
    assert_false(fake_db_waits());
}

static void a_client_that_goes_takes_its_wait_along(void **state)
{
    struct loopback *l = wish_send("{" WISH_PROMPT "}", NULL);

    (void)state;
    wish_answer_portrait();
    loopback_close(l);
    assert_int_equal(fake_db_cancelled(), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, wish_set_up, house_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_wish_becomes_durable_and_stands_in_the_queue),
        TEST(the_source_is_who_asks),
        TEST(a_bad_body_is_refused_before_anything_is_asked),
        TEST(a_thousand_letters_pass_and_one_more_does_not),
        TEST(the_request_itself_is_looked_at),
        TEST(faults_of_the_plan_are_named_by_field),
        TEST(an_avatar_that_cannot_be_used_is_refused),
        TEST(batches_stand_in_their_own_lane),
        TEST(a_database_that_is_away_is_said_wherever_it_goes),
        TEST(nothing_is_accepted_without_a_key_of_the_provider),
        TEST(a_client_that_goes_takes_its_wait_along),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
