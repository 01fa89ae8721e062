/* The sign-in page, and the way to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "support/fake_db.h"
#include "support/house.h"
#include "support/shown.h"
#include "users/access.h"
#include "web/home_page.h"
#include "web/login_page.h"

#define USER "01990000-0000-7000-8000-000000000001"
#define SESSION "01990000-0000-7000-8000-00000000000a"

static const struct route ROUTES[] = {
    {"GET", "/", ACCESS_PUBLIC, 0, home_page_show},
    {"GET", "/login", ACCESS_PUBLIC, 0, login_page_show},
    {0},
};

static int set_up(void **state)
{
    (void)state;
    house_open(ROUTES, access_authenticate);
    fake_db_reset();
    return 0;
}

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

static void the_sign_in_page_tells_how_to_get_a_link(void **state)
{
    struct loopback *l = house_ask("GET", "/login", NULL, NULL);

    (void)state;
    assert_int_equal(loopback_status(l), 200);
    assert_true(shown_has(l, "<h1"));
    assert_true(shown_has(l, "aisha link create --user ID"));
    assert_true(shown_has(l, "aisha demo"));
    assert_true(shown_has(l, "После входа откроются «Мои изображения»."));
    assert_null(loopback_header(l, "set-cookie", 0));
    loopback_close(l);
    l = house_ask("GET", "/login?done=signed_out", "accept-language", "en");
    assert_true(shown_has(l, "You are signed out."));
    loopback_close(l);
    l = house_ask("GET", "/login?done=nonsense&more=1", NULL, NULL);
    assert_int_equal(loopback_status(l), 200);
    loopback_close(l);
}

static void the_sign_in_page_keeps_the_way_back(void **state)
{
    static const char *const UNSAFE[] = {"/login?next=//evil.example",
                                         "/login?next=https://evil.example",
                                         "/login?next=%2F%2Fevil.example",
                                         "/login?next=/%5Cevil.example",
                                         "/login?next=/a%0D%0Ax",
                                         "/login?next=/a;b",
                                         "/login?next=/login",
                                         "/login?next=/auth/link/x",
                                         "/login?next=/",
                                         "/login?next="};
    struct loopback *l = house_ask("GET", "/login?next=%2Favatars%3Fx%3D1", NULL, NULL);

    (void)state;
    assert_string_equal(loopback_header(l, "set-cookie", 0),
                        "__Host-next=/avatars?x=1; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=1800");
    assert_true(shown_has(l, "После входа вы вернётесь"));
    loopback_close(l);
    for (size_t i = 0; i < sizeof UNSAFE / sizeof *UNSAFE; i++) {
        l = house_ask("GET", UNSAFE[i], NULL, NULL);
        assert_int_equal(loopback_status(l), 200);
        assert_null(loopback_header(l, "set-cookie", 0));
        loopback_close(l);
    }
}

static struct loopback *come_with_session(const char *path)
{
    struct loopback *l = house_ask("GET", path, "cookie", "__Host-sid=secret");

    check_sha256(fake_db_value(0), TEXT("secret"));
    return l;
}

static void whoever_has_a_session_goes_on_from_the_sign_in_page(void **state)
{
    static const char *const WAYS[][2] = {
        {"/login", "/images"}, {"/login?next=/avatars", "/avatars"}, {"/login?next=//evil.example", "/images"}};

    (void)state;
    for (size_t i = 0; i < sizeof WAYS / sizeof *WAYS; i++) {
        struct loopback *l = come_with_session(WAYS[i][0]);
        fake_db_answer(fake_rows(
            10, 1, (const char *[]){SESSION, "f", USER, "f", "ru", "Europe/Moscow", "balanced", "auto", "1", "1"}));
        assert_int_equal(loopback_status(l), 303);
        assert_string_equal(loopback_header(l, "location", 0), WAYS[i][1]);
        loopback_close(l);
    }
}

static void the_sign_in_page_forgets_a_session_that_is_over(void **state)
{
    struct loopback *l = come_with_session("/login");

    (void)state;
    fake_db_answer(fake_rows(8, 0, NULL));
    assert_int_equal(loopback_status(l), 200);
    assert_string_equal(loopback_header(l, "set-cookie", 0),
                        "__Host-sid=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0");
    loopback_close(l);
    l = come_with_session("/login");
    fake_db_fail(ERR_BUSY, "database"); /* may be over or not */
    assert_int_equal(loopback_status(l), 200);
    assert_null(loopback_header(l, "set-cookie", 0));
    loopback_close(l);
}

static void the_start_page_knows_two_ways(void **state)
{
    struct loopback *l = house_ask("GET", "/", NULL, NULL);

    (void)state;
    assert_int_equal(loopback_status(l), 303);
    assert_string_equal(loopback_header(l, "location", 0), "/login");
    loopback_close(l);
    l = house_ask("GET", "/?from=somewhere", "cookie", "__Host-sid=secret");
    assert_string_equal(loopback_header(l, "location", 0), "/images");
    loopback_close(l);
    assert_false(fake_db_waits());
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, house_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_sign_in_page_tells_how_to_get_a_link),
        TEST(the_sign_in_page_keeps_the_way_back),
        TEST(whoever_has_a_session_goes_on_from_the_sign_in_page),
        TEST(the_sign_in_page_forgets_a_session_that_is_over),
        TEST(the_start_page_knows_two_ways),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
