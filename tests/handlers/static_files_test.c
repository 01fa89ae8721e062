/* The bundle over HTTP: addresses, forms, caching. */
#include "web/static_files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/house.h"
#include "view/bundle.h"

static const struct route ROUTES[] = {
    {"GET", "/static/{version}/{*}", ACCESS_PUBLIC, 0, static_show},
    {"GET", "/openapi.yaml", ACCESS_PUBLIC, 0, static_show_contract},
    {"GET", "/robots.txt", ACCESS_PUBLIC, 0, static_show_robots},
    {"GET", "/favicon.ico", ACCESS_PUBLIC, 0, static_show_favicon},
    {0},
};

static int set_up(void **state)
{
    (void)state;
    house_open(ROUTES, NULL);
    return 0;
}

/* The contract, under the version. */
static struct loopback *ask(const char *method, const char *version, const char *name, const char *value)
{
    char path[100];

    (void)snprintf(path, sizeof path, "/static/%s/openapi.yaml", version);
    return house_ask(method, path, name, value);
}

static void assert_header(const struct loopback *l, const char *name, const char *value)
{
    const char *got = loopback_header(l, name, 0);

    if (!value)
        assert_null(got);
    else if (!got || strcmp(got, value) != 0)
        fail_msg("%s is %s, not %s", name, got ? got : "missing", value);
    assert_null(loopback_header(l, name, 1));
}

static void assert_body(const struct loopback *l, struct text bytes)
{
    assert_int_equal(loopback_status(l), 200);
    assert_memory_equal(loopback_body(l), bytes.at, bytes.len);
}

static const struct bundle_file *contract(void) { return bundle_find(TEXT("openapi.yaml")); }

static void sends_the_form_that_is_asked_for(void **state)
{
    const struct form {
        const char *accept, *encoding, *suffix;
        struct text bytes;
    } FORMS[] = {
        {"identity", NULL, "", contract()->bytes},
        {"gzip", "gzip", "-gzip", contract()->gzip},
        {"gzip, br", "br", "-br", contract()->brotli},
        {"br;q=0, *", "gzip", "-gzip", contract()->gzip},
    };

    (void)state;
    for (size_t i = 0; i < sizeof FORMS / sizeof *FORMS; i++) {
        struct loopback *l = ask("GET", bundle_version(), "accept-encoding", FORMS[i].accept);
        char tag[40];
        (void)snprintf(tag, sizeof tag, "\"%s%s\"", contract()->hash, FORMS[i].suffix);
        assert_body(l, FORMS[i].bytes);
        assert_header(l, "content-encoding", FORMS[i].encoding);
        assert_header(l, "etag", tag);
        assert_header(l, "vary", "accept-encoding");
        assert_header(l, "content-type", "application/yaml");
        assert_header(l, "cache-control", "public, max-age=31536000, immutable");
        loopback_close(l);
    }
}

static void sends_no_body_to_head(void **state)
{
    struct loopback *l = ask("HEAD", bundle_version(), NULL, NULL);

    (void)state;
    assert_int_equal(loopback_status(l), 200);
    assert_string_equal(loopback_body(l), "");
    loopback_close(l);
}

static void answers_304_to_who_has_it(void **state)
{
    struct loopback *l;
    char tag[40];

    (void)state;
    (void)snprintf(tag, sizeof tag, "\"old\", W/\"%s\"", contract()->hash);
    l = ask("GET", bundle_version(), "if-none-match", tag);
    assert_int_equal(loopback_status(l), 304);
    assert_string_equal(loopback_body(l), "");
    assert_header(l, "vary", "accept-encoding");
    assert_header(l, "cache-control", "public, max-age=31536000, immutable");
    assert_header(l, "content-type", NULL);
    loopback_close(l);
}

static void lets_nobody_keep_a_file_of_another_version(void **state)
{
    struct loopback *l = ask("GET", "0123456789abcdef", NULL, NULL);

    (void)state;
    assert_body(l, contract()->bytes);
    assert_header(l, "cache-control", "no-store");
    loopback_close(l);
}

static void answers_404_for_what_is_not_in_the_bundle(void **state)
{
    static const char *const PATHS[] = {
        "/static/x/",
        "/static/x/openapi.yam",
        "/static/x/openapi.yamll",
        "/static/x/../openapi.yaml",
        "/static/x//openapi.yaml",
        "/static/x/%6fpenapi.yaml",
        "/static/x",
        "/static/x/css",
    };

    (void)state;
    for (size_t i = 0; i < sizeof PATHS / sizeof *PATHS; i++) {
        struct loopback *l = house_send(&(struct loopback_message){.method = "GET", .path = PATHS[i]});
        assert_int_equal(loopback_status(l), 404);
        assert_header(l, "cache-control", "private, no-store");
        loopback_close(l);
    }
}

static void passes_over_a_query(void **state)
{
    struct loopback *l = house_send(&(struct loopback_message){.method = "GET", .path = "/static/x/robots.txt?v=/2"});

    (void)state;
    assert_body(l, TEXT("User-agent: *\n"));
    loopback_close(l);
}

static void knows_the_names_that_are_guessed(void **state)
{
    static const char *const FILES[][2] = {
        {"/openapi.yaml", "application/yaml"}, {"/robots.txt", "text/plain; charset=utf-8"}, {"/favicon.ico", NULL}};

    (void)state;
    for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) {
        struct loopback *l = house_send(&(struct loopback_message){.method = "GET", .path = FILES[i][0]});
        assert_int_equal(loopback_status(l), 200);
        assert_header(l, "cache-control", "public, max-age=300");
        if (FILES[i][1])
            assert_header(l, "content-type", FILES[i][1]);
        loopback_close(l);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sends_the_form_that_is_asked_for, set_up, house_tear_down),
        cmocka_unit_test_setup_teardown(sends_no_body_to_head, set_up, house_tear_down),
        cmocka_unit_test_setup_teardown(answers_304_to_who_has_it, set_up, house_tear_down),
        cmocka_unit_test_setup_teardown(lets_nobody_keep_a_file_of_another_version, set_up, house_tear_down),
        cmocka_unit_test_setup_teardown(answers_404_for_what_is_not_in_the_bundle, set_up, house_tear_down),
        cmocka_unit_test_setup_teardown(passes_over_a_query, set_up, house_tear_down),
        cmocka_unit_test_setup_teardown(knows_the_names_that_are_guessed, set_up, house_tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
