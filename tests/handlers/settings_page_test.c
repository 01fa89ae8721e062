/* The settings page, and the form of the settings themselves. */
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
#include "users/web_session.h"
#include "web/settings_forms.h"
#include "web/settings_page.h"

#define TOKEN SETTINGS_ROWS_TOKEN
#define GENERATION SETTINGS_ROWS_GENERATION
#define TIME SETTINGS_ROWS_TIME
#define HOSTILE SETTINGS_ROWS_HOSTILE
#define HOSTILE_SHOWN "&lt;script&gt;alert(1)&lt;/script&gt;&quot; onx=&#39;1&#39; \xe2\x80\xae"
#define ALL "name=Anna&locale=en&time_zone=Europe/Moscow&default_preset=quality&theme=dark"

static const struct route ROUTES[] = {
    {"GET", "/settings", ACCESS_READ, 0, settings_page_show, true},
    {"POST", "/settings", ACCESS_WRITE, 4096, settings_forms_save, true},
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

static void shows_ones_own_settings(void **state)
{
    struct loopback *l = house_get("/settings");

    (void)state;
    settings_rows_answer(HOSTILE, "Europe/Moscow");
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

static void shows_what_one_has_made(void **state)
{
    struct loopback *l = house_get("/settings");

    (void)state;
    settings_rows_answer("Anna", "Europe/Moscow");
    assert_true(shown_has(l, "<strong>1042</strong><span class=\"hint\">В избранном: 88</span>"));
    assert_true(shown_has(l, "<strong>731</strong><span class=\"hint\">Неудачные, бесплатно: 17</span>"));
    assert_true(shown_has(l, "<dt>Из них в этом месяце</dt><dd><strong>53</strong>"));
    assert_true(shown_has(l, "<strong>22 с</strong>")); /* 43 s in two */
    loopback_close(l);
    l = house_get("/settings");
    settings_rows_answer_without_account("Anna", "Europe/Moscow");
    assert_true(shown_has(l, "<dt>Из них в этом месяце</dt><dd><strong>0</strong>"));
    assert_false(shown_has(l, "В среднем"));
    loopback_close(l);
}

static void a_time_zone_that_is_not_offered_stays(void **state)
{
    struct loopback *l = house_get("/settings");

    (void)state;
    settings_rows_answer("Anna", "Etc/GMT+3");
    assert_true(shown_has(l, "<option value=\"Etc/GMT+3\" selected>Etc/GMT+3</option>"));
    loopback_close(l);
}

static void shows_the_credits_and_where_they_went(void **state)
{
    struct loopback *l = house_get("/settings");

    (void)state;
    settings_rows_answer("Anna", "Europe/Moscow");
    assert_true(shown_has(l, "<dt>Доступно</dt><dd><strong>1482</strong>"));
    assert_true(shown_has(l, "<dt>В резерве</dt><dd><strong>12</strong>"));
    assert_true(shown_has(l, "<dt>Потрачено</dt><dd><strong>6</strong>"));
    assert_true(shown_has(l, "<dt>Начислено</dt><dd><strong>1500</strong>"));
    assert_int_equal(shown_count(l, "<tr><td>"), 5);
    assert_true(shown_has(l, "Списание, возвращено 2<a class=\"link\" href=\"/generations/" GENERATION "\">"
                             "<bdi>" HOSTILE_SHOWN "</bdi></a></td><td>6</td><td>15.01.2026, 15:47</td>"));
    assert_true(
        shown_has(l, "<td>Возврат<a class=\"link\" href=\"/avatars/" SETTINGS_ROWS_AVATAR "\"><bdi>A cat</bdi>"));
    assert_true(shown_has(l, "<td>Возврат<a") && shown_has(l, "<td>Резерв<a"));
    assert_true(
        shown_has(l, "<td>Начисление<span class=\"hint\"><bdi>" HOSTILE_SHOWN "</bdi></span></td><td>500</td>"));
    assert_true(shown_has(l, "<td>Начисление при открытии счёта</td><td>1000</td>"));
    loopback_close(l);
    l = house_get("/settings");
    settings_rows_answer_without_account("Anna", "Europe/Moscow");
    /* it has what it will be opened with */
    assert_true(shown_has(l, "<dt>Доступно</dt><dd><strong>1000</strong>"));
    assert_true(shown_has(l, "Записей пока нет") && !shown_has(l, "<table"));
    loopback_close(l);
}

static void shows_tokens_and_sessions_by_the_readers_clock(void **state)
{
    struct loopback *l = house_get("/settings");

    (void)state;
    settings_rows_answer("Anna", "Europe/Moscow");
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
    settings_rows_answer("Anna", "Europe/Moscow");
    assert_true(shown_has(l, "name=\"scope_admin\""));
    loopback_close(l);
}

static void every_form_carries_the_token_of_the_session(void **state)
{
    struct loopback *l = house_get("/settings");
    char csrf[WEB_SESSION_CSRF_ROOM], field[200];
    int forms = 0, tokens = 0;

    (void)state;
    settings_rows_answer("Anna", "Europe/Moscow");
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
    settings_rows_answer("Anna", "Europe/Moscow");
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
    settings_rows_answer("Anna", "Europe/Moscow");
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
        settings_rows_answer("Anna", "Europe/Moscow");
        assert_int_equal(loopback_status(l), 422);
        assert_true(shown_has(l, CASES[i].said));
        loopback_close(l);
    }
    l = house_post("/settings", ALL "&is_admin=true");
    fake_db_answer(fake_rows(1, 1, (const char *[]){"Europe/Moscow"}));
    settings_rows_answer("Anna", "Europe/Moscow");
    assert_int_equal(loopback_status(l), 422);
    assert_true(shown_has(l, "Неизвестный параметр «is_admin»."));
    loopback_close(l);
    l = house_post("/settings", "name=%20%09&locale=en&time_zone=UTC&default_preset=quality&theme=dark");
    fake_db_answer(fake_rows(1, 1, (const char *[]){"UTC"}));
    settings_rows_answer("Anna", "Europe/Moscow");
    assert_true(shown_has(l, "Одних пробелов мало"));
    loopback_close(l);
}

static void text_that_is_no_text_is_not_shown_again(void **state)
{
    struct loopback *l =
        house_post("/settings", "name=%ff%fe&locale=en&time_zone=UTC&default_preset=quality&theme=dark");

    (void)state;
    fake_db_answer(fake_rows(1, 1, (const char *[]){"UTC"}));
    settings_rows_answer("Anna", "Europe/Moscow");
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
        TEST(shows_what_one_has_made),
        TEST(a_time_zone_that_is_not_offered_stays),
        TEST(shows_the_credits_and_where_they_went),
        TEST(shows_tokens_and_sessions_by_the_readers_clock),
        TEST(every_form_carries_the_token_of_the_session),
        TEST(saves_all_settings_at_once),
        TEST(what_is_wrong_is_said_at_the_field_and_nothing_typed_is_lost),
        TEST(missing_blank_and_strange_fields_are_faults),
        TEST(text_that_is_no_text_is_not_shown_again),
        TEST(other_bodies_are_refused_with_a_page),
        TEST(without_a_database_there_is_a_page_that_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
