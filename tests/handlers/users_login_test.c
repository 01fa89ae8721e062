/* Sign-in links, their pages, and signing out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/fake_db.h"
#include "support/house.h"
#include "support/shown.h"
#include "users/access.h"
#include "users/login_link_api.h"
#include "users/login_nonce.h"
#include "users/web_session.h"
#include "web/link_page.h"
#include "web/logout_page.h"

#define USER "01990000-0000-7000-8000-000000000001"
#define SESSION "01990000-0000-7000-8000-00000000000a"
#define LINK "/auth/link/xV1yqk0mT3-4Wb7yFZ0e2g"
#define FORM "application/x-www-form-urlencoded"

static const struct route ROUTES[] = {
    {"POST", "/api/v1/auth/links", ACCESS_SERVICE, 65536, login_link_create},
    {"GET", "/auth/link/{token}", ACCESS_PUBLIC, 0, link_page_show},
    {"POST", "/auth/link/{token}", ACCESS_PUBLIC, 4096, link_page_use},
    {"POST", "/auth/logout", ACCESS_READ, 4096, logout_page_use},
    {0},
};

static int set_up(void **state)
{
    (void)state;
    house_open(ROUTES, access_authenticate);
    fake_db_reset();
    return 0;
}

static PGresult *one_row(const char *a, const char *b) { return fake_rows(b ? 2 : 1, 1, (const char *[]){a, b}); }

static PGresult *no_row(void) { return fake_rows(1, 0, NULL); }

/* Is the bytea parameter (as the query had it) the SHA-256 of the secret? */
static void check_sha256(const char *kept, struct text secret)
{
    unsigned char sha256[SHA256_BYTES];
    char hex[HEX_ROOM(SHA256_BYTES)];

    crypto_sha256(secret, sha256);
    hex_write(sha256, sizeof sha256, hex);
    assert_memory_equal(kept, "\\x", 2);
    assert_string_equal(kept + 2, hex);
}

#define NONCE "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

/* What the form of LINK carries for a browser with that number. */
static const char *field_of(const char *nonce)
{
    static char field[LOGIN_NONCE_FIELD_ROOM];

    login_nonce_field(house_local()->csrf_mac, nonce, TEXT("xV1yqk0mT3-4Wb7yFZ0e2g"), field);
    return field;
}

/* The button of LINK's page, in the browser that was shown it. */
static struct loopback *press(const char *name, const char *value, const char *more_cookies)
{
    static char cookies[300], form[200]; /* the loopback borrows them until the answer */

    (void)snprintf(cookies, sizeof cookies, "__Host-login=" NONCE "%s", more_cookies);
    (void)snprintf(form, sizeof form, "csrf_token=%s", field_of(NONCE));
    return house_send(&(struct loopback_message){.method = "POST",
                                                 .path = LINK,
                                                 .headers = {"content-type", FORM, "cookie", cookies, name, value},
                                                 .body = form});
}

/* The page of a link */

static void the_page_has_a_form_and_says_whose_link_it_is(void **state)
{
    struct loopback *l = house_ask("GET", LINK, NULL, NULL);

    (void)state;
    assert_non_null(strstr(fake_db_sql(), "SELECT"));
    fake_db_answer(one_row("Анна <b>&'\"", "ru"));
    assert_int_equal(loopback_status(l), 200);
    assert_string_equal(loopback_header(l, "content-type", 0), "text/html; charset=utf-8");
    assert_string_equal(loopback_header(l, "cache-control", 0), "private, no-store");
    assert_null(loopback_header(l, "cache-control", 1));
    assert_string_equal(loopback_header(l, "referrer-policy", 0), "same-origin"); /* its POST must name its origin */
    assert_null(loopback_header(l, "referrer-policy", 1));
    assert_true(shown_has(l, "<html lang=\"ru\""));
    assert_true(shown_has(l, "<h1>Войти как <bdi>Анна &lt;b&gt;&amp;&#39;&quot;</bdi></h1>"));
    assert_true(shown_has(l, "<form method=\"post\""));
    assert_false(shown_has(l, "<b>"));
    assert_false(shown_has(l, "role=\"alert\""));
    assert_false(fake_db_waits());
    loopback_close(l);
}

static void the_page_leaves_a_number_in_the_browser(void **state)
{
    struct loopback *l = house_ask("GET", LINK, NULL, NULL);
    const char *cookie;
    char nonce[LOGIN_NONCE_ROOM];

    (void)state;
    fake_db_answer(one_row("Anna", "ru"));
    cookie = loopback_header(l, "set-cookie", 0);
    assert_memory_equal(cookie, "__Host-login=", 13);
    assert_string_equal(cookie + 13 + 40, "; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=1800");
    assert_null(loopback_header(l, "set-cookie", 1));
    (void)snprintf(nonce, sizeof nonce, "%.40s", cookie + 13);
    assert_true(shown_has(l, field_of(nonce)));
    assert_false(shown_has(l, nonce)); /* what a page may read of it is of no use without the cookie */
    loopback_close(l);
}

static void tabs_of_a_browser_share_the_number(void **state)
{
    struct loopback *l = house_ask("GET", LINK, "cookie", "__Host-login=" NONCE);

    (void)state;
    fake_db_answer(one_row("Anna", "ru"));
    assert_memory_equal(loopback_header(l, "set-cookie", 0), "__Host-login=" NONCE ";", 54);
    loopback_close(l);
    l = house_ask("GET", LINK, "cookie", "__Host-login=short; a=b");
    fake_db_answer(one_row("Anna", "ru"));
    assert_null(strstr(loopback_header(l, "set-cookie", 0), "short"));
    loopback_close(l);
}

static void the_page_says_that_another_session_ends(void **state)
{
    struct loopback *l = house_ask("GET", LINK, "cookie", "__Host-sid=secret");

    (void)state;
    fake_db_answer(one_row("Anna", "en"));
    assert_true(shown_has(l, "That session ends"));
    loopback_close(l);
    l = house_ask("GET", LINK, NULL, NULL);
    fake_db_answer(one_row("Anna", "en"));
    assert_false(shown_has(l, "That session ends"));
    loopback_close(l);
}

static void the_page_speaks_the_readers_language(void **state)
{
    struct loopback *l = house_ask("GET", LINK, NULL, NULL);

    (void)state;
    fake_db_answer(one_row("Anna", "en"));
    assert_true(shown_has(l, "<html lang=\"en\""));
    assert_true(shown_has(l, "Sign in as <bdi>Anna</bdi>"));
    loopback_close(l);
    l = house_ask("GET", LINK, "accept-language", "ru-RU");
    fake_db_answer(one_row("Anna", "en"));
    assert_true(shown_has(l, "<html lang=\"ru\""));
    loopback_close(l);
}

static void a_link_that_does_not_work_has_a_page_that_says_so(void **state)
{
    static const char *const METHODS[] = {"GET", "POST"};

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct loopback *l = house_ask(METHODS[i], LINK, "accept-language", "en");
        fake_db_answer(no_row());
        assert_int_equal(loopback_status(l), 410);
        assert_string_equal(loopback_header(l, "content-type", 0), "text/html; charset=utf-8");
        assert_string_equal(loopback_header(l, "cache-control", 0), "private, no-store");
        assert_null(loopback_header(l, "set-cookie", 0));
        assert_true(shown_has(l, "This link no longer works"));
        assert_true(shown_has(l, "href=\"/login\""));
        assert_false(shown_has(l, "<form"));
        loopback_close(l);
    }
}

/* Its button */

static void the_button_signs_in_and_leads_on(void **state)
{
    struct loopback *l = press("sec-fetch-site", "same-origin", "");
    char kept[100];
    const char *cookie;

    (void)state;
    assert_non_null(strstr(fake_db_sql(), "UPDATE login_links"));
    check_sha256(fake_db_value(0), TEXT("xV1yqk0mT3-4Wb7yFZ0e2g"));
    (void)snprintf(kept, sizeof kept, "%s", fake_db_value(2));
    assert_null(fake_db_value(4));
    fake_db_answer(one_row("/docs?x=1", NULL));
    assert_int_equal(loopback_status(l), 303);
    assert_string_equal(loopback_header(l, "location", 0), "/docs?x=1");
    assert_non_null(strstr(loopback_header(l, "cache-control", 0), "no-store"));
    cookie = loopback_header(l, "set-cookie", 0);
    assert_memory_equal(cookie, "__Host-sid=", 11);
    check_sha256(kept, (struct text){cookie + 11, 40});
    assert_string_equal(cookie + 11 + 40, "; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=2592000");
    assert_string_equal(loopback_header(l, "set-cookie", 1),
                        "__Host-login=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0");
    loopback_close(l);
}

static void a_link_used_meanwhile_signs_nobody_in(void **state)
{
    struct loopback *l = press("sec-fetch-site", "same-origin", "");

    (void)state;
    fake_db_answer(no_row());
    assert_int_equal(loopback_status(l), 410);
    assert_null(loopback_header(l, "set-cookie", 0));
    loopback_close(l);
}

static void signing_in_ends_the_session_that_the_browser_had(void **state)
{
    struct loopback *l = press("origin", LOOPBACK_ORIGIN, "; __Host-sid=planted");

    (void)state;
    check_sha256(fake_db_value(4), TEXT("planted"));
    assert_string_not_equal(fake_db_value(2), fake_db_value(4));
    fake_db_answer(one_row("/", NULL));
    assert_null(strstr(loopback_header(l, "set-cookie", 0), "planted"));
    loopback_close(l);
}

static void old_browsers_that_tell_nothing_of_themselves_can_sign_in(void **state)
{
    struct loopback *l = press(NULL, NULL, "");

    (void)state;
    fake_db_answer(one_row("/", NULL));
    assert_int_equal(loopback_status(l), 303);
    assert_string_equal(loopback_header(l, "location", 0), "/images");
    loopback_close(l);
}

static void the_button_leads_to_where_the_reader_had_wanted_to_go(void **state)
{
    static const char *const KEPT[][2] = {{"/avatars?x=1", "/avatars?x=1"},    {"//evil.example", "/images"},
                                          {"https://evil.example", "/images"}, {"/login", "/images"},
                                          {"/auth/link/x", "/images"},         {"", "/images"}};
    char cookies[100];

    (void)state;
    for (size_t i = 0; i < sizeof KEPT / sizeof *KEPT; i++) {
        struct loopback *l;
        (void)snprintf(cookies, sizeof cookies, "; __Host-next=%s", KEPT[i][0]);
        l = press("sec-fetch-site", "same-origin", cookies);
        fake_db_answer(one_row("/", NULL));
        assert_string_equal(loopback_header(l, "location", 0), KEPT[i][1]);
        assert_string_equal(loopback_header(l, "set-cookie", 2),
                            "__Host-next=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0");
        loopback_close(l);
    }
}

static void another_site_signs_nobody_in(void **state)
{
    static const char *const FROM[][2] = {{"sec-fetch-site", "cross-site"},
                                          {"sec-fetch-site", "same-site"},
                                          {"sec-fetch-site", "none"},
                                          {"origin", "https://evil.example"},
                                          {"origin", "null"}};

    (void)state;
    for (size_t i = 0; i < sizeof FROM / sizeof *FROM; i++) {
        struct loopback *l = press(FROM[i][0], FROM[i][1], "");
        assert_int_equal(loopback_status(l), 403);
        assert_string_equal(house_code(l), "csrf_failed");
        assert_false(fake_db_waits());
        loopback_close(l);
    }
}

/* The form of another site, in a browser that tells nothing of itself: it cannot know the number, or read the field. */
static void a_browser_that_was_not_shown_the_page_signs_nobody_in(void **state)
{
    static const char OTHER_LINK[] = "another-link-another-link";
    char field[LOGIN_NONCE_FIELD_ROOM], forms[2][300];
    const struct {
        const char *cookie, *form;
    } CASES[] = {{"", forms[0]},
                 {"__Host-login=" NONCE, "csrf_token="},
                 {"__Host-login=" NONCE, "csrf_token=" NONCE},
                 {"__Host-login=" NONCE, forms[1]},
                 {"__Host-login=" NONCE, NULL},
                 {"__Host-login=X" NONCE, forms[0]},
                 {"__Host-login=BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB", forms[0]},
                 {"login=" NONCE, forms[0]}};

    (void)state;
    (void)snprintf(forms[0], sizeof forms[0], "csrf_token=%s", field_of(NONCE));
    login_nonce_field(house_local()->csrf_mac, NONCE, text_of(OTHER_LINK), field);
    (void)snprintf(forms[1], sizeof forms[1], "csrf_token=%s", field);
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct loopback *l =
            house_send(&(struct loopback_message){.method = "POST",
                                                  .path = LINK,
                                                  .headers = {"content-type", FORM, "cookie", CASES[i].cookie},
                                                  .body = CASES[i].form});
        assert_null(strstr(fake_db_sql(), "UPDATE"));
        fake_db_answer(one_row("Anna", "en"));
        assert_int_equal(loopback_status(l), 403);
        assert_memory_equal(loopback_header(l, "set-cookie", 0), "__Host-login=", 13);
        assert_null(loopback_header(l, "set-cookie", 1));
        assert_true(shown_has(l, "Press “Sign in” once more"));
        assert_true(shown_has(l, "<form method=\"post\""));
        loopback_close(l);
    }
}

/* Making links */

static struct loopback *make_link(const char *body)
{
    struct loopback *l = house_send(
        &(struct loopback_message){.method = "POST",
                                   .path = "/api/v1/auth/links",
                                   .headers = {"authorization", "Bearer " HOUSE_SERVICE_TOKEN, "x-acting-user",
                                               "telegram:5", "content-type", "application/json"},
                                   .body = body});

    fake_db_answer(fake_rows(8, 1, (const char *[]){USER, "f", "ru", "Europe/Moscow", "balanced", "auto", "1", "1"}));
    return l;
}

static void a_link_is_shown_once_and_kept_as_a_hash(void **state)
{
    struct loopback *l = make_link("{\"next\":\"/docs?x=1\"}");
    static const char BEFORE[] = "{\"url\":\"" LOOPBACK_ORIGIN "/auth/link/";
    const char *secret;
    char kept[100];

    (void)state;
    assert_string_equal(fake_db_value(1), USER);
    assert_string_equal(fake_db_value(3), "/docs?x=1");
    (void)snprintf(kept, sizeof kept, "%s", fake_db_value(2));
    fake_db_answer(one_row("2026-01-15 10:00:01.5+00", NULL));
    assert_int_equal(loopback_status(l), 201);
    assert_memory_equal(loopback_body(l), BEFORE, sizeof BEFORE - 1);
    secret = loopback_body(l) + sizeof BEFORE - 1;
    assert_string_equal(secret + 40, "\",\"expires_at\":\"2026-01-15T10:00:01.5Z\"}");
    check_sha256(kept, (struct text){secret, 40});
    loopback_close(l);
}

static void a_link_leads_to_the_start_page_unless_told(void **state)
{
    struct loopback *l = make_link("{}");

    (void)state;
    assert_string_equal(fake_db_value(3), "/");
    fake_db_answer(one_row("2026-01-15 10:00:01.5+00", NULL));
    loopback_close(l);
}

static void a_link_leads_nowhere_else(void **state)
{
    static const char *const WRONG[] = {
        "{\"next\":\"//evil.example\"}", "{\"next\":\"\"}", "{\"next\":null}", "{\"next\":5}", "{\"other\":1}", "[]"};

    (void)state;
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++) {
        struct loopback *l = make_link(WRONG[i]);
        assert_int_equal(loopback_status(l), 422);
        assert_string_equal(house_code(l), "invalid");
        assert_false(fake_db_waits());
        loopback_close(l);
    }
}

/* Signing out */

static struct loopback *sign_out(const char *path, const char *type, const char *body)
{
    char csrf[WEB_SESSION_CSRF_ROOM];
    struct loopback *l;

    web_session_csrf(house_local()->csrf_mac, (struct uuid){SESSION}, csrf);
    l = house_send(&(struct loopback_message){
        .method = "POST",
        .path = path,
        .headers = {"cookie", "__Host-sid=secret", "x-csrf-token", csrf, type ? "content-type" : NULL, type},
        .body = body});
    fake_db_answer(fake_rows(
        10, 1, (const char *[]){SESSION, "f", USER, "f", "ru", "Europe/Moscow", "balanced", "auto", "1", "1"}));
    return l;
}

static void signing_out_ends_the_session_here_and_there(void **state)
{
    struct loopback *l = sign_out("/auth/logout", NULL, NULL);

    (void)state;
    assert_non_null(strstr(fake_db_sql(), "DELETE FROM sessions"));
    assert_string_equal(fake_db_value(0), USER);
    assert_string_equal(fake_db_value(1), SESSION);
    fake_db_answer(no_row());
    assert_int_equal(loopback_status(l), 303);
    assert_string_equal(loopback_header(l, "location", 0), "/login?done=signed_out");
    assert_string_equal(loopback_header(l, "clear-site-data", 0), "\"cache\", \"storage\"");
    assert_string_equal(loopback_header(l, "set-cookie", 0),
                        "__Host-sid=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0");
    assert_null(loopback_header(l, "set-cookie", 1));
    loopback_close(l);
}

static void signing_out_takes_its_form_and_nothing_else(void **state)
{
    struct loopback *l = sign_out("/auth/logout", FORM, "csrf_token=x");

    (void)state;
    fake_db_answer(no_row());
    assert_int_equal(loopback_status(l), 303);
    loopback_close(l);
    l = sign_out("/auth/logout?x=1", NULL, NULL);
    assert_int_equal(loopback_status(l), 400);
    loopback_close(l);
    l = sign_out("/auth/logout", FORM, "csrf_token=x&more=y");
    assert_int_equal(loopback_status(l), 400);
    loopback_close(l);
    l = sign_out("/auth/logout", "text/plain", "csrf_token=x");
    assert_int_equal(loopback_status(l), 415);
    loopback_close(l);
}

static void whoever_has_no_session_cannot_sign_out(void **state)
{
    struct loopback *l = house_ask("POST", "/auth/logout", "authorization", "Bearer ais_secret");

    (void)state;
    fake_db_answer(fake_rows(
        11, 1, (const char *[]){SESSION, "7", "f", USER, "f", "ru", "Europe/Moscow", "balanced", "auto", "1", "1"}));
    assert_int_equal(loopback_status(l), 401);
    assert_string_equal(house_code(l), "unauthenticated");
    loopback_close(l);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, house_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_page_has_a_form_and_says_whose_link_it_is),
        TEST(the_page_leaves_a_number_in_the_browser),
        TEST(tabs_of_a_browser_share_the_number),
        TEST(the_page_says_that_another_session_ends),
        TEST(the_page_speaks_the_readers_language),
        TEST(a_link_that_does_not_work_has_a_page_that_says_so),
        TEST(the_button_signs_in_and_leads_on),
        TEST(a_link_used_meanwhile_signs_nobody_in),
        TEST(signing_in_ends_the_session_that_the_browser_had),
        TEST(old_browsers_that_tell_nothing_of_themselves_can_sign_in),
        TEST(the_button_leads_to_where_the_reader_had_wanted_to_go),
        TEST(another_site_signs_nobody_in),
        TEST(a_browser_that_was_not_shown_the_page_signs_nobody_in),
        TEST(a_link_is_shown_once_and_kept_as_a_hash),
        TEST(a_link_leads_to_the_start_page_unless_told),
        TEST(a_link_leads_nowhere_else),
        TEST(signing_out_ends_the_session_here_and_there),
        TEST(signing_out_takes_its_form_and_nothing_else),
        TEST(whoever_has_no_session_cannot_sign_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
