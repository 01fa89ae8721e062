/* /images/{id}: the page of a picture. */
#include "web/image_page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "storage/signed_url.h"
#include "support/fake_db.h"
#include "support/fake_generation.h"
#include "support/house.h"
#include "support/picture_row.h"
#include "support/shown.h"

#define ID PICTURE_ROW_ID
#define NEWER "01990000-0000-7000-8000-0000000000aa"
#define OLDER "01990000-0000-7000-8000-0000000000ab"
#define AVATAR PICTURE_ROW_AVATAR
#define PARENT "01990000-0000-7000-8000-0000000000ac"
#define PAGE "/images/" ID

static const struct route ROUTES[] = {
    {"GET", "/images/{id}", ACCESS_READ, 0, image_page_show, true},
    {0},
};

static int set_up(void **state)
{
    (void)state;
    house_open_signed_in(ROUTES);
    fake_db_reset();
    return 0;
}

static struct loopback *show(struct picture_row picture)
{
    struct loopback *l = house_get(PAGE);

    picture_row_answer(picture);
    return l;
}

/* The page */

static void the_page_shows_the_picture_and_how_it_came_to_be(void **state)
{
    struct loopback *l = house_get(PAGE);

    (void)state;
    assert_string_equal(fake_db_value(0), HOUSE_USER);
    assert_string_equal(fake_db_value(1), ID);
    assert_string_equal(fake_db_value(2), "Asia/Kathmandu");
    picture_row_answer((struct picture_row){.newer = NEWER, .older = OLDER});
    shown_assert(l, "<title>кот на окне · Aisha</title>");
    shown_assert(l, "<bdi>кот на окне</bdi></h1>");
    shown_assert(l, "id=\"prompt\" dir=\"auto\">кот на окне</p>");
    shown_assert(l, "data-copy=\"prompt\"");
    shown_assert(l, "href=\"/files/aisha-v2-generated/2026/11/20/" ID ".jpg?expires=");
    shown_assert(l, "2026/11/20/" ID "_medium.webp?expires=");
    shown_assert(l, " 800w, ");
    shown_assert(l, " 1024w\"");
    shown_assert(l, "width=\"1024\" height=\"768\" alt=\"кот на окне\"");
    shown_assert(l, "<time datetime=\"2026-11-19T18:20:30.123456Z\">Сегодня, 00:05</time>");
    shown_assert(l, "<a class=\"link\" href=\"/avatars/" AVATAR "\"><bdi>Анна</bdi></a>");
    shown_assert(l, "<dd>Быстро</dd>");
    shown_assert(l, "<dd>1024 × 768</dd>");
    shown_assert(l, "<dd>12,4 с</dd>");
    shown_assert(l, "<dd>18446744073709551615</dd>");
    shown_assert(l, "<dd>fal-ai/flux-lora</dd>");
    shown_assert(l, "rel=\"prev\" href=\"/images/" NEWER "\"");
    shown_assert(l, "rel=\"next\" href=\"/images/" OLDER "\"");
    shown_assert(l, "href=\"/images?from=" ID "#i-" ID "\"");
    assert_false(shown_has(l, "{{"));
    assert_false(shown_has(l, "style="));
    shown_close(l, 200);
}

static void english_readers_have_it_in_english(void **state)
{
    struct loopback *l;

    (void)state;
    house_speak(LANG_EN);
    l = show((struct picture_row){.took = "3"});
    shown_assert(l, "<dd>3.0 s</dd>");
    shown_assert(l, ">Today, 00:05</time>");
    shown_assert(l, "Once more");
    shown_close(l, 200);
}

static const char *after(const struct loopback *l, const char *part)
{
    const char *at = strstr(loopback_body(l), part);

    assert_non_null(at);
    return at + strlen(part);
}

static void the_original_is_there_to_be_saved(void **state)
{
    struct loopback *l = show((struct picture_row){0});
    const char *link = strstr(loopback_body(l), "&amp;download=1\" download>");

    (void)state;
    assert_non_null(link);
    while (memcmp(link, "href=\"", 6) != 0)
        link--;
    assert_memory_equal(link, "href=\"/files/aisha-v2-generated/2026/11/20/" ID ".jpg?expires=", 70);
    shown_close(l, 200);
}

static void all_that_makes_another_picture_is_one_click_with_a_key_of_its_own(void **state)
{
    static const char *const FORMS[] = {"/variation\">", "/again\">", "/repeat\">"};
    char keys[6][37] = {{0}};
    struct loopback *l;
    int count = 0;

    (void)state;
    for (int round = 0; round < 2; round++) {
        l = show((struct picture_row){.num_images = "3"});
        for (size_t i = 0; i < 3; i++)
            memcpy(keys[count++], strstr(after(l, FORMS[i]), "name=\"key\" value=\"") + 18, 36);
        shown_assert(l, "все его 3 изображения");
        shown_assert(l, "href=\"/create?image=" ID "\"");
        shown_close(l, 200);
    }
    for (int i = 0; i < count; i++)
        for (int j = 0; j < i; j++)
            assert_string_not_equal(keys[i], keys[j]);
}

static void how_far_a_variation_goes_is_asked_only_where_it_starts_from_the_picture(void **state)
{
    static const struct case_of {
        struct picture_row picture;
        bool varies, asks;
    } CASES[] = {
        {{.portrait = "t", .lora = "t"}, true, true},
        {{.portrait = "f", .lora = "t"}, true, true},
        {{.portrait = "f", .lora = "f", .finetune = "t"}, true, true},
        {{.portrait = "f", .lora = "f", .finetune = "f"}, false, false},
        {{.nsfw = "t"}, false, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct loopback *l = show(CASES[i].picture);
        assert_int_equal(shown_has(l, "action=\"/images/" ID "/variation\""), CASES[i].varies);
        assert_int_equal(shown_has(l, "action=\"/images/" ID "/repeat\""), CASES[i].varies);
        assert_int_equal(shown_has(l, "<select name=\"change\""), CASES[i].asks);
        shown_close(l, 200);
    }
}

static void answer_descent(const char *key, const char *hidden, const char *repeat)
{
    fake_db_answer(fake_rows(4, 1, (const char *[]){PARENT, key, hidden, repeat}));
}

static void what_it_was_made_from_is_shown_as_far_as_it_may_be(void **state)
{
    static const struct case_of {
        const char *key, *hidden, *repeat, *says;
        bool has_link, has_picture;
    } CASES[] = {
        {"2026/11/19/x.jpg", "f", "f", "Вариация этого изображения", true, true},
        {"2026/11/19/x.jpg", "f", "t", "Повтор этого изображения", true, true},
        {NULL, "t", "f", "Вариация скрытого изображения", true, false},
        {NULL, "t", "t", "Повтор скрытого изображения", true, false},
        {NULL, "f", "f", "Вариация удалённого изображения", false, false},
        {NULL, "f", "t", "Повтор удалённого изображения", false, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct loopback *l = show((struct picture_row){.parent = PARENT});
        assert_string_equal(fake_db_value(0), HOUSE_USER);
        answer_descent(CASES[i].key, CASES[i].hidden, CASES[i].repeat);
        shown_assert(l, CASES[i].says);
        assert_int_equal(shown_has(l, "href=\"/images/" PARENT "\""), CASES[i].has_link);
        assert_int_equal(shown_has(l, "2026/11/19/x_small.webp?expires="), CASES[i].has_picture);
        shown_close(l, 200);
    }
}

static void what_was_made_from_it_is_listed(void **state)
{
    struct loopback *l = show((struct picture_row){.children = "21"});

    (void)state;
    assert_string_equal(fake_db_value(0), HOUSE_USER);
    assert_string_equal(fake_db_value(1), ID);
    fake_db_answer(fake_images(ID, 2));
    shown_assert(l, "Сделано из этого: 21 изображение");
    shown_assert(l, "href=\"/images/01990000-0000-7000-8000-0000000000c1\"");
    shown_close(l, 200);
    l = show((struct picture_row){.children = "0"});
    assert_false(shown_has(l, "Сделано из этого"));
    shown_close(l, 200);
}

static void a_deleted_avatar_keeps_its_name_and_makes_no_more(void **state)
{
    struct loopback *l = show((struct picture_row){.avatar = "<i>Анна", .avatar_deleted = "t"});

    (void)state;
    shown_assert(l, "<bdi>&lt;i&gt;Анна</bdi> (удалён)");
    assert_false(shown_has(l, "href=\"/avatars/"));
    assert_false(shown_has(l, "/again\""));
    shown_assert(l, "href=\"/create?image=" ID "\"");
    shown_close(l, 200);
}

static void a_name_is_the_title(void **state)
{
    struct loopback *l = show((struct picture_row){.name = "Вечер </title><script>"});

    (void)state;
    shown_assert(l, "<title>Вечер &lt;/title&gt;&lt;script&gt; · Aisha</title>");
    shown_assert(l, "<bdi>Вечер &lt;/title&gt;&lt;script&gt;</bdi></h1>");
    shown_assert(l, "name=\"custom_name\" type=\"text\" value=\"Вечер &lt;/title&gt;&lt;script&gt;\"");
    shown_assert(l, "dir=\"auto\">кот на окне</p>");
    assert_false(shown_has(l, "<script>"));
    shown_close(l, 200);
}

static void a_hostile_prompt_stays_text(void **state)
{
    static const char PROMPT[] = "<script>alert(1)</script>\"onerror=\"x' {{csrf_token}} \xe2\x80\xae"
                                 "ткат 👩‍👩‍👧‍👦",
                      SHOWN[] = "dir=\"auto\">&lt;script&gt;alert(1)&lt;/script&gt;&quot;onerror=&quot;x&#39; "
                                "{{csrf_token}} \xe2\x80\xaeткат 👩‍👩‍👧‍👦</p>";
    struct loopback *l = show((struct picture_row){.prompt = PROMPT});

    (void)state;
    shown_assert(l, SHOWN);
    assert_false(shown_has(l, "<script>"));
    assert_false(shown_has(l, "\"onerror"));
    shown_close(l, 200);
}

static void a_long_prompt_is_cut_in_the_title_alone(void **state)
{
    char prompt[3001], shown[3100];
    struct loopback *l;

    (void)state;
    for (int i = 0; i < 1000; i++)
        memcpy(prompt + 3 * i, "字", 3);
    prompt[3000] = '\0';
    l = show((struct picture_row){.prompt = prompt});
    (void)snprintf(shown, sizeof shown, "dir=\"auto\">%s</p>", prompt);
    shown_assert(l, shown);
    (void)snprintf(shown, sizeof shown, "<bdi>%.240s…</bdi></h1>", prompt);
    shown_assert(l, shown);
    shown_close(l, 200);
}

static void favourites_are_walked_among_themselves(void **state)
{
    struct loopback *l = house_get(PAGE "?favorite=true");

    (void)state;
    assert_non_null(strstr(fake_db_sql(), "n.is_favorite"));
    picture_row_answer((struct picture_row){.favorite = "t", .newer = NEWER});
    shown_assert(l, "rel=\"prev\" href=\"/images/" NEWER "?favorite=true\"");
    assert_false(shown_has(l, "rel=\"next\""));
    shown_assert(l, "href=\"/images?favorite=true&amp;from=" ID "#i-" ID "\"");
    shown_assert(l, "aria-pressed=\"true\"");
    shown_assert(l, "name=\"favorite\" value=\"false\"");
    shown_assert(l, "name=\"back\" value=\"" PAGE "?favorite=true\"");
    shown_close(l, 200);
}

static void a_hidden_picture_is_blurred_and_none_of_its_other_files_has_an_address(void **state)
{
    struct loopback *l = show((struct picture_row){.nsfw = "t"});

    (void)state;
    shown_assert(l, "Скрыто: модель сочла изображение откровенным");
    shown_assert(l, "ничего не списано");
    shown_assert(l, "/2026/11/20/" PICTURE_ROW_ID "-blurred.webp?expires=");
    assert_false(shown_has(l, PICTURE_ROW_ID ".jpg"));
    assert_false(shown_has(l, PICTURE_ROW_ID "_small"));
    assert_false(shown_has(l, PICTURE_ROW_ID "_medium"));
    assert_false(shown_has(l, "data-thumbhash"));
    assert_false(shown_has(l, " download>"));
    shown_assert(l, "/again\"");
    shown_assert(l, "/delete\"");
    shown_close(l, 200);
    l = show((struct picture_row){0});
    assert_false(shown_has(l, "-blurred"));
    shown_assert(l, " download>");
    shown_close(l, 200);
}

static void what_was_done_is_said(void **state)
{
    struct loopback *l = house_get(PAGE "?done=restored");

    (void)state;
    picture_row_answer((struct picture_row){0});
    shown_assert(l, "role=\"status\">Изображение возвращено</p>");
    shown_close(l, 200);
    l = house_get(PAGE "?done=%3Cb%3E");
    picture_row_answer((struct picture_row){0});
    assert_false(shown_has(l, "<b>"));
    shown_close(l, 200);
}

/* What stands between "no" and the number of the request: a page that tells nothing of whose the picture is. */
static void what_is_not_there_has_the_same_page_whatever_the_reason(void **state)
{
    struct loopback *missing = house_get(PAGE), *malformed;
    char *kept;

    (void)state;
    picture_row_answer_none();
    kept = strdup(strstr(loopback_body(missing), "<h1"));
    shown_close(missing, 404);
    malformed = house_get("/images/1");
    assert_memory_equal(strstr(loopback_body(malformed), "<h1"), kept, 20);
    shown_close(malformed, 404);
    free(kept);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, house_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_page_shows_the_picture_and_how_it_came_to_be),
        TEST(english_readers_have_it_in_english),
        TEST(the_original_is_there_to_be_saved),
        TEST(all_that_makes_another_picture_is_one_click_with_a_key_of_its_own),
        TEST(how_far_a_variation_goes_is_asked_only_where_it_starts_from_the_picture),
        TEST(what_it_was_made_from_is_shown_as_far_as_it_may_be),
        TEST(what_was_made_from_it_is_listed),
        TEST(a_deleted_avatar_keeps_its_name_and_makes_no_more),
        TEST(a_name_is_the_title),
        TEST(a_hostile_prompt_stays_text),
        TEST(a_long_prompt_is_cut_in_the_title_alone),
        TEST(favourites_are_walked_among_themselves),
        TEST(a_hidden_picture_is_blurred_and_none_of_its_other_files_has_an_address),
        TEST(what_was_done_is_said),
        TEST(what_is_not_there_has_the_same_page_whatever_the_reason),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
