/* The pages of styles: what they offer, what a click on them asks for. */
#include "web/style_page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "support/create_visit.h"
#include "support/fake_db.h"
#include "support/fake_generation.h"
#include "support/page_form.h"
#include "support/shown.h"

#define ID "01990000-0000-7000-8000-0000000000b0"
#define KEY "3b0e27a8-2f0c-4a5e-9d5b-2b8f0f4f3c11"

static void the_create_page_begins_with_rows_of_styles(void **state)
{
    struct loopback *l;

    (void)state;
    visit_likes("forest-elf");
    visit_keeps_one();
    l = house_get("/create");
    visit_answer_avatars();
    assert_true(shown_has(l, "id=\"popular\"") || shown_has(l, "Стили для начала"));
    assert_true(shown_has(l, "Быстрые образы") && shown_has(l, "id=\"favorites\"") && shown_has(l, "Мои стили"));
    assert_true(shown_has(l, "Вам может понравиться")); /* there is a favourite to go by */
    assert_true(shown_has(l, "action=\"/styles/forest-elf\"") && shown_has(l, "Мой &lt;b&gt;"));
    assert_non_null(
        strstr(shown_between(l, "action=\"/styles/forest-elf/favorite\"", "</form>"), "aria-pressed=\"true\""));
    assert_true(shown_has(l, "loading=\"lazy\"") && shown_has(l, "width=\"320\" height=\"400\""));
    assert_true(shown_has(l, "name=\"prompt\"")); /* one's own description is there as well */
    shown_close(l, 200);
}

static void without_enough_credits_no_card_makes_anything_and_the_page_says_why(void **state)
{
    struct loopback *l;

    (void)state;
    visit_has("10", "3", "0", "7");
    l = house_get("/styles");
    visit_answer_rows(1, (visit_avatar *const[]){&VISIT_ANNA});
    assert_true(shown_has(l, "Не хватает кредитов") && !shown_has(l, "class=\"style-make\""));
    shown_close(l, 200);
    l = house_get("/styles");
    visit_answer_rows(1, (visit_avatar *const[]){&VISIT_NEW});
    assert_true(shown_has(l, "Готового аватара пока нет") && shown_has(l, "href=\"/avatars/" VISIT_DRAFT "\""));
    assert_false(shown_has(l, "class=\"style-make\""));
    shown_close(l, 200);
    l = house_get("/styles");
    visit_answer_rows(0, NULL);
    assert_true(shown_has(l, "href=\"/avatars/new\"") && !shown_has(l, "class=\"style-make\""));
    shown_close(l, 200);
}

static void categories_and_words_narrow_what_is_shown(void **state)
{
    struct loopback *l = house_get("/styles");

    (void)state;
    visit_answer_avatars();
    assert_int_equal(shown_count(l, "<li class=\"style\">"), 42);
    shown_close(l, 200);
    l = house_get("/styles?category=cyberpunk");
    visit_answer_avatars();
    assert_int_equal(shown_count(l, "<li class=\"style\">"), 6);
    assert_true(shown_has(l, "href=\"/styles/neon-street\""));
    shown_close(l, 200);
    l = house_get("/styles?q=%D0%B7%D0%B0%D0%BC%D0%BA%D0%B8"); /* замки */
    visit_answer_avatars();
    assert_true(shown_has(l, "href=\"/styles/knight\"") && shown_has(l, "value=\"замки\""));
    assert_false(shown_has(l, "href=\"/styles/coffee-morning\""));
    shown_close(l, 200);
    l = house_get("/styles?q=zzzz");
    visit_answer_avatars();
    assert_true(shown_has(l, "Ничего не нашлось"));
    shown_close(l, 200);
    visit_keeps_one();
    l = house_get("/styles?category=own");
    visit_answer_avatars();
    assert_int_equal(shown_count(l, "<li class=\"style\">"), 1);
    shown_close(l, 200);
    shown_close(house_get("/styles?category=none"), 404);
}

static void another_avatar_is_kept_in_every_link_and_form(void **state)
{
    struct loopback *l = house_get("/styles?category=business&avatar=" VISIT_STYLE);

    (void)state;
    visit_answer_avatars();
    assert_true(shown_has(l, "href=\"/styles/boardroom?avatar=" VISIT_STYLE "\""));
    assert_true(shown_has(l, "name=\"avatar\" value=\"" VISIT_STYLE "\""));
    assert_true(shown_has(l, "/styles?category=glamour&amp;avatar=" VISIT_STYLE));
    shown_close(l, 200);
}

static void one_shows_its_prompt_for_the_avatar_and_what_is_chosen(void **state)
{
    struct loopback *l = house_get("/styles/business-portrait?choice_backdrop=navy&num_images=2");

    (void)state;
    visit_answer_avatars();
    assert_true(strstr(shown_between(l, "id=\"prompt\"", "</p>"), "woman wearing ") != NULL);
    assert_true(strstr(shown_between(l, "id=\"prompt\"", "</p>"), "navy studio background") != NULL);
    assert_null(strstr(shown_between(l, "id=\"prompt\"", "</p>"), "{"));
    assert_true(visit_is_checked(l, "backdrop-navy") && visit_is_checked(l, "count-2"));
    assert_non_null(strstr(shown_between(l, "id=\"summary\"", "</p>"), "8 кредитов"));
    assert_true(shown_has(l, "<option value=\"portrait\" selected>")); /* the style's own preset */
    assert_true(shown_has(l, "/create?style=business-portrait&amp;avatar=" FAKE_AVATAR
                             "&amp;num_images=2&amp;choice_backdrop=navy"));
    shown_close(l, 200);
    l = house_get("/styles/business-portrait?avatar=" VISIT_STYLE); /* a manner of drawing shows nobody in particular */
    visit_answer_avatars();
    assert_null(strstr(shown_between(l, "id=\"prompt\"", "</p>"), "woman"));
    shown_close(l, 200);
    shown_close(house_get("/styles/no-such-style"), 404);
}

static void its_prompt_may_be_changed_in_the_form(void **state)
{
    struct loopback *l = house_get("/create?style=business-portrait&choice_backdrop=navy&avatar=" FAKE_AVATAR);

    (void)state;
    visit_answer_avatars();
    assert_non_null(strstr(shown_between(l, "<textarea", "</textarea>"), "navy studio background"));
    assert_true(visit_is_checked(l, "preset-portrait") && !shown_has(l, "class=\"shelves\""));
    shown_close(l, 200);
    l = house_get("/create?style=none");
    visit_answer_avatars();
    shown_close(l, 404);
}

static struct loopback *make(const char *style, const char *name, const char *value)
{
    const char *const fields[] = {"key", KEY, "avatar", FAKE_AVATAR, name, value, NULL};

    return page_form_send(style, fields);
}

static void answer_made(const char *last_sql)
{
    static const struct fake_generation PENDING = {ID, "pending", NULL, NULL, "-1", "0", "-1", NULL};

    visit_answer_nothing(); /* the key is new */
    assert_true(visit_asks("FROM avatars"));
    fake_db_answer(fake_avatar("portrait", "completed", VISIT_LORA, NULL));
    assert_true(visit_asks(last_sql));
    fake_db_answer(fake_generations(&PENDING, 1));
}

static void one_click_asks_for_a_picture_and_leads_to_it(void **state)
{
    struct loopback *l = make("/styles/forest-elf", "num_images", "1");

    (void)state;
    answer_made("INTO generations");
    assert_string_equal(loopback_header(l, "location", 0), "/generations/" ID);
    shown_close(l, 303);
}

static void what_is_chosen_goes_into_the_prompt(void **state)
{
    struct loopback *l = make("/styles/business-portrait", "choice_backdrop", "navy");
    bool found = false;

    (void)state;
    visit_answer_nothing();
    fake_db_answer(fake_avatar("portrait", "completed", VISIT_LORA, NULL));
    assert_true(visit_asks("INTO generations"));
    for (int i = 0; i < 12; i++)
        found = found || (fake_db_value(i) && strstr(fake_db_value(i), "navy studio background"));
    assert_true(found);
    visit_answer_nothing();
    loopback_close(l);
}

static void a_choice_that_there_is_not_is_told_beside_its_field(void **state)
{
    struct loopback *l = make("/styles/business-portrait", "choice_backdrop", "moon");

    (void)state;
    if (visit_asks("idempotency"))
        visit_answer_nothing();
    if (visit_asks("FROM avatars") && !visit_asks("LIMIT"))
        fake_db_answer(fake_avatar("portrait", "completed", VISIT_LORA, NULL));
    visit_answer_avatars();
    assert_true(shown_has(l, "class=\"error-summary\"") && shown_has(l, "href=\"#choices-backdrop\""));
    shown_close(l, 422);
}

static void a_heart_is_a_form_that_leads_back(void **state)
{
    static const char *const ON[] = {"favorite", "true", "back", "/styles?q=%D1%8F", NULL};
    static const char *const ELSEWHERE[] = {"favorite", "false", "back", "https://evil.example/styles", NULL};
    struct loopback *l = page_form_send("/styles/knight/favorite", ON);

    (void)state;
    assert_true(visit_asks("style_favorites"));
    assert_string_equal(fake_db_value(1), "knight");
    fake_db_answer(fake_rows(1, 1, (const char *[]){"knight"}));
    assert_string_equal(loopback_header(l, "location", 0), "/styles?q=%D1%8F");
    shown_close(l, 303);
    l = page_form_send("/styles/knight/favorite", ELSEWHERE);
    visit_answer_nothing();
    assert_string_equal(loopback_header(l, "location", 0), "/styles/knight");
    shown_close(l, 303);
    l = page_form_send("/styles/" VISIT_OWN "/favorite", ON); /* somebody else's */
    visit_answer_nothing();
    shown_close(l, 404);
    shown_close(page_form_send("/styles/nothing/favorite", ON), 404);
}

static void what_is_chosen_leads_back_to_the_page_without_scripts(void **state)
{
    static const char *const FIELDS[] = {"key", KEY, "choice_backdrop", "navy", "num_images", "3", NULL};
    struct loopback *l = page_form_send("/styles/business-portrait/look", FIELDS);

    (void)state;
    assert_string_equal(loopback_header(l, "location", 0),
                        "/styles/business-portrait?num_images=3&choice_backdrop=navy");
    shown_close(l, 303);
}

static void it_speaks_english_as_well(void **state)
{
    struct loopback *l;

    (void)state;
    house_speak(LANG_EN);
    l = house_get("/styles/neon-street");
    visit_answer_avatars();
    assert_true(shown_has(l, "Neon street") && shown_has(l, "The prompt for") && shown_has(l, "4 credits"));
    shown_close(l, 200);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, visit_open, house_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_create_page_begins_with_rows_of_styles),
        TEST(without_enough_credits_no_card_makes_anything_and_the_page_says_why),
        TEST(categories_and_words_narrow_what_is_shown),
        TEST(another_avatar_is_kept_in_every_link_and_form),
        TEST(one_shows_its_prompt_for_the_avatar_and_what_is_chosen),
        TEST(its_prompt_may_be_changed_in_the_form),
        TEST(one_click_asks_for_a_picture_and_leads_to_it),
        TEST(what_is_chosen_goes_into_the_prompt),
        TEST(a_choice_that_there_is_not_is_told_beside_its_field),
        TEST(a_heart_is_a_form_that_leads_back),
        TEST(what_is_chosen_leads_back_to_the_page_without_scripts),
        TEST(it_speaks_english_as_well),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
