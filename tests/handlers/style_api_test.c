/* /api/v1/templates: what is asked of the database for each route, and what comes of its answers. */
#include "styles/style_api.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "styles/own_style_api.h"
#include "styles/style_favorite_api.h"
#include "support/fake_db.h"
#include "support/house.h"

#define T "/api/v1/templates"
#define OWN_ID "01990000-0000-7000-8000-0000000000aa"

static struct next authenticate(struct call *call)
{
    (void)uuid_read(TEXT(HOUSE_USER), &call->who.user);
    call->who.scopes = SCOPE_READ | SCOPE_WRITE;
    call->who.history_version = call->who.taste_version = -1;
    return call_enter(call);
}

static const struct route ROUTES[] = {
    {"GET", T, ACCESS_READ, 0, style_api_list},
    {"POST", T, ACCESS_WRITE, 65536, own_style_api_create},
    {"GET", T "/categories", ACCESS_READ, 0, style_api_categories},
    {"GET", T "/popular", ACCESS_READ, 0, style_api_popular},
    {"GET", T "/recommended", ACCESS_READ, 0, style_api_recommended},
    {"GET", T "/favorites", ACCESS_READ, 0, style_api_favorites},
    {"GET", T "/{id}", ACCESS_READ, 0, style_api_show},
    {"PATCH", T "/{id}", ACCESS_WRITE, 65536, own_style_api_patch},
    {"DELETE", T "/{id}", ACCESS_WRITE, 0, own_style_api_remove},
    {"PUT", T "/{id}/favorite", ACCESS_WRITE, 0, style_favorite_api_put},
    {"DELETE", T "/{id}/favorite", ACCESS_WRITE, 0, style_favorite_api_remove},
    {0},
};

static int set_up(void **state)
{
    (void)state;
    house_open(ROUTES, authenticate);
    fake_db_reset();
    return 0;
}

static struct loopback *ask(const char *method, const char *path, const char *body)
{
    return house_send(
        &(struct loopback_message){.method = method,
                                   .path = path,
                                   .headers = {"accept-language", "en", "content-type", "application/json"},
                                   .body = body});
}

static void check(struct loopback *l, int status, const char *code)
{
    assert_true(loopback_answered(l));
    assert_int_equal(loopback_status(l), status);
    assert_string_equal(house_code(l), code);
    loopback_close(l);
}

static bool asks(const char *part) { return fake_db_waits() && strstr(fake_db_sql(), part); }

static void answer_favorites(void) { fake_db_answer(fake_rows(2, 1, (const char *[]){"knight", "1790000000000000"})); }

static void answer_own(int count)
{
    fake_db_answer(fake_rows(9, count,
                             (const char *[]){OWN_ID, NULL, "Мой замок", "{subject} at a castle", "fast", "скалы", NULL,
                                              "2026-01-15 10:00:00+00", "2026-01-15 10:00:00+00"}));
}

static void lists_own_styles_before_shipped_ones(void **state)
{
    struct loopback *l = ask("GET", T "?limit=2", NULL);

    (void)state;
    assert_true(asks("style_favorites"));
    assert_string_equal(fake_db_value(0), HOUSE_USER);
    answer_favorites();
    assert_true(asks("own_styles"));
    assert_string_equal(fake_db_value(0), HOUSE_USER);
    answer_own(1);
    assert_int_equal(loopback_status(l), 200);
    assert_true(strstr(loopback_body(l), OWN_ID) < strstr(loopback_body(l), "business-portrait"));
    assert_non_null(strstr(loopback_body(l), "\"next_cursor\":\""));
    loopback_close(l);
}

static void reads_no_own_styles_for_a_shipped_category(void **state)
{
    struct loopback *l = ask("GET", T "?category=medieval", NULL);

    (void)state;
    answer_favorites();
    assert_false(fake_db_waits());
    assert_int_equal(loopback_status(l), 200);
    assert_non_null(strstr(loopback_body(l), "\"id\":\"knight\""));
    assert_non_null(strstr(loopback_body(l), "\"is_favorite\":true"));
    assert_null(strstr(loopback_body(l), "neon-street"));
    loopback_close(l);
}

static void asks_nothing_when_the_query_is_wrong(void **state)
{
    (void)state;
    check(ask("GET", T "?category=moon", NULL), 400, "invalid_query");
    check(ask("GET", T "?cursor=AAAA", NULL), 400, "cursor_invalid");
    check(ask("GET", T "/categories?x=1", NULL), 400, "invalid_query");
    check(ask("GET", T "/recommended?cursor=x", NULL), 400, "invalid_query");
    check(ask("GET", T "/knight?choices=place:moon", NULL), 400, "invalid_query");
    check(ask("GET", T "/nothing", NULL), 404, "not_found");
    assert_false(fake_db_waits());
}

static void refuses_somebody_elses_avatar(void **state)
{
    struct loopback *l = ask("GET", T "/knight?avatar_id=" OWN_ID, NULL);

    (void)state;
    assert_true(asks("FROM avatars"));
    assert_string_equal(fake_db_value(0), HOUSE_USER);
    fake_db_answer(fake_rows(21, 0, NULL));
    check(l, 404, "not_found");
}

static void says_busy_when_the_database_is_away(void **state)
{
    static const char *const PATHS[] = {T,          T "/categories", T "/popular", T "/recommended", T "/favorites",
                                        T "/knight"};

    (void)state;
    for (size_t i = 0; i < sizeof PATHS / sizeof PATHS[0]; i++) {
        struct loopback *l = ask("GET", PATHS[i], NULL);
        fake_db_fail(ERR_BUSY, "database");
        check(l, 503, "database");
    }
}

static void makes_a_style_with_what_was_given_and_the_default_preset(void **state)
{
    struct loopback *l =
        ask("POST", T,
            "{\"title\": \"Мой замок\", \"prompt\": \"{subject} at a castle\", \"tags\": [\"скалы\", \"море\"]}");

    (void)state;
    assert_true(asks("INSERT INTO own_styles"));
    assert_string_equal(fake_db_value(0), HOUSE_USER);
    assert_string_equal(fake_db_value(2), "Мой замок");
    assert_string_equal(fake_db_value(4), "balanced");
    assert_string_equal(fake_db_value(5), "скалы\nморе");
    assert_null(fake_db_value(6));
    assert_string_equal(fake_db_value(9), "200");
    answer_own(1);
    assert_int_equal(loopback_status(l), 201);
    assert_non_null(loopback_header(l, "location", 0));
    loopback_close(l);
}

static void says_that_there_are_too_many(void **state)
{
    struct loopback *l = ask("POST", T, "{\"title\": \"t\", \"prompt\": \"p\"}");

    (void)state;
    answer_own(0);
    check(l, 409, "limit_reached");
}

static void lets_nothing_through_that_moderation_blocks(void **state)
{
    (void)state;
    check(ask("POST", T, "{\"title\": \"t\", \"prompt\": \"a naked person\"}"), 422, "moderation_blocked");
    check(ask("PATCH", T "/" OWN_ID, "{\"title\": \"naked\"}"), 422, "moderation_blocked");
    assert_false(fake_db_waits());
}

static void moderates_the_prompt_of_a_picture_as_well(void **state)
{
    struct loopback *l = ask("POST", T, "{\"title\": \"t\", \"image_id\": \"" OWN_ID "\"}");

    (void)state;
    assert_true(asks("FROM images"));
    fake_db_answer(fake_rows(2, 1, (const char *[]){"a naked person", "fast"}));
    check(l, 422, "moderation_blocked");
}

static void changes_and_deletes_no_shipped_style(void **state)
{
    (void)state;
    check(ask("PATCH", T "/knight", "{\"title\": \"t\"}"), 403, "template_shipped");
    check(ask("DELETE", T "/knight", NULL), 403, "template_shipped");
    check(ask("DELETE", T "/nothing", NULL), 404, "not_found");
    assert_false(fake_db_waits());
}

static void makes_favourites_of_styles_that_there_are(void **state)
{
    struct loopback *l = ask("PUT", T "/knight/favorite", NULL);

    (void)state;
    assert_string_equal(fake_db_value(1), "knight");
    assert_string_equal(fake_db_value(2), "f");
    fake_db_answer(fake_rows(1, 1, (const char *[]){"knight"}));
    check(l, 204, "");
    check(ask("PUT", T "/nothing/favorite", NULL), 404, "not_found");
    l = ask("PUT", T "/" OWN_ID "/favorite", NULL);
    assert_string_equal(fake_db_value(2), "t");
    fake_db_answer(fake_rows(1, 0, NULL));
    check(l, 404, "not_found");
}

static void forgets_the_wait_of_who_has_gone(void **state)
{
    struct loopback *l = ask("GET", T, NULL);
    int before = fake_db_cancelled();

    (void)state;
    answer_favorites();
    loopback_close(l);
    assert_int_equal(fake_db_cancelled(), before + 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, house_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(lists_own_styles_before_shipped_ones),
        TEST(reads_no_own_styles_for_a_shipped_category),
        TEST(asks_nothing_when_the_query_is_wrong),
        TEST(refuses_somebody_elses_avatar),
        TEST(says_busy_when_the_database_is_away),
        TEST(makes_a_style_with_what_was_given_and_the_default_preset),
        TEST(says_that_there_are_too_many),
        TEST(lets_nothing_through_that_moderation_blocks),
        TEST(moderates_the_prompt_of_a_picture_as_well),
        TEST(changes_and_deletes_no_shipped_style),
        TEST(makes_favourites_of_styles_that_there_are),
        TEST(forgets_the_wait_of_who_has_gone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
