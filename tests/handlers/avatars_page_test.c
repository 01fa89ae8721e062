/* Avatars for people: the list, the page of one, and its forms. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/fake_db.h"
#include "support/house.h"
#include "support/shown.h"
#include "web/avatar_forms.h"
#include "web/avatar_page.h"
#include "web/avatars_page.h"
#include "web/import_page.h"

#define AVATAR "01990000-0000-7000-8000-0000000000cc"
#define TIME "2026-01-15 10:00:01.123456+00"
#define HOSTILE "\"><script>x</script>' \xe2\x80\xae"
#define HOSTILE_SHOWN "&quot;&gt;&lt;script&gt;x&lt;/script&gt;&#39; \xe2\x80\xae"

static const struct route ROUTES[] = {
    {"GET", "/avatars", ACCESS_READ, 0, avatars_page_show, true},
    {"GET", "/avatars/{id}", ACCESS_READ, 0, avatar_page_show, true},
    {"POST", "/avatars/{id}/rename", ACCESS_WRITE, 4096, avatar_forms_rename, true},
    {"POST", "/avatars/{id}/main", ACCESS_WRITE, 4096, avatar_forms_main, true},
    {"POST", "/avatars/{id}/delete", ACCESS_WRITE, 4096, avatar_forms_delete, true},
    {0},
};

static int set_up(void **state)
{
    (void)state;
    house_open_signed_in(ROUTES);
    fake_db_reset();
    return 0;
}

enum {
    COLUMNS = 4 + 21,
    SHOWN_IMAGES = 2,
    BUSY = 3,
    NAME = 6,
    TYPE = 8,
    STATUS = 9,
    PROGRESS = 10,
    TRIGGER = 12,
    LORA = 13,
    FINETUNE = 14,
    SCALE = 15,
    MAIN = 16,
    ERROR = 19
};

/* letter, created, images, is_busy, then an avatar's columns */
static const char *const PORTRAIT[COLUMNS] = {
    "A",    "15.01.2026, 15:45", "3",  "f",  AVATAR, HOUSE_USER, "Anna", "female", "portrait", "completed", "100", NULL,
    "ANNA", "https://x/l",       NULL, NULL, "t",    "0",        "0",    NULL,     TIME,       TIME,        TIME};

static PGresult *altered(int column, const char *value, int column_2, const char *value_2)
{
    const char *row[COLUMNS];

    memcpy(row, PORTRAIT, sizeof row);
    row[column] = value;
    row[column_2] = value_2;
    return fake_rows(COLUMNS, 1, row);
}

static PGresult *portrait(void) { return altered(NAME, "Anna", NAME, "Anna"); }
static PGresult *nothing(void) { return fake_rows(COLUMNS, 0, NULL); }

/* The page of one: the avatar, then what it learns from, and what there is to spend. */
static void answer_page(PGresult *avatar)
{
    fake_db_answer(avatar);
    assert_non_null(strstr(fake_db_sql(), "FROM photos WHERE user_id = $1 AND avatar_id = $2"));
    assert_string_equal(fake_db_value(0), HOUSE_USER);
    assert_string_equal(fake_db_value(1), AVATAR);
    fake_db_answer(fake_rows(19, 0, NULL));
    assert_non_null(strstr(fake_db_sql(), "FROM trainings"));
    assert_string_equal(fake_db_value(0), HOUSE_USER);
    assert_string_equal(fake_db_value(1), AVATAR);
    fake_db_answer(fake_rows(1, 0, NULL));
    assert_non_null(strstr(fake_db_sql(), "FROM accounts"));
    assert_string_equal(fake_db_value(0), HOUSE_USER);
    fake_db_answer(fake_rows(4, 0, NULL));
}

static void check_asks_for(const char *id)
{
    assert_non_null(strstr(fake_db_sql(), "FROM avatars WHERE user_id = $1 AND deleted_at IS NULL"));
    assert_string_equal(fake_db_value(0), HOUSE_USER);
    assert_string_equal(fake_db_value(1), "Asia/Kathmandu");
    if (id)
        assert_string_equal(fake_db_value(4), id);
}

/* GET /avatars */

static void whoever_has_no_avatar_is_told_what_to_do(void **state)
{
    struct loopback *l = house_get("/avatars");

    (void)state;
    check_asks_for(NULL);
    fake_db_answer(nothing());
    assert_int_equal(loopback_status(l), 200);
    assert_true(shown_has(l, "class=\"empty\""));
    assert_true(shown_has(l, "<a class=\"button button-primary\" href=\"/avatars/new\">Создать аватар</a>"));
    assert_true(shown_has(l, "href=\"/avatars/import\""));
    assert_true(shown_has(l, "<a href=\"/avatars\" aria-current=\"page\""));
    loopback_close(l);
}

static void an_avatar_has_a_card(void **state)
{
    struct loopback *l = house_get("/avatars?done=avatar_deleted");

    (void)state;
    fake_db_answer(altered(NAME, HOSTILE, NAME, HOSTILE));
    assert_int_equal(loopback_status(l), 200);
    assert_true(shown_has(l, "Аватар удалён."));
    assert_true(shown_has(l, "<bdi>" HOSTILE_SHOWN "</bdi>"));
    assert_false(shown_has(l, "<script>x"));
    assert_true(shown_has(l, "href=\"/avatars/" AVATAR "\""));
    assert_true(shown_has(l, "id=\"a-" AVATAR "\""));
    assert_true(shown_has(l, "Портретный"));
    assert_true(shown_has(l, "badge-ok\">Готов<"));
    assert_true(shown_has(l, "Главный"));
    assert_true(shown_has(l, "href=\"/images?avatar=" AVATAR "\">3 изображения<"));
    assert_false(shown_has(l, "<progress"));
    assert_false(shown_has(l, "http-equiv=\"refresh\""));
    loopback_close(l);
}

static void images_are_counted_in_words(void **state)
{
    static const char *const WORDS[][2] = {{"0", "Изображений пока нет"},
                                           {"1", ">1 изображение<"},
                                           {"5", ">5 изображений<"},
                                           {"22", ">22 изображения<"},
                                           {"1000", ">Больше 1000 изображений<"}};

    (void)state;
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
        struct loopback *l = house_get("/avatars");
        fake_db_answer(altered(SHOWN_IMAGES, WORDS[i][0], SHOWN_IMAGES, WORDS[i][0]));
        assert_true(shown_has(l, WORDS[i][1]));
        loopback_close(l);
    }
}

static void a_training_shows_how_far_it_is(void **state)
{
    struct loopback *l = house_get("/avatars");

    (void)state;
    fake_db_answer(altered(STATUS, "training", PROGRESS, "42"));
    assert_true(shown_has(l, "badge-busy\">Обучается<"));
    assert_true(shown_has(l, "max=\"100\" value=\"42\""));
    assert_true(shown_has(l, "<noscript><meta http-equiv=\"refresh\""));
    loopback_close(l);
    l = house_get("/avatars/" AVATAR);
    answer_page(altered(STATUS, "training", MAIN, "f"));
    assert_true(shown_has(l, "<progress"));
    assert_true(
        shown_has(l, "content=\"15; url=/avatars/" AVATAR "\"")); /* also where a refused form brought the page */
    assert_true(shown_has(l, "/create?avatar="));                 /* with the model that it had */
    assert_true(shown_has(l, "/main\""));
    assert_true(shown_has(l, "action=\"/avatars/" AVATAR "/train/cancel\""));
    assert_false(shown_has(l, "action=\"/avatars/" AVATAR "/delete\""));
    loopback_close(l);
}

/* The regions that scripts follow: one that went with the training could not turn into what comes after it. */
static void the_end_of_a_training_has_a_place_on_the_page(void **state)
{
    static const char *const STATUSES[] = {"training", "completed", "error"};

    (void)state;
    for (size_t i = 0; i < sizeof STATUSES / sizeof *STATUSES; i++) {
        struct loopback *l = house_get("/avatars/" AVATAR);
        answer_page(altered(STATUS, STATUSES[i], MAIN, "f"));
        assert_true(shown_has(l, "data-live=\"avatar\""));
        assert_true(shown_has(l, "data-live=\"avatar-head\""));
        loopback_close(l);
    }
}

static void there_is_room_for_some_avatars(void **state)
{
    const char *rows[10 * COLUMNS];
    struct loopback *l = house_get("/avatars");

    (void)state;
    for (int i = 0; i < 10; i++)
        memcpy(rows + i * COLUMNS, PORTRAIT, sizeof PORTRAIT);
    fake_db_answer(fake_rows(COLUMNS, 9, rows));
    assert_true(shown_has(l, "href=\"/avatars/import\""));
    loopback_close(l);
    l = house_get("/avatars");
    fake_db_answer(fake_rows(COLUMNS, 10, rows));
    assert_false(shown_has(l, "href=\"/avatars/import\""));
    assert_false(shown_has(l, "href=\"/avatars/new\""));
    assert_true(shown_has(l, "У вас 10 аватаров, больше нельзя."));
    loopback_close(l);
}

/* GET /avatars/{id} */

static void an_avatar_has_a_page(void **state)
{
    struct loopback *l = house_get("/avatars/" AVATAR);

    (void)state;
    check_asks_for(AVATAR);
    answer_page(altered(NAME, HOSTILE, TRIGGER, "<i>&"));
    assert_int_equal(loopback_status(l), 200);
    assert_true(shown_has(l, "<title>" HOSTILE_SHOWN " "));
    assert_true(shown_has(l, "<h1><bdi>" HOSTILE_SHOWN "</bdi></h1>"));
    assert_true(shown_has(l, "value=\"" HOSTILE_SHOWN "\""));
    assert_true(shown_has(l, "&lt;i&gt;&amp;"));
    assert_false(shown_has(l, "<script>x"));
    assert_true(shown_has(l, "href=\"/create?avatar=" AVATAR "\""));
    assert_true(shown_has(l, "файл LoRA"));
    assert_false(shown_has(l, "https://x/l")); /* addresses of models are nobody's business */
    assert_true(shown_has(l, "<time datetime=\"2026-01-15T10:00:01.123456Z\">15.01.2026, 15:45</time>"));
    assert_true(shown_has(l, "Женщину"));
    assert_false(shown_has(l, "action=\"/avatars/" AVATAR "/main\"")); /* it is the main one */
    assert_true(shown_has(l, "action=\"/avatars/" AVATAR "/delete\""));
    assert_true(shown_has(l, "Готовые изображения останутся в галерее."));
    assert_true(shown_has(l, "Главным станет самый новый"));
    assert_false(shown_has(l, "Дождитесь их или отмените."));
    loopback_close(l);
}

static void another_one_may_become_the_main_one(void **state)
{
    struct loopback *l = house_get("/avatars/" AVATAR "?done=avatar_imported");

    (void)state;
    answer_page(altered(MAIN, "f", BUSY, "t"));
    assert_true(shown_has(l, "Аватар готов: можно создавать изображения."));
    assert_true(shown_has(l, "action=\"/avatars/" AVATAR "/main\""));
    assert_true(shown_has(l, "Дождитесь их или отмените."));
    assert_false(shown_has(l, "Главным станет"));
    loopback_close(l);
}

static void a_style_shows_its_finetune_or_its_scale(void **state)
{
    struct loopback *l = house_get("/avatars/" AVATAR);
    const char *row[COLUMNS];

    (void)state;
    memcpy(row, PORTRAIT, sizeof row);
    row[TYPE] = "style";
    row[LORA] = NULL;
    row[FINETUNE] = "ink-1";
    row[SCALE] = "0.75";
    answer_page(fake_rows(COLUMNS, 1, row));
    assert_true(shown_has(l, "Художественный"));
    assert_true(shown_has(l, "<dd>finetune</dd>"));
    assert_true(shown_has(l, "<dd>0.75</dd>"));
    loopback_close(l);
}

static void a_failed_training_says_why(void **state)
{
    struct loopback *l = house_get("/avatars/" AVATAR);

    (void)state;
    answer_page(altered(STATUS, "error", ERROR, "provider_unavailable"));
    assert_true(shown_has(l, "badge-bad\">Ошибка<"));
    assert_true(shown_has(l, "<strong>Провайдер недоступен.</strong>"));
    assert_false(shown_has(l, "provider_unavailable"));
    loopback_close(l);
}

static void what_is_not_there_is_not_found(void **state)
{
    static const char *const PATHS[] = {"/avatars/" AVATAR, "/avatars/nonsense"};
    struct loopback *l;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        l = house_get(PATHS[i]);
        if (i == 0)
            fake_db_answer(nothing());
        assert_int_equal(loopback_status(l), 404);
        assert_true(shown_has(l, "Здесь ничего нет"));
        loopback_close(l);
    }
    assert_false(fake_db_waits());
}

/* The forms */

static void renames(void **state)
{
    struct loopback *l = house_post("/avatars/" AVATAR "/rename", "csrf_token=x&name=%D0%AF%D0%BD%D0%B0+%3Cb%3E");

    (void)state;
    assert_non_null(strstr(fake_db_sql(), "UPDATE avatars SET name"));
    assert_string_equal(fake_db_value(0), HOUSE_USER);
    assert_string_equal(fake_db_value(1), AVATAR);
    assert_string_equal(fake_db_value(2), "Яна <b>");
    assert_string_equal(fake_db_value(3), "f"); /* the scale stays */
    fake_db_answer(fake_rows(21, 1, PORTRAIT + 4));
    shown_close_redirect(l, "/avatars/" AVATAR "?done=avatar_renamed");
    l = house_post("/avatars/" AVATAR "/rename", "name=x");
    fake_db_answer(fake_rows(19, 0, NULL));
    assert_int_equal(loopback_status(l), 404);
    loopback_close(l);
}

static void a_name_that_will_not_do_is_shown_again(void **state)
{
    static const struct {
        const char *body, *shown, *said;
    } CASES[] = {
        {"name=", "value=\"\"", "Назовите аватар."},
        {"name=++", "value=\"  \"", "Одних пробелов мало"},
        {"", "value=\"\"", "Назовите аватар."},
        {"name=%3Cb%3E34567890123456789012345678901234567890123456789012345678901234567", "value=\"&lt;b&gt;3456",
         "Не длиннее 64 символов."},
        {"name=x&is_main=true", "value=\"x\"", "Неизвестный параметр «is_main»."},
    };

    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct loopback *l = house_post("/avatars/" AVATAR "/rename", CASES[i].body);
        check_asks_for(AVATAR);
        answer_page(portrait());
        assert_int_equal(loopback_status(l), 422);
        assert_true(shown_has(l, "<details open>"));
        assert_true(shown_has(l, CASES[i].shown));
        assert_true(shown_has(l, CASES[i].said));
        loopback_close(l);
    }
}

static void makes_the_main_one(void **state)
{
    struct loopback *l = house_post("/avatars/" AVATAR "/main", "csrf_token=x");

    (void)state;
    assert_non_null(strstr(fake_db_sql(), "avatar_make_main"));
    assert_string_equal(fake_db_value(1), AVATAR);
    assert_null(fake_db_value(2));
    fake_db_answer(fake_rows(21, 1, PORTRAIT + 4));
    shown_close_redirect(l, "/avatars/" AVATAR "?done=avatar_main");
}

static void one_that_is_not_ready_cannot_be_the_main_one(void **state)
{
    struct loopback *l = house_post("/avatars/" AVATAR "/main", "csrf_token=x");

    (void)state;
    fake_db_answer(fake_rows(19, 0, NULL));
    check_asks_for(AVATAR);
    answer_page(altered(STATUS, "training", MAIN, "f"));
    assert_int_equal(loopback_status(l), 409);
    assert_true(shown_has(l, "role=\"alert\""));
    assert_true(shown_has(l, "Аватар ещё не готов"));
    loopback_close(l);
    l = house_post("/avatars/" AVATAR "/main", "csrf_token=x");
    fake_db_answer(fake_rows(19, 0, NULL));
    fake_db_answer(nothing());
    assert_int_equal(loopback_status(l), 404);
    loopback_close(l);
}

static void deletes(void **state)
{
    struct loopback *l = house_post("/avatars/" AVATAR "/delete", "csrf_token=x");

    (void)state;
    assert_non_null(strstr(fake_db_sql(), "avatar_delete"));
    assert_string_equal(fake_db_value(0), HOUSE_USER);
    assert_string_equal(fake_db_value(1), AVATAR);
    fake_db_answer(fake_rows(1, 1, (const char *[]){AVATAR}));
    shown_close_redirect(l, "/avatars?done=avatar_deleted");
}

static void one_that_is_at_work_stays(void **state)
{
    struct loopback *l = house_post("/avatars/" AVATAR "/delete", "csrf_token=x");

    (void)state;
    fake_db_answer(fake_rows(1, 0, NULL));
    answer_page(altered(BUSY, "t", BUSY, "t"));
    assert_int_equal(loopback_status(l), 409);
    assert_true(shown_has(l, "<strong>Аватар занят.</strong>"));
    assert_true(shown_has(l, "Дождитесь их или отмените."));
    loopback_close(l);
    l = house_post("/avatars/" AVATAR "/delete", "csrf_token=x");
    fake_db_answer(fake_rows(1, 0, NULL));
    fake_db_answer(nothing());
    assert_int_equal(loopback_status(l), 404);
    loopback_close(l);
}

static void forms_take_nothing_else(void **state)
{
    static const char *const PATHS[] = {"/avatars/" AVATAR "/main", "/avatars/" AVATAR "/delete"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct loopback *l = house_post(PATHS[i], "csrf_token=x&sure=yes");
        assert_int_equal(loopback_status(l), 400);
        loopback_close(l);
    }
    for (size_t i = 0; i < 2; i++) {
        struct loopback *l = house_post(i ? "/avatars/x/delete" : "/avatars/x/rename", "csrf_token=x");
        assert_int_equal(loopback_status(l), 404);
        loopback_close(l);
    }
    assert_false(fake_db_waits());
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, house_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(whoever_has_no_avatar_is_told_what_to_do),
        TEST(an_avatar_has_a_card),
        TEST(images_are_counted_in_words),
        TEST(a_training_shows_how_far_it_is),
        TEST(the_end_of_a_training_has_a_place_on_the_page),
        TEST(there_is_room_for_some_avatars),
        TEST(an_avatar_has_a_page),
        TEST(another_one_may_become_the_main_one),
        TEST(a_style_shows_its_finetune_or_its_scale),
        TEST(a_failed_training_says_why),
        TEST(what_is_not_there_is_not_found),
        TEST(renames),
        TEST(a_name_that_will_not_do_is_shown_again),
        TEST(makes_the_main_one),
        TEST(one_that_is_not_ready_cannot_be_the_main_one),
        TEST(deletes),
        TEST(one_that_is_at_work_stays),
        TEST(forms_take_nothing_else),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
