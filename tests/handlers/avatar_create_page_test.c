/* Making an avatar by the form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/avatar_forms.h"
#include "support/fake_db.h"
#include "support/house.h"
#include "support/shown.h"

#define FORM "csrf_token=x&key=k-1&name=Anna&gender=female&training_type=portrait"

static struct loopback *send_form(const char *body) { return house_post("/avatars/new", body); }

static void the_types_are_compared_with_their_times(void **state)
{
    struct loopback *l = house_get("/avatars/new");

    (void)state;
    shown_assert(l, "name=\"training_type\" value=\"portrait\" required checked");
    shown_assert(l, "Сравнить типы");
    shown_assert(l,
                 "<span>Быстро: 3–5 мин</span><span>Сбалансированно: 5–15 мин</span><span>Качество: 15–30 мин</span>");
    shown_assert(l, "<span>Быстро: 5–10 мин</span><span>Сбалансированно: 10–20 мин</span>"
                    "<span>Качество: 20–45 мин</span>");
    assert_false(shown_has(l, "name=\"gender\" value=\"female\" required checked"));
    assert_false(shown_has(l, "role=\"alert\""));
    shown_close(l, 200);
}

static void makes_a_draft_and_leads_to_its_page(void **state)
{
    struct loopback *l = send_form(FORM);
    char id[40], location[100];

    (void)state;
    assert_non_null(strstr(fake_db_sql(), "FROM idempotency_keys"));
    assert_string_equal(fake_db_value(1), "k-1");
    avatar_forms_no_row();
    assert_non_null(strstr(fake_db_sql(), "'draft'"));
    assert_string_equal(fake_db_value(0), HOUSE_USER);
    (void)snprintf(id, sizeof id, "%s", fake_db_value(1));
    assert_string_equal(fake_db_value(2), "Anna");
    assert_string_equal(fake_db_value(3), "female");
    assert_string_equal(fake_db_value(4), "portrait");
    fake_db_answer(fake_rows(1, 1, (const char *[]){id}));
    (void)snprintf(location, sizeof location, "/avatars/%s?done=avatar_made", id);
    shown_close_redirect(l, location);
}

static void a_form_with_faults_comes_back_filled_in(void **state)
{
    static const struct {
        const char *body, *said;
    } CASES[] = {
        {"key=k-1&gender=female&training_type=portrait&name=", "Назовите аватар."},
        {"key=k-1&gender=female&training_type=portrait&name=++", "Одних пробелов мало"},
        {"key=k-1&training_type=portrait&name=%3Cb%3E", "Укажите, кого изображает аватар."},
        {"key=k-1&gender=cat&training_type=portrait&name=%3Cb%3E", "Укажите, кого изображает аватар."},
        {"key=k-1&gender=female&name=%3Cb%3E", "Выберите тип аватара."},
        {"gender=female&training_type=portrait&name=%3Cb%3E", "Форма устарела."},
        {FORM "&is_main=true", "Неизвестный параметр «is_main»."},
    };

    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct loopback *l = send_form(CASES[i].body);
        shown_assert(l, CASES[i].said);
        shown_assert(l, "Аватар не создан");
        assert_int_equal(shown_has(l, "value=\"&lt;b&gt;\""), strstr(CASES[i].body, "%3Cb%3E") != NULL);
        shown_close(l, 422);
    }
}

static void a_second_click_comes_to_what_the_first_one_made(void **state)
{
    struct loopback *l = send_form(FORM);
    char sums[80];

    (void)state;
    avatar_forms_no_row();
    (void)snprintf(sums, sizeof sums, "%s", fake_db_value(8)); /* the form's fingerprint, as it would be kept */
    avatar_forms_no_row();                                     /* the other request was faster */
    fake_db_answer(fake_rows(3, 1, (const char *[]){sums, "01990000-0000-7000-8000-0000000000cc", NULL}));
    shown_close_redirect(l, "/avatars/01990000-0000-7000-8000-0000000000cc?done=avatar_made");
}

static void a_key_of_another_form_makes_nothing(void **state)
{
    struct loopback *l = send_form(FORM);
    static const char OTHER[] = "\\x00000000000000000000000000000000000000000000000000000000000000ff";

    (void)state;
    fake_db_answer(fake_rows(3, 1, (const char *[]){OTHER, "01990000-0000-7000-8000-0000000000cc", NULL}));
    shown_assert(l, "<strong>Ключ уже использован.</strong>");
    shown_close(l, 422);
}

static void there_is_room_for_some_only(void **state)
{
    struct loopback *l = send_form(FORM);

    (void)state;
    avatar_forms_no_row();
    assert_string_equal(fake_db_value(6), "10");
    avatar_forms_no_row();
    avatar_forms_no_row();
    shown_assert(l, "<strong>Достигнут предел.</strong>");
    shown_assert(l, "value=\"Anna\"");
    shown_close(l, 409);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, avatar_forms_open, house_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_types_are_compared_with_their_times), TEST(makes_a_draft_and_leads_to_its_page),
        TEST(a_form_with_faults_comes_back_filled_in), TEST(a_second_click_comes_to_what_the_first_one_made),
        TEST(a_key_of_another_form_makes_nothing),     TEST(there_is_room_for_some_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
