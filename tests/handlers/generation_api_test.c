/* Lists, single generations and their end: what is asked of the database, and what comes of its answers. */
#include "generations/generation_api.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "generations/generation.h"
#include "support/fake_db.h"
#include "support/fake_generation.h"
#include "support/house.h"
#include "json/json_in.h"

#define ID "01990000-0000-7000-8000-0000000000b0"
#define OTHER_ID "01990000-0000-7000-8000-0000000000b1"
#define LIST "/api/v1/generations"
#define PROMPT "\"prompt\":\"A cat\",\"avatar_id\":\"" FAKE_AVATAR "\""

static struct next authenticate(struct call *call)
{
    (void)uuid_read(TEXT(FAKE_USER), &call->who.user);
    call->who.scopes = SCOPE_READ | SCOPE_WRITE | SCOPE_GENERATE;
    (void)text_copy(call->who.locale, sizeof call->who.locale, TEXT("en"));
    (void)text_copy(call->who.default_preset, sizeof call->who.default_preset, TEXT("quality"));
    return call_enter(call);
}

static const struct route ROUTES[] = {
    {"GET", LIST, ACCESS_READ, 0, generation_list},
    {"GET", LIST "/{id}", ACCESS_READ, 0, generation_show},
    {"POST", LIST "/{id}/cancel", ACCESS_GENERATE, 0, generation_cancel_asked},
    {0},
};

static int set_up(void **state)
{
    (void)state;
    house_open(ROUTES, authenticate);
    fake_db_reset();
    log_set_level((enum log_level)(LOG_ERROR + 1));
    return 0;
}

static struct loopback *ask(const char *method, const char *path)
{
    return house_send(&(struct loopback_message){.method = method, .path = path});
}

static void check(struct loopback *l, int status, const char *code)
{
    if (loopback_status(l) != status || strcmp(house_code(l), code) != 0)
        fail_msg("%d %s: %s", loopback_status(l), house_code(l), loopback_body(l));
    loopback_close(l);
}

static bool asks(const char *words) { return fake_db_waits() && strstr(fake_db_sql(), words) != NULL; }

static void answer_nothing(void) { fake_db_answer(fake_rows(1, 0, NULL)); }

static void answer_generation(const struct fake_generation *g) { fake_db_answer(fake_generations(g, 1)); }

static yajl_val body_of(const struct loopback *l)
{
    struct err err;
    yajl_val root;

    assert_true(json_parse(text_of(loopback_body(l)), &root, &err));
    return root;
}

static void shows_one_with_its_pictures(void **state)
{
    static const struct fake_generation DONE = {ID,   "completed", "7",    NULL,
                                                "-1", "5",         "5.25", "2026-01-15 10:00:09+00"};
    struct loopback *l = ask("GET", LIST "/" ID);
    yajl_val root;

    (void)state;
    assert_string_equal(fake_db_value(0), ID);
    assert_string_equal(fake_db_value(1), FAKE_USER);
    answer_generation(&DONE);
    fake_db_answer(fake_images(ID, 2));
    assert_int_equal(loopback_status(l), 200);
    root = body_of(l);
    assert_int_equal(json_get_int64(root, "progress", -1), 100);
    assert_int_equal(YAJL_GET_ARRAY(json_get(root, "images"))->len, 2);
    yajl_tree_free(root);
    loopback_close(l);
}

static void what_is_not_the_users_is_not_found(void **state)
{
    struct loopback *l = ask("GET", LIST "/" ID);

    (void)state;
    answer_nothing();
    check(l, 404, "not_found");
    check(ask("GET", LIST "/x"), 404, "not_found");
    check(ask("GET", LIST "/" ID "?x=1"), 400, "invalid_query");
    check(ask("GET", LIST "/%30" ID), 404, "not_found");
    assert_false(fake_db_waits());
}

static void lists_pages_with_the_pictures_of_each(void **state)
{
    static const struct fake_generation ROWS[] = {
        {OTHER_ID, "completed", "7", NULL, "-1", "5", "5", "2026-01-15 10:00:09+00"},
        {ID, "running", NULL, NULL, "-1", "5", "-1", NULL},
        {FAKE_AVATAR, "pending", NULL, NULL, "-1", "0", "-1", NULL}};
    const char *cursor;
    struct loopback *l = ask("GET", LIST "?limit=2");
    char path[200];
    yajl_val root;

    (void)state;
    assert_null(fake_db_value(1));
    assert_string_equal(fake_db_value(2), "3"); /* one more tells that there is a next page */
    fake_db_answer(fake_generations(ROWS, 3));
    assert_string_equal(fake_db_value(1), OTHER_ID);
    assert_string_equal(fake_db_value(2), ID);
    fake_db_answer(fake_images(OTHER_ID, 1));
    assert_int_equal(loopback_status(l), 200);
    root = body_of(l);
    assert_int_equal(YAJL_GET_ARRAY(json_get(root, "items"))->len, 2);
    assert_int_equal(YAJL_GET_ARRAY(json_get(YAJL_GET_ARRAY(json_get(root, "items"))->values[0], "images"))->len, 1);
    assert_int_equal(YAJL_GET_ARRAY(json_get(YAJL_GET_ARRAY(json_get(root, "items"))->values[1], "images"))->len, 0);
    cursor = json_get_text(root, "next_cursor");
    assert_non_null(cursor);
    (void)snprintf(path, sizeof path, LIST "?cursor=%s", cursor);
    yajl_tree_free(root);
    loopback_close(l);
    l = ask("GET", path);
    assert_string_equal(fake_db_value(1), ID); /* goes on behind the last one shown */
    loopback_close(l);
}

static void an_empty_list_is_a_list(void **state)
{
    struct loopback *l = ask("GET", LIST);

    (void)state;
    answer_nothing();
    assert_string_equal(loopback_body(l), "{\"items\":[],\"next_cursor\":null}");
    loopback_close(l);
    check(ask("GET", LIST "?limit=0"), 400, "invalid_query");
    check(ask("GET", LIST "?limit=101"), 400, "invalid_query");
    check(ask("GET", LIST "?cursor=AAAA"), 400, "cursor_invalid");
    assert_false(fake_db_waits());
}

/* Cancelling */

static void a_cancel_is_accepted_or_too_late(void **state)
{
    static const struct fake_generation QUEUED = {ID, "queued", NULL, NULL, "2", "0", "-1", NULL};
    struct loopback *l = ask("POST", LIST "/" ID "/cancel");

    (void)state;
    assert_true(asks("cancel_requested"));
    assert_string_equal(fake_db_value(1), FAKE_USER);
    answer_generation(&QUEUED);
    assert_non_null(strstr(loopback_body(l), "\"status\":\"queued\""));
    check(l, 202, "");
    l = ask("POST", LIST "/" ID "/cancel");
    answer_nothing();
    answer_generation(&(struct fake_generation){ID, "completed", "7", NULL, "-1", "5", "5", "2026-01-15 10:00:09+00"});
    check(l, 409, "not_cancellable");
    l = ask("POST", LIST "/" ID "/cancel");
    answer_nothing();
    answer_nothing();
    check(l, 404, "not_found");
    check(ask("POST", LIST "/x/cancel"), 404, "not_found");
    check(ask("GET", LIST "/" ID "/cancel"), 405, "method_not_allowed");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, house_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(shows_one_with_its_pictures),           TEST(what_is_not_the_users_is_not_found),
        TEST(lists_pages_with_the_pictures_of_each), TEST(an_empty_list_is_a_list),
        TEST(a_cancel_is_accepted_or_too_late),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
