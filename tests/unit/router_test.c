/* From a request line to its route: what fits, and what is answered when nothing does. */
#include "http/router.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "http/reply.h"
#include "support/house.h"

/* Tells which route was taken, with what, by whom. */
static struct next say(struct call *call)
{
    struct json_out out = reply_json_begin(call);

    json_object(&out);
    json_key_text(&out, "route", call->route->path);
    json_key(&out, "params");
    json_array(&out);
    for (int i = 0; i < ROUTE_MAX_PARAMS && call->params[i].at; i++)
        json_text(&out, call->params[i]);
    json_end_array(&out);
    json_key(&out, "query");
    json_text(&out, call->query);
    json_end_object(&out);
    return reply_json(call, 200, &out);
}

static struct next say_nothing(struct call *call) { return reply_no_content(call); }

static const struct route ROUTES[] = {
    {"GET", "/", ACCESS_PUBLIC, 0, say},
    {"GET", "/things", ACCESS_PUBLIC, 0, say},
    {"POST", "/things", ACCESS_PUBLIC, 10, say},
    {"GET", "/things/{id}", ACCESS_PUBLIC, 0, say},
    {"DELETE", "/things/{id}", ACCESS_PUBLIC, 0, say_nothing},
    {"PATCH", "/things/{id}", ACCESS_PUBLIC, 10, say},
    {"GET", "/things/{id}/parts/{part}", ACCESS_PUBLIC, 0, say},
    {"GET", "/tree/{*}", ACCESS_PUBLIC, 0, say},
    {"GET", "/read", ACCESS_READ, 0, say},
    {"GET", "/write", ACCESS_WRITE, 0, say},
    {"GET", "/generate", ACCESS_GENERATE, 0, say},
    {"GET", "/admin", ACCESS_ADMIN, 0, say},
    {"GET", "/service", ACCESS_SERVICE, 0, say},
    {0},
};

static struct who who;

static struct next let_in(struct call *call)
{
    call->who = who;
    return call_enter(call);
}

static int set_up(void **state)
{
    (void)state;
    house_open(ROUTES, let_in);
    who = (struct who){.kind = WHO_TOKEN, .locale = "en"};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    house_close();
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

static const char *const FITS[][2] = {
    {"/", "{\"route\":\"/\",\"params\":[],\"query\":\"\"}"},
    {"/things", "{\"route\":\"/things\",\"params\":[],\"query\":\"\"}"},
    {"/things?", "{\"route\":\"/things\",\"params\":[],\"query\":\"\"}"},
    {"/things?a=/b?c", "{\"route\":\"/things\",\"params\":[],\"query\":\"a=/b?c\"}"},
    {"/things/7", "{\"route\":\"/things/{id}\",\"params\":[\"7\"],\"query\":\"\"}"},
    {"/things/%2e%2F%00?x", "{\"route\":\"/things/{id}\",\"params\":[\"%2e%2F%00\"],\"query\":\"x\"}"},
    {"/things/a/parts/b", "{\"route\":\"/things/{id}/parts/{part}\",\"params\":[\"a\",\"b\"],\"query\":\"\"}"},
    {"/tree/a", "{\"route\":\"/tree/{*}\",\"params\":[],\"query\":\"\"}"},
    {"/tree/a/b/../c", "{\"route\":\"/tree/{*}\",\"params\":[],\"query\":\"\"}"},
};

static void finds_the_route_and_what_stands_in_its_places(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof FITS / sizeof *FITS; i++) {
        struct loopback *l = ask("GET", FITS[i][0]);
        assert_int_equal(loopback_status(l), 200);
        assert_string_equal(loopback_body(l), FITS[i][1]);
        loopback_close(l);
    }
}

static void what_fits_nothing_is_not_found(void **state)
{
    static const char *const PATHS[] = {
        "/thing",          "/things/",         "//things", "/things//",   "/things/1/",          "/Things",
        "/things/1/parts", "/things/1/parts/", "/tree",    "/things/../", "/things/1/parts/2/3", "/%74hings"};

    (void)state;
    for (size_t i = 0; i < sizeof PATHS / sizeof *PATHS; i++)
        check(ask("GET", PATHS[i]), 404, "not_found");
    check(ask("BREW", "/coffee"), 404, "not_found");
}

static void a_wrong_method_learns_the_right_ones(void **state)
{
    static const char *const ALLOW[][3] = {{"PUT", "/things", "HEAD, GET, POST"},
                                           {"POST", "/things/1", "HEAD, GET, DELETE, PATCH"},
                                           {"get", "/things", "HEAD, GET, POST"},
                                           {"BREW", "/tree/a/b", "HEAD, GET"},
                                           {"OPTIONS", "/", "HEAD, GET"}};

    (void)state;
    for (size_t i = 0; i < sizeof ALLOW / sizeof *ALLOW; i++) {
        struct loopback *l = ask(ALLOW[i][0], ALLOW[i][1]);
        assert_string_equal(loopback_header(l, "allow", 0), ALLOW[i][2]);
        check(l, 405, "method_not_allowed");
    }
}

static void head_is_a_get_without_a_body(void **state)
{
    struct loopback *l = ask("HEAD", "/things/7");

    (void)state;
    assert_int_equal(loopback_status(l), 200);
    assert_string_equal(loopback_body(l), "");
    assert_string_equal(loopback_header(l, "content-type", 0), "application/json");
    loopback_close(l);
    l = ask("HEAD", "/nothing");
    assert_int_equal(loopback_status(l), 404);
    assert_string_equal(loopback_body(l), "");
    loopback_close(l);
}

static void a_body_has_the_limit_of_its_route(void **state)
{
    (void)state;
    check(house_send(&(struct loopback_message){.method = "POST", .path = "/things", .body = "0123456789"}), 200, "");
    check(house_send(&(struct loopback_message){.method = "POST", .path = "/things", .body = "0123456789a"}), 413,
          "body_too_large");
    /* one that nobody wants is not looked at */
    check(house_send(&(struct loopback_message){.method = "DELETE", .path = "/things/1", .body = "0123456789a"}), 204,
          "");
}

static void headers_have_a_limit_all_together(void **state)
{
    char big[16 * 1024 + 1], path[200];

    (void)state;
    memset(big, 'x', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    (void)snprintf(path, sizeof path, "/things");
    check(house_send(&(struct loopback_message){.method = "GET", .path = path, .headers = {"a", big, "b", "c"}}), 200,
          "");
    check(house_send(&(struct loopback_message){.method = "GET", .path = path, .headers = {"a", big, "b", big}}), 431,
          "headers_too_large");
}

static void a_scope_opens_its_routes_and_no_other(void **state)
{
    static const struct {
        const char *path;
        unsigned scope;
    } DOORS[] = {
        {"/read", SCOPE_READ}, {"/write", SCOPE_WRITE}, {"/generate", SCOPE_GENERATE}, {"/admin", SCOPE_ADMIN}};

    (void)state;
    for (unsigned scopes = 0; scopes < 16; scopes++)
        for (size_t i = 0; i < sizeof DOORS / sizeof *DOORS; i++) {
            who.scopes = scopes;
            if (scopes & DOORS[i].scope)
                check(ask("GET", DOORS[i].path), 200, "");
            else
                check(ask("GET", DOORS[i].path), 403, "scope_missing");
        }
    who.scopes = 15;
    check(ask("GET", "/service"), 403, "service_only");
    who.kind = WHO_SERVICE;
    who.scopes = 0;
    check(ask("GET", "/service"), 200, "");
}

static bool answers_in(struct loopback *l, const char *words)
{
    bool found = strstr(loopback_body(l), words) != NULL;

    loopback_close(l);
    return found;
}

static void problems_are_in_the_language_of_the_reader(void **state)
{
    static const char *const HEADERS[][2] = {{"en", "Not found"}, {"ru", "Не найдено"}, {"de", "Не найдено"}};

    (void)state;
    for (size_t i = 0; i < sizeof HEADERS / sizeof *HEADERS; i++)
        assert_true(answers_in(house_send(&(struct loopback_message){
                                   .method = "GET", .path = "/nothing", .headers = {"accept-language", HEADERS[i][0]}}),
                               HEADERS[i][1]));
    assert_true(answers_in(ask("GET", "/nothing"), "Не найдено"));
    /* who is known and asks for none gets the own one */
    assert_true(answers_in(ask("GET", "/read"), "The token may not do this"));
    assert_true(answers_in(
        house_send(&(struct loopback_message){.method = "GET", .path = "/read", .headers = {"accept-language", "ru"}}),
        "Недостаточно прав"));
}

static void every_answer_has_its_own_request_id_and_the_safe_headers(void **state)
{
    struct loopback *a = ask("GET", "/things"), *b = ask("GET", "/nothing");
    char id[64];

    (void)state;
    (void)snprintf(id, sizeof id, "%s", loopback_header(a, "x-request-id", 0));
    assert_int_equal(strlen(id), 24);
    assert_string_not_equal(loopback_header(b, "x-request-id", 0), id);
    assert_non_null(strstr(loopback_body(b), loopback_header(b, "x-request-id", 0)));
    assert_string_equal(loopback_header(a, "x-content-type-options", 0), "nosniff");
    assert_string_equal(loopback_header(a, "cache-control", 0), "private, no-store");
    assert_string_equal(loopback_header(a, "referrer-policy", 0), "no-referrer");
    assert_non_null(loopback_header(a, "content-security-policy", 0));
    loopback_close(a);
    loopback_close(b);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(finds_the_route_and_what_stands_in_its_places),
        TEST(what_fits_nothing_is_not_found),
        TEST(a_wrong_method_learns_the_right_ones),
        TEST(head_is_a_get_without_a_body),
        TEST(a_body_has_the_limit_of_its_route),
        TEST(headers_have_a_limit_all_together),
        TEST(a_scope_opens_its_routes_and_no_other),
        TEST(problems_are_in_the_language_of_the_reader),
        TEST(every_answer_has_its_own_request_id_and_the_safe_headers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
