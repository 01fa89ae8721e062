/* Beginning and ending a training by the forms of an avatar's page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/avatar_scene.h"
#include "support/fake_db.h"
#include "support/house.h"
#include "support/shown.h"

#define HOSTILE "\"><script>x</script>'"

/* The forms of trainings */

static void begins_a_training(void **state)
{
    struct loopback *l = house_post(SCENE_PAGE "/train", "csrf_token=x&key=k-1&preset=fast");

    (void)state;
    assert_non_null(strstr(fake_db_sql(), "FROM idempotency_keys"));
    assert_string_equal(fake_db_value(1), "k-1");
    fake_db_answer(fake_rows(3, 0, NULL));
    assert_string_equal(fake_db_value(1), SCENE_AVATAR);
    fake_db_answer(fake_rows(21, 1, avatar_scene.avatar + 4));
    assert_non_null(strstr(fake_db_sql(), "training_begin("));
    assert_string_equal(fake_db_value(1), SCENE_AVATAR);
    assert_string_equal(fake_db_value(3), "fast");
    assert_string_equal(fake_db_value(6), "web");
    assert_string_equal(fake_db_value(10), "k-1");
    fake_db_answer(fake_rows(3, 1, (const char *[]){"begun", "0", "0"}));
    fake_db_answer(fake_rows(SCENE_TRAINING_FIELDS, 1, avatar_scene.training));
    shown_close_redirect(l, SCENE_PAGE);
}

/* Up to the statement that begins it, which says why not. */
static struct loopback *begin_in_vain(const char *outcome, const char *needed, const char *available)
{
    struct loopback *l = house_post(SCENE_PAGE "/train", "csrf_token=x&key=k-1&preset=quality");

    fake_db_answer(fake_rows(3, 0, NULL));
    fake_db_answer(fake_rows(21, 1, avatar_scene.avatar + 4));
    fake_db_answer(fake_rows(3, 1, (const char *[]){outcome, needed, available}));
    return l;
}

static void one_that_is_not_begun_says_why_and_keeps_the_choice(void **state)
{
    static const struct {
        const char *outcome, *said;
        int status;
    } CASES[] = {
        {"photos_too_few", "<strong>Фотографий пока мало.</strong> Добавьте недостающие", 409},
        {"training_running", "<strong>Уже обучается другой аватар.</strong>", 409},
        {"quota_exceeded", "<strong>Не хватает кредитов.</strong> Обучение не началось.", 402},
    };

    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct loopback *l = begin_in_vain(CASES[i].outcome, "10", "9");
        avatar_scene_answer();
        shown_assert(l, CASES[i].said);
        shown_assert(l, "value=\"quality\" checked");
        shown_close(l, CASES[i].status);
    }
}

static void a_key_that_began_another_training_begins_nothing(void **state)
{
    static const char OTHER[] = "\\x00000000000000000000000000000000000000000000000000000000000000ff";
    struct loopback *l = house_post(SCENE_PAGE "/train", "csrf_token=x&key=k-1&preset=fast");

    (void)state;
    fake_db_answer(fake_rows(3, 1, (const char *[]){OTHER, "01990000-0000-7000-8000-0000000000dd", NULL}));
    avatar_scene_answer();
    shown_assert(l, "<strong>Эта форма уже отправлена.</strong>");
    shown_close(l, 422);
}

static void what_is_no_form_of_this_page_begins_nothing(void **state)
{
    static const struct {
        const char *body, *said;
    } CASES[] = {
        {"csrf_token=x&key=k-1", "<strong>Пресет не выбран.</strong>"},
        {"csrf_token=x&key=k-1&preset=" HOSTILE, "<strong>Пресет не выбран.</strong>"},
        {"csrf_token=x&key=k-1&preset=fast&more=1", "<strong>Пресет не выбран.</strong>"},
        {"csrf_token=x&preset=fast", "<strong>Форма устарела.</strong> Обучение не началось."},
    };

    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct loopback *l = house_post(SCENE_PAGE "/train", CASES[i].body);
        avatar_scene_answer();
        shown_assert(l, CASES[i].said);
        assert_false(shown_has(l, "<script>x"));
        shown_close(l, 422);
    }
}

static void without_a_key_of_the_provider_nothing_is_trained(void **state)
{
    struct loopback *l;

    (void)state;
    ((struct config *)house_local()->config)->training.key = NULL;
    l = house_post(SCENE_PAGE "/train", "csrf_token=x&key=k-1&preset=fast");
    avatar_scene_answer();
    shown_assert(l, "<strong>Сейчас обучать нельзя.</strong>");
    shown_close(l, 503);
}

static void cancels_a_training(void **state)
{
    struct loopback *l = house_post(SCENE_PAGE "/train/cancel", "csrf_token=x");

    (void)state;
    assert_string_equal(fake_db_value(0), HOUSE_USER);
    assert_string_equal(fake_db_value(1), SCENE_AVATAR);
    fake_db_answer(fake_rows(SCENE_TRAINING_FIELDS, 1, avatar_scene.training));
    shown_close_redirect(l, SCENE_PAGE);
    l = house_post(SCENE_PAGE "/train/cancel", "csrf_token=x");
    fake_db_answer(fake_rows(SCENE_TRAINING_FIELDS, 0, NULL));
    fake_db_answer(fake_rows(21, 1, avatar_scene.avatar + 4));
    shown_close_redirect(l, SCENE_PAGE "?done=training_ended");
    l = house_post(SCENE_PAGE "/train/cancel", "csrf_token=x");
    fake_db_answer(fake_rows(SCENE_TRAINING_FIELDS, 0, NULL));
    fake_db_answer(fake_rows(21, 0, NULL));
    shown_close(l, 404);
    shown_close(house_post(SCENE_PAGE "/train/cancel", "csrf_token=x&sure=yes"), 400);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, avatar_scene_open, house_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(begins_a_training),
        TEST(one_that_is_not_begun_says_why_and_keeps_the_choice),
        TEST(a_key_that_began_another_training_begins_nothing),
        TEST(what_is_no_form_of_this_page_begins_nothing),
        TEST(without_a_key_of_the_provider_nothing_is_trained),
        TEST(cancels_a_training),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
