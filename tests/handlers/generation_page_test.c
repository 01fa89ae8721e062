/* The page of a generation in every state, and its cancel form. */
#include "web/generation_page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "support/fake_db.h"
#include "support/fake_generation.h"
#include "support/history_rows.h"
#include "support/house.h"
#include "support/page_form.h"
#include "support/shown.h"

#define ID HISTORY_ROW_ID
#define PAGE "/generations/" ID
#define PARENT "01990000-0000-7000-8000-0000000000ac"

static const struct route ROUTES[] = {
    {"GET", "/generations/{id}", ACCESS_READ, 0, generation_page_show, true},
    {"POST", "/generations/{id}/cancel", ACCESS_GENERATE, 4096, generation_page_cancel, true},
    {0},
};

static int set_up(void **state)
{
    (void)state;
    house_open_signed_in(ROUTES);
    house_who.scopes |= SCOPE_GENERATE;
    fake_db_reset();
    log_set_level((enum log_level)(LOG_ERROR + 1));
    return 0;
}

static bool asks(const char *words) { return fake_db_waits() && strstr(fake_db_sql(), words) != NULL; }

static void answer_nothing(void) { fake_db_answer(fake_rows(1, 0, NULL)); }

static struct loopback *show(const struct history_row *one)
{
    struct loopback *l = house_get(PAGE);

    history_rows_answer(one, 1);
    return l;
}

/* Running */

static void every_state_has_its_words(void **state)
{
    static const struct {
        struct history_row one;
        const char *words, *progress;
    } STATES[] = {
        {{.status = "pending"}, "Ждёт своей очереди", "0"},
        {{.status = "submitting"}, "Отправляем", "0"},
        {{.status = "queued", .position = "0"}, "Очередь у провайдера", "5"},
        {{.status = "queued", .position = "2"}, "Очередь у провайдера", "5"},
        {{.status = "queued", .position = "21"}, "Очередь у провайдера", "5"},
        {{.status = "running", .ran = "14"}, "Создаём", "42"},
        {{.status = "storing", .ran = "30"}, "Сохраняем", "95"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof STATES / sizeof *STATES; i++) {
        struct loopback *l = show(&STATES[i].one);
        assert_int_equal(shown_count(l, "<h1"), 1);
        assert_int_equal(strncmp(shown_between(l, "<h1>", "</h1>"), STATES[i].words, strlen(STATES[i].words)), 0);
        assert_string_equal(shown_between(l, "max=\"100\" value=\"", "\""), STATES[i].progress);
        assert_true(shown_has(l, "data-live=\"generation\""));
        assert_true(shown_has(l, "<noscript><meta http-equiv=\"refresh\" content=\"3; url=" PAGE "\"></noscript>"));
        assert_true(shown_has(l, "action=\"" PAGE "/cancel\""));
        assert_false(shown_has(l, "action=\"/create\""));
        shown_close(l, 200);
    }
}

static void the_time_that_is_left_is_honest(void **state)
{
    static const char *const LEFT[][2] = {{"1", "Ещё около 35 секунд"},
                                          {"14", "Ещё около 25 секунд"},
                                          {"34.6", "Ещё около 5 секунд"},
                                          {"36", "Дольше обычного — но всё ещё создаём"}};

    (void)state;
    for (size_t i = 0; i < sizeof LEFT / sizeof *LEFT; i++) {
        struct loopback *l = show(&(struct history_row){.status = "running", .ran = LEFT[i][0]});
        assert_non_null(strstr(shown_between(l, "data-left", "</span>"), LEFT[i][1]));
        shown_close(l, 200);
    }
}

static void the_place_in_the_queue_is_said_in_words(void **state)
{
    static const char *const PLACES[][4] = {
        {"0", "Вы следующие", "You are next", "35 секунд"},
        {"1", "Перед вами 1 запрос", "1 request before you", "55 секунд"},
        {"3", "Перед вами 3 запроса", "3 requests before you", "90 секунд"},
        {"12", "Перед вами 12 запросов", "12 requests before you", "5 минут"},
        {"1000", "Перед вами больше тысячи запросов", "More than a thousand requests before you",
         "Время пока неизвестно"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof PLACES / sizeof *PLACES; i++)
        for (int lang = 0; lang < 2; lang++) {
            struct loopback *l;
            house_speak(lang ? LANG_EN : LANG_RU);
            l = show(&(struct history_row){.status = "pending", .waiting = "waiting_queue", .position = PLACES[i][0]});
            assert_non_null(strstr(shown_between(l, "<span role=\"status\">", "</span>"), PLACES[i][1 + lang]));
            assert_true(lang || strstr(shown_between(l, "data-left", "</span>"), PLACES[i][3]));
            assert_true(shown_has(l, " data-waits")); /* others' news change it */
            assert_int_equal(shown_has(l, " data-seconds="), i < 4);
            assert_false(shown_has(l, "generation-waiting"));
            shown_close(l, 200);
        }
}

static void the_place_in_the_providers_queue_is_said_as_well(void **state)
{
    static const char *const PLACES[][2] = {{"0", "Вы следующие"}, {"21", "Перед вами 21 запрос"}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct loopback *l = show(&(struct history_row){.status = "queued", .position = PLACES[i][0]});
        assert_non_null(strstr(shown_between(l, "<span role=\"status\">", "</span>"), PLACES[i][1]));
        assert_false(shown_has(l, " data-waits")); /* each change of it is an event */
        shown_close(l, 200);
    }
}

static void what_keeps_it_is_told_calmly_and_without_a_time(void **state)
{
    static const char *const KEPT[][4] = {
        {"pending", "waiting_provider", "Провайдер сейчас не отвечает", "Делать ничего не нужно."},
        {"pending", "waiting_stopped", "Приём у провайдера остановлен", "администратор оповещён"},
        {"submitting", "waiting_checked", "Проверяем, принят ли запрос", "Чтобы не заплатить дважды"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof KEPT / sizeof *KEPT; i++) {
        struct loopback *l = show(&(struct history_row){.status = KEPT[i][0], .waiting = KEPT[i][1], .position = "2"});
        const char *notice = shown_between(l, "<div class=\"notice generation-waiting\" id=\"waiting\">", "</div>");
        assert_true(strstr(notice, KEPT[i][2]) && strstr(notice, KEPT[i][3]));
        assert_non_null(strstr(shown_between(l, "<span role=\"status\">", "</span>"), KEPT[i][2]));
        assert_true(shown_has(l, " data-waits") && shown_has(l, "action=\"" PAGE "/cancel\""));
        assert_non_null(strstr(shown_between(l, "<span data-left", "</span>"), "Время пока неизвестно"));
        assert_false(shown_has(l, "Перед вами"));
        assert_false(shown_has(l, "notice-bad") || shown_has(l, "role=\"alert\""));
        shown_close(l, 200);
    }
}

static void the_background_queue_is_called_so(void **state)
{
    struct loopback *l = show(&(struct history_row){.status = "pending", .waiting = "waiting_queue", .batch = "t"});

    (void)state;
    assert_non_null(strstr(shown_between(l, "<h1>", "</h1>"), "Фоновая очередь"));
    assert_true(shown_has(l, "<dd>фоновая: сначала идут обычные запросы</dd>"));
    shown_close(l, 200);
    l = show(&(struct history_row){.status = "running", .ran = "3", .batch = "t"});
    assert_non_null(strstr(shown_between(l, "<h1>", "</h1>"), "Создаём"));
    assert_true(shown_has(l, "<dd>фоновая: сначала идут обычные запросы</dd>")); /* nothing moves when it begins */
    shown_close(l, 200);
}

/* What stands behind "Credits" on its page, as it is. */
static void check_charge(const struct history_row *one, const char *ru, const char *en)
{
    for (int lang = 0; lang < 2; lang++) {
        struct loopback *l;
        house_speak(lang ? LANG_EN : LANG_RU);
        l = show(one);
        if (strcmp(one->status, "completed") == 0)
            answer_nothing();
        assert_non_null(
            strstr(shown_between(l, lang ? "<dt>Credits</dt><dd>" : "<dt>Кредиты</dt><dd>", "</dd>"), lang ? en : ru));
        shown_close(l, 200);
    }
}

static void what_it_costs_is_said_while_it_runs_and_when_it_has_ended(void **state)
{
    (void)state;
    check_charge(&(struct history_row){.status = "pending"}, "зарезервировано 8 кредитов", "8 credits reserved");
    check_charge(&(struct history_row){.status = "running", .ran = "3", .cost = "1"}, "зарезервирован 1 кредит",
                 "1 credit reserved");
    check_charge(&(struct history_row){.status = "completed"}, "списано 8 кредитов", "8 credits charged");
    check_charge(&(struct history_row){.status = "completed", .cost = "21"}, "списан 21 кредит", "21 credits charged");
    check_charge(&(struct history_row){.status = "completed", .images = "4", .charged = "6"},
                 "доставлено 3 из 4, списано 6 из 8", "3 of 4 delivered, 6 of 8 credits charged");
    check_charge(
        &(struct history_row){.status = "completed", .images = "3", .cost = "4", .charged = "2"}, /* 4 * 2 / 3 */
        "доставлено 2 из 3, списано 2 из 4", "2 of 3 delivered, 2 of 4 credits charged");
    check_charge(&(struct history_row){.status = "completed", .charged = "0"}, "пришло с опозданием, бесплатно",
                 "came late, free of charge");
    check_charge(&(struct history_row){.status = "failed", .error = "provider_timeout"}, "не списано", "not charged");
    check_charge(&(struct history_row){.status = "failed", .error = "moderation_blocked"}, "не списано", "not charged");
    check_charge(&(struct history_row){.status = "cancelled"}, "не списано", "not charged");
}

static void pictures_have_their_frames_before_they_come(void **state)
{
    static const char *const SHAPES[][4] = {
        {"{\"image_size\":\"landscape_16_9\"}", "width=\"1024\" height=\"576\"", "1024×576", "3"},
        {"{\"image_size\":{\"width\":640,\"height\":800}}", "width=\"640\" height=\"800\"", "640×800", "4"},
        {"{\"aspect_ratio\":\"21:9\"}", "width=\"21\" height=\"9\"", "21:9", "1"},
        {"{\"image_size\":\"of another time\"}", "width=\"1024\" height=\"1024\"", "1024×1024", "2"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof SHAPES / sizeof *SHAPES; i++) {
        struct loopback *l =
            show(&(struct history_row){.status = "pending", .parameters = SHAPES[i][0], .images = SHAPES[i][3]});
        assert_int_equal(shown_count(l, SHAPES[i][1]), SHAPES[i][3][0] - '0');
        assert_true(shown_has(l, SHAPES[i][2]));
        shown_close(l, 200);
    }
}

static void what_was_asked_for_stands_beside_it(void **state)
{
    struct loopback *l = show(&(struct history_row){.status = "queued",
                                                    .prompt = "<b>\xe2\x80\xae"
                                                              "A & 'cat'"});

    (void)state;
    assert_true(shown_has(l, "<bdi>&lt;b&gt;\xe2\x80\xae"
                             "A &amp; &#39;cat&#39;</bdi>"));
    assert_true(shown_has(l, "href=\"/avatars/" FAKE_AVATAR "\"") && shown_has(l, "<bdi>Анна &lt;b&gt;</bdi>"));
    assert_true(shown_has(l, "Сбалансированно"));
    assert_true(shown_has(l, "datetime=\"2026-01-15T10:00:00Z\">Сегодня, 15:45</time>"));
    shown_close(l, 200);
    l = show(&(struct history_row){.status = "queued", .avatar_gone = "t", .preset = "gone"});
    assert_true(shown_has(l, "<bdi>Анна &lt;b&gt;</bdi>") && !shown_has(l, "href=\"/avatars/" FAKE_AVATAR "\""));
    shown_close(l, 200);
}

static void one_that_is_being_cancelled_is_not_cancelled_twice(void **state)
{
    struct loopback *l = show(&(struct history_row){.status = "running", .ran = "3", .cancelling = "t"});

    (void)state;
    assert_non_null(strstr(shown_between(l, "<h1>", "</h1>"), "Отменяем"));
    assert_false(shown_has(l, PAGE "/cancel"));
    shown_close(l, 200);
}

/* Ended */

static void completed_ones_show_their_pictures(void **state)
{
    struct loopback *l = show(&(struct history_row){.status = "completed", .images = "2", .prompt = "A \"cat\""});

    (void)state;
    assert_true(asks("FROM images") && asks("user_id = $1"));
    fake_db_answer(fake_images(ID, 2));
    assert_non_null(strstr(shown_between(l, "<h1>", "</h1>"), "Готово"));
    assert_int_equal(shown_count(l, "<figure"), 2);
    assert_true(shown_has(l, "href=\"/images/01990000-0000-7000-8000-0000000000c1\""));
    assert_true(shown_has(l, "width=\"1024\" height=\"768\"") && shown_has(l, "x_medium.webp?expires="));
    assert_true(shown_has(l, "alt=\"A cat\""));
    assert_int_equal(shown_count(l, "/favorite\""), 2);
    assert_int_equal(shown_count(l, " download"), 2);
    assert_false(shown_has(l, "http-equiv=\"refresh\"") || shown_has(l, "<progress"));
    assert_true(shown_has(l, "href=\"/create?generation=" ID "\""));
    assert_true(shown_has(l, "action=\"" PAGE "/again\""));
    assert_int_equal(strlen(shown_between(l, "name=\"key\" value=\"", "\"")), 36);
    shown_close(l, 200);
}

static void what_it_was_made_from_is_shown_with_its_picture(void **state)
{
    struct loopback *l = show(&(struct history_row){.status = "running", .ran = "3", .parent_image = PARENT});

    (void)state;
    assert_true(asks("g.parent_image_id IS NOT NULL"));
    fake_db_answer(fake_rows(4, 1, (const char *[]){PARENT, "2026/11/19/x.jpg", "f", "f"}));
    assert_true(shown_has(l, "Вариация этого изображения") && shown_has(l, "href=\"/images/" PARENT "\""));
    assert_true(shown_has(l, "2026/11/19/x_small.webp?expires="));
    shown_close(l, 200);
}

static void another_try_leads_to_the_one_before(void **state)
{
    struct loopback *l = show(&(struct history_row){.status = "running", .ran = "3", .retry_of = PARENT});

    (void)state;
    assert_true(shown_has(l, "Новая попытка") && shown_has(l, "href=\"/generations/" PARENT "\""));
    shown_close(l, 200);
}

static void pictures_that_were_deleted_are_said_to_be(void **state)
{
    struct loopback *l = show(&(struct history_row){.status = "completed"});

    (void)state;
    answer_nothing();
    assert_true(shown_has(l, "Все изображения отсюда удалены."));
    shown_close(l, 200);
}

static void what_cannot_be_repeated_has_no_such_button(void **state)
{
    struct loopback *l = show(&(struct history_row){.status = "cancelled", .avatar_gone = "t"});

    (void)state;
    assert_false(shown_has(l, "/again\""));
    assert_true(shown_has(l, "href=\"/create?generation=" ID "\""));
    shown_close(l, 200);
}

static void failed_ones_say_why_and_what_to_do(void **state)
{
    static const char *const WHY[][3] = {
        {"moderation_blocked", "Запрос отклонён модерацией.", "Измените описание; кредиты не списаны."},
        {"nsfw_result", "Результат скрыт.", "Измените описание"},
        {"provider_unavailable", "Провайдер недоступен.", "Попробуйте ещё раз позже; кредиты не списаны."},
        {"provider_timeout", "Провайдер не ответил вовремя.", "кредиты не списаны."},
        {"of another time", "Внутренняя ошибка.", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof WHY / sizeof *WHY; i++) {
        struct loopback *l = show(&(struct history_row){.status = "failed", .error = WHY[i][0], .ran = "3"});
        assert_non_null(strstr(shown_between(l, "<h1>", "</h1>"), "Не получилось"));
        assert_true(shown_has(l, WHY[i][1]) && shown_has(l, WHY[i][2]));
        assert_true(shown_has(l, "Попробовать снова") && shown_has(l, "action=\"" PAGE "/again\""));
        assert_false(shown_has(l, "http-equiv=\"refresh\"") || shown_has(l, "<progress"));
        shown_close(l, 200);
    }
}

static void cancelled_ones_say_so(void **state)
{
    struct loopback *l = show(&(struct history_row){.status = "cancelled"});

    (void)state;
    assert_non_null(strstr(shown_between(l, "<h1>", "</h1>"), "Отменено"));
    assert_true(shown_has(l, "изображений не будет. Кредиты не списаны."));
    shown_close(l, 200);
}

static void what_is_missing_or_somebody_elses_is_not_found(void **state)
{
    struct loopback *l = house_get(PAGE);

    (void)state;
    answer_nothing();
    shown_close(l, 404);
    shown_close(house_get("/generations/me"), 404);
}

static void it_speaks_english_as_well(void **state)
{
    struct loopback *l;

    (void)state;
    house_speak(LANG_EN);
    l = show(&(struct history_row){.status = "running", .ran = "14"});
    assert_true(shown_has(l, "Being made") && shown_has(l, "About 25 seconds left") && shown_has(l, ">Today"));
    shown_close(l, 200);
}

/* Cancel */

static struct loopback *cancel(const char *id)
{
    static char path[100]; /* a request borrows it */

    (void)snprintf(path, sizeof path, "/generations/%s/cancel", id);
    return page_form_send(path, (const char *const[]){NULL});
}

static void answer_plain(const char *status)
{
    const struct fake_generation g = {ID, status, NULL, NULL, "-1", "0", "-1", NULL};

    fake_db_answer(fake_generations(&g, 1));
}

static void check_back(struct loopback *l, const char *location)
{
    assert_string_equal(loopback_header(l, "location", 0), location);
    shown_close(l, 303);
}

static void cancelling_leads_back_to_the_page(void **state)
{
    struct loopback *l = cancel(ID);

    (void)state;
    assert_true(asks("cancel_requested = true"));
    assert_string_equal(fake_db_value(0), ID);
    assert_string_equal(fake_db_value(1), FAKE_USER);
    answer_plain("cancelled");
    check_back(l, PAGE);
}

static void what_has_ended_is_not_cancelled_and_the_page_says_so(void **state)
{
    struct loopback *l = cancel(ID);

    (void)state;
    answer_nothing();
    assert_true(asks("FROM generations"));
    answer_plain("cancelled");
    check_back(l, PAGE "?done=ended_before");
    l = house_get(PAGE "?done=ended_before");
    history_rows_answer(&(struct history_row){.status = "cancelled"}, 1);
    assert_true(shown_has(l, "Отменить уже нельзя"));
    shown_close(l, 200);
}

static void nobody_cancels_what_is_not_his(void **state)
{
    struct loopback *l = cancel(ID);

    (void)state;
    answer_nothing();
    answer_nothing();
    shown_close(l, 404);
    shown_close(cancel("me"), 404);
    shown_close(page_form_send(PAGE "/cancel", (const char *const[]){"x", "1", NULL}), 400);
}

static void a_database_that_is_away_is_a_page(void **state)
{
    (void)state;
    for (int step = 0; step < 2; step++) {
        struct loopback *l = step ? show(&(struct history_row){.status = "completed"}) : house_get(PAGE);
        fake_db_fail(ERR_BUSY, "database");
        assert_true(shown_has(l, "<!doctype html>"));
        shown_close(l, 503);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, house_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_state_has_its_words),
        TEST(the_time_that_is_left_is_honest),
        TEST(the_place_in_the_queue_is_said_in_words),
        TEST(the_place_in_the_providers_queue_is_said_as_well),
        TEST(what_keeps_it_is_told_calmly_and_without_a_time),
        TEST(the_background_queue_is_called_so),
        TEST(what_it_costs_is_said_while_it_runs_and_when_it_has_ended),
        TEST(pictures_have_their_frames_before_they_come),
        TEST(what_was_asked_for_stands_beside_it),
        TEST(one_that_is_being_cancelled_is_not_cancelled_twice),
        TEST(completed_ones_show_their_pictures),
        TEST(what_it_was_made_from_is_shown_with_its_picture),
        TEST(another_try_leads_to_the_one_before),
        TEST(pictures_that_were_deleted_are_said_to_be),
        TEST(what_cannot_be_repeated_has_no_such_button),
        TEST(failed_ones_say_why_and_what_to_do),
        TEST(cancelled_ones_say_so),
        TEST(what_is_missing_or_somebody_elses_is_not_found),
        TEST(it_speaks_english_as_well),
        TEST(cancelling_leads_back_to_the_page),
        TEST(what_has_ended_is_not_cancelled_and_the_page_says_so),
        TEST(nobody_cancels_what_is_not_his),
        TEST(a_database_that_is_away_is_a_page),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
