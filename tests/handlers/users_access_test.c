/* Who asks: every kind of credential, right and wrong. */
#include "users/access.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "http/reply.h"
#include "support/fake_db.h"
#include "support/house.h"
#include "users/web_session.h"

#define USER "01990000-0000-7000-8000-000000000001"
#define CREDENTIAL "01990000-0000-7000-8000-00000000000a"

static struct who seen; /* as the route's step saw it */
static int entered;

static struct next enter(struct call *call)
{
    seen = call->who;
    entered++;
    return reply_no_content(call);
}

static const struct route ROUTES[] = {
    {"GET", "/read", ACCESS_READ, 0, enter},
    {"POST", "/write", ACCESS_WRITE, 4096, enter},
    {"GET", "/admin", ACCESS_ADMIN, 0, enter},
    {"GET", "/service", ACCESS_SERVICE, 0, enter},
    {0},
};

static int set_up(void **state)
{
    (void)state;
    house_open(ROUTES, access_authenticate);
    fake_db_reset();
    entered = 0;
    return 0;
}

static void check(struct loopback *l, int status, const char *code)
{
    assert_int_equal(loopback_status(l), status);
    assert_string_equal(house_code(l), code);
    loopback_close(l);
}

/* id, scopes, use-is-due, user, is_admin, locale, time_zone, default_preset, theme, versions */
static void answer_token(const char *scopes, const char *due, const char *is_admin)
{
    fake_db_answer(fake_rows(11, 1,
                             (const char *[]){CREDENTIAL, scopes, due, USER, is_admin, "en", "Asia/Kathmandu",
                                              "quality", "dark", "1", "1"}));
}

/* id, touch-is-due, user, is_admin, locale, time_zone, default_preset, theme, versions */
static void answer_session(const char *due)
{
    fake_db_answer(fake_rows(
        10, 1, (const char *[]){CREDENTIAL, due, USER, "f", "ru", "Europe/Moscow", "balanced", "auto", "1", "1"}));
}

static void without_credentials_nobody_enters(void **state)
{
    (void)state;
    check(house_ask("GET", "/read", NULL, NULL), 401, "unauthenticated");
    check(house_ask("GET", "/read", "cookie", "sid=x; other=__Host-sid"), 401, "unauthenticated");
    assert_int_equal(entered, 0);
}

static void credentials_that_cannot_be_right_are_refused_without_asking_the_database(void **state)
{
    char long_token[2000] = "Bearer ais_";

    (void)state;
    memset(long_token + strlen(long_token), 'a', sizeof long_token - strlen(long_token) - 1);
    check(house_ask("GET", "/read", "authorization", "Basic YTpi"), 401, "unauthenticated");
    check(house_ask("GET", "/read", "authorization", "Bearer"), 401, "unauthenticated");
    check(house_ask("GET", "/read", "authorization", "Bearer  "), 401, "unauthenticated");
    check(house_ask("GET", "/read", "authorization", "ais_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), 401, "unauthenticated");
    check(house_ask("GET", "/read", "authorization", "Bearer sk_something"), 401, "token_invalid");
    check(house_ask("GET", "/read", "authorization", long_token), 401, "token_invalid");
    check(house_ask("GET", "/read", "cookie", "__Host-sid="), 401, "token_invalid");
    assert_int_equal(entered, 0);
}

static void a_token_is_looked_up_by_its_hash(void **state)
{
    struct loopback *l = house_ask("GET", "/read", "authorization", "bearer  ais_secret ");
    unsigned char sha256[SHA256_BYTES];
    char hex[HEX_ROOM(SHA256_BYTES)];

    (void)state;
    crypto_sha256(TEXT("ais_secret"), sha256);
    hex_write(sha256, sizeof sha256, hex);
    assert_memory_equal(fake_db_value(0), "\\x", 2);
    assert_string_equal(fake_db_value(0) + 2, hex);
    answer_token("5", "f", "f");
    check(l, 204, "");
    assert_int_equal(seen.kind, WHO_TOKEN);
    assert_int_equal(seen.scopes, SCOPE_READ | SCOPE_GENERATE);
    assert_string_equal(seen.user.text, USER);
    assert_string_equal(seen.credential.text, CREDENTIAL);
    assert_string_equal(seen.locale, "en");
    assert_string_equal(seen.time_zone, "Asia/Kathmandu");
    assert_string_equal(seen.default_preset, "quality");
    assert_null(fake_db_aside()); /* its use was noted less than a minute ago */
}

static void a_token_that_is_not_found_is_refused(void **state)
{
    struct loopback *l = house_ask("GET", "/read", "authorization", "Bearer ais_revoked");

    (void)state;
    fake_db_answer(fake_rows(8, 0, NULL));
    assert_string_equal(loopback_header(l, "www-authenticate", 0), "Bearer");
    check(l, 401, "token_invalid");
    assert_int_equal(entered, 0);
}

static void the_use_of_a_token_is_noted_when_that_is_due(void **state)
{
    struct loopback *l = house_ask("GET", "/read", "authorization", "Bearer ais_secret");

    (void)state;
    answer_token("1", "t", "f");
    check(l, 204, "");
    assert_non_null(strstr(fake_db_aside(), "last_used_at"));
}

static void a_scope_that_the_token_lacks_is_missed(void **state)
{
    struct loopback *l = house_ask("POST", "/write", "authorization", "Bearer ais_secret");

    (void)state;
    answer_token("13", "f", "t");
    check(l, 403, "scope_missing");
    assert_int_equal(entered, 0);
}

static void an_admins_token_is_worth_nothing_when_its_user_is_no_admin_any_more(void **state)
{
    struct loopback *l = house_ask("GET", "/admin", "authorization", "Bearer ais_secret");

    (void)state;
    answer_token("15", "f", "f");
    check(l, 403, "scope_missing");
    l = house_ask("GET", "/admin", "authorization", "Bearer ais_secret");
    answer_token("15", "f", "t");
    check(l, 204, "");
}

static void a_token_is_no_service(void **state)
{
    struct loopback *l = house_ask("GET", "/service", "authorization", "Bearer ais_secret");

    (void)state;
    answer_token("15", "f", "t");
    check(l, 403, "service_only");
}

static void without_a_database_the_answer_is_later(void **state)
{
    struct loopback *l = house_ask("GET", "/read", "authorization", "Bearer ais_secret");

    (void)state;
    fake_db_fail(ERR_BUSY, "database");
    check(l, 503, "database");
}

static void a_vanished_client_is_forgotten(void **state)
{
    (void)state;
    loopback_close(house_ask("GET", "/read", "authorization", "Bearer ais_secret"));
    assert_int_equal(fake_db_cancelled(), 1);
    assert_int_equal(entered, 0);
}

/* Sessions */

static void a_session_reads_without_further_proof(void **state)
{
    struct loopback *l = house_ask("GET", "/read", "cookie", "a=b; __Host-sid=secret; c=d");

    (void)state;
    answer_session("f");
    assert_null(loopback_header(l, "set-cookie", 0));
    check(l, 204, "");
    assert_int_equal(seen.kind, WHO_SESSION);
    assert_int_equal(seen.scopes, SCOPE_READ | SCOPE_WRITE | SCOPE_GENERATE);
}

static void a_session_in_use_is_prolonged_here_and_in_the_browser(void **state)
{
    struct loopback *l = house_ask("GET", "/read", "cookie", "__Host-sid=secret");

    (void)state;
    answer_session("t");
    assert_non_null(strstr(fake_db_aside(), "UPDATE sessions"));
    assert_string_equal(loopback_header(l, "set-cookie", 0),
                        "__Host-sid=secret; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=2592000");
    check(l, 204, "");
}

static void a_session_that_is_over_is_refused(void **state)
{
    struct loopback *l = house_ask("GET", "/read", "cookie", "__Host-sid=secret");

    (void)state;
    fake_db_answer(fake_rows(7, 0, NULL));
    check(l, 401, "token_invalid");
}

static void authorization_goes_before_the_cookie(void **state)
{
    (void)state;
    check(house_send(&(struct loopback_message){
              .method = "GET",
              .path = "/read",
              .headers = {"cookie", "__Host-sid=secret", "authorization", "Bearer nonsense"}}),
          401, "token_invalid");
}

/* A change with a session: the page's token, Sec-Fetch-Site and Origin ("" is absent). */
static int change(const char *csrf, const char *site, const char *origin)
{
    struct loopback_message message = {.method = "POST", .path = "/write", .headers = {"cookie", "__Host-sid=secret"}};
    struct loopback *l;
    int count = 2, status;

    if (*csrf) {
        message.headers[count++] = "x-csrf-token";
        message.headers[count++] = csrf;
    }
    if (*site) {
        message.headers[count++] = "sec-fetch-site";
        message.headers[count++] = site;
    }
    if (*origin) {
        message.headers[count++] = "origin";
        message.headers[count++] = origin;
    }
    l = house_send(&message);
    answer_session("f");
    status = loopback_status(l);
    assert_string_equal(house_code(l), status == 403 ? "csrf_failed" : "");
    loopback_close(l);
    return status;
}

static const char *right_csrf(void)
{
    static char token[WEB_SESSION_CSRF_ROOM];
    struct uuid id = {CREDENTIAL};

    web_session_csrf(house_local()->csrf_mac, id, token);
    return token;
}

static void a_session_changes_things_only_with_its_pages_token(void **state)
{
    char cut[WEB_SESSION_CSRF_ROOM], other[WEB_SESSION_CSRF_ROOM];
    struct uuid another = {USER};

    (void)state;
    assert_int_equal(change(right_csrf(), "same-origin", ""), 204);
    assert_int_equal(change("", "same-origin", ""), 403);
    assert_int_equal(change("x", "same-origin", ""), 403);
    (void)snprintf(cut, sizeof cut, "%.*s", (int)strlen(right_csrf()) - 1, right_csrf());
    assert_int_equal(change(cut, "same-origin", ""), 403);
    web_session_csrf(house_local()->csrf_mac, another, other);
    assert_int_equal(change(other, "same-origin", ""), 403);
    assert_int_equal(entered, 1);
}

static void another_site_changes_nothing_even_with_the_token(void **state)
{
    static const char *const SITES[] = {"cross-site", "same-site", "none", "Same-Origin", "x"};
    static const char *const ORIGINS[] = {"null", "https://evil.example", "http://aisha.example",
                                          "https://aisha.example.evil.example", "https://aisha.example/"};

    (void)state;
    for (size_t i = 0; i < sizeof SITES / sizeof *SITES; i++)
        assert_int_equal(change(right_csrf(), SITES[i], LOOPBACK_ORIGIN), 403);
    for (size_t i = 0; i < sizeof ORIGINS / sizeof *ORIGINS; i++)
        assert_int_equal(change(right_csrf(), "", ORIGINS[i]), 403);
    assert_int_equal(entered, 0);
    assert_int_equal(change(right_csrf(), "", LOOPBACK_ORIGIN), 204);
    assert_int_equal(change(right_csrf(), "", ""), 204);
}

static int change_by_form(const char *type, const char *body)
{
    struct loopback *l =
        house_send(&(struct loopback_message){.method = "POST",
                                              .path = "/write",
                                              .headers = {"cookie", "__Host-sid=secret", "content-type", type},
                                              .body = body});
    int status;

    answer_session("f");
    status = loopback_status(l);
    loopback_close(l);
    return status;
}

static void a_form_carries_the_token_in_its_body(void **state)
{
    char form[200];

    (void)state;
    (void)snprintf(form, sizeof form, "csrf_token=%s", right_csrf());
    assert_int_equal(change_by_form("application/x-www-form-urlencoded", form), 204);
    assert_int_equal(change_by_form("Application/X-WWW-Form-Urlencoded; charset=UTF-8", form), 204);
    assert_int_equal(change_by_form("text/plain", form), 403);
    assert_int_equal(change_by_form("application/x-www-form-urlencoded", "csrf_token=wrong"), 403);
    assert_int_equal(change_by_form("application/x-www-form-urlencoded", ""), 403);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, house_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without_credentials_nobody_enters),
        TEST(credentials_that_cannot_be_right_are_refused_without_asking_the_database),
        TEST(a_token_is_looked_up_by_its_hash),
        TEST(a_token_that_is_not_found_is_refused),
        TEST(the_use_of_a_token_is_noted_when_that_is_due),
        TEST(a_scope_that_the_token_lacks_is_missed),
        TEST(an_admins_token_is_worth_nothing_when_its_user_is_no_admin_any_more),
        TEST(a_token_is_no_service),
        TEST(without_a_database_the_answer_is_later),
        TEST(a_vanished_client_is_forgotten),
        TEST(a_session_reads_without_further_proof),
        TEST(a_session_in_use_is_prolonged_here_and_in_the_browser),
        TEST(a_session_that_is_over_is_refused),
        TEST(authorization_goes_before_the_cookie),
        TEST(a_session_changes_things_only_with_its_pages_token),
        TEST(another_site_changes_nothing_even_with_the_token),
        TEST(a_form_carries_the_token_in_its_body),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
