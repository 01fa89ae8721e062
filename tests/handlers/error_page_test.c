/* What people are shown when something goes wrong, whoever they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "http/body.h"
#include "http/reply.h"
#include "support/fake_db.h"
#include "support/house.h"
#include "support/shown.h"
#include "users/access.h"
#include "users/web_session.h"
#include "web/error_page.h"
#include "web/form.h"

#define USER "01990000-0000-7000-8000-000000000001"
#define SESSION "01990000-0000-7000-8000-00000000000a"
#define FORM "application/x-www-form-urlencoded"

static enum err_kind kind;
static const char *code;

static struct next fail_so(struct call *call)
{
    struct err err;

    (void)err_set(&err, kind, code, "made up by the test");
    return reply_err(call, &err);
}

static struct next too_many(struct call *call) { return reply_too_many(call, "too_many_requests", "wishes", 5, 60); }

static struct next take_form(struct call *call)
{
    struct next refused;

    return form_empty(call, &refused) ? reply_redirect(call, "/page") : refused;
}

static struct next take_no_query(struct call *call)
{
    struct next refused;

    return body_no_query(call, &refused) ? reply_redirect(call, "/page") : refused;
}

static const struct route ROUTES[] = {
    {"GET", "/page", ACCESS_READ, 0, fail_so, true},          {"POST", "/page", ACCESS_WRITE, 4096, take_form, true},
    {"GET", "/public", ACCESS_PUBLIC, 0, fail_so, true},      {"GET", "/often", ACCESS_PUBLIC, 0, too_many, true},
    {"GET", "/plain", ACCESS_PUBLIC, 0, take_no_query, true}, {"GET", "/api/v1/x", ACCESS_PUBLIC, 0, fail_so},
    {"GET", "/{a}/page", ACCESS_PUBLIC, 0, fail_so, true},    {0},
};

static int set_up(void **state)
{
    (void)state;
    house_open_pages(ROUTES, access_authenticate);
    fake_db_reset();
    kind = ERR_INTERNAL;
    code = "internal";
    return 0;
}

static struct loopback *get(const char *path, const char *name, const char *value)
{
    return house_send(&(struct loopback_message){
        .method = "GET", .path = path, .headers = {"accept", "text/html,*/*;q=0.8", name, value}});
}

static void answer_session(void)
{
    fake_db_answer(fake_rows(
        10, 1, (const char *[]){SESSION, "f", USER, "f", "en", "Europe/Moscow", "balanced", "dark", "1", "1"}));
}

static void check_page(const struct loopback *l, int status)
{
    assert_int_equal(loopback_status(l), status);
    assert_string_equal(loopback_header(l, "content-type", 0), "text/html; charset=utf-8");
    assert_non_null(loopback_header(l, "x-request-id", 0));
    assert_true(shown_has(l, loopback_header(l, "x-request-id", 0)));
    assert_true(shown_has(l, "<h1>"));
    assert_true(shown_has(l, "href=\"/\""));
}

static void nobody_is_told_that_a_page_is_missing(void **state)
{
    struct loopback *l = get("/nowhere", NULL, NULL);

    (void)state;
    check_page(l, 404);
    assert_true(shown_has(l, "<html lang=\"ru\""));
    assert_true(shown_has(l, "<h1>Здесь ничего нет</h1>"));
    assert_false(shown_has(l, "<nav"));
    loopback_close(l);
    l = get("/nowhere", "accept-language", "en");
    assert_true(shown_has(l, "There is nothing here"));
    loopback_close(l);
}

static void whoever_is_signed_in_is_told_so_in_their_own_words(void **state)
{
    struct loopback *l = get("/nowhere", "cookie", "__Host-sid=secret");

    (void)state;
    assert_non_null(strstr(fake_db_sql(), "FROM sessions"));
    answer_session();
    check_page(l, 404);
    assert_true(shown_has(l, "<html lang=\"en\" data-theme=\"dark\""));
    assert_true(shown_has(l, "<nav"));
    assert_true(shown_has(l, "There is nothing here"));
    loopback_close(l);
    l = get("/nowhere", "cookie", "__Host-sid=over");
    fake_db_answer(fake_rows(8, 0, NULL));
    check_page(l, 404);
    assert_false(shown_has(l, "<nav"));
    loopback_close(l);
    l = get("/nowhere", "cookie", "__Host-sid=secret");
    fake_db_fail(ERR_BUSY, "database");
    check_page(l, 404);
    loopback_close(l);
    loopback_close(get("/nowhere", "cookie", "__Host-sid=secret")); /* gone before the answer */
    assert_int_equal(fake_db_cancelled(), 1);
}

static void programs_are_told_in_json(void **state)
{
    struct loopback *l = house_send(&(struct loopback_message){.method = "GET", .path = "/nowhere"});

    (void)state;
    assert_string_equal(house_code(l), "not_found");
    loopback_close(l);
    l = get("/api/v1/x", NULL, NULL);
    assert_string_equal(house_code(l), "internal");
    loopback_close(l);
    code = "no_such_code"; /* of a fault inside: for the log alone */
    l = get("/api/v1/x", NULL, NULL);
    assert_string_equal(house_code(l), "internal");
    loopback_close(l);
    l = house_send(&(struct loopback_message){.method = "POST", .path = "/page"}); /* says nothing of what it accepts */
    assert_string_equal(house_code(l), "unauthenticated");
    loopback_close(l);
    l = house_send(&(struct loopback_message){
        .method = "POST", .path = "/page", .headers = {"accept", "application/problem+json"}});
    assert_string_equal(house_code(l), "unauthenticated"); /* and is not led to a page that it would take for success */
    loopback_close(l);
}

static void whoever_is_signed_in_keeps_navigation_language_and_theme(void **state)
{
    struct loopback *l = get("/page", "cookie", "__Host-sid=secret");

    (void)state;
    answer_session();
    check_page(l, 500);
    assert_true(shown_has(l, "<html lang=\"en\" data-theme=\"dark\""));
    assert_true(shown_has(l, "<nav"));
    assert_true(shown_has(l, "Something broke on our side"));
    assert_true(shown_has(l, "Name it if you write to us."));
    assert_false(shown_has(l, "made up by the test"));
    loopback_close(l);
}

static void what_may_pass_can_be_tried_again(void **state)
{
    static const struct {
        enum err_kind kind;
        const char *code;
        int status;
    } CASES[] = {{ERR_INTERNAL, "internal", 500},
                 {ERR_BUSY, "database", 503},
                 {ERR_BUSY, "busy", 503},
                 {ERR_TIMEOUT, "timeout", 504}};
    struct loopback *l;

    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        kind = CASES[i].kind;
        code = CASES[i].code;
        l = get("/public?x=1", NULL, NULL);
        check_page(l, CASES[i].status);
        assert_true(shown_has(l, "href=\"/public?x=1\""));
        loopback_close(l);
    }
    l = get("/often", NULL, NULL);
    check_page(l, 429);
    assert_string_equal(loopback_header(l, "retry-after", 0), "60");
    assert_true(shown_has(l, "href=\"/often\""));
    loopback_close(l);
}

static void an_address_that_links_may_not_name_is_no_link(void **state)
{
    static const char *const PATHS[] = {"//page", "/public?x=%22%3E", "/public?x=\"><b>", "/public?//evil.example"};

    (void)state;
    for (size_t i = 0; i < sizeof PATHS / sizeof *PATHS; i++) {
        struct loopback *l = get(PATHS[i], NULL, NULL);
        assert_true(loopback_status(l) >= 400);
        assert_false(shown_has(l, "Попробовать ещё раз"));
        assert_false(shown_has(l, "<b>"));
        loopback_close(l);
    }
}

static void the_way_back_is_a_page_of_ours(void **state)
{
    static const struct {
        const char *referer, *link;
    } CASES[] = {{LOOPBACK_ORIGIN "/avatars?x=1", "href=\"/avatars?x=1\""},
                 {LOOPBACK_ORIGIN "//evil.example/", NULL},
                 {LOOPBACK_ORIGIN ".evil.example/x", NULL},
                 {LOOPBACK_ORIGIN, NULL},
                 {LOOPBACK_ORIGIN "/public", NULL}, /* this very page */
                 {"https://evil.example/avatars", NULL},
                 {LOOPBACK_ORIGIN "/a\"onx=1", NULL}};

    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct loopback *l = get("/public", "referer", CASES[i].referer);
        check_page(l, 500);
        assert_int_equal(shown_has(l, "Вернуться назад"), CASES[i].link != NULL);
        if (CASES[i].link)
            assert_true(shown_has(l, CASES[i].link));
        assert_false(shown_has(l, "evil"));
        assert_false(shown_has(l, "onx"));
        loopback_close(l);
    }
}

static void other_refusals_have_pages(void **state)
{
    char *large = calloc(1, 5000);
    struct loopback *l = house_send(
        &(struct loopback_message){.method = "DELETE", .path = "/public", .headers = {"accept", "text/html"}});

    (void)state;
    check_page(l, 405);
    assert_string_equal(loopback_header(l, "allow", 0), "HEAD, GET");
    assert_true(shown_has(l, "Так эту страницу не открыть"));
    loopback_close(l);
    assert_non_null(large);
    memset(large, 'a', 4999);
    l = house_send(&(struct loopback_message){
        .method = "POST", .path = "/page", .headers = {"accept", "text/html", "content-type", FORM}, .body = large});
    check_page(l, 413);
    assert_true(shown_has(l, "Слишком много текста"));
    loopback_close(l);
    free(large);
}

/* A form with a description in it. */
static struct loopback *send_prompt(const char *name, const char *value, const char *csrf)
{
    static char form[300];

    (void)snprintf(form, sizeof form, "csrf_token=%s&prompt=%%3C%%2Ftextarea%%3E%%3Cb%%3E+%%F0%%9F%%98%%80", csrf);
    return house_send(&(struct loopback_message){
        .method = "POST",
        .path = "/page",
        .headers = {"accept", "text/html", "content-type", FORM, "cookie", "__Host-sid=secret", name, value},
        .body = form});
}

#define TYPED "&lt;/textarea&gt;&lt;b&gt; \xf0\x9f\x98\x80</textarea>"

static void a_stale_form_says_what_to_do_and_keeps_what_was_typed(void **state)
{
    struct loopback *l = send_prompt("sec-fetch-site", "same-origin", "stale");

    (void)state;
    answer_session();
    check_page(l, 403);
    assert_true(shown_has(l, "The form is out of date"));
    assert_true(shown_has(l, TYPED));
    assert_false(shown_has(l, "<b>"));
    loopback_close(l);
}

static void another_sites_words_do_not_stand_on_our_page(void **state)
{
    struct loopback *l = send_prompt("sec-fetch-site", "cross-site", "stale");

    (void)state;
    answer_session();
    check_page(l, 403);
    assert_true(shown_has(l, "The request came from another site"));
    assert_false(shown_has(l, "textarea&gt;"));
    loopback_close(l);
}

static void a_form_sent_after_the_session_ended_is_not_lost(void **state)
{
    struct loopback *l = send_prompt("referer", LOOPBACK_ORIGIN "/create?avatar=1", "old");

    (void)state;
    fake_db_answer(fake_rows(8, 0, NULL));
    check_page(l, 401);
    assert_true(shown_has(l, "Вы вышли из Aisha"));
    assert_true(shown_has(l, TYPED));
    assert_true(shown_has(l, "href=\"/login?next=%2Fcreate%3Favatar%3D1\""));
    loopback_close(l);
}

static void without_a_session_pages_lead_to_the_sign_in_page(void **state)
{
    static const struct {
        const char *method, *path, *location;
    } CASES[] = {{"GET", "/page", "/login?next=%2Fpage"},
                 {"HEAD", "/page?x=1&y=2", "/login?next=%2Fpage%3Fx%3D1%26y%3D2"},
                 {"GET", "/page?x=%22", "/login"},
                 {"POST", "/page", "/login"}};

    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct loopback *l = house_send(&(struct loopback_message){
            .method = CASES[i].method, .path = CASES[i].path, .headers = {"accept", "text/html"}});
        assert_int_equal(loopback_status(l), 303);
        assert_string_equal(loopback_header(l, "location", 0), CASES[i].location);
        loopback_close(l);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, house_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nobody_is_told_that_a_page_is_missing),
        TEST(whoever_is_signed_in_is_told_so_in_their_own_words),
        TEST(programs_are_told_in_json),
        TEST(whoever_is_signed_in_keeps_navigation_language_and_theme),
        TEST(what_may_pass_can_be_tried_again),
        TEST(an_address_that_links_may_not_name_is_no_link),
        TEST(the_way_back_is_a_page_of_ours),
        TEST(other_refusals_have_pages),
        TEST(a_stale_form_says_what_to_do_and_keeps_what_was_typed),
        TEST(another_sites_words_do_not_stand_on_our_page),
        TEST(a_form_sent_after_the_session_ended_is_not_lost),
        TEST(without_a_session_pages_lead_to_the_sign_in_page),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
