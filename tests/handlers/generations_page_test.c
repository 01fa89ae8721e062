/* The history: what became of everything that was asked for. */
#include "web/generations_page.h"

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
#include "support/shown.h"

#define ID HISTORY_ROW_ID
#define PAGE "/generations/" ID

static const struct route ROUTES[] = {
    {"GET", "/generations", ACCESS_READ, 0, generations_page_show, true},
    {0},
};

static int set_up(void **state)
{
    (void)state;
    house_open_signed_in(ROUTES);
    fake_db_reset();
    log_set_level((enum log_level)(LOG_ERROR + 1));
    return 0;
}

static bool asks(const char *words) { return fake_db_waits() && strstr(fake_db_sql(), words) != NULL; }

static void answer_nothing(void) { fake_db_answer(fake_rows(1, 0, NULL)); }

static void the_history_shows_what_became_of_everything(void **state)
{
    static const struct history_row ROWS[] = {
        {.id = "01990000-0000-7000-8000-0000000000b3", .status = "running", .ran = "14"},
        {.id = "01990000-0000-7000-8000-0000000000b2", .status = "failed", .error = "provider_timeout"},
        {.id = ID, .status = "completed", .prompt = "<i>"},
    };
    struct loopback *l = house_get("/generations");

    (void)state;
    history_rows_answer(ROWS, 3);
    assert_true(asks("FROM images"));
    fake_db_answer(fake_images(ID, 2));
    assert_int_equal(shown_count(l, "<h1"), 1);
    assert_int_equal(shown_count(l, "<li class=\"card"), 3);
    assert_true(shown_has(l, "href=\"" PAGE "\"") && shown_has(l, "<bdi>&lt;i&gt;</bdi>"));
    assert_true(shown_has(l, "badge-busy") && shown_has(l, "badge-bad") && shown_has(l, "badge-ok"));
    assert_true(shown_has(l, "Провайдер не ответил вовремя"));
    assert_true(shown_has(l, ">зарезервировано 8 кредитов") && shown_has(l, ">не списано") &&
                shown_has(l, ">списано 8 кредитов"));
    assert_int_equal(shown_count(l, "role=\"status\""), 1); /* of every page; lists of places do not speak */
    assert_int_equal(shown_count(l, "x_small.webp?expires="), 2);
    assert_true(shown_has(l, "http-equiv=\"refresh\"") && shown_has(l, "data-live=\"history\""));
    assert_false(shown_has(l, "rel=\"next\""));
    shown_close(l, 200);
}

static void the_history_has_pages(void **state)
{
    static const char BEFORE[] = "/generations?before=01990000-0000-7000-8000-000000000018";
    struct history_row rows[HISTORY_ROWS_MAX];
    char ids[HISTORY_ROWS_MAX][37];
    struct loopback *l = house_get("/generations");

    (void)state;
    for (int i = 0; i < HISTORY_ROWS_MAX; i++) {
        (void)snprintf(ids[i], sizeof ids[i], "01990000-0000-7000-8000-0000000000%02d", 41 - i);
        rows[i] = (struct history_row){.id = ids[i], .status = "cancelled"};
    }
    history_rows_answer(rows, HISTORY_ROWS_MAX);
    answer_nothing();
    assert_int_equal(shown_count(l, "<li class=\"card"), 24);
    assert_true(shown_has(l, "href=\"/generations?before=01990000-0000-7000-8000-000000000018\""));
    assert_false(shown_has(l, "http-equiv=\"refresh\""));
    shown_close(l, 200);
    l = house_get(BEFORE);
    assert_string_equal(fake_db_value(1), "01990000-0000-7000-8000-000000000018");
    history_rows_answer(rows, 1);
    answer_nothing();
    assert_true(shown_has(l, "href=\"/generations\"") && !shown_has(l, "rel=\"next\""));
    shown_close(l, 200);
    shown_close(house_get("/generations?before=x"), 400);
}

static void an_empty_history_says_what_to_do(void **state)
{
    struct loopback *l = house_get("/generations");

    (void)state;
    fake_db_answer(fake_rows(1, 0, NULL));
    answer_nothing();
    assert_true(shown_has(l, "Здесь пока пусто") && shown_has(l, "href=\"/create\""));
    shown_close(l, 200);
}

static void a_database_that_is_away_is_a_page(void **state)
{
    (void)state;
    for (int step = 0; step < 2; step++) {
        struct loopback *l = house_get("/generations");
        if (step)
            answer_nothing();
        fake_db_fail(ERR_BUSY, "database");
        assert_true(shown_has(l, "<!doctype html>"));
        shown_close(l, 503);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, house_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_history_shows_what_became_of_everything),
        TEST(the_history_has_pages),
        TEST(an_empty_history_says_what_to_do),
        TEST(a_database_that_is_away_is_a_page),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
