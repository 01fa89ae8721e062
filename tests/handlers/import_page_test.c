/* Taking over a model by the form. */
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

#define AVATAR "01990000-0000-7000-8000-0000000000cc"
#define TIME "2026-01-15 10:00:01.123456+00"
#define URL "https%3A%2F%2Fv3.fal.media%2Ffiles%2Fanna.safetensors"
#define PORTRAIT                                                                                                       \
    "csrf_token=x&key=k-1&name=Anna&gender=female&training_type=portrait&trigger=ANNA+woman"                           \
    "&diffusers_lora_file_url=" URL "&finetune_id=&default_lora_scale="
#define STYLE "key=k-1&name=Ink&gender=other&training_type=style&trigger=INK"

static struct loopback *send_form(const char *body) { return house_post("/avatars/import", body); }

static void made(const char *id)
{
    fake_db_answer(fake_rows(19, 1,
                             (const char *[]){id, HOUSE_USER, "Anna", "female", "portrait", "completed", "100", NULL,
                                              "T", "u", NULL, NULL, "t", "0", "0", NULL, TIME, TIME, TIME}));
}

static void the_form_is_empty_at_first(void **state)
{
    struct loopback *l = house_send(&(struct loopback_message){.method = "GET", .path = "/avatars/import"});

    (void)state;
    assert_int_equal(loopback_status(l), 200);
    assert_true(shown_has(l, "name=\"key\" value=\""));
    assert_true(shown_has(l, "name=\"training_type\" value=\"portrait\" required checked"));
    assert_false(shown_has(l, "name=\"gender\" value=\"female\" required checked"));
    assert_false(shown_has(l, "role=\"alert\""));
    assert_false(fake_db_waits());
    loopback_close(l);
}

static void takes_a_portrait_over(void **state)
{
    struct loopback *l = send_form(PORTRAIT);
    char id[40], location[100];

    (void)state;
    assert_non_null(strstr(fake_db_sql(), "FROM idempotency_keys"));
    assert_string_equal(fake_db_value(1), "k-1");
    avatar_forms_no_row();
    assert_non_null(strstr(fake_db_sql(), "INSERT INTO avatars"));
    assert_string_equal(fake_db_value(0), HOUSE_USER);
    assert_string_equal(fake_db_value(2), "Anna");
    assert_string_equal(fake_db_value(3), "female");
    assert_string_equal(fake_db_value(4), "portrait");
    assert_string_equal(fake_db_value(5), "ANNA woman");
    assert_string_equal(fake_db_value(6), "https://v3.fal.media/files/anna.safetensors");
    assert_null(fake_db_value(7));
    assert_string_equal(fake_db_value(8), "10");
    assert_string_equal(fake_db_value(9), "k-1");
    assert_null(fake_db_value(11));
    (void)snprintf(id, sizeof id, "%s", fake_db_value(1));
    made(id);
    (void)snprintf(location, sizeof location, "/avatars/%s?done=avatar_imported", id);
    assert_int_equal(loopback_status(l), 303);
    assert_string_equal(loopback_header(l, "location", 0), location);
    loopback_close(l);
}

static void takes_a_style_over(void **state)
{
    struct loopback *l = send_form(STYLE "&finetune_id=+ink-1+&diffusers_lora_file_url=");

    (void)state;
    avatar_forms_no_row();
    assert_string_equal(fake_db_value(4), "style");
    assert_string_equal(fake_db_value(5), "INK");
    assert_null(fake_db_value(6));
    assert_string_equal(fake_db_value(7), "ink-1");
    loopback_close(l);
}

static void people_write_scales_as_they_like(void **state)
{
    static const char *const SCALES[][2] = {{"0.8", "0.8"},  {"0%2C85", "0.85"}, {"+1+", "1"},     {"4", "4"},
                                            {"0", "0"},      {"1.005", "1.005"}, {"2.", NULL},     {".5", NULL},
                                            {"4.001", NULL}, {"-1", NULL},       {"1.2345", NULL}, {"1e1", NULL},
                                            {"nan", NULL},   {"1,2,3", NULL}};
    char body[500];

    (void)state;
    for (size_t i = 0; i < sizeof SCALES / sizeof *SCALES; i++) {
        struct loopback *l;
        (void)snprintf(body, sizeof body, "%s%s",
                       STYLE "&diffusers_lora_file_url=" URL "&default_lora_scale=", SCALES[i][0]);
        l = send_form(body);
        if (SCALES[i][1]) {
            avatar_forms_no_row();
            assert_string_equal(fake_db_value(11), SCALES[i][1]);
        } else {
            assert_int_equal(loopback_status(l), 422);
            assert_true(shown_has(l, "Нужно число от 0 до 4"));
        }
        loopback_close(l);
    }
}

static void what_is_wrong_is_said_in_words_and_nothing_typed_is_lost(void **state)
{
    static const struct {
        const char *body, *said, *shown;
    } CASES[] = {
        {"key=k&name=&gender=&training_type=", "href=\"#name\"", "Выберите тип аватара."},
        {"key=k", "Укажите, кого изображает аватар.", "Назовите аватар."},
        {PORTRAIT "&finetune_id=f", "Указано больше одного раза.", "value=\"Anna\""},
        {"key=k&name=A&gender=male&training_type=portrait&trigger=T&diffusers_lora_file_url=http%3A%2F%2Fx",
         "начинается с https://", "value=\"http://x\""},
        {"key=k&name=A&gender=male&training_type=portrait&trigger=T", "Портретному аватару нужен файл LoRA",
         "name=\"gender\" value=\"male\" required checked"},
        {"key=k&name=A&gender=male&training_type=portrait&trigger=T&diffusers_lora_file_url=" URL "&finetune_id=f",
         "Оставьте пустым: модель задаёт файл LoRA", "value=\"f\""},
        {STYLE "&diffusers_lora_file_url=" URL "&finetune_id=f", "Оставьте пустым: модель задаёт файл LoRA",
         "name=\"training_type\" value=\"style\" required checked"},
        {STYLE, "Укажите адрес файла LoRA или номер finetune.", "value=\"INK\""},
        {STYLE "&finetune_id=%3Cf%3E", "только латинские буквы", "value=\"&lt;f&gt;\""},
        {STYLE "&finetune_id=f&default_lora_scale=1", "Сила бывает только у файла LoRA", "value=\"1\""},
        {"name=Ink&gender=other&training_type=style&trigger=INK&finetune_id=f", "Форма устарела.", "value=\"Ink\""},
        {STYLE "&finetune_id=f&is_main=true", "Неизвестный параметр «is_main».", "value=\"Ink\""},
        {"key=k&name=%20&gender=male&training_type=style&trigger=%20&finetune_id=f", "Одних пробелов мало: назовите",
         "Одних пробелов мало: укажите слово-ключ."},
    };

    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct loopback *l = send_form(CASES[i].body);
        assert_false(fake_db_waits());
        assert_int_equal(loopback_status(l), 422);
        assert_true(shown_has(l, CASES[i].said));
        assert_true(shown_has(l, CASES[i].shown));
        assert_true(shown_has(l, "role=\"alert\""));
        loopback_close(l);
    }
}

/* It goes before every prompt. */
static void a_trigger_that_may_not_be_asked_for_is_refused_beside_its_field(void **state)
{
    static const char *const BODIES[] = {
        "key=k&name=Anna&gender=female&training_type=portrait&trigger=naked+woman&diffusers_lora_file_url=" URL,
        "key=k&name=Anna&gender=female&training_type=style&trigger=naked+ink&finetune_id=f",
    };

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct loopback *l;
        house_speak(i < 2 ? LANG_RU : LANG_EN);
        l = send_form(BODIES[i % 2]);
        assert_false(fake_db_waits());
        assert_int_equal(loopback_status(l), 422);
        assert_true(shown_has(l, "id=\"trigger-error\"") &&
                    shown_has(l, i < 2 ? "нагота: «naked»" : "nudity: “naked”"));
        assert_true(shown_has(l, i % 2 ? "value=\"naked ink\"" : "value=\"naked woman\""));
        loopback_close(l);
    }
}

static void hostile_and_long_texts_come_back_as_they_were_typed(void **state)
{
    static char body[4000];
    size_t used;
    struct loopback *l;

    (void)state;
    used = (size_t)snprintf(body, sizeof body,
                            "key=k&gender=male&training_type=style&finetune_id=f&trigger=%%22onx%%3D1&name=%%3Cb%%3E");
    for (int i = 0; i < 65; i++, used += 12)
        memcpy(body + used, "%F0%9F%98%80", 13);
    l = send_form(body);
    assert_int_equal(loopback_status(l), 422);
    assert_true(shown_has(l, "value=\"&lt;b&gt;\xf0\x9f\x98\x80\xf0\x9f\x98\x80"));
    assert_true(shown_has(l, "value=\"&quot;onx=1\""));
    assert_true(shown_has(l, "Не длиннее 64 символов."));
    loopback_close(l);
}

static void a_second_click_comes_to_the_same_avatar(void **state)
{
    static char fingerprint[80];
    struct loopback *l = send_form(PORTRAIT);

    (void)state;
    avatar_forms_no_row();
    (void)snprintf(fingerprint, sizeof fingerprint, "%s", fake_db_value(10));
    fake_db_answer(fake_rows(19, 0, NULL)); /* the first click has just taken the key */
    assert_non_null(strstr(fake_db_sql(), "FROM idempotency_keys"));
    fake_db_answer(fake_rows(3, 1, (const char *[]){fingerprint, AVATAR, NULL}));
    assert_string_equal(loopback_header(l, "location", 0), "/avatars/" AVATAR "?done=avatar_imported");
    loopback_close(l);
    l = send_form(PORTRAIT);
    fake_db_answer(fake_rows(3, 1, (const char *[]){fingerprint, AVATAR, NULL}));
    assert_string_equal(loopback_header(l, "location", 0), "/avatars/" AVATAR "?done=avatar_imported");
    loopback_close(l);
    l = send_form(STYLE "&finetune_id=f");
    fake_db_answer(fake_rows(3, 1, (const char *[]){fingerprint, AVATAR, NULL}));
    assert_int_equal(loopback_status(l), 422);
    assert_true(shown_has(l, "Ключ уже использован"));
    assert_false(shown_has(l, "value=\"k-1\"")); /* the form has a new one */
    loopback_close(l);
}

static void too_many_avatars_are_refused_in_words(void **state)
{
    struct loopback *l = send_form(PORTRAIT);

    (void)state;
    avatar_forms_no_row();
    fake_db_answer(fake_rows(19, 0, NULL));
    avatar_forms_no_row();
    assert_int_equal(loopback_status(l), 409);
    assert_true(shown_has(l, "Достигнут предел"));
    assert_true(shown_has(l, "value=\"Anna\""));
    loopback_close(l);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, avatar_forms_open, house_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_form_is_empty_at_first),
        TEST(takes_a_portrait_over),
        TEST(takes_a_style_over),
        TEST(people_write_scales_as_they_like),
        TEST(what_is_wrong_is_said_in_words_and_nothing_typed_is_lost),
        TEST(a_trigger_that_may_not_be_asked_for_is_refused_beside_its_field),
        TEST(hostile_and_long_texts_come_back_as_they_were_typed),
        TEST(a_second_click_comes_to_the_same_avatar),
        TEST(too_many_avatars_are_refused_in_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
