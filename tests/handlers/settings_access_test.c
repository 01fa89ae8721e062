/* Who else may enter: the forms of the settings page for tokens and sessions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/fake_db.h"
#include "support/house.h"
#include "support/settings_rows.h"
#include "support/shown.h"
#include "web/settings_forms.h"
#include "web/token_forms.h"

#define TOKEN SETTINGS_ROWS_TOKEN
#define TIME SETTINGS_ROWS_TIME

static const struct route ROUTES[] = {
    {"POST", "/settings/tokens", ACCESS_WRITE, 4096, token_forms_create, true},
    {"POST", "/settings/tokens/{id}/revoke", ACCESS_WRITE, 4096, token_forms_revoke, true},
    {"POST", "/settings/sessions/end", ACCESS_WRITE, 4096, settings_forms_end_sessions, true},
    {0},
};

static int set_up(void **state)
{
    (void)state;
    house_open_signed_in(ROUTES);
    house_who.scopes |= SCOPE_GENERATE;
    fake_db_reset();
    (void)text_copy(house_who.theme, sizeof house_who.theme, TEXT("light"));
    return 0;
}

/* POST /settings/tokens */

#define MAKE "csrf_token=a&key=k-1&token_name=Backup+%3Cb%3E&scope_read=true&scope_generate=true&days=30"

static void no_key(void) { fake_db_answer(fake_rows(3, 0, NULL)); }

static void the_secret_of_a_token_is_shown_once(void **state)
{
    struct loopback *l = house_post("/settings/tokens", MAKE);
    unsigned char sha256[SHA256_BYTES];
    char kept[80], hex[HEX_ROOM(SHA256_BYTES)];
    const char *secret;

    (void)state;
    assert_non_null(strstr(fake_db_sql(), "FROM idempotency_keys"));
    assert_string_equal(fake_db_value(1), "k-1");
    no_key();
    assert_non_null(strstr(fake_db_sql(), "INSERT INTO api_tokens"));
    (void)snprintf(kept, sizeof kept, "%s", fake_db_value(2));
    assert_string_equal(fake_db_value(3), "Backup <b>");
    assert_string_equal(fake_db_value(4), "5");
    assert_string_equal(fake_db_value(5), "30");
    assert_string_equal(fake_db_value(7), "k-1");
    fake_db_answer(fake_rows(6, 1, (const char *[]){TOKEN, "Backup <b>", "5", TIME, NULL, TIME}));
    assert_int_equal(loopback_status(l), 200);
    assert_string_equal(loopback_header(l, "cache-control", 0), "private, no-store");
    assert_null(loopback_header(l, "cache-control", 1));
    secret = strstr(loopback_body(l), "value=\"ais_");
    assert_non_null(secret);
    crypto_sha256((struct text){secret + 7, 44}, sha256);
    hex_write(sha256, sizeof sha256, hex);
    assert_string_equal(kept + 2, hex);
    assert_true(shown_has(l, "<bdi>Backup &lt;b&gt;</bdi>"));
    loopback_close(l);
}

static void sending_the_form_again_makes_no_second_token(void **state)
{
    static char fingerprint[80];
    struct loopback *l = house_post("/settings/tokens", MAKE);

    (void)state;
    no_key();
    (void)snprintf(fingerprint, sizeof fingerprint, "%s", fake_db_value(8));
    fake_db_answer(fake_rows(6, 0, NULL)); /* the other click was first */
    fake_db_answer(fake_rows(3, 1, (const char *[]){fingerprint, TOKEN, NULL}));
    shown_close_redirect(l, "/settings?done=token_shown#tokens");
    /* a reload, in a new session, too */
    l = house_post("/settings/tokens",
                   "csrf_token=b&key=k-1&token_name=Backup+%3Cb%3E&scope_read=true&scope_generate=true"
                   "&days=30");
    fake_db_answer(fake_rows(3, 1, (const char *[]){fingerprint, TOKEN, NULL}));
    shown_close_redirect(l, "/settings?done=token_shown#tokens");
    /* another form with that key */
    l = house_post("/settings/tokens", "key=k-1&token_name=Other&scope_read=true&days=30");
    fake_db_answer(fake_rows(3, 1, (const char *[]){fingerprint, TOKEN, NULL}));
    settings_rows_answer("Anna", "Europe/Moscow");
    assert_int_equal(loopback_status(l), 422);
    assert_true(shown_has(l, "Ключ уже использован"));
    assert_true(shown_has(l, "value=\"Other\""));
    assert_false(shown_has(l, "value=\"k-1\""));
    loopback_close(l);
}

static void too_many_tokens_are_refused_in_words(void **state)
{
    struct loopback *l = house_post("/settings/tokens", MAKE);

    (void)state;
    no_key();
    fake_db_answer(fake_rows(6, 0, NULL));
    no_key();
    settings_rows_answer("Anna", "Europe/Moscow");
    assert_int_equal(loopback_status(l), 409);
    assert_true(shown_has(l, "Достигнут предел"));
    assert_true(shown_has(l, "name=\"scope_generate\" value=\"true\" checked"));
    assert_false(shown_has(l, "name=\"scope_write\" value=\"true\" checked"));
    assert_true(shown_has(l, "<option value=\"30\" selected>"));
    loopback_close(l);
}

static void faults_of_a_token_are_named(void **state)
{
    static const struct {
        const char *body, *said;
    } CASES[] = {
        {"key=k&scope_read=true&days=30", "href=\"#token_name\""},
        {"key=k&token_name=+&scope_read=true&days=30", "Назовите токен"},
        {"key=k&token_name=x&days=30", "Отметьте хотя бы одно право."},
        {"key=k&token_name=x&scope_admin=true&days=30", "У вас самих нет такого права."},
        {"key=k&token_name=x&scope_read=true&days=3651", "id=\"days-error\""},
        {"key=k&token_name=x&scope_read=true&days=x", "id=\"days-error\""},
        {"token_name=x&scope_read=true&days=30", "Форма устарела."},
        {"key=a%20b&token_name=x&scope_read=true&days=30", "Форма устарела."},
        {"key=k&token_name=x&scope_read=on&days=30", "Должно быть true или false."},
    };

    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct loopback *l = house_post("/settings/tokens", CASES[i].body);
        settings_rows_answer("Anna", "Europe/Moscow");
        assert_int_equal(loopback_status(l), 422);
        assert_true(shown_has(l, CASES[i].said));
        loopback_close(l);
    }
}

static void revokes_a_token(void **state)
{
    struct loopback *l = house_post("/settings/tokens/" TOKEN "/revoke", "csrf_token=x");

    (void)state;
    assert_non_null(strstr(fake_db_sql(), "UPDATE api_tokens"));
    assert_string_equal(fake_db_value(0), HOUSE_USER);
    assert_string_equal(fake_db_value(1), TOKEN);
    fake_db_answer(fake_rows(1, 1, (const char *[]){TOKEN}));
    shown_close_redirect(l, "/settings?done=token_revoked#tokens");
    l = house_post("/settings/tokens/" TOKEN "/revoke", "csrf_token=x");
    fake_db_answer(fake_rows(1, 0, NULL));
    shown_close_redirect(l, "/settings?done=token_gone#tokens");
    l = house_post("/settings/tokens/nonsense/revoke", "csrf_token=x");
    assert_int_equal(loopback_status(l), 404);
    loopback_close(l);
}

static void ends_the_other_sessions(void **state)
{
    struct loopback *l = house_post("/settings/sessions/end", "csrf_token=x");

    (void)state;
    assert_non_null(strstr(fake_db_sql(), "DELETE FROM sessions"));
    assert_string_equal(fake_db_value(0), HOUSE_USER);
    assert_string_equal(fake_db_value(1), HOUSE_SESSION);
    fake_db_answer(fake_rows(1, 0, NULL));
    shown_close_redirect(l, "/settings?done=sessions_ended");
    house_who.kind = WHO_TOKEN;
    shown_close_redirect(house_post("/settings/sessions/end", ""), "/login");
    assert_false(fake_db_waits());
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, house_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_secret_of_a_token_is_shown_once),
        TEST(sending_the_form_again_makes_no_second_token),
        TEST(too_many_tokens_are_refused_in_words),
        TEST(faults_of_a_token_are_named),
        TEST(revokes_a_token),
        TEST(ends_the_other_sessions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
