/* The settings page: one's own settings, tokens and sessions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/fake_db.h"
#include "support/house.h"
#include "support/shown.h"
#include "users/web_session.h"
#include "web/settings_forms.h"
#include "web/settings_page.h"
#include "web/token_forms.h"

#define OTHER_SESSION "01990000-0000-7000-8000-00000000000b"
#define TOKEN "01990000-0000-7000-8000-0000000000aa"
#define GENERATION "01990000-0000-7000-8000-0000000000b0"
#define TIME "2026-01-15 10:00:01.123456+00"
#define HOSTILE "<script>alert(1)</script>\" onx='1' \xe2\x80\xae"
#define HOSTILE_SHOWN "&lt;script&gt;alert(1)&lt;/script&gt;&quot; onx=&#39;1&#39; \xe2\x80\xae"
#define ALL "name=Anna&locale=en&time_zone=Europe/Moscow&default_preset=quality&theme=dark"

static const struct route ROUTES[] = {
    {"GET", "/settings", ACCESS_READ, 0, settings_page_show, true},
    {"POST", "/settings", ACCESS_WRITE, 4096, settings_forms_save, true},
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

static bool has_account = true;

static void answer_credits(void)
{
    static const char *const LINES[] = {
        "15.01.2026, 15:47", "settle",  NULL,    "6",    "2",  GENERATION, HOSTILE, /* */
        "15.01.2026, 15:46", "release", NULL,    "8",    NULL, GENERATION, "A cat", /* */
        "15.01.2026, 15:45", "reserve", NULL,    "8",    NULL, GENERATION, "A cat", /* */
        "14.01.2026, 15:45", "grant",   HOSTILE, "500",  NULL, NULL,       NULL,    /* */
        "13.01.2026, 15:45", "grant",   "first", "1000", NULL, NULL,       NULL,
    };

    assert_non_null(strstr(fake_db_sql(), "FROM accounts"));
    assert_string_equal(fake_db_value(0), HOUSE_USER);
    fake_db_answer(fake_rows(4, has_account, (const char *[]){"1500", "1482", "12", "6"}));
    assert_non_null(strstr(fake_db_sql(), "FROM ledger"));
    assert_string_equal(fake_db_value(0), HOUSE_USER);
    assert_string_equal(fake_db_value(1), "Asia/Kathmandu");
    fake_db_answer(fake_rows(7, has_account ? 5 : 0, LINES));
}

/* The six reads of the page. */
static void answer_page(const char *name, const char *zone)
{
    assert_non_null(strstr(fake_db_sql(), "FROM users"));
    assert_string_equal(fake_db_value(0), HOUSE_USER);
    fake_db_answer(
        fake_rows(9, 1, (const char *[]){HOUSE_USER, NULL, name, "ru", zone, "balanced", "light", "f", TIME}));
    answer_credits();
    assert_non_null(strstr(fake_db_sql(), "FROM api_tokens"));
    assert_string_equal(fake_db_value(0), HOUSE_USER);
    assert_string_equal(fake_db_value(1), "Asia/Kathmandu");
    fake_db_answer(fake_rows(10, 2,
                             (const char *[]){"15.01.2026, 15:45",
                                              NULL,
                                              "15.02.2026, 15:45",
                                              "t",
                                              TOKEN,
                                              HOSTILE,
                                              "9",
                                              TIME,
                                              NULL,
                                              TIME,
                                              "15.01.2026, 15:45",
                                              "16.01.2026, 00:00",
                                              NULL,
                                              "f",
                                              HOUSE_USER,
                                              "b",
                                              "6",
                                              TIME,
                                              TIME,
                                              NULL}));
    assert_non_null(strstr(fake_db_sql(), "FROM sessions"));
    fake_db_answer(fake_rows(3, 2,
                             (const char *[]){HOUSE_SESSION, "15.01.2026, 15:45", "16.01.2026, 01:00", OTHER_SESSION,
                                              "14.01.2026, 15:45", "14.01.2026, 16:00"}));
    assert_non_null(strstr(fake_db_sql(), "FROM time_zones"));
    fake_db_answer(fake_rows(3, 4,
                             (const char *[]){"America", "New York", "America/New_York", "Europe", "Moscow",
                                              "Europe/Moscow", "Europe", "Paris", "Europe/Paris", "", "UTC", "UTC"}));
    assert_false(fake_db_waits());
}

static void shows_ones_own_settings(void **state)
{
    struct loopback *l = house_get("/settings");

    (void)state;
    answer_page(HOSTILE, "Europe/Moscow");
    assert_int_equal(loopback_status(l), 200);
    assert_true(shown_has(l, "<title>Настройки"));
    assert_true(shown_has(l, "value=\"" HOSTILE_SHOWN "\""));
    assert_false(shown_has(l, "<script>"));
    assert_true(shown_has(l, "name=\"locale\" value=\"ru\" required checked"));
    assert_false(shown_has(l, "name=\"locale\" value=\"en\" required checked"));
    assert_true(shown_has(l, "name=\"theme\" value=\"light\" required checked"));
    assert_true(shown_has(l, "data-theme=\"light\""));
    assert_true(shown_has(l, "<optgroup label=\"Европа\"><option value=\"Europe/Moscow\" selected>Moscow</option>"
                             "<option value=\"Europe/Paris\">Paris</option></optgroup>"));
    assert_true(
        shown_has(l, "<optgroup label=\"Америка\"><option value=\"America/New_York\">New York</option></optgroup>"));
    assert_true(shown_has(l, "<option value=\"balanced\" selected>"));
    assert_false(shown_has(l, "role=\"alert\""));
    loopback_close(l);
}

static void a_time_zone_that_is_not_offered_stays(void **state)
{
    struct loopback *l = house_get("/settings");

    (void)state;
    answer_page("Anna", "Etc/GMT+3");
    assert_true(shown_has(l, "<option value=\"Etc/GMT+3\" selected>Etc/GMT+3</option>"));
    loopback_close(l);
}

static void shows_the_credits_and_where_they_went(void **state)
{
    struct loopback *l = house_get("/settings");

    (void)state;
    answer_page("Anna", "Europe/Moscow");
    assert_true(shown_has(l, "<dt>Доступно</dt><dd><strong>1482</strong>"));
    assert_true(shown_has(l, "<dt>В резерве</dt><dd><strong>12</strong>"));
    assert_true(shown_has(l, "<dt>Потрачено</dt><dd><strong>6</strong>"));
    assert_true(shown_has(l, "<dt>Начислено</dt><dd><strong>1500</strong>"));
    assert_int_equal(shown_count(l, "<tr><td>"), 5);
    assert_true(shown_has(l, "Списание, возвращено 2<a class=\"link\" href=\"/generations/" GENERATION "\">"
                             "<bdi>" HOSTILE_SHOWN "</bdi></a></td><td>6</td><td>15.01.2026, 15:47</td>"));
    assert_true(shown_has(l, "<td>Возврат<a") && shown_has(l, "<td>Резерв<a"));
    assert_true(
        shown_has(l, "<td>Начисление<span class=\"hint\"><bdi>" HOSTILE_SHOWN "</bdi></span></td><td>500</td>"));
    assert_true(shown_has(l, "<td>Начисление при открытии счёта</td><td>1000</td>"));
    loopback_close(l);
    has_account = false; /* it has what it will be opened with */
    l = house_get("/settings");
    answer_page("Anna", "Europe/Moscow");
    has_account = true;
    assert_true(shown_has(l, "<dt>Доступно</dt><dd><strong>1000</strong>"));
    assert_true(shown_has(l, "Записей пока нет") && !shown_has(l, "<table"));
    loopback_close(l);
}

static void shows_tokens_and_sessions_by_the_readers_clock(void **state)
{
    struct loopback *l = house_get("/settings");

    (void)state;
    answer_page("Anna", "Europe/Moscow");
    assert_true(shown_has(l, "<bdi>" HOSTILE_SHOWN "</bdi>"));
    assert_true(shown_has(l, "администратор"));
    assert_true(shown_has(l, "истёк"));
    assert_true(shown_has(l, "ещё ни разу"));
    assert_true(shown_has(l, "бессрочно"));
    assert_true(shown_has(l, "action=\"/settings/tokens/" TOKEN "/revoke\""));
    assert_true(shown_has(l, "этот браузер"));
    assert_true(shown_has(l, "последний раз 14.01.2026, 16:00, вход 14.01.2026, 15:45"));
    assert_true(shown_has(l, "action=\"/settings/sessions/end\""));
    assert_true(shown_has(l, "action=\"/auth/logout\""));
    assert_false(shown_has(l, "name=\"scope_admin\"")); /* no admin makes no admin's tokens */
    loopback_close(l);
    house_who.scopes |= SCOPE_ADMIN;
    l = house_get("/settings");
    answer_page("Anna", "Europe/Moscow");
    assert_true(shown_has(l, "name=\"scope_admin\""));
    loopback_close(l);
}

static void every_form_carries_the_token_of_the_session(void **state)
{
    struct loopback *l = house_get("/settings");
    char csrf[WEB_SESSION_CSRF_ROOM], field[200];
    int forms = 0, tokens = 0;

    (void)state;
    answer_page("Anna", "Europe/Moscow");
    web_session_csrf(house_local()->csrf_mac, (struct uuid){HOUSE_SESSION}, csrf);
    (void)snprintf(field, sizeof field, "name=\"csrf_token\" value=\"%s\"", csrf);
    for (const char *at = loopback_body(l); (at = strstr(at, "<form")); at++)
        forms++;
    for (const char *at = loopback_body(l); (at = strstr(at, field)); at++)
        tokens++;
    assert_int_equal(forms, 6);
    assert_int_equal(tokens, forms);
    loopback_close(l);
}

/* POST /settings */

static void saves_all_settings_at_once(void **state)
{
    struct loopback *l = house_post("/settings", "csrf_token=x&" ALL);

    (void)state;
    assert_non_null(strstr(fake_db_sql(), "FROM time_zones WHERE name = $1"));
    assert_string_equal(fake_db_value(0), "Europe/Moscow");
    fake_db_answer(fake_rows(1, 1, (const char *[]){"Europe/Moscow"}));
    assert_non_null(strstr(fake_db_sql(), "UPDATE users"));
    assert_string_equal(fake_db_value(0), HOUSE_USER);
    assert_string_equal(fake_db_value(1), "Anna");
    assert_string_equal(fake_db_value(2), "en");
    assert_string_equal(fake_db_value(3), "Europe/Moscow");
    assert_string_equal(fake_db_value(4), "quality");
    assert_string_equal(fake_db_value(5), "dark");
    fake_db_answer(fake_rows(
        9, 1, (const char *[]){HOUSE_USER, NULL, "Anna", "en", "Europe/Moscow", "quality", "dark", "f", TIME}));
    shown_close_redirect(l, "/settings?done=saved");
    house_speak(LANG_EN);
    l = house_get("/settings?done=saved");
    answer_page("Anna", "Europe/Moscow");
    assert_true(shown_has(l, "<p class=\"notice notice-ok\" role=\"status\">The settings are saved.</p>"));
    loopback_close(l);
}

static void what_is_wrong_is_said_at_the_field_and_nothing_typed_is_lost(void **state)
{
    char body[1200] = "locale=xx&time_zone=Mars/Olympus&default_preset=best&theme=pink&name=", *at;
    struct loopback *l;

    (void)state;
    at = body + strlen(body);
    memset(at, 'A', 129);
    memcpy(at + 129, "%22%3E", 7);
    l = house_post("/settings", body);
    fake_db_answer(fake_rows(1, 0, NULL));
    answer_page("Anna", "Europe/Moscow");
    assert_int_equal(loopback_status(l), 422);
    assert_true(shown_has(l, "AAAA&quot;&gt;\" required"));
    assert_true(shown_has(l, "aria-describedby=\"name-hint name-error\" aria-invalid=\"true\""));
    assert_true(shown_has(l, "<a href=\"#name\">Не длиннее 128 символов.</a>"));
    assert_true(shown_has(l, "<p class=\"field-error\" id=\"time_zone-error\">Такого часового пояса нет."));
    assert_true(shown_has(l, "<option value=\"Mars/Olympus\" selected>"));
    assert_true(shown_has(l, "id=\"locale-error\""));
    assert_true(shown_has(l, "id=\"theme-error\""));
    assert_true(shown_has(l, "id=\"default_preset-error\""));
    assert_true(shown_has(l, "role=\"alert\""));
    assert_false(shown_has(l, "value=\"Anna\""));
    loopback_close(l);
}

static void missing_blank_and_strange_fields_are_faults(void **state)
{
    static const struct {
        const char *body, *said;
    } CASES[] = {
        {"locale=en&default_preset=quality&theme=dark&name=x", "href=\"#time_zone\""},
        {"locale=en&time_zone=&default_preset=quality&theme=dark&name=x", "href=\"#time_zone\""},
        {"", "href=\"#name\""},
    };
    struct loopback *l;

    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        l = house_post("/settings", CASES[i].body);
        answer_page("Anna", "Europe/Moscow");
        assert_int_equal(loopback_status(l), 422);
        assert_true(shown_has(l, CASES[i].said));
        loopback_close(l);
    }
    l = house_post("/settings", ALL "&is_admin=true");
    fake_db_answer(fake_rows(1, 1, (const char *[]){"Europe/Moscow"}));
    answer_page("Anna", "Europe/Moscow");
    assert_int_equal(loopback_status(l), 422);
    assert_true(shown_has(l, "Неизвестный параметр «is_admin»."));
    loopback_close(l);
    l = house_post("/settings", "name=%20%09&locale=en&time_zone=UTC&default_preset=quality&theme=dark");
    fake_db_answer(fake_rows(1, 1, (const char *[]){"UTC"}));
    answer_page("Anna", "Europe/Moscow");
    assert_true(shown_has(l, "Одних пробелов мало"));
    loopback_close(l);
}

static void text_that_is_no_text_is_not_shown_again(void **state)
{
    struct loopback *l =
        house_post("/settings", "name=%ff%fe&locale=en&time_zone=UTC&default_preset=quality&theme=dark");

    (void)state;
    fake_db_answer(fake_rows(1, 1, (const char *[]){"UTC"}));
    answer_page("Anna", "Europe/Moscow");
    assert_int_equal(loopback_status(l), 422);
    assert_true(shown_has(l, "name=\"name\" value=\"\""));
    loopback_close(l);
}

static void other_bodies_are_refused_with_a_page(void **state)
{
    struct loopback *l =
        house_send(&(struct loopback_message){.method = "POST",
                                              .path = "/settings",
                                              .headers = {"accept", "text/html", "content-type", "application/json"},
                                              .body = "{}"});

    (void)state;
    assert_int_equal(loopback_status(l), 415);
    assert_string_equal(loopback_header(l, "content-type", 0), "text/html; charset=utf-8");
    loopback_close(l);
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
    answer_page("Anna", "Europe/Moscow");
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
    answer_page("Anna", "Europe/Moscow");
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
        answer_page("Anna", "Europe/Moscow");
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

static void without_a_database_there_is_a_page_that_says_so(void **state)
{
    struct loopback *l = house_get("/settings");

    (void)state;
    fake_db_fail(ERR_BUSY, "database");
    assert_int_equal(loopback_status(l), 503);
    assert_string_equal(loopback_header(l, "content-type", 0), "text/html; charset=utf-8");
    assert_true(shown_has(l, "Aisha скоро вернётся"));
    loopback_close(l);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, house_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(shows_ones_own_settings),
        TEST(a_time_zone_that_is_not_offered_stays),
        TEST(shows_the_credits_and_where_they_went),
        TEST(shows_tokens_and_sessions_by_the_readers_clock),
        TEST(every_form_carries_the_token_of_the_session),
        TEST(saves_all_settings_at_once),
        TEST(what_is_wrong_is_said_at_the_field_and_nothing_typed_is_lost),
        TEST(missing_blank_and_strange_fields_are_faults),
        TEST(text_that_is_no_text_is_not_shown_again),
        TEST(other_bodies_are_refused_with_a_page),
        TEST(the_secret_of_a_token_is_shown_once),
        TEST(sending_the_form_again_makes_no_second_token),
        TEST(too_many_tokens_are_refused_in_words),
        TEST(faults_of_a_token_are_named),
        TEST(revokes_a_token),
        TEST(ends_the_other_sessions),
        TEST(without_a_database_there_is_a_page_that_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
