/* The page of an avatar on its way: photos, training, and what went wrong. */
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

#define PHOTO "01990000-0000-7000-8000-0000000000ee"

/* Photos */

static void a_draft_begins_with_what_makes_a_good_set(void **state)
{
    struct loopback *l = avatar_scene_show(SCENE_PAGE "?done=avatar_made");

    (void)state;
    shown_assert(l, "Теперь добавьте фотографии.");
    shown_assert(l, "<li aria-current=\"step\"><span>Фотографии</span></li>");
    shown_assert(l, "<strong>0 из 10–20</strong> Нужно ещё 10 фотографий.");
    shown_assert(l, "На каждом снимке один человек");
    shown_assert(l, "<form class=\"upload\" id=\"upload\" method=\"post\" action=\"" SCENE_PAGE
                    "/photos\" enctype=\"multipart/form-data\"");
    shown_assert(l, "type=\"file\" id=\"photo\" name=\"photo\" accept=\"image/jpeg,image/png,image/webp\" multiple");
    shown_assert(l, "до 20 МиБ");
    shown_assert(l, "data-room=\"20\" data-max-bytes=\"20971520\"");
    assert_false(shown_has(l, "data-direct"));
    assert_false(shown_has(l, "class=\"advice\""));
    assert_false(shown_has(l, "/create?avatar="));
    shown_close(l, 200);
}

/* The token stands in front of the files: so it has been read before any of them. */
static void the_token_of_the_files_form_comes_first(void **state)
{
    struct loopback *l = avatar_scene_show(SCENE_PAGE);
    const char *form = strstr(loopback_body(l), "id=\"upload\"");

    (void)state;
    assert_non_null(form);
    assert_true(strstr(form, "name=\"csrf_token\"") < strstr(form, "name=\"photo\""));
    shown_close(l, 200);
}

static void a_style_is_told_of_styles(void **state)
{
    struct loopback *l;

    (void)state;
    avatar_scene.avatar[TYPE] = "style";
    l = avatar_scene_show(SCENE_PAGE);
    shown_assert(l, "Все картинки — в одном стиле");
    assert_false(shown_has(l, "На каждом снимке один человек"));
    shown_close(l, 200);
}

static void photos_have_tiles_with_their_warnings(void **state)
{
    struct loopback *l;

    (void)state;
    avatar_scene.photos = 3;
    avatar_scene.warning = "several_faces";
    l = avatar_scene_show(SCENE_PAGE);
    shown_assert(l, "<strong>3 из 10–20</strong> Нужно ещё 7 фотографий.");
    assert_int_equal(shown_count(l, "class=\"photo\""), 3);
    shown_assert(l, "src=\"/files/aisha-v2-photos/" SCENE_AVATAR "/x_small.webp?");
    shown_assert(l, "width=\"240\" height=\"320\" alt=\"Фотография 1\"");
    shown_assert(l, "На снимке несколько лиц");
    shown_assert(l, "action=\"" SCENE_PAGE "/photos/01990000-0000-7000-8000-000000000002/delete\"");
    shown_assert(l, "aria-label=\"Удалить фотографию 3\"");
    shown_assert(l, "data-room=\"17\"");
    shown_assert(l, "class=\"advice\"");
    assert_false(shown_has(l, "На каждом снимке один человек"));
    shown_close(l, 200);
}

static void a_full_set_takes_no_more(void **state)
{
    struct loopback *l;

    (void)state;
    avatar_scene.photos = 20;
    l = avatar_scene_show(SCENE_PAGE);
    shown_assert(l, "<strong>20 из 10–20</strong> Больше не нужно");
    assert_false(shown_has(l, "type=\"file\""));
    shown_close(l, 200);
}

static void what_the_form_answered_is_a_page_when_it_is_loaded_again(void **state)
{
    struct loopback *l = avatar_scene_show(SCENE_PAGE "/photos");

    (void)state;
    shown_assert(l, "id=\"upload\"");
    shown_close(l, 200);
}

static void deletes_a_photo(void **state)
{
    static const char *const OUTCOMES[][2] = {{"removed", SCENE_PAGE "?done=photo_deleted"},
                                              {"gone", SCENE_PAGE "?done=photo_gone"}};
    struct loopback *l;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        l = house_post(SCENE_PAGE "/photos/" PHOTO "/delete", "csrf_token=x");
        assert_non_null(strstr(fake_db_sql(), "photo_remove"));
        assert_string_equal(fake_db_value(0), HOUSE_USER);
        assert_string_equal(fake_db_value(1), SCENE_AVATAR);
        assert_string_equal(fake_db_value(2), PHOTO);
        fake_db_answer(fake_rows(1, 1, OUTCOMES[i]));
        shown_close_redirect(l, OUTCOMES[i][1]);
    }
    l = house_post(SCENE_PAGE "/photos/" PHOTO "/delete", "csrf_token=x");
    fake_db_answer(fake_rows(1, 1, (const char *[]){"training"}));
    avatar_scene.avatar[STATUS] = "training";
    avatar_scene.has_training = true;
    avatar_scene_answer();
    shown_assert(l, "<strong>Аватар обучается.</strong>");
    shown_close(l, 409);
    shown_close(house_post(SCENE_PAGE "/photos/x/delete", "csrf_token=x"), 404);
}

/* Training */

static void too_few_photos_and_the_price_are_said_before(void **state)
{
    struct loopback *l;

    (void)state;
    avatar_scene.photos = 9;
    l = avatar_scene_show(SCENE_PAGE);
    shown_assert(l, "Сначала добавьте ещё 1 фотографию.");
    shown_assert(l, "Доступно 1000 кредитов.");
    shown_assert(l, "<code>fal-ai/flux-lora-portrait-trainer</code>");
    shown_assert(l, "5–15 мин · ");
    shown_assert(l, "value=\"balanced\" checked");
    shown_assert(l, "aria-describedby=\"train-hint\" disabled>");
    shown_close(l, 200);
    avatar_scene.photos = 10;
    l = avatar_scene_show(SCENE_PAGE);
    assert_false(shown_has(l, "Сначала добавьте"));
    assert_false(shown_has(l, "aria-describedby=\"train-hint\" disabled"));
    shown_close(l, 200);
}

static void a_style_learns_for_longer(void **state)
{
    struct loopback *l;

    (void)state;
    avatar_scene.avatar[TYPE] = "style";
    l = avatar_scene_show(SCENE_PAGE);
    shown_assert(l, "10–20 мин · ");
    shown_assert(l, "20–45 мин · ");
    shown_close(l, 200);
}

static void too_little_to_spend_is_said_before(void **state)
{
    struct loopback *l;

    (void)state;
    avatar_scene.photos = 12;
    avatar_scene.account[1] = "5";
    avatar_scene.account[2] = "4";
    l = avatar_scene_show(SCENE_PAGE);
    shown_assert(l, "<strong>Не хватает кредитов.</strong> Обучение стоит ");
    shown_assert(l, "доступно 5.");
    shown_assert(l, "Ещё 4 зарезервированы");
    shown_assert(l, "name=\"preset\" value=\"fast\" disabled");
    shown_assert(l, "aria-describedby=\"train-hint\" disabled>");
    shown_close(l, 200);
}

static void each_stage_has_its_words(void **state)
{
    static const char *const STAGES[][3] = {{"pending", "-1", "Готовим архив с фотографиями"},
                                            {"submitting", "-1", "Отправляем провайдеру"},
                                            {"queued", "-1", "В очереди у провайдера\n"},
                                            {"queued", "0", "В очереди у провайдера\n"},
                                            {"queued", "2", "В очереди у провайдера, впереди 2 обучения"},
                                            {"running", "-1", "Модель учится"},
                                            {"storing", "-1", "Сохраняем модель"}};

    (void)state;
    avatar_scene.avatar[STATUS] = "training";
    avatar_scene.has_training = true;
    avatar_scene.photos = 12;
    avatar_scene.avatar[PHOTOS] = "12";
    for (size_t i = 0; i < sizeof STAGES / sizeof *STAGES; i++) {
        struct loopback *l;
        avatar_scene.training[T_STATUS] = STAGES[i][0];
        avatar_scene.training[T_POSITION] = STAGES[i][1];
        l = avatar_scene_show(SCENE_PAGE);
        shown_assert(l, STAGES[i][2]);
        shown_assert(l, "max=\"100\" value=\"42\"");
        shown_assert(l, "Ещё около 12 минут");
        shown_assert(l, "Страницу можно закрыть");
        shown_assert(l, "12 фотографий; в резерве кредитов: 200.");
        shown_assert(l, "action=\"" SCENE_PAGE "/train/cancel\"");
        shown_assert(l, "Сначала отмените обучение.");
        shown_assert(l, "<li aria-current=\"step\"><span>Обучение</span></li>");
        assert_int_equal(shown_count(l, "class=\"photo\""), 12);
        assert_false(shown_has(l, "/photos/01990000")); /* no photo is deleted now */
        assert_false(shown_has(l, "type=\"file\""));
        assert_false(shown_has(l, "action=\"" SCENE_PAGE "/delete\""));
        assert_false(shown_has(l, "Прежняя модель"));
        shown_close(l, 200);
    }
}

static void what_keeps_it_is_said_instead(void **state)
{
    static const char *const WAITS[][4] = {
        {"pending", "waiting_provider", "Провайдер сейчас не отвечает", "начнём, как только связь восстановится"},
        {"pending", "waiting_stopped", "Приём у провайдера остановлен", "администратор оповещён"},
        {"submitting", "waiting_checked", "Проверяем, принят ли запрос", "Чтобы не заплатить дважды"}};

    (void)state;
    avatar_scene.avatar[STATUS] = "training";
    avatar_scene.has_training = true;
    for (size_t i = 0; i < sizeof WAITS / sizeof *WAITS; i++) {
        struct loopback *l;
        avatar_scene.training[T_STATUS] = WAITS[i][0];
        avatar_scene.training[SCENE_TRAINING_FIELDS - 1] = WAITS[i][1];
        l = avatar_scene_show(SCENE_PAGE);
        shown_assert(l, WAITS[i][2]);
        shown_assert(l, WAITS[i][3]);
        shown_assert(l, " data-waits"); /* nobody tells the page when it goes on */
        assert_false(shown_has(l, "Готовим архив") || shown_has(l, "Отправляем провайдеру"));
        shown_close(l, 200);
    }
}

static void nobody_knows_how_long_when_nobody_knows(void **state)
{
    static const char *const LEFT[][2] = {{"-1", "Время пока неизвестно"},
                                          {"5", "Ещё около 5 секунд"},
                                          {"61", "Ещё около 65 секунд"},
                                          {"95", "Ещё около 2 минут"}};

    (void)state;
    avatar_scene.avatar[STATUS] = "training";
    avatar_scene.has_training = true;
    for (size_t i = 0; i < sizeof LEFT / sizeof *LEFT; i++) {
        struct loopback *l;
        avatar_scene.training[T_LEFT] = LEFT[i][0];
        l = avatar_scene_show(SCENE_PAGE);
        shown_assert(l, LEFT[i][1]);
        assert_int_equal(shown_has(l, " data-seconds="), i > 0);
        shown_close(l, 200);
    }
}

static void an_end_that_was_asked_for_is_waited_for(void **state)
{
    struct loopback *l;

    (void)state;
    avatar_scene.avatar[STATUS] = "training";
    avatar_scene.has_training = true;
    avatar_scene.training[T_CANCEL] = "t";
    l = avatar_scene_show(SCENE_PAGE);
    shown_assert(l, "Отменяем обучение");
    shown_assert(l, "Если обучение успело закончиться, модель достанется вам и будет списана её цена");
    assert_false(shown_has(l, "/train/cancel"));
    shown_close(l, 200);
}

static void one_that_was_cancelled_cost_nothing(void **state)
{
    static const char WORDS[] = "Прошлое обучение отменено: за него ничего не списано.";
    struct loopback *l;

    (void)state;
    avatar_scene.has_training = true;
    avatar_scene.training[T_STATUS] = "cancelled";
    l = avatar_scene_show(SCENE_PAGE);
    shown_assert(l, WORDS);
    shown_close(l, 200);
    avatar_scene.avatar[STATUS] = "completed";
    avatar_scene.training[T_STATUS] = "completed";
    l = avatar_scene_show(SCENE_PAGE);
    assert_false(shown_has(l, WORDS));
    shown_close(l, 200);
}

static void one_that_learns_anew_works_with_its_old_model(void **state)
{
    struct loopback *l;

    (void)state;
    avatar_scene.avatar[STATUS] = "training";
    avatar_scene.avatar[LORA] = "https://x/l";
    avatar_scene.has_training = true;
    l = avatar_scene_show(SCENE_PAGE);
    shown_assert(l, "Прежняя модель пока работает.");
    shown_assert(l, "href=\"/create?avatar=" SCENE_AVATAR "\"");
    shown_close(l, 200);
}

static void a_failed_training_says_why_and_keeps_the_photos(void **state)
{
    struct loopback *l;

    (void)state;
    avatar_scene.avatar[STATUS] = "error";
    avatar_scene.avatar[ERROR] = "training_refused";
    avatar_scene.avatar[PHOTOS] = "12";
    avatar_scene.photos = 12;
    l = avatar_scene_show(SCENE_PAGE);
    shown_assert(l, "<strong>Провайдер не принял фотографии.</strong>");
    shown_assert(l, "Фотографии сохранены: можно начать снова.");
    shown_assert(l, "action=\"" SCENE_PAGE "/train\"");
    shown_assert(l, "type=\"file\"");
    shown_close(l, 200);
}

static void a_finished_one_says_where_it_runs(void **state)
{
    struct loopback *l;

    (void)state;
    avatar_scene.avatar[STATUS] = "completed";
    avatar_scene.avatar[PRESET] = "quality";
    avatar_scene.avatar[LORA] = "https://x/l";
    avatar_scene.avatar[BYTES] = "89000000";
    avatar_scene.avatar[PHOTOS] = "12";
    avatar_scene.photos = 12;
    l = avatar_scene_show(SCENE_PAGE);
    shown_assert(l, "<a class=\"button button-primary\" href=\"/create?avatar=" SCENE_AVATAR "\">");
    shown_assert(l, "<code>fal-ai/flux-lora</code>");
    shown_assert(l, "файл LoRA, 85 МиБ, наша копия");
    shown_assert(l, "<dt>Обучен с пресетом</dt><dd>Качество</dd>");
    shown_assert(l, "<details id=\"again\">");
    shown_assert(l, "Пока новая модель не готова, работает прежняя.");
    shown_assert(l, "<li aria-current=\"step\"><span>Изображения</span></li>");
    shown_close(l, 200);
    l = avatar_scene_show(SCENE_PAGE "?done=photo_deleted");
    shown_assert(l, "<details id=\"again\" open>");
    shown_close(l, 200);
    avatar_scene.avatar[ERROR] = "model_missing";
    l = avatar_scene_show(SCENE_PAGE);
    shown_assert(l, "<strong>Модель не получена.</strong>");
    shown_assert(l, "Прежняя модель осталась и работает.");
    shown_close(l, 200);
}

static void what_is_gone_is_not_found(void **state)
{
    (void)state;
    avatar_scene.is_gone = true;
    shown_close(avatar_scene_show(SCENE_PAGE), 404);
    shown_close(house_post("/avatars/x/train", "csrf_token=x&key=k-1&preset=fast"), 404);
}

static void the_page_speaks_english_too(void **state)
{
    struct loopback *l;

    (void)state;
    house_speak(LANG_EN);
    avatar_scene.photos = 9;
    l = avatar_scene_show(SCENE_PAGE);
    shown_assert(l, "<strong>9 of 10–20</strong> 1 more photo is needed.");
    shown_assert(l, "Add 1 more photo first. You have 1000 credits.");
    shown_close(l, 200);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, avatar_scene_open, house_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_draft_begins_with_what_makes_a_good_set),
        TEST(the_token_of_the_files_form_comes_first),
        TEST(a_style_is_told_of_styles),
        TEST(photos_have_tiles_with_their_warnings),
        TEST(a_full_set_takes_no_more),
        TEST(what_the_form_answered_is_a_page_when_it_is_loaded_again),
        TEST(deletes_a_photo),
        TEST(too_few_photos_and_the_price_are_said_before),
        TEST(a_style_learns_for_longer),
        TEST(too_little_to_spend_is_said_before),
        TEST(each_stage_has_its_words),
        TEST(what_keeps_it_is_said_instead),
        TEST(nobody_knows_how_long_when_nobody_knows),
        TEST(an_end_that_was_asked_for_is_waited_for),
        TEST(one_that_was_cancelled_cost_nothing),
        TEST(one_that_learns_anew_works_with_its_old_model),
        TEST(a_failed_training_says_why_and_keeps_the_photos),
        TEST(a_finished_one_says_where_it_runs),
        TEST(what_is_gone_is_not_found),
        TEST(the_page_speaks_english_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
