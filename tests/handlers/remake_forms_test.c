/* Buttons that make something of a picture or a generation. */
#include "web/remake_forms.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/fake_db.h"
#include "support/house.h"
#include "support/shown.h"
#include "support/wish.h"

#define IMAGE "01990000-0000-7000-8000-0000000000a0"
#define OLD "01990000-0000-7000-8000-0000000000b9"

static const struct route ROUTES[] = {
    {"POST", "/images/{id}/variation", ACCESS_GENERATE, 4096, remake_forms_vary, true},
    {"POST", "/images/{id}/repeat", ACCESS_GENERATE, 4096, remake_forms_repeat, true},
    {"POST", "/images/{id}/again", ACCESS_GENERATE, 4096, remake_forms_more, true},
    {"POST", "/generations/{id}/again", ACCESS_GENERATE, 4096, remake_forms_again, true},
    {0},
};

static int set_up(void **state)
{
    (void)state;
    house_open_signed_in(ROUTES);
    house_who.scopes |= SCOPE_GENERATE;
    fake_db_reset();
    return 0;
}

static void answer_origin(bool is_picture, const char *status, const char *hidden)
{
    assert_true(wish_asks("g.source_image_id"));
    fake_db_answer(fake_rows(24, 1,
                             (const char *[]){OLD,
                                              FAKE_AVATAR,
                                              status,
                                              "A cat",
                                              "fast",
                                              "fal-ai/flux-lora",
                                              NULL,
                                              NULL,
                                              "{\"image_size\":\"square\",\"num_inference_steps\":33}",
                                              "7",
                                              NULL,
                                              "3",
                                              "f",
                                              NULL,
                                              NULL,
                                              NULL,
                                              "0",
                                              "0",
                                              is_picture ? IMAGE : NULL,
                                              "512",
                                              "512",
                                              is_picture ? "2026/11/20/" IMAGE ".jpg" : NULL,
                                              "f",
                                              hidden}));
}

static struct loopback *press(const char *path, const char *fields)
{
    struct loopback *l = house_post(path, fields);

    if (fake_db_waits())
        wish_answer_nothing(); /* the key is new */
    return l;
}

static void finish(struct loopback *l)
{
    assert_true(wish_asks("INSERT INTO generations"));
    wish_answer(&WISH_PENDING);
    shown_close_redirect(l, "/generations/" WISH_ID);
}

enum { COUNT = 9, INPUT = 11, SEED = 12, RETRY_OF = 21 };

static void each_button_leads_to_the_page_of_what_runs(void **state)
{
    struct loopback *l = press("/images/" IMAGE "/variation", "key=k1&change=much");

    (void)state;
    answer_origin(true, "completed", "f");
    wish_answer_portrait();
    assert_non_null(strstr(fake_db_value(INPUT), "\"strength\":0.85"));
    finish(l);
    l = press("/images/" IMAGE "/variation", "key=k2"); /* where nothing is to be chosen */
    answer_origin(true, "completed", "f");
    wish_answer_portrait();
    assert_non_null(strstr(fake_db_value(INPUT), "\"strength\":0.6"));
    finish(l);
    l = press("/images/" IMAGE "/repeat", "key=k3");
    answer_origin(true, "completed", "f");
    wish_answer_portrait();
    assert_string_equal(fake_db_value(SEED), "7");
    assert_string_equal(fake_db_value(COUNT), "3");
    finish(l);
    l = press("/images/" IMAGE "/again", "key=k4");
    answer_origin(true, "completed", "f");
    wish_answer_portrait();
    assert_null(fake_db_value(SEED));
    assert_string_equal(fake_db_value(COUNT), "1");
    assert_non_null(strstr(fake_db_value(INPUT), "\"num_inference_steps\":33"));
    finish(l);
}

static void a_generation_is_tried_again_or_made_once_more(void **state)
{
    static const char *const RETRIES[][2] = {{"failed", OLD}, {"cancelled", OLD}, {"completed", NULL}};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct loopback *l = press("/generations/" OLD "/again", "key=k5");
        answer_origin(false, RETRIES[i][0], "f");
        wish_answer_portrait();
        if (RETRIES[i][1])
            assert_string_equal(fake_db_value(RETRY_OF), RETRIES[i][1]);
        else
            assert_null(fake_db_value(RETRY_OF));
        assert_string_equal(fake_db_value(COUNT), "3");
        finish(l);
    }
}

static void a_second_click_leads_to_the_first_ones_page(void **state)
{
    struct loopback *l = house_post("/images/" IMAGE "/repeat", "key=k3");
    char fingerprint[80];

    (void)state;
    wish_answer_nothing();
    answer_origin(true, "completed", "f");
    wish_answer_portrait();
    (void)snprintf(fingerprint, sizeof fingerprint, "%s", fake_db_value(4));
    finish(l);
    l = house_post("/images/" IMAGE "/repeat", "key=k3");
    fake_db_answer(fake_rows(3, 1, (const char *[]){fingerprint, WISH_ID, NULL}));
    wish_answer(&WISH_PENDING);
    shown_close_redirect(l, "/generations/" WISH_ID "?done=sent_before");
}

static void what_stands_in_the_way_is_a_page_that_says_so(void **state)
{
    struct loopback *l = press("/images/" IMAGE "/variation", "key=k1&change=much");

    (void)state;
    answer_origin(true, "completed", "t");
    shown_assert(l, "Картинка скрыта");
    shown_close(l, 409);
    l = press("/generations/" OLD "/again", "key=k1");
    answer_origin(false, "running", "f");
    shown_assert(l, "Генерация ещё идёт");
    shown_close(l, 409);
    l = press("/generations/" OLD "/again", "key=k1");
    wish_answer_nothing();
    shown_close(l, 404);
}

static void a_page_that_is_too_old_makes_nothing(void **state)
{
    static const char *const FIELDS[] = {"", "key=", "key=a%20b", "key=k&change=wild"};

    (void)state;
    for (size_t i = 0; i < sizeof FIELDS / sizeof *FIELDS; i++) {
        struct loopback *l = house_post("/images/" IMAGE "/variation", FIELDS[i]);
        shown_assert(l, "Страница устарела");
        shown_close(l, 409);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, house_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(each_button_leads_to_the_page_of_what_runs),  TEST(a_generation_is_tried_again_or_made_once_more),
        TEST(a_second_click_leads_to_the_first_ones_page), TEST(what_stands_in_the_way_is_a_page_that_says_so),
        TEST(a_page_that_is_too_old_makes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
