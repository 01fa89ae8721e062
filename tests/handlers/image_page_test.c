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
#include "support/house.h"
#include "support/picture_row.h"
#include "support/shown.h"

#define ID PICTURE_ROW_ID
#define NEWER "01990000-0000-7000-8000-0000000000aa"
#define OLDER "01990000-0000-7000-8000-0000000000ab"
#define AVATAR PICTURE_ROW_AVATAR
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

static void once_more_is_one_click_with_all_that_it_was_made_with(void **state)
{
    struct loopback *l = show((struct picture_row){.prompt = "кот\n\"на\" окне & <b>"});
    char key[37] = "", second[37] = "";

    (void)state;
    shown_assert(l, "<form method=\"post\" action=\"/create\">");
    shown_assert(l, "name=\"prompt\" value=\"кот\n&quot;на&quot; окне &amp; &lt;b&gt;\"");
    shown_assert(l, "name=\"avatar_id\" value=\"" AVATAR "\"");
    shown_assert(l, "name=\"preset\" value=\"fast\"");
    shown_assert(l, "name=\"size\" value=\"landscape_4_3\"");
    shown_assert(l, "name=\"num_images\" value=\"1\"");
    memcpy(key, after(l, "name=\"key\" value=\""), 36);
    shown_assert(l, "href=\"/create?image=" ID "\"");
    shown_close(l, 200);
    l = show((struct picture_row){.parameters = "{\"aspect_ratio\":\"16:9\"}", .preset = "ultra"});
    memcpy(second, after(l, "name=\"key\" value=\""), 36);
    shown_assert(l, "name=\"size\" value=\"16:9\"");
    assert_string_not_equal(key, second);
    shown_close(l, 200);
    l = show((struct picture_row){.parameters = "{\"image_size\":{\"width\":640,\"height\":800}}"});
    shown_assert(l, "name=\"size\" value=\"640x800\"");
    shown_close(l, 200);
}

static void a_deleted_avatar_keeps_its_name_and_makes_no_more(void **state)
{
    struct loopback *l = show((struct picture_row){.avatar = "<i>Анна", .avatar_deleted = "t"});

    (void)state;
    shown_assert(l, "<bdi>&lt;i&gt;Анна</bdi> (удалён)");
    assert_false(shown_has(l, "href=\"/avatars/"));
    assert_false(shown_has(l, "action=\"/create\""));
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

static void a_hidden_picture_is_shown_only_when_asked_for(void **state)
{
    struct loopback *l = show((struct picture_row){.nsfw = "t"});

    (void)state;
    shown_assert(l, "<summary>Скрыто");
    shown_assert(l, "loading=\"lazy\"");
    assert_false(shown_has(l, "fetchpriority"));
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
        TEST(once_more_is_one_click_with_all_that_it_was_made_with),
        TEST(a_deleted_avatar_keeps_its_name_and_makes_no_more),
        TEST(a_name_is_the_title),
        TEST(a_hostile_prompt_stays_text),
        TEST(a_long_prompt_is_cut_in_the_title_alone),
        TEST(favourites_are_walked_among_themselves),
        TEST(a_hidden_picture_is_shown_only_when_asked_for),
        TEST(what_was_done_is_said),
        TEST(what_is_not_there_has_the_same_page_whatever_the_reason),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
