/* The create page: what it offers, and what it is filled with. */
#include "web/create_page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "support/create_visit.h"
#include "support/fake_db.h"
#include "support/fake_generation.h"
#include "support/house.h"
#include "support/page_form.h"
#include "support/shown.h"

#define ID "01990000-0000-7000-8000-0000000000b0"
#define KEY "3b0e27a8-2f0c-4a5e-9d5b-2b8f0f4f3c11"

static void it_offers_what_there_is_and_says_why_the_rest_is_off(void **state)
{
    struct loopback *l = house_get("/create");

    (void)state;
    visit_answer_avatars();
    assert_int_equal(shown_count(l, "<h1"), 1);
    assert_true(visit_is_checked(l, "avatar-" FAKE_AVATAR)); /* the main one, though not the first of the rows */
    assert_true(strstr(loopback_body(l), "avatar-" FAKE_AVATAR) < strstr(loopback_body(l), "avatar-" VISIT_DRAFT));
    assert_true(visit_is_disabled(l, "avatar-" VISIT_DRAFT) && shown_has(l, "Обучается, готово 40 %"));
    assert_true(shown_has(l, "Тушь &lt;b&gt;") && !shown_has(l, "Тушь <b>"));
    assert_true(shown_has(l, "4 кредита за изображение") && shown_has(l, "6 кредитов за изображение («Ультра» — 7)"));
    assert_true(visit_is_checked(l, "preset-quality")); /* the user's own */
    assert_false(visit_is_checked(l, "preset-balanced"));
    assert_true(visit_is_disabled(l, "preset-ultra") && shown_has(l, "Работает только с художественными аватарами"));
    assert_true(shown_has(l, "/create?avatar=" VISIT_STYLE "&amp;preset=ultra")); /* the way there without scripts */
    assert_true(shown_has(l, "40–60 секунд") && shown_has(l, "15–25 секунд"));
    assert_true(visit_is_checked(l, "count-1"));
    assert_true(shown_has(l, "<option value=\"landscape_16_9\">") && shown_has(l, "1024×576"));
    assert_true(shown_has(l, "<option value=\"21:9\">"));
    assert_int_equal(strlen(shown_between(l, "name=\"key\" value=\"", "\"")), 36);
    assert_int_equal(shown_count(l, "data-example"), 6);
    assert_string_equal(loopback_header(l, "content-type", 0), "text/html; charset=utf-8");
    shown_close(l, 200);
}

static void every_rendering_has_its_own_key(void **state)
{
    char first[40];
    struct loopback *l = house_get("/create");

    (void)state;
    visit_answer_avatars();
    (void)snprintf(first, sizeof first, "%s", shown_between(l, "name=\"key\" value=\"", "\""));
    shown_close(l, 200);
    l = house_get("/create");
    visit_answer_avatars();
    assert_string_not_equal(shown_between(l, "name=\"key\" value=\"", "\""), first);
    shown_close(l, 200);
}

static void without_avatars_it_says_how_to_get_one(void **state)
{
    struct loopback *l = house_get("/create");

    (void)state;
    visit_answer_rows(0, NULL);
    assert_true(shown_has(l, "Сначала нужен аватар") && shown_has(l, "href=\"/avatars/new\""));
    assert_false(shown_has(l, "<form class=\"form"));
    shown_close(l, 200);
    l = house_get("/create");
    visit_answer_rows(1, (visit_avatar *const[]){&VISIT_NEW}); /* one, but it is not ready */
    assert_true(shown_has(l, "Готовых аватаров пока нет"));
    assert_true(strstr(shown_between(l, "<button class=\"button button-primary\" type=\"submit\"", ">"), "disabled"));
    shown_close(l, 200);
}

static void answer_earlier(const char *preset, const char *parameters, const char *count)
{
    fake_db_answer(fake_rows(5, 1, (const char *[]){"A \"cat\"", preset, VISIT_STYLE, parameters, count}));
}

static void it_says_what_there_is_to_spend(void **state)
{
    struct loopback *l = house_get("/create");

    (void)state;
    visit_answer_avatars(); /* an account is not open yet: it will have the first grant */
    assert_non_null(strstr(shown_between(l, "id=\"summary\"", "</p>"), "data-say>Доступно 1000 кредитов"));
    assert_true(shown_has(l, " data-available=\"1000\"") && shown_has(l, " aria-describedby=\"summary\""));
    assert_non_null(strstr(shown_between(l, "<div class=\"notice notice-warn\" id=\"too-little\"", ">"), " hidden"));
    shown_close(l, 200);
    visit_has("1000", "21", "0", "979");
    l = house_get("/create");
    visit_answer_avatars();
    assert_non_null(strstr(shown_between(l, "id=\"summary\"", "</p>"), "data-say>Доступен 21 кредит"));
    assert_true(shown_has(l, "Будет зарезервировано {credits} из {available} кредита."));
    shown_close(l, 200);
}

static void too_little_is_said_before_anything_is_sent(void **state)
{
    struct loopback *l;
    const char *notice;

    (void)state;
    visit_has("1000", "5", "12", "983");
    l = house_get("/create?generation=" ID);
    answer_earlier("fast", "{}", "2"); /* of the portrait, for 4 each */
    visit_answer_rows(1, (visit_avatar *const[]){&VISIT_ANNA});
    assert_true(strstr(shown_between(l, "id=\"too-little\"", ">"), "hidden") == NULL);
    notice = shown_between(l, "id=\"too-little\"", "</div>");
    assert_true(strstr(notice, "Не хватает кредитов.") && strstr(notice, "<span data-price>8</span>, доступно: 5."));
    assert_true(strstr(notice, "<span data-fewer>Выберите меньше изображений.</span>"));
    assert_true(strstr(notice, "Ещё 12 зарезервированы для начатого") && strstr(notice, "администратор"));
    assert_false(shown_has(l, "type=\"submit\" aria-describedby=\"summary\" disabled")); /* the server decides */
    shown_close(l, 200);
    visit_has("1000", "3", "0", "997"); /* not even for one, and nothing comes back */
    l = house_get("/create");
    visit_answer_rows(1, (visit_avatar *const[]){&VISIT_ANNA});
    notice = shown_between(l, "id=\"too-little\"", "</div>");
    assert_true(strstr(notice, "<span data-price>4</span>, доступно: 3.") &&
                strstr(notice, "<span data-fewer hidden>"));
    assert_null(strstr(notice, "для начатого"));
    shown_close(l, 200);
}

static void a_link_may_choose(void **state)
{
    struct loopback *l = house_get("/create?avatar=" VISIT_STYLE "&preset=ultra&size=16:9&prompt=%3Cb%3E%0Aи");

    (void)state;
    visit_answer_avatars();
    assert_true(visit_is_checked(l, "avatar-" VISIT_STYLE) && visit_is_checked(l, "preset-ultra") &&
                !visit_is_disabled(l, "preset-ultra"));
    assert_true(shown_has(l, "<option value=\"16:9\" selected>"));
    assert_true(shown_has(l, ">\n&lt;b&gt;\nи</textarea>"));
    assert_true(shown_has(l, "5 / 1000"));
    assert_true(shown_has(l, "/create?example=2&amp;avatar=" VISIT_STYLE "&amp;preset=ultra&amp;size=16%3A9"));
    shown_close(l, 200);
    l = house_get("/create?example=2");
    visit_answer_avatars();
    assert_true(shown_has(l, "плёночная фотография</textarea>"));
    shown_close(l, 200);
    l = house_get("/create?avatar=" ID); /* somebody else's: as if there were none of that id */
    visit_answer_avatars();
    assert_true(visit_is_checked(l, "avatar-" FAKE_AVATAR));
    shown_close(l, 200);
    l = house_get("/create?avatar=" VISIT_DRAFT);
    visit_answer_avatars();
    assert_true(visit_is_checked(l, "avatar-" FAKE_AVATAR) && !visit_is_checked(l, "avatar-" VISIT_DRAFT));
    shown_close(l, 200);
}

static void a_link_that_is_wrong_is_refused(void **state)
{
    static const char *const WRONG[] = {"/create?avatar=me", "/create?example=0", "/create?example=7",
                                        "/create?image=1", "/create?prompt=%ff"};

    (void)state;
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++)
        shown_close(house_get(WRONG[i]), 400);
}

static void it_is_filled_with_what_a_picture_was_made_from(void **state)
{
    struct loopback *l = house_get("/create?image=" ID);

    (void)state;
    assert_true(visit_asks("FROM images") && visit_asks("user_id = $1") && visit_asks("deleted_at IS NULL"));
    assert_string_equal(fake_db_value(0), FAKE_USER);
    answer_earlier("portrait", "{\"image_size\":\"landscape_4_3\"}", "1");
    visit_answer_avatars();
    assert_true(shown_has(l, ">\nA &quot;cat&quot;</textarea>"));
    assert_true(visit_is_checked(l, "avatar-" VISIT_STYLE) && visit_is_checked(l, "preset-portrait"));
    assert_true(shown_has(l, "<option value=\"landscape_4_3\" selected>"));
    shown_close(l, 200);
    l = house_get("/create?generation=" ID "&preset=fast");
    assert_true(visit_asks("FROM generations") && visit_asks("user_id = $1"));
    answer_earlier("portrait", "{\"image_size\":{\"width\":640,\"height\":800}}", "3");
    visit_answer_avatars();
    assert_true(visit_is_checked(l, "preset-fast") && visit_is_checked(l, "count-3"));
    assert_true(shown_has(l, "<option value=\"640x800\" selected>"));
    shown_close(l, 200);
    l = house_get("/create?generation=" ID);
    answer_earlier("portrait", "{\"image_size\":\"portrait_4_3\"}", "1"); /* the preset's own size */
    visit_answer_avatars();
    assert_true(strstr(shown_between(l, "<option value=\"\"", ">"), " selected"));
    shown_close(l, 200);
}

static void what_is_missing_or_somebody_elses_is_not_found(void **state)
{
    static const char *const PATHS[] = {"/create?image=" ID, "/create?generation=" ID};

    (void)state;
    for (size_t i = 0; i < sizeof PATHS / sizeof *PATHS; i++) {
        struct loopback *l = house_get(PATHS[i]);
        visit_answer_nothing();
        shown_close(l, 404);
    }
}

static void switch_off(void)
{
    static struct config without;

    without = *house_local()->config;
    without.generation.key = NULL;
    house_local()->config = &without;
}

static void a_server_that_makes_nothing_says_so(void **state)
{
    static const char *const FIELDS[] = {"prompt", "A cat", "key", KEY, NULL};
    struct loopback *l;

    (void)state;
    switch_off();
    l = house_get("/create");
    visit_answer_avatars();
    assert_true(shown_has(l, "сервер не подключён к провайдеру"));
    assert_true(strstr(shown_between(l, "<button class=\"button button-primary\" type=\"submit\"", ">"), "disabled"));
    shown_close(l, 200);
    l = page_form_send("/create", FIELDS);
    visit_answer_avatars();
    assert_true(shown_has(l, "Сейчас создать нельзя") && shown_has(l, ">\nA cat</textarea>"));
    shown_close(l, 503);
}

static void it_speaks_english_as_well(void **state)
{
    struct loopback *l;

    (void)state;
    house_speak(LANG_EN);
    l = house_get("/create");
    visit_answer_avatars();
    assert_true(shown_has(l, "lang=\"en\"") && shown_has(l, "Create an image") && shown_has(l, "40–60 seconds"));
    assert_true(shown_has(l, "4 credits a picture") && shown_has(l, "Works with style avatars only"));
    shown_close(l, 200);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, visit_open, house_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_offers_what_there_is_and_says_why_the_rest_is_off),
        TEST(every_rendering_has_its_own_key),
        TEST(without_avatars_it_says_how_to_get_one),
        TEST(it_says_what_there_is_to_spend),
        TEST(too_little_is_said_before_anything_is_sent),
        TEST(a_link_may_choose),
        TEST(a_link_that_is_wrong_is_refused),
        TEST(it_is_filled_with_what_a_picture_was_made_from),
        TEST(what_is_missing_or_somebody_elses_is_not_found),
        TEST(a_server_that_makes_nothing_says_so),
        TEST(it_speaks_english_as_well),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
