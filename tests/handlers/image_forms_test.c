/* The forms of /images/{id}: favourite, name, trash. */
#include "web/image_forms.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/fake_db.h"
#include "support/house.h"
#include "support/picture_row.h"
#include "support/shown.h"

#define ID PICTURE_ROW_ID
#define OLDER "01990000-0000-7000-8000-0000000000ab"
#define PAGE "/images/" ID

static const struct route ROUTES[] = {
    {"POST", "/images/{id}/favorite", ACCESS_WRITE, 4096, image_forms_favorite, true},
    {"POST", "/images/{id}/rename", ACCESS_WRITE, 4096, image_forms_rename, true},
    {"POST", "/images/{id}/delete", ACCESS_WRITE, 4096, image_forms_delete, true},
    {"POST", "/images/{id}/restore", ACCESS_WRITE, 4096, image_forms_restore, true},
    {0},
};

static int set_up(void **state)
{
    (void)state;
    house_open_signed_in(ROUTES);
    fake_db_reset();
    return 0;
}

/* Favourite */

static void answer_changed(void)
{
    fake_db_answer(fake_rows(17, 1,
                             (const char *[]){ID, ID, ID, "k", "t", "1", "1", "1", "1", "", "p", "f", "e", NULL, "t",
                                              "f", "2026-11-20 10:00:00+00"}));
}

static void a_favourite_is_kept_and_leads_back_to_where_the_button_was(void **state)
{
    static const char *const BACK[][2] = {
        {"back=%2Fimages", "/images#i-" ID},
        {"back=%2Fimages%3Ffavorite%3Dtrue%26before%3D" OLDER, "/images?favorite=true&before=" OLDER "#i-" ID},
        {"back=%2Fimages%2F" ID "%3Ffavorite%3Dtrue", PAGE "?favorite=true"},
        {"back=", PAGE},
        {"csrf_token=x", PAGE},
        {"back=%2F%2Fevil.example", PAGE},
        {"back=https%3A%2F%2Fevil.example%2F", PAGE},
        {"back=%2F%5Cevil.example", PAGE},
        {"back=%2Fimages%0D%0ASet-Cookie%3A%20x%3Dy", PAGE},
        {"back=%2Fimages%23%3Cscript%3E", PAGE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof BACK / sizeof *BACK; i++) {
        char body[300];
        struct loopback *l;
        (void)snprintf(body, sizeof body, "favorite=%s&%s", i % 2 ? "true" : "false", BACK[i][0]);
        l = house_post(PAGE "/favorite", body);
        assert_string_equal(fake_db_value(0), HOUSE_USER);
        assert_string_equal(fake_db_value(1), ID);
        assert_string_equal(fake_db_value(2), i % 2 ? "t" : "f");
        assert_string_equal(fake_db_value(3), "f");
        answer_changed();
        shown_close_redirect(l, BACK[i][1]);
    }
}

static void forms_that_are_not_ours_change_nothing(void **state)
{
    static const char *const WRONG[] = {
        "", "favorite=1", "favorite=", "favorite=true&favorite=false", "favorite=true&more=1", "back=%2Fimages"};

    (void)state;
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++)
        shown_close(house_post(PAGE "/favorite", WRONG[i]), 422);
    shown_close(house_post("/images/1/favorite", "favorite=true"), 404);
    shown_close(house_post(PAGE "/delete", "x=1"), 422);
    shown_close(house_post(PAGE "/restore", "x=1"), 400);
    shown_close(house_send(&(struct loopback_message){.method = "POST",
                                                      .path = PAGE "/favorite",
                                                      .headers = {"content-type", "application/json"},
                                                      .body = "{\"favorite\":true}"}),
                415);
}

static void nobody_s_picture_is_not_changed(void **state)
{
    static const char *const FORMS[][2] = {
        {PAGE "/favorite", "favorite=true"}, {PAGE "/rename", "custom_name=x"}, {PAGE "/restore", "csrf_token=x"}};

    (void)state;
    for (size_t i = 0; i < sizeof FORMS / sizeof *FORMS; i++) {
        struct loopback *l = house_post(FORMS[i][0], FORMS[i][1]);
        fake_db_answer(fake_rows(17, 0, NULL));
        shown_close(l, 404);
    }
}

/* Name */

static struct loopback *name_it(const char *name, const char *kept)
{
    char body[4096];
    struct loopback *l;

    (void)snprintf(body, sizeof body, "custom_name=%s", name);
    l = house_post(PAGE "/rename", body);
    assert_string_equal(fake_db_value(3), "t");
    assert_null(fake_db_value(2));
    if (kept)
        assert_string_equal(fake_db_value(4), kept);
    else
        assert_null(fake_db_value(4));
    answer_changed();
    return l;
}

static void a_name_is_kept_and_none_is_none(void **state)
{
    char longest[101] = "";

    (void)state;
    memset(longest, 'x', 100);
    shown_close_redirect(name_it("%D0%92%D0%B5%D1%87%D0%B5%D1%80", "Вечер"), PAGE "?done=renamed");
    shown_close_redirect(name_it(longest, longest), PAGE "?done=renamed");
    shown_close_redirect(name_it("x&favorite=true", "x"), PAGE "?favorite=true&done=renamed");
    shown_close_redirect(name_it("", NULL), PAGE "?done=renamed");
    shown_close_redirect(name_it("+%E2%80%83+", NULL), PAGE "?done=renamed");
}

static void a_name_that_is_too_long_comes_back_in_its_form(void **state)
{
    char body[1400] = "custom_name=", shown[500] = "value=\"";
    struct loopback *l;

    (void)state;
    for (int i = 0; i < 101; i++) { /* code points, each of four bytes */
        memcpy(body + 12 + 12 * i, "%F0%9F%90%B1", 12);
        memcpy(shown + 7 + 4 * i, "\xf0\x9f\x90\xb1", 4);
    }
    l = house_post(PAGE "/rename", body);
    assert_non_null(strstr(fake_db_sql(), "avatar_id")); /* the page is asked for, nothing is written */
    assert_null(strstr(fake_db_sql(), "UPDATE"));
    picture_row_answer((struct picture_row){0});
    shown_assert(l, shown);
    shown_assert(l, "class=\"error-summary\" role=\"alert\"");
    shown_assert(l, "href=\"#custom_name\"");
    shown_assert(l, "aria-invalid=\"true\"");
    shown_assert(l, "id=\"custom_name-error\"");
    shown_assert(l, "Название длиннее 100 знаков");
    shown_assert(l, "<details class=\"more\" open>");
    shown_close(l, 422);
    l = house_post(PAGE "/rename", "custom_name=%ff");
    picture_row_answer((struct picture_row){0});
    shown_assert(l, "aria-invalid=\"true\"");
    shown_close(l, 422);
    l = house_post(PAGE "/rename", body);
    picture_row_answer_none();
    shown_close(l, 404);
}

/* Trash */

static void deleting_leads_to_its_place_with_a_way_back(void **state)
{
    struct loopback *l = house_post(PAGE "/delete", "csrf_token=x");

    (void)state;
    assert_string_equal(fake_db_value(0), HOUSE_USER);
    assert_string_equal(fake_db_value(1), ID);
    fake_db_answer(fake_rows(1, 1, (const char *[]){ID}));
    shown_close_redirect(l, "/images?from=" ID "&undo=" ID "&done=deleted");
    l = house_post(PAGE "/delete", "favorite=true");
    fake_db_answer(fake_rows(1, 1, (const char *[]){ID}));
    shown_close_redirect(l, "/images?favorite=true&from=" ID "&undo=" ID "&done=deleted");
}

static void a_second_press_of_delete_leads_to_the_same_place(void **state)
{
    struct loopback *l = house_post(PAGE "/delete", "csrf_token=x");

    (void)state;
    fake_db_answer(fake_rows(1, 0, NULL));
    assert_string_equal(fake_db_value(0), HOUSE_USER);
    assert_string_equal(fake_db_value(1), ID);
    fake_db_answer(fake_rows(1, 1, (const char *[]){ID}));
    shown_close_redirect(l, "/images?from=" ID "&undo=" ID "&done=deleted");
    l = house_post(PAGE "/delete", "csrf_token=x");
    fake_db_answer(fake_rows(1, 0, NULL));
    fake_db_answer(fake_rows(1, 0, NULL));
    shown_close(l, 404);
}

static void what_was_deleted_comes_back_to_its_page(void **state)
{
    struct loopback *l = house_post(PAGE "/restore", "csrf_token=x");

    (void)state;
    assert_string_equal(fake_db_value(0), HOUSE_USER);
    assert_string_equal(fake_db_value(1), ID);
    answer_changed();
    shown_close_redirect(l, PAGE "?done=restored");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, house_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_favourite_is_kept_and_leads_back_to_where_the_button_was),
        TEST(forms_that_are_not_ours_change_nothing),
        TEST(nobody_s_picture_is_not_changed),
        TEST(a_name_is_kept_and_none_is_none),
        TEST(a_name_that_is_too_long_comes_back_in_its_form),
        TEST(deleting_leads_to_its_place_with_a_way_back),
        TEST(a_second_press_of_delete_leads_to_the_same_place),
        TEST(what_was_deleted_comes_back_to_its_page),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
