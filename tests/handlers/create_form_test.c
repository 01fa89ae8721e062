/* The form of the create page: what is said of what was typed, and that one form makes one generation. */
#include "web/create_form.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
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

static char fingerprint[100]; /* that the last insert carried */

static struct loopback *send_prompt(const char *prompt)
{
    const char *const fields[] = {"prompt",     prompt, "avatar_id", FAKE_AVATAR, "preset", "fast", "size", "",
                                  "num_images", "2",    "seed",      "",          "key",    KEY,    NULL};

    return page_form_send("/create", fields);
}

static void answer_portrait(void)
{
    assert_true(visit_asks("FROM avatars"));
    fake_db_answer(fake_avatar("portrait", "completed", VISIT_LORA, NULL));
}

static void answer_created(void)
{
    static const struct fake_generation PENDING = {ID, "pending", NULL, NULL, "-1", "0", "-1", NULL};

    fake_db_answer(fake_generations(&PENDING, 1));
}

static void a_form_becomes_a_generation_of_the_web(void **state)
{
    struct loopback *l = send_prompt("A cat\r\nin a hat \xf0\x9f\x98\xb8");

    (void)state;
    assert_true(visit_asks("FROM idempotency_keys"));
    assert_string_equal(fake_db_value(1), KEY);
    visit_answer_nothing();
    assert_string_equal(fake_db_value(1), FAKE_AVATAR);
    answer_portrait();
    assert_true(visit_asks("INSERT INTO generations"));
    assert_string_equal(fake_db_value(3), KEY);
    assert_string_equal(fake_db_value(5), "A cat\nin a hat \xf0\x9f\x98\xb8"); /* a line's end is one character */
    assert_string_equal(fake_db_value(7), "fast");
    assert_string_equal(fake_db_value(9), "2");
    assert_null(fake_db_value(12));
    assert_string_equal(fake_db_value(13), "web");
    assert_false(loopback_answered(l)); /* not before it is durable */
    answer_created();
    shown_close_redirect(l, "/generations/" ID);
}

static void size_and_seed_go_along(void **state)
{
    static const char *const SIZES[][2] = {{"landscape_4_3", "\"landscape_4_3\""},
                                           {"640x800", "\"image_size\":{\"width\":640,\"height\":800}"}};

    (void)state;
    for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++) {
        const char *const fields[] = {"prompt", "A cat",     "avatar_id", FAKE_AVATAR,
                                      "size",   SIZES[i][0], "seed",      " 18446744073709551615 ",
                                      "key",    KEY,         NULL};
        struct loopback *l = page_form_send("/create", fields);
        visit_answer_nothing();
        answer_portrait();
        assert_non_null(strstr(fake_db_value(10), SIZES[i][1]));
        assert_string_equal(fake_db_value(12), "18446744073709551615");
        assert_string_equal(fake_db_value(7), "quality"); /* none was chosen: the user's own */
        answer_created();
        shown_close_redirect(l, "/generations/" ID);
    }
}

static void a_ratio_is_for_ultra(void **state)
{
    const char *const fields[] = {"prompt", "A cat", "avatar_id", VISIT_STYLE, "preset", "ultra",
                                  "size",   "16:9",  "key",       KEY,         NULL};
    struct loopback *l = page_form_send("/create", fields);

    (void)state;
    visit_answer_nothing();
    fake_db_answer(fake_avatar("style", "completed", NULL, "ft-1"));
    assert_non_null(strstr(fake_db_value(10), "\"aspect_ratio\":\"16:9\""));
    answer_created();
    shown_close_redirect(l, "/generations/" ID);
}

static void a_thousand_characters_pass_and_one_more_is_shown_again(void **state)
{
    (void)state;
    for (int letters = 1000; letters <= 1001; letters++) {
        CLEANUP(buf_done) struct buf prompt = buf_make(10000);
        struct loopback *l;
        for (int i = 0; i < letters; i++)
            (void)buf_add_text(&prompt, i == 500 ? "\r\n" : "\xf0\x9f\x98\x80");
        l = send_prompt(prompt.bytes);
        assert_int_equal(visit_asks("FROM idempotency_keys"), letters == 1000);
        if (letters == 1000) {
            loopback_close(l);
            continue;
        }
        visit_answer_avatars();
        assert_true(shown_has(l, "Не длиннее 1000 символов.") && shown_has(l, "1001 / 1000"));
        assert_int_equal(shown_count(l, "\xf0\x9f\x98\x80"), 1000); /* and one line's end */
        assert_true(shown_has(l, "aria-invalid=\"true\""));
        shown_close(l, 422);
    }
}

static void what_is_far_too_long_is_shown_again_as_well(void **state)
{
    CLEANUP(buf_done) struct buf prompt = buf_make(10000);
    struct loopback *l;

    (void)state;
    for (int i = 0; i < 3000; i++)
        (void)buf_add_text(&prompt, "\xd1\x8f");
    l = send_prompt(prompt.bytes);
    visit_answer_avatars();
    assert_true(shown_has(l, "Не длиннее 1000 символов."));
    assert_int_equal(strlen(shown_between(l, "maxlength=\"2000\"", "</textarea>")) > 6000, 1);
    shown_close(l, 422);
}

static void faults_are_shown_at_their_fields_with_everything_typed(void **state)
{
    const char *const fields[] = {"prompt",    " \n",           "avatar_id", VISIT_STYLE,  "preset",
                                  "landscape", "size",          "100x5000",  "num_images", "4",
                                  "seed",      "-1\"><script>", "key",       KEY,          NULL};
    struct loopback *l = page_form_send("/create", fields);

    (void)state;
    visit_answer_avatars();
    assert_true(shown_has(l, "role=\"alert\""));
    assert_true(shown_has(l, "<a href=\"#prompt\">Напишите, что изобразить: одних пробелов мало.</a>"));
    assert_true(shown_has(l, "<a href=\"#size\">Допустимо от 256 до 2048.</a>"));
    assert_int_equal(shown_count(l, "href=\"#size\""), 1); /* two sides, one field */
    assert_true(shown_has(l, "<a href=\"#seed\">"));
    assert_true(shown_has(l, "id=\"prompt-error\"") && shown_has(l, "id=\"seed-error\""));
    assert_true(shown_has(l, "prompt-counter prompt-error\""));
    assert_true(shown_has(l, "value=\"-1&quot;&gt;&lt;script&gt;\"") && !shown_has(l, "<script>"));
    assert_true(shown_has(l, "<option value=\"100x5000\" selected>"));
    assert_true(visit_is_checked(l, "avatar-" VISIT_STYLE) && visit_is_checked(l, "preset-landscape") &&
                visit_is_checked(l, "count-4"));
    assert_true(shown_has(l, "<details class=\"more\" open>"));
    assert_string_not_equal(shown_between(l, "name=\"key\" value=\"", "\""), KEY);
    shown_close(l, 422);
}

static void wrong_values_of_every_field_are_refused_in_words(void **state)
{
    static const char *const WRONG[][3] = {
        {"prompt", "", "prompt"},          {"avatar_id", "me", "avatar_id"}, {"preset", "<b>", "preset"},
        {"size", "huge", "size"},          {"size", "1:99", "size"},         {"num_images", "5", "num_images"},
        {"num_images", "x", "num_images"}, {"seed", "1.5", "seed"},          {"seed", "18446744073709551616", "seed"},
        {"size", "99999999x1", "size"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++) {
        const char *const fields[] = {
            WRONG[i][0], WRONG[i][1], "key", KEY, strcmp(WRONG[i][0], "prompt") == 0 ? NULL : "prompt", "A cat", NULL};
        struct loopback *l = page_form_send("/create", fields);
        visit_answer_avatars();
        assert_int_equal(shown_count(l, "<li><a href=\"#"), 1);
        assert_string_equal(shown_between(l, "<li><a href=\"#", "\""), WRONG[i][2]);
        assert_false(shown_has(l, "GET /api/") || shown_has(l, "<b>"));
        shown_close(l, 422);
    }
}

static void what_the_avatar_cannot_do_is_said_at_the_field(void **state)
{
    static const char *const FIELDS[][3] = {{"ultra", "", "preset"}, {"fast", "16:9", "size"}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const char *const fields[] = {"prompt", "A cat",      "avatar_id", FAKE_AVATAR, "preset", FIELDS[i][0],
                                      "size",   FIELDS[i][1], "key",       KEY,         NULL};
        struct loopback *l = page_form_send("/create", fields);
        visit_answer_nothing();
        answer_portrait();
        visit_answer_avatars();
        assert_string_equal(shown_between(l, "<li><a href=\"#", "\""), FIELDS[i][2]);
        assert_true(shown_has(l, ">\nA cat</textarea>"));
        shown_close(l, 422);
    }
}

static void check_trouble(struct loopback *l, int status, const char *title)
{
    visit_answer_avatars();
    assert_string_equal(shown_between(l, "<h2 id=\"trouble\">", "</h2>"), title);
    assert_true(shown_has(l, ">\nA cat</textarea>"));
    assert_string_not_equal(shown_between(l, "name=\"key\" value=\"", "\""), KEY);
    shown_close(l, status);
}

static void conflicts_are_said_above_the_form(void **state)
{
    static const struct {
        const char *type, *status, *lora, *title;
    } ROWS[] = {{"portrait", "training", NULL, "Аватар ещё не готов"},
                {"portrait", "completed", NULL, "У аватара нет файла модели"},
                {"style", "completed", NULL, "У аватара нет модели"}};
    struct loopback *l;

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        l = send_prompt("A cat");
        visit_answer_nothing();
        fake_db_answer(fake_avatar(ROWS[i].type, ROWS[i].status, ROWS[i].lora, NULL));
        check_trouble(l, 409, ROWS[i].title);
    }
    l = page_form_send("/create", (const char *const[]){"prompt", "A cat", "key", KEY, NULL});
    visit_answer_nothing();
    assert_true(visit_asks("is_main"));
    visit_answer_nothing();
    check_trouble(l, 409, "Выберите аватар");
}

static void another_users_avatar_is_one_that_there_is_not(void **state)
{
    struct loopback *l = send_prompt("A cat");

    (void)state;
    visit_answer_nothing();
    assert_string_equal(fake_db_value(0), FAKE_USER);
    visit_answer_nothing();
    visit_answer_avatars();
    assert_true(shown_has(l, "<a href=\"#avatar_id\">Такого аватара нет: выберите другой.</a>"));
    shown_close(l, 422);
}

/* has_account, has_avatar, available, unfinished */
static void answer_obstacles(const char *available, const char *unfinished)
{
    fake_db_answer(fake_rows(4, 1, (const char *[]){"t", "t", available, unfinished}));
}

static struct loopback *send_too_dear(void)
{
    struct loopback *l = send_prompt("A cat");

    visit_answer_nothing();
    answer_portrait();
    visit_answer_nothing(); /* nothing was made */
    visit_answer_nothing(); /* not because of the key */
    answer_obstacles("5", "3");
    return l;
}

static void too_few_credits_are_said_with_figures_and_a_way_out(void **state)
{
    struct loopback *l = send_too_dear();
    const char *summary;

    (void)state;
    visit_has("1000", "5", "12", "983");
    visit_answer_avatars();
    assert_string_equal(shown_between(l, "<h2 id=\"trouble\">", "</h2>"), "Не хватает кредитов");
    summary = shown_between(l, "<section class=\"error-summary\" role=\"alert\"", "</section>");
    assert_true(strstr(summary, "<span data-price>8</span>, доступно: 5.") && strstr(summary, "Выберите меньше"));
    assert_true(shown_has(l, ">\nA cat</textarea>") && visit_is_checked(l, "preset-fast") &&
                visit_is_checked(l, "count-2"));
    assert_string_not_equal(shown_between(l, "name=\"key\" value=\"", "\""), KEY);
    shown_close(l, 402);
    l = send_too_dear();
    visit_has("1000", "9", "8", "983"); /* something has ended meanwhile */
    visit_answer_avatars();
    assert_true(shown_has(l, "теперь их хватает: отправьте ещё раз"));
    shown_close(l, 402);
}

static void too_many_unfinished_ones_are_said_in_words(void **state)
{
    struct loopback *l = send_prompt("A cat");

    (void)state;
    visit_answer_nothing();
    answer_portrait();
    visit_answer_nothing(); /* nothing was made */
    visit_answer_nothing(); /* not because of the key */
    answer_obstacles("900000", "10000");
    visit_answer_avatars();
    assert_string_equal(loopback_header(l, "retry-after", 0), "30");
    assert_true(shown_has(l, "Слишком много незаконченного") && !shown_has(l, "Retry-After"));
    shown_close(l, 429);
}

/* Keys */

static void answer_key(void)
{
    assert_true(visit_asks("FROM idempotency_keys"));
    fake_db_answer(fake_rows(3, 1, (const char *[]){fingerprint, ID, NULL}));
}

static void send_first(void)
{
    struct loopback *l = send_prompt("A cat");

    visit_answer_nothing();
    answer_portrait();
    (void)snprintf(fingerprint, sizeof fingerprint, "%s", fake_db_value(4));
    answer_created();
    shown_close_redirect(l, "/generations/" ID);
}

static void a_second_click_comes_to_the_same_generation(void **state)
{
    struct loopback *l;

    (void)state;
    send_first();
    l = send_prompt("A cat");
    answer_key();
    assert_true(visit_asks("FROM generations"));
    answer_created();
    shown_close_redirect(l, "/generations/" ID "?done=sent_before");
    l = send_prompt("A cat"); /* both at the same moment */
    visit_answer_nothing();
    answer_portrait();
    visit_answer_nothing();
    answer_key();
    answer_created();
    shown_close_redirect(l, "/generations/" ID "?done=sent_before");
}

static void the_key_of_another_text_is_a_conflict_with_a_way_out(void **state)
{
    struct loopback *l;

    (void)state;
    send_first();
    l = send_prompt("A dog");
    answer_key();
    visit_answer_avatars();
    assert_true(shown_has(l, "уже отправлена с другим описанием") && shown_has(l, ">\nA dog</textarea>"));
    assert_string_not_equal(shown_between(l, "name=\"key\" value=\"", "\""), KEY);
    shown_close(l, 409);
}

static void a_form_without_a_key_makes_nothing(void **state)
{
    static const char *const KEYS[] = {"", "a b", "й"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        const char *const fields[] = {"prompt", "A cat", "avatar_id", FAKE_AVATAR, "key", KEYS[i], NULL};
        check_trouble(page_form_send("/create", fields), 422, "Форма устарела");
    }
    check_trouble(page_form_send("/create", (const char *const[]){"prompt", "A cat", NULL}), 422, "Форма устарела");
}

static void hostile_texts_are_only_texts(void **state)
{
    static const char *const TEXTS[][2] = {
        {"</textarea><script>alert(1)</script>", "&lt;/textarea&gt;&lt;script&gt;alert(1)&lt;/script&gt;"},
        {"{{csrf_token}} {{{key}}}", "{{csrf_token}} {{{key}}}"},
        {"'\"&<>", "&#39;&quot;&amp;&lt;&gt;"},
        {"\xe2\x80\xae\xd7\x90 \xe2\x80\x8f", "\xe2\x80\xae\xd7\x90 \xe2\x80\x8f"},
        {"\n\nfirst lines", "\n\nfirst lines"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++) {
        const char *const fields[] = {"prompt", TEXTS[i][0], "num_images", "9", "key", KEY, NULL};
        struct loopback *l = page_form_send("/create", fields);
        char expected[200];
        visit_answer_avatars();
        (void)snprintf(expected, sizeof expected, ">\n%s</textarea>", TEXTS[i][1]);
        assert_true(shown_has(l, expected));
        shown_close(l, 422);
    }
}

static void the_request_itself_is_looked_at(void **state)
{
    (void)state;
    shown_close(
        house_send(&(struct loopback_message){
            .method = "POST", .path = "/create", .headers = {"content-type", "text/plain"}, .body = "prompt=x"}),
        415);
}

static void a_database_that_is_away_is_a_page(void **state)
{
    (void)state;
    for (int step = 0; step < 3; step++) {
        struct loopback *l = send_prompt("A cat");
        if (step > 0)
            visit_answer_nothing();
        if (step > 1)
            answer_portrait();
        fake_db_fail(ERR_BUSY, "database");
        assert_true(shown_has(l, "<!doctype html>"));
        shown_close(l, 503);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, visit_open, house_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_form_becomes_a_generation_of_the_web),
        TEST(size_and_seed_go_along),
        TEST(a_ratio_is_for_ultra),
        TEST(a_thousand_characters_pass_and_one_more_is_shown_again),
        TEST(what_is_far_too_long_is_shown_again_as_well),
        TEST(faults_are_shown_at_their_fields_with_everything_typed),
        TEST(wrong_values_of_every_field_are_refused_in_words),
        TEST(what_the_avatar_cannot_do_is_said_at_the_field),
        TEST(conflicts_are_said_above_the_form),
        TEST(another_users_avatar_is_one_that_there_is_not),
        TEST(too_few_credits_are_said_with_figures_and_a_way_out),
        TEST(too_many_unfinished_ones_are_said_in_words),
        TEST(a_second_click_comes_to_the_same_generation),
        TEST(the_key_of_another_text_is_a_conflict_with_a_way_out),
        TEST(a_form_without_a_key_makes_nothing),
        TEST(hostile_texts_are_only_texts),
        TEST(the_request_itself_is_looked_at),
        TEST(a_database_that_is_away_is_a_page),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
