/* POST /api/v1/generations: what is asked of the database, what comes of its answers, and every refusal. */
#include "generations/generation_api.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/log.h"
#include "generations/generation.h"
#include "support/fake_db.h"
#include "support/fake_generation.h"
#include "support/house.h"
#include "json/json_in.h"

#define ID "01990000-0000-7000-8000-0000000000b0"
#define LIST "/api/v1/generations"
#define PROMPT "\"prompt\":\"A cat\",\"avatar_id\":\"" FAKE_AVATAR "\""

static enum who_kind kind;
static char fingerprint[100]; /* that the last insert carried */

static struct next authenticate(struct call *call)
{
    (void)uuid_read(TEXT(FAKE_USER), &call->who.user);
    call->who.kind = kind;
    call->who.scopes = SCOPE_READ | SCOPE_WRITE | SCOPE_GENERATE;
    (void)text_copy(call->who.locale, sizeof call->who.locale, TEXT("en"));
    (void)text_copy(call->who.default_preset, sizeof call->who.default_preset, TEXT("quality"));
    return call_enter(call);
}

static const struct route ROUTES[] = {
    {"POST", LIST, ACCESS_GENERATE, 65536, generation_create},
    {0},
};

static int set_up(void **state)
{
    (void)state;
    house_open(ROUTES, authenticate);
    fake_db_reset();
    log_set_level((enum log_level)(LOG_ERROR + 1));
    kind = WHO_TOKEN;
    return 0;
}

static struct loopback *create_with(const char *body, const char *key)
{
    return house_send(
        &(struct loopback_message){.method = "POST",
                                   .path = LIST,
                                   .headers = {"content-type", "application/json", key ? "idempotency-key" : NULL, key},
                                   .body = body});
}

static void check(struct loopback *l, int status, const char *code)
{
    if (loopback_status(l) != status || strcmp(house_code(l), code) != 0)
        fail_msg("%d %s: %s", loopback_status(l), house_code(l), loopback_body(l));
    loopback_close(l);
}

static bool asks(const char *words) { return fake_db_waits() && strstr(fake_db_sql(), words) != NULL; }

static void answer_nothing(void) { fake_db_answer(fake_rows(1, 0, NULL)); }

static void answer_avatar(const char *type, const char *status, const char *lora_url, const char *finetune_id)
{
    assert_true(asks("FROM avatars"));
    fake_db_answer(fake_avatar(type, status, lora_url, finetune_id));
}

static void answer_portrait(void)
{
    answer_avatar("portrait", "completed", "https://v3.fal.media/a.safetensors", NULL);
}

static const struct fake_generation PENDING = {ID, "pending", NULL, NULL, "-1", "0", "-1", NULL};

static void answer_generation(const struct fake_generation *g) { fake_db_answer(fake_generations(g, 1)); }

static yajl_val body_of(const struct loopback *l)
{
    struct err err;
    yajl_val root;

    assert_true(json_parse(text_of(loopback_body(l)), &root, &err));
    return root;
}

static void a_wish_becomes_durable_and_stands_in_the_queue(void **state)
{
    struct loopback *l = create_with("{" PROMPT ",\"preset\":\"fast\",\"seed\":\"18446744073709551615\"}", NULL);
    yajl_val root;

    (void)state;
    assert_true(asks("FROM avatars"));
    answer_portrait();
    assert_true(asks("INSERT INTO generations") && strstr(fake_db_sql(), "INSERT INTO generation_queue"));
    assert_string_equal(fake_db_value(1), FAKE_USER);
    assert_string_equal(fake_db_value(2), FAKE_AVATAR);
    assert_null(fake_db_value(3)); /* no key */
    assert_string_equal(fake_db_value(5), "A cat");
    assert_non_null(strstr(fake_db_value(6), "ANNA"));
    assert_string_equal(fake_db_value(7), "fast");
    assert_string_equal(fake_db_value(12), "18446744073709551615");
    assert_string_equal(fake_db_value(13), "api");
    assert_false(loopback_answered(l)); /* not before it is durable */
    answer_generation(&PENDING);
    assert_int_equal(loopback_status(l), 202);
    assert_string_equal(loopback_header(l, "location", 0), LIST "/" ID);
    assert_null(loopback_header(l, "idempotent-replayed", 0));
    root = body_of(l);
    assert_string_equal(json_get_text(root, "id"), ID);
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
        kind = SOURCES[i].kind;
        l = create_with("{" PROMPT "}", NULL);
        answer_portrait();
        assert_string_equal(fake_db_value(13), SOURCES[i].source);
        assert_string_equal(fake_db_value(7), "quality"); /* the user's own preset */
        answer_generation(&PENDING);
        check(l, 202, "");
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
        struct loopback *l = create_with(REFUSED[i][0], NULL);
        assert_false(fake_db_waits());
        check(l, REFUSED[i][1][1] == '0' ? 400 : 422, REFUSED[i][2]);
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
        l = create_with(body.bytes, NULL);
        assert_int_equal(loopback_status(l), letters == 1000 ? 0 : 422);
        loopback_close(l);
    }
    assert_int_equal(fake_db_cancelled(), 1);
}

static void the_request_itself_is_looked_at(void **state)
{
    struct loopback *l =
        house_send(&(struct loopback_message){.method = "POST", .path = LIST, .body = "{\"prompt\":\"x\"}"});

    (void)state;
    check(l, 415, "json_expected");
    check(house_send(&(struct loopback_message){.method = "POST",
                                                .path = LIST "?x=1",
                                                .headers = {"content-type", "application/json"},
                                                .body = "{\"prompt\":\"x\"}"}),
          400, "invalid_query");
    check(create_with("{\"prompt\":\"x\"}", " "), 400, "idempotency_key_invalid");
    check(create_with("{\"prompt\":\"x\"}", "a b"), 400, "idempotency_key_invalid");
    check(create_with("{\"prompt\":\"x\"}", "\xd0\xb9"), 400, "idempotency_key_invalid");
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
        (void)snprintf(body, sizeof body, "{" PROMPT ",%s}", FAULTS[i][0]);
        l = create_with(body, NULL);
        if (fake_db_waits())
            answer_portrait();
        assert_false(fake_db_waits());
        assert_int_equal(loopback_status(l), 422);
        root = body_of(l);
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
    struct loopback *l = create_with("{" PROMPT "}", NULL);

    (void)state;
    answer_nothing(); /* somebody else's, or none */
    check(l, 404, "not_found");
    l = create_with("{\"prompt\":\"x\"}", NULL);
    assert_true(asks("is_main"));
    answer_nothing();
    check(l, 409, "no_main_avatar");
    l = create_with("{" PROMPT "}", NULL);
    answer_avatar("portrait", "training", NULL, NULL);
    check(l, 409, "avatar_not_ready");
    l = create_with("{" PROMPT "}", NULL);
    answer_avatar("portrait", "completed", NULL, NULL);
    check(l, 409, "lora_missing");
    l = create_with("{" PROMPT "}", NULL);
    answer_avatar("style", "completed", NULL, NULL);
    assert_int_equal(loopback_status(l), 409);
    loopback_close(l);
}

static void answer_obstacles(const char *account, const char *avatar, const char *available, const char *unfinished)
{
    assert_true(asks("LEFT JOIN accounts"));
    fake_db_answer(fake_rows(4, 1, (const char *[]){account, avatar, available, unfinished}));
}

static struct loopback *create_in_vain(void)
{
    struct loopback *l = create_with("{" PROMPT "}", NULL);

    answer_portrait();
    answer_nothing(); /* nothing was made */
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
    check(l, 429, "too_many_requests");
    l = create_in_vain();
    answer_obstacles("t", "f", "3", "10000"); /* the avatar was deleted meanwhile */
    check(l, 404, "not_found");
}

static void too_few_credits_are_said_with_figures(void **state)
{
    struct loopback *l = create_in_vain();
    yajl_val root;

    (void)state;
    answer_obstacles("t", "t", "3", "1");
    assert_int_equal(loopback_status(l), 402);
    root = body_of(l);
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
    assert_true(asks("account_open"));
    assert_string_equal(fake_db_value(0), FAKE_USER);
    assert_string_equal(fake_db_value(1), "1000");
    fake_db_answer(fake_rows(1, 1, (const char *[]){"t"}));
    answer_portrait();
    answer_generation(&PENDING);
    check(l, 202, "");
}

static void what_was_in_the_way_and_has_gone_is_tried_again_but_not_for_ever(void **state)
{
    struct loopback *l = create_in_vain();

    (void)state;
    for (int i = 0; i < 2; i++) {
        answer_obstacles("t", "t", "1000", "1");
        answer_portrait();
        answer_nothing();
    }
    answer_obstacles("t", "t", "1000", "1");
    check(l, 503, "busy");
}

static void batches_stand_in_their_own_lane(void **state)
{
    struct loopback *l = create_with("{" PROMPT ",\"priority\":\"batch\"}", NULL);

    (void)state;
    answer_portrait();
    assert_string_equal(fake_db_value(17), "1");
    answer_generation(&PENDING);
    check(l, 202, "");
    l = create_with("{" PROMPT ",\"priority\":\"interactive\"}", NULL);
    answer_portrait();
    assert_string_equal(fake_db_value(17), "0");
    answer_generation(&PENDING);
    check(l, 202, "");
    check(create_with("{" PROMPT ",\"priority\":\"soon\"}", NULL), 422, "invalid");
    check(create_with("{" PROMPT ",\"priority\":1}", NULL), 422, "invalid");
}

static void a_database_that_is_away_is_said_wherever_it_goes(void **state)
{
    (void)state;
    for (int step = 0; step < 3; step++) {
        struct loopback *l = create_with("{" PROMPT "}", "key");
        if (step > 0)
            answer_nothing();
        if (step > 1)
            answer_portrait();
        fake_db_fail(ERR_BUSY, "database");
        assert_string_equal(loopback_header(l, "retry-after", 0), "2");
        check(l, 503, "database");
    }
}

static void nothing_is_accepted_without_a_key_of_the_provider(void **state)
{
    static struct config without;

    (void)state;
    without = *house_local()->config;
    without.fal_key = NULL;
    house_local()->config = &without;
    check(create_with("{" PROMPT "}", NULL), 503, "generation_off");
    assert_false(fake_db_waits());
}

static void a_client_that_goes_takes_its_wait_along(void **state)
{
    struct loopback *l = create_with("{" PROMPT "}", NULL);

    (void)state;
    answer_portrait();
    loopback_close(l);
    assert_int_equal(fake_db_cancelled(), 1);
}

/* Keys */

static void answer_key(const char *print, const char *ref)
{
    assert_true(asks("FROM idempotency_keys"));
    fake_db_answer(fake_rows(3, 1, (const char *[]){print, ref, NULL}));
}

static void create_first(const char *key)
{
    struct loopback *l = create_with("{" PROMPT "}", key);

    assert_true(asks("FROM idempotency_keys"));
    assert_string_equal(fake_db_value(0), FAKE_USER);
    answer_nothing();
    answer_portrait();
    (void)snprintf(fingerprint, sizeof fingerprint, "%s", fake_db_value(4));
    answer_generation(&PENDING);
    check(l, 202, "");
}

static void the_same_request_gets_the_same_answer(void **state)
{
    static const struct fake_generation LATER = {ID,   "failed", "7",   "nsfw_result",
                                                 "-1", "5",      "5.1", "2026-01-15 10:00:09+00"};
    struct loopback *l;
    yajl_val root;

    (void)state;
    create_first("\"quoted\"");
    l = create_with("{" PROMPT "}", "quoted"); /* quotes are not part of it */
    assert_string_equal(fake_db_value(1), "quoted");
    answer_key(fingerprint, ID);
    assert_true(asks("FROM generations"));
    answer_generation(&LATER); /* it has gone on since, but that was not the first answer */
    assert_string_equal(loopback_header(l, "idempotent-replayed", 0), "true");
    assert_string_equal(loopback_header(l, "location", 0), LIST "/" ID);
    assert_int_equal(loopback_status(l), 202);
    root = body_of(l);
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
    l = create_with("{" PROMPT ",\"num_images\":2}", "k");
    answer_key(fingerprint, ID);
    check(l, 422, "idempotency_key_reused");
}

static void of_two_at_the_same_moment_the_slower_gets_the_answer_of_the_faster(void **state)
{
    struct loopback *l;

    (void)state;
    create_first("k");
    l = create_with("{" PROMPT "}", "k");
    answer_nothing(); /* not there yet */
    answer_portrait();
    answer_nothing(); /* the statement found the key taken */
    answer_key(fingerprint, ID);
    answer_generation(&PENDING);
    assert_string_equal(loopback_header(l, "idempotent-replayed", 0), "true");
    check(l, 202, "");
    l = create_with("{" PROMPT "}", "k");
    answer_nothing();
    answer_portrait();
    answer_nothing();
    answer_nothing(); /* no key: then it was the limit */
    answer_obstacles("t", "t", "1000", "10000");
    check(l, 429, "too_many_requests");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, house_tear_down)

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
        TEST(too_many_unfinished_ones_are_said_with_their_limit),
        TEST(too_few_credits_are_said_with_figures),
        TEST(the_first_wish_opens_the_account),
        TEST(what_was_in_the_way_and_has_gone_is_tried_again_but_not_for_ever),
        TEST(batches_stand_in_their_own_lane),
        TEST(a_database_that_is_away_is_said_wherever_it_goes),
        TEST(nothing_is_accepted_without_a_key_of_the_provider),
        TEST(a_client_that_goes_takes_its_wait_along),
        TEST(the_same_request_gets_the_same_answer),
        TEST(another_request_with_the_key_is_refused),
        TEST(of_two_at_the_same_moment_the_slower_gets_the_answer_of_the_faster),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
