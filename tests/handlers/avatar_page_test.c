/* The page of an avatar on its way: photos, training, and what went wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/fake_db.h"
#include "support/house.h"
#include "support/shown.h"
#include "web/avatar_page.h"
#include "web/photo_forms.h"
#include "web/training_forms.h"

#define AVATAR "01990000-0000-7000-8000-0000000000cc"
#define TRAINING "01990000-0000-7000-8000-0000000000dd"
#define PHOTO "01990000-0000-7000-8000-0000000000ee"
#define PAGE "/avatars/" AVATAR
#define TIME "2026-01-15 10:00:01.123456+00"
#define HOSTILE "\"><script>x</script>'"

static const struct route ROUTES[] = {
    {"GET", "/avatars/{id}", ACCESS_READ, 0, avatar_page_show, true},
    {"GET", "/avatars/{id}/photos", ACCESS_READ, 0, avatar_page_show, true},
    {"POST", "/avatars/{id}/photos/{photo}/delete", ACCESS_WRITE, 4096, photo_forms_delete, true},
    {"POST", "/avatars/{id}/train", ACCESS_GENERATE, 4096, training_forms_begin, true},
    {"POST", "/avatars/{id}/train/cancel", ACCESS_GENERATE, 4096, training_forms_cancel, true},
    {0},
};

enum { AVATAR_FIELDS = 4 + 21, PHOTO_FIELDS = 19, TRAINING_FIELDS = 17, MOST_PHOTOS = 20 };
enum { BUSY = 3, TYPE = 8, STATUS = 9, PROGRESS = 10, PRESET = 11, LORA = 13, PHOTOS = 17, ERROR = 19, BYTES = 24 };
enum { T_STATUS = 2, T_POSITION = 10, T_LEFT = 11, T_CANCEL = 12 };

/* What the database has: altered by a test before it is asked. */
static struct scene {
    const char *avatar[AVATAR_FIELDS], *training[TRAINING_FIELDS], *account[4];
    bool has_training, is_gone;
    int photos;
    const char *warning, *file_name; /* of the first photo */
} scene;

static int set_up(void **state)
{
    (void)state;
    house_open_signed_in(ROUTES);
    house_who.scopes |= SCOPE_GENERATE;
    fake_db_reset();
    scene = (struct scene){
        .avatar = {"A",        "15.01.2026, 15:45",
                   "0",        "f",
                   AVATAR,     HOUSE_USER,
                   "Anna",     "female",
                   "portrait", "draft",
                   "0",        NULL,
                   "TOK",      NULL,
                   NULL,       NULL,
                   "f",        "0",
                   "0",        NULL,
                   TIME,       TIME,
                   NULL,       NULL,
                   NULL},
        .training = {TRAINING, AVATAR, "running", "3", "balanced", "fal-ai/flux-lora-portrait-trainer", "12", "200",
                     "-1", "42", "-1", "700", "f", NULL, TIME, TIME, NULL},
        .account = {"1000", "1000", "0", "0"},
        .file_name = "one.jpg",
    };
    return 0;
}

static void answer_photos(void)
{
    const char *rows[MOST_PHOTOS * PHOTO_FIELDS];
    static char ids[MOST_PHOTOS][64], looks[MOST_PHOTOS][24];

    for (int i = 0; i < scene.photos; i++) {
        const char *row[PHOTO_FIELDS] = {ids[i],
                                         AVATAR,
                                         HOUSE_USER,
                                         i ? NULL : scene.warning,
                                         i ? "b.jpg" : scene.file_name,
                                         "\\x00112233445566778899aabbccddeeff",
                                         "5000000",
                                         looks[i],
                                         "3000",
                                         "4000",
                                         AVATAR "/x.jpg",
                                         "400000",
                                         "\\x0102030405",
                                         "1",
                                         i % 3 ? "0.5" : "0.2",
                                         "3.1",
                                         "120",
                                         "0.8",
                                         TIME};
        (void)snprintf(ids[i], sizeof ids[i], "01990000-0000-7000-8000-0000000000%02d", i);
        (void)snprintf(looks[i], sizeof looks[i], "%lld", 0x5a5a5a5a5a5a5aLL * (i + 1) % 0x7fffffffffffffLL);
        memcpy(rows + i * PHOTO_FIELDS, row, sizeof row);
    }
    fake_db_answer(fake_rows(PHOTO_FIELDS, scene.photos, scene.photos ? rows : NULL));
}

static void answer_page(void)
{
    fake_db_answer(fake_rows(AVATAR_FIELDS, scene.is_gone ? 0 : 1, scene.avatar));
    if (scene.is_gone)
        return;
    answer_photos();
    fake_db_answer(fake_rows(TRAINING_FIELDS, scene.has_training ? 1 : 0, scene.training));
    fake_db_answer(fake_rows(4, 1, scene.account));
}

static struct loopback *show(const char *path)
{
    struct loopback *l = house_get(path);

    answer_page();
    return l;
}

/* Photos */

static void a_draft_begins_with_what_makes_a_good_set(void **state)
{
    struct loopback *l = show(PAGE "?done=avatar_made");

    (void)state;
    shown_assert(l, "Теперь добавьте фотографии.");
    shown_assert(l, "<li aria-current=\"step\"><span>Фотографии</span></li>");
    shown_assert(l, "<strong>0 из 10–20</strong> Нужно ещё 10 фотографий.");
    shown_assert(l, "На каждом снимке один человек");
    shown_assert(l, "<form class=\"upload\" id=\"upload\" method=\"post\" action=\"" PAGE
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
    struct loopback *l = show(PAGE);
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
    scene.avatar[TYPE] = "style";
    l = show(PAGE);
    shown_assert(l, "Все картинки — в одном стиле");
    assert_false(shown_has(l, "На каждом снимке один человек"));
    shown_close(l, 200);
}

static void photos_have_tiles_with_their_warnings(void **state)
{
    struct loopback *l;

    (void)state;
    scene.photos = 3;
    scene.warning = "several_faces";
    l = show(PAGE);
    shown_assert(l, "<strong>3 из 10–20</strong> Нужно ещё 7 фотографий.");
    assert_int_equal(shown_count(l, "class=\"photo\""), 3);
    shown_assert(l, "src=\"/files/aisha-v2-photos/" AVATAR "/x_small.webp?");
    shown_assert(l, "width=\"240\" height=\"320\" alt=\"Фотография 1\"");
    shown_assert(l, "На снимке несколько лиц");
    shown_assert(l, "action=\"" PAGE "/photos/01990000-0000-7000-8000-000000000002/delete\"");
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
    scene.photos = 20;
    l = show(PAGE);
    shown_assert(l, "<strong>20 из 10–20</strong> Больше не нужно");
    assert_false(shown_has(l, "type=\"file\""));
    shown_close(l, 200);
}

static void what_the_form_answered_is_a_page_when_it_is_loaded_again(void **state)
{
    struct loopback *l = show(PAGE "/photos");

    (void)state;
    shown_assert(l, "id=\"upload\"");
    shown_close(l, 200);
}

static void deletes_a_photo(void **state)
{
    static const char *const OUTCOMES[][2] = {{"removed", PAGE "?done=photo_deleted"},
                                              {"gone", PAGE "?done=photo_gone"}};
    struct loopback *l;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        l = house_post(PAGE "/photos/" PHOTO "/delete", "csrf_token=x");
        assert_non_null(strstr(fake_db_sql(), "photo_remove"));
        assert_string_equal(fake_db_value(0), HOUSE_USER);
        assert_string_equal(fake_db_value(1), AVATAR);
        assert_string_equal(fake_db_value(2), PHOTO);
        fake_db_answer(fake_rows(1, 1, OUTCOMES[i]));
        shown_close_redirect(l, OUTCOMES[i][1]);
    }
    l = house_post(PAGE "/photos/" PHOTO "/delete", "csrf_token=x");
    fake_db_answer(fake_rows(1, 1, (const char *[]){"training"}));
    scene.avatar[STATUS] = "training";
    scene.has_training = true;
    answer_page();
    shown_assert(l, "<strong>Аватар обучается.</strong>");
    shown_close(l, 409);
    shown_close(house_post(PAGE "/photos/x/delete", "csrf_token=x"), 404);
}

/* Training */

static void too_few_photos_and_the_price_are_said_before(void **state)
{
    struct loopback *l;

    (void)state;
    scene.photos = 9;
    l = show(PAGE);
    shown_assert(l, "Сначала добавьте ещё 1 фотографию.");
    shown_assert(l, "Доступно 1000 кредитов.");
    shown_assert(l, "<code>fal-ai/flux-lora-portrait-trainer</code>");
    shown_assert(l, "5–15 мин · ");
    shown_assert(l, "value=\"balanced\" checked");
    shown_assert(l, "aria-describedby=\"train-hint\" disabled>");
    shown_close(l, 200);
    scene.photos = 10;
    l = show(PAGE);
    assert_false(shown_has(l, "Сначала добавьте"));
    assert_false(shown_has(l, "aria-describedby=\"train-hint\" disabled"));
    shown_close(l, 200);
}

static void a_style_learns_for_longer(void **state)
{
    struct loopback *l;

    (void)state;
    scene.avatar[TYPE] = "style";
    l = show(PAGE);
    shown_assert(l, "10–20 мин · ");
    shown_assert(l, "20–45 мин · ");
    shown_close(l, 200);
}

static void too_little_to_spend_is_said_before(void **state)
{
    struct loopback *l;

    (void)state;
    scene.photos = 12;
    scene.account[1] = "5";
    scene.account[2] = "4";
    l = show(PAGE);
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
    scene.avatar[STATUS] = "training";
    scene.has_training = true;
    scene.photos = 12;
    scene.avatar[PHOTOS] = "12";
    for (size_t i = 0; i < sizeof STAGES / sizeof *STAGES; i++) {
        struct loopback *l;
        scene.training[T_STATUS] = STAGES[i][0];
        scene.training[T_POSITION] = STAGES[i][1];
        l = show(PAGE);
        shown_assert(l, STAGES[i][2]);
        shown_assert(l, "max=\"100\" value=\"42\"");
        shown_assert(l, "Ещё около 12 минут");
        shown_assert(l, "Страницу можно закрыть");
        shown_assert(l, "12 фотографий; в резерве кредитов: 200.");
        shown_assert(l, "action=\"" PAGE "/train/cancel\"");
        shown_assert(l, "Сначала отмените обучение.");
        shown_assert(l, "<li aria-current=\"step\"><span>Обучение</span></li>");
        assert_int_equal(shown_count(l, "class=\"photo\""), 12);
        assert_false(shown_has(l, "/photos/01990000")); /* no photo is deleted now */
        assert_false(shown_has(l, "type=\"file\""));
        assert_false(shown_has(l, "action=\"" PAGE "/delete\""));
        assert_false(shown_has(l, "Прежняя модель"));
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
    scene.avatar[STATUS] = "training";
    scene.has_training = true;
    for (size_t i = 0; i < sizeof LEFT / sizeof *LEFT; i++) {
        struct loopback *l;
        scene.training[T_LEFT] = LEFT[i][0];
        l = show(PAGE);
        shown_assert(l, LEFT[i][1]);
        assert_int_equal(shown_has(l, " data-seconds="), i > 0);
        shown_close(l, 200);
    }
}

static void an_end_that_was_asked_for_is_waited_for(void **state)
{
    struct loopback *l;

    (void)state;
    scene.avatar[STATUS] = "training";
    scene.has_training = true;
    scene.training[T_CANCEL] = "t";
    l = show(PAGE);
    shown_assert(l, "Отменяем обучение");
    shown_assert(l, "Если обучение успело закончиться, модель достанется вам.");
    assert_false(shown_has(l, "/train/cancel"));
    shown_close(l, 200);
}

static void one_that_learns_anew_works_with_its_old_model(void **state)
{
    struct loopback *l;

    (void)state;
    scene.avatar[STATUS] = "training";
    scene.avatar[LORA] = "https://x/l";
    scene.has_training = true;
    l = show(PAGE);
    shown_assert(l, "Прежняя модель пока работает.");
    shown_assert(l, "href=\"/create?avatar=" AVATAR "\"");
    shown_close(l, 200);
}

static void a_failed_training_says_why_and_keeps_the_photos(void **state)
{
    struct loopback *l;

    (void)state;
    scene.avatar[STATUS] = "error";
    scene.avatar[ERROR] = "training_refused";
    scene.avatar[PHOTOS] = "12";
    scene.photos = 12;
    l = show(PAGE);
    shown_assert(l, "<strong>Провайдер не принял фотографии.</strong>");
    shown_assert(l, "Фотографии сохранены: можно начать снова.");
    shown_assert(l, "action=\"" PAGE "/train\"");
    shown_assert(l, "type=\"file\"");
    shown_close(l, 200);
}

static void a_finished_one_says_where_it_runs(void **state)
{
    struct loopback *l;

    (void)state;
    scene.avatar[STATUS] = "completed";
    scene.avatar[PRESET] = "quality";
    scene.avatar[LORA] = "https://x/l";
    scene.avatar[BYTES] = "89000000";
    scene.avatar[PHOTOS] = "12";
    scene.photos = 12;
    l = show(PAGE);
    shown_assert(l, "<a class=\"button button-primary\" href=\"/create?avatar=" AVATAR "\">");
    shown_assert(l, "<code>fal-ai/flux-lora</code>");
    shown_assert(l, "файл LoRA, 85 МиБ, наша копия");
    shown_assert(l, "<dt>Обучен с пресетом</dt><dd>Качество</dd>");
    shown_assert(l, "<details id=\"again\">");
    shown_assert(l, "Пока новая модель не готова, работает прежняя.");
    shown_assert(l, "<li aria-current=\"step\"><span>Изображения</span></li>");
    shown_close(l, 200);
    l = show(PAGE "?done=photo_deleted");
    shown_assert(l, "<details id=\"again\" open>");
    shown_close(l, 200);
    scene.avatar[ERROR] = "model_missing";
    l = show(PAGE);
    shown_assert(l, "<strong>Модель не получена.</strong>");
    shown_assert(l, "Прежняя модель осталась и работает.");
    shown_close(l, 200);
}

/* The forms of trainings */

static void begins_a_training(void **state)
{
    struct loopback *l = house_post(PAGE "/train", "csrf_token=x&key=k-1&preset=fast");

    (void)state;
    assert_non_null(strstr(fake_db_sql(), "FROM idempotency_keys"));
    assert_string_equal(fake_db_value(1), "k-1");
    fake_db_answer(fake_rows(3, 0, NULL));
    assert_string_equal(fake_db_value(1), AVATAR);
    fake_db_answer(fake_rows(21, 1, scene.avatar + 4));
    assert_non_null(strstr(fake_db_sql(), "training_begin("));
    assert_string_equal(fake_db_value(1), AVATAR);
    assert_string_equal(fake_db_value(3), "fast");
    assert_string_equal(fake_db_value(6), "web");
    assert_string_equal(fake_db_value(10), "k-1");
    fake_db_answer(fake_rows(3, 1, (const char *[]){"begun", "0", "0"}));
    fake_db_answer(fake_rows(TRAINING_FIELDS, 1, scene.training));
    shown_close_redirect(l, PAGE);
}

/* Up to the statement that begins it, which says why not. */
static struct loopback *begin_in_vain(const char *outcome, const char *needed, const char *available)
{
    struct loopback *l = house_post(PAGE "/train", "csrf_token=x&key=k-1&preset=quality");

    fake_db_answer(fake_rows(3, 0, NULL));
    fake_db_answer(fake_rows(21, 1, scene.avatar + 4));
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
        answer_page();
        shown_assert(l, CASES[i].said);
        shown_assert(l, "value=\"quality\" checked");
        shown_close(l, CASES[i].status);
    }
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
        struct loopback *l = house_post(PAGE "/train", CASES[i].body);
        answer_page();
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
    l = house_post(PAGE "/train", "csrf_token=x&key=k-1&preset=fast");
    answer_page();
    shown_assert(l, "<strong>Сейчас обучать нельзя.</strong>");
    shown_close(l, 503);
}

static void cancels_a_training(void **state)
{
    struct loopback *l = house_post(PAGE "/train/cancel", "csrf_token=x");

    (void)state;
    assert_string_equal(fake_db_value(0), HOUSE_USER);
    assert_string_equal(fake_db_value(1), AVATAR);
    fake_db_answer(fake_rows(TRAINING_FIELDS, 1, scene.training));
    shown_close_redirect(l, PAGE);
    l = house_post(PAGE "/train/cancel", "csrf_token=x");
    fake_db_answer(fake_rows(TRAINING_FIELDS, 0, NULL));
    fake_db_answer(fake_rows(21, 1, scene.avatar + 4));
    shown_close_redirect(l, PAGE "?done=training_ended");
    l = house_post(PAGE "/train/cancel", "csrf_token=x");
    fake_db_answer(fake_rows(TRAINING_FIELDS, 0, NULL));
    fake_db_answer(fake_rows(21, 0, NULL));
    shown_close(l, 404);
    shown_close(house_post(PAGE "/train/cancel", "csrf_token=x&sure=yes"), 400);
}

static void what_is_gone_is_not_found(void **state)
{
    (void)state;
    scene.is_gone = true;
    shown_close(show(PAGE), 404);
    shown_close(house_post("/avatars/x/train", "csrf_token=x&key=k-1&preset=fast"), 404);
}

static void the_page_speaks_english_too(void **state)
{
    struct loopback *l;

    (void)state;
    house_speak(LANG_EN);
    scene.photos = 9;
    l = show(PAGE);
    shown_assert(l, "<strong>9 of 10–20</strong> 1 more photo is needed.");
    shown_assert(l, "Add 1 more photo first. You have 1000 credits.");
    shown_close(l, 200);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, house_tear_down)

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
        TEST(nobody_knows_how_long_when_nobody_knows),
        TEST(an_end_that_was_asked_for_is_waited_for),
        TEST(one_that_learns_anew_works_with_its_old_model),
        TEST(a_failed_training_says_why_and_keeps_the_photos),
        TEST(a_finished_one_says_where_it_runs),
        TEST(begins_a_training),
        TEST(one_that_is_not_begun_says_why_and_keeps_the_choice),
        TEST(what_is_no_form_of_this_page_begins_nothing),
        TEST(without_a_key_of_the_provider_nothing_is_trained),
        TEST(cancels_a_training),
        TEST(what_is_gone_is_not_found),
        TEST(the_page_speaks_english_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
