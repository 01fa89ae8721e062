/* Every way in which a request that changes something can come with a session's cookie: from where it says that it
   comes, with which token, in which form. Exactly those of our own pages pass. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "http/reply.h"
#include "support/fake_db.h"
#include "support/house.h"
#include "users/access.h"
#include "users/web_session.h"

#define USER "01990000-0000-7000-8000-000000000001"
#define SESSION "01990000-0000-7000-8000-00000000000a"
#define OTHER_SESSION "01990000-0000-7000-8000-00000000000b"
#define FORM "application/x-www-form-urlencoded"

static int entered;

static struct next enter(struct call *call)
{
    entered++;
    return reply_no_content(call);
}

static const struct route ROUTES[] = {
    {"GET", "/thing", ACCESS_READ, 0, enter},
    {"POST", "/thing", ACCESS_WRITE, 4096, enter},
    {"PATCH", "/thing", ACCESS_WRITE, 4096, enter},
    {"DELETE", "/thing", ACCESS_WRITE, 4096, enter},
    {"POST", "/files", ACCESS_WRITE, 0, enter, true, 1 << 20},
    {0},
};

static char right[WEB_SESSION_CSRF_ROOM], anothers[WEB_SESSION_CSRF_ROOM], altered[WEB_SESSION_CSRF_ROOM];

static int set_up(void **state)
{
    (void)state;
    house_open(ROUTES, access_authenticate);
    fake_db_reset();
    entered = 0;
    web_session_csrf(house_local()->csrf_mac, (struct uuid){SESSION}, right);
    web_session_csrf(house_local()->csrf_mac, (struct uuid){OTHER_SESSION}, anothers);
    (void)snprintf(altered, sizeof altered, "%s", right);
    altered[5] = (char)(altered[5] == 'A' ? 'B' : 'A');
    return 0;
}

static int sent(const struct loopback_message *message)
{
    struct loopback *l = house_send(message);
    int status;

    fake_db_answer(fake_rows(
        10, 1, (const char *[]){SESSION, "f", USER, "f", "ru", "Europe/Moscow", "balanced", "auto", "1", "1"}));
    status = loopback_status(l);
    assert_string_equal(house_code(l), status == 403 ? "csrf_failed" : "");
    assert_int_equal(status == 403 || status == 204, 1);
    loopback_close(l);
    return status;
}

struct whence {
    const char *site, *origin; /* Sec-Fetch-Site, Origin; NULL: not sent */
    bool is_ours;
};

static const struct whence WHENCE[] = {
    {"same-origin", NULL, true},
    {"same-origin", LOOPBACK_ORIGIN, true},
    {"same-origin", "null", true}, /* what the browser itself says of the page goes first */
    {NULL, LOOPBACK_ORIGIN, true},
    {NULL, NULL, true}, /* an old browser, or no browser at all: the token alone proves it */
    {"cross-site", NULL, false},
    {"cross-site", LOOPBACK_ORIGIN, false},
    {"same-site", NULL, false},
    {"same-site", LOOPBACK_ORIGIN, false},
    {"none", NULL, false},
    {"none", LOOPBACK_ORIGIN, false},
    {"Same-Origin", NULL, false},
    {"same-origin, cross-site", NULL, false},
    {NULL, "null", false},
    {NULL, "https://evil.example", false},
    {NULL, "http://aisha.example", false},
    {NULL, LOOPBACK_ORIGIN ":8443", false},
    {NULL, LOOPBACK_ORIGIN "/", false},
    {NULL, LOOPBACK_ORIGIN ".evil.example", false},
};

static void add(struct loopback_message *message, const char *name, const char *value)
{
    int at = 0;

    while (message->headers[at])
        at++;
    if (value) {
        message->headers[at] = name;
        message->headers[at + 1] = value;
    }
}

static struct loopback_message from(const struct whence *whence, const char *method)
{
    struct loopback_message message = {
        .method = method, .path = "/thing", .headers = {"cookie", "a=b; __Host-sid=secret"}};

    add(&message, "sec-fetch-site", whence->site);
    add(&message, "origin", whence->origin);
    return message;
}

struct proof {
    const char *in_header, *in_form; /* NULL: not sent */
    bool is_right;
};

static void every_place_with_every_proof(void **state)
{
    const struct proof PROOFS[] = {{right, NULL, true},     {NULL, right, true},       {right, altered, true},
                                   {altered, right, false}, {NULL, NULL, false},       {NULL, "", false},
                                   {altered, NULL, false},  {NULL, altered, false},    {anothers, NULL, false},
                                   {NULL, anothers, false}, {"\xff\xfe", NULL, false}, {NULL, "%00", false}};
    char form[300];
    int passed = 0;

    (void)state;
    for (size_t w = 0; w < sizeof WHENCE / sizeof *WHENCE; w++)
        for (size_t p = 0; p < sizeof PROOFS / sizeof *PROOFS; p++) {
            struct loopback_message message = from(&WHENCE[w], "POST");
            bool fine = WHENCE[w].is_ours && PROOFS[p].is_right;
            add(&message, "x-csrf-token", PROOFS[p].in_header);
            if (PROOFS[p].in_form) {
                (void)snprintf(form, sizeof form, "a=1&csrf_token=%s&b=2", PROOFS[p].in_form);
                add(&message, "content-type", FORM);
                message.body = form;
            }
            passed += fine;
            assert_int_equal(sent(&message), fine ? 204 : 403);
            assert_int_equal(entered, passed);
        }
    assert_int_equal(passed, 15);
}

static void every_method_that_changes_things_asks_for_the_proof(void **state)
{
    static const char *const METHODS[] = {"POST", "PATCH", "DELETE"};

    (void)state;
    for (size_t i = 0; i < sizeof METHODS / sizeof *METHODS; i++) {
        struct loopback_message message = from(&WHENCE[0], METHODS[i]);
        assert_int_equal(sent(&message), 403);
        add(&message, "x-csrf-token", right);
        assert_int_equal(sent(&message), 204);
    }
}

/* Reading may come from anywhere: links do. Nothing of what it says counts as a change. */
static void reading_needs_no_proof_wherever_it_comes_from(void **state)
{
    static const char *const METHODS[] = {"GET", "HEAD"};

    (void)state;
    for (size_t w = 0; w < sizeof WHENCE / sizeof *WHENCE; w++)
        for (size_t m = 0; m < 2; m++) {
            struct loopback_message message = from(&WHENCE[w], METHODS[m]);
            assert_int_equal(sent(&message), 204);
        }
}

static void only_a_form_has_its_token_in_the_body(void **state)
{
    static const char *const TYPES[] = {"text/plain", "application/json", "multipart/form-data; boundary=x",
                                        "application/x-www-form-urlencoded-not", ""};
    char form[300];

    (void)state;
    (void)snprintf(form, sizeof form, "csrf_token=%s", right);
    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++) {
        struct loopback_message message = from(&WHENCE[0], "POST");
        add(&message, "content-type", TYPES[i]);
        message.body = form;
        assert_int_equal(sent(&message), 403);
    }
}

/* A name that is only like the token's, the token in the address, the token of a field before the right one. */
static void the_token_stands_in_its_own_field(void **state)
{
    static const char *const FORMS[] = {"xcsrf_token=%s", "CSRF_TOKEN=%s", "a=csrf_token=%s",
                                        "csrf_token=x&csrf_token=%s", "csrf_token=%s%%20x"};
    char form[300], path[300];
    struct loopback_message message;

    (void)state;
    for (size_t i = 0; i < sizeof FORMS / sizeof *FORMS; i++) {
        const char *mark = strstr(FORMS[i], "%s");
        (void)snprintf(form, sizeof form, "%.*s%s%s", (int)(mark - FORMS[i]), FORMS[i], right, mark[2] ? "%20x" : "");
        message = from(&WHENCE[0], "POST");
        add(&message, "content-type", FORM);
        message.body = form;
        assert_int_equal(sent(&message), 403);
    }
    (void)snprintf(path, sizeof path, "/thing?csrf_token=%s", right);
    message = from(&WHENCE[0], "POST");
    message.path = path;
    assert_int_equal(sent(&message), 403);
    assert_int_equal(entered, 0);
}

/* Its token is one of the parts, which only its own steps read; whence it comes is judged before. */
static void a_form_with_files_is_let_in_by_its_origin(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof WHENCE / sizeof *WHENCE; i++) {
        struct loopback_message message = from(&WHENCE[i], "POST");
        message.path = "/files";
        assert_int_equal(sent(&message), WHENCE[i].is_ours ? 204 : 403);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, house_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_place_with_every_proof),
        TEST(a_form_with_files_is_let_in_by_its_origin),
        TEST(every_method_that_changes_things_asks_for_the_proof),
        TEST(reading_needs_no_proof_wherever_it_comes_from),
        TEST(only_a_form_has_its_token_in_the_body),
        TEST(the_token_stands_in_its_own_field),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
