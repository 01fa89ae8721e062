/* /images/{id}: the page of a picture and its forms. */
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
#include "support/shown.h"
#include "web/image_forms.h"

#define ID "01990000-0000-7000-8000-00000000000a"
#define NEWER "01990000-0000-7000-8000-0000000000aa"
#define OLDER "01990000-0000-7000-8000-0000000000ab"
#define AVATAR "01990000-0000-7000-8000-00000000000d"
#define PAGE "/images/" ID
#define FORM "application/x-www-form-urlencoded"

static const struct route ROUTES[] = {
    {"GET", "/images/{id}", ACCESS_READ, 0, image_page_show, true},
    {"POST", "/images/{id}/favorite", ACCESS_WRITE, 4096, image_forms_favorite, true},
    {"POST", "/images/{id}/rename", ACCESS_WRITE, 4096, image_forms_rename, true},
    {"POST", "/images/{id}/delete", ACCESS_WRITE, 4096, image_forms_delete, true},
    {"POST", "/images/{id}/restore", ACCESS_WRITE, 4096, image_forms_restore, true},
    {0},
};

static int set_up(void **state)
{
    (void)state;
    house_open_signed_in(ROUTES);
    fake_db_reset();
    return 0;
}

/* Rows */

enum { COLUMNS = 25 };

struct picture {
    const char *prompt, *name, *nsfw, *favorite, *avatar, *avatar_deleted, *took, *parameters, *preset, *newer, *older,
        *width, *height;
};

#define OR(value, otherwise) ((value) ? (value) : (otherwise))

static void answer(struct picture p)
{
    fake_db_answer(fake_rows(COLUMNS, 1,
                             (const char *[]){ID,
                                              "01990000-0000-7000-8000-00000000000c",
                                              AVATAR,
                                              "2026/11/20/" ID ".jpg",
                                              "image/jpeg",
                                              OR(p.width, "1024"),
                                              OR(p.height, "768"),
                                              "34567",
                                              "18446744073709551615",
                                              "\\x3fb8f2fffe0102",
                                              OR(p.prompt, "кот на окне"),
                                              OR(p.preset, "fast"),
                                              "fal-ai/flux-lora",
                                              p.name,
                                              OR(p.favorite, "f"),
                                              OR(p.nsfw, "f"),
                                              "2026-11-19 18:20:30.123456+00",
                                              OR(p.avatar, "Анна"),
                                              OR(p.avatar_deleted, "f"),
                                              OR(p.took, "12.42"),
                                              OR(p.parameters, "{\"image_size\":\"landscape_4_3\"}"),
                                              "2026-11-20 00:05:30",
                                              "2026-11-20",
                                              p.newer,
                                              p.older}));
}

static void answer_nothing(void) { fake_db_answer(fake_rows(COLUMNS, 0, NULL)); }

static struct loopback *show(struct picture picture)
{
    struct loopback *l = house_get(PAGE);

    answer(picture);
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
    answer((struct picture){.newer = NEWER, .older = OLDER});
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
    l = show((struct picture){.took = "3"});
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
    struct loopback *l = show((struct picture){0});
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
    struct loopback *l = show((struct picture){.prompt = "кот\n\"на\" окне & <b>"});
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
    l = show((struct picture){.parameters = "{\"aspect_ratio\":\"16:9\"}", .preset = "ultra"});
    memcpy(second, after(l, "name=\"key\" value=\""), 36);
    shown_assert(l, "name=\"size\" value=\"16:9\"");
    assert_string_not_equal(key, second);
    shown_close(l, 200);
    l = show((struct picture){.parameters = "{\"image_size\":{\"width\":640,\"height\":800}}"});
    shown_assert(l, "name=\"size\" value=\"640x800\"");
    shown_close(l, 200);
}

static void a_deleted_avatar_keeps_its_name_and_makes_no_more(void **state)
{
    struct loopback *l = show((struct picture){.avatar = "<i>Анна", .avatar_deleted = "t"});

    (void)state;
    shown_assert(l, "<bdi>&lt;i&gt;Анна</bdi> (удалён)");
    assert_false(shown_has(l, "href=\"/avatars/"));
    assert_false(shown_has(l, "action=\"/create\""));
    shown_assert(l, "href=\"/create?image=" ID "\"");
    shown_close(l, 200);
}

static void a_name_is_the_title(void **state)
{
    struct loopback *l = show((struct picture){.name = "Вечер </title><script>"});

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
    struct loopback *l = show((struct picture){.prompt = PROMPT});

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
    l = show((struct picture){.prompt = prompt});
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
    answer((struct picture){.favorite = "t", .newer = NEWER});
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
    struct loopback *l = show((struct picture){.nsfw = "t"});

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
    answer((struct picture){0});
    shown_assert(l, "role=\"status\">Изображение возвращено</p>");
    shown_close(l, 200);
    l = house_get(PAGE "?done=%3Cb%3E");
    answer((struct picture){0});
    assert_false(shown_has(l, "<b>"));
    shown_close(l, 200);
}

/* What stands between "no" and the number of the request: a page that tells nothing of whose the picture is. */
static void what_is_not_there_has_the_same_page_whatever_the_reason(void **state)
{
    struct loopback *missing = house_get(PAGE), *malformed;
    char *kept;

    (void)state;
    answer_nothing();
    kept = strdup(strstr(loopback_body(missing), "<h1"));
    shown_close(missing, 404);
    malformed = house_get("/images/1");
    assert_memory_equal(strstr(loopback_body(malformed), "<h1"), kept, 20);
    shown_close(malformed, 404);
    free(kept);
}

/* Favourite */

static void assert_leads_to(struct loopback *l, const char *location)
{
    assert_non_null(loopback_header(l, "location", 0));
    assert_string_equal(loopback_header(l, "location", 0), location);
    shown_close(l, 303);
}

static void answer_changed(void)
{
    fake_db_answer(fake_rows(17, 1,
                             (const char *[]){ID, ID, ID, "k", "t", "1", "1", "1", "1", "", "p", "f", "e", NULL, "t",
                                              "f", "2026-11-20 10:00:00+00"}));
}

static void a_favourite_is_kept_and_leads_back_to_where_the_button_was(void **state)
{
    static const char *const BACK[][2] = {
        {"back=%2Fimages", "/images#i-" ID},
        {"back=%2Fimages%3Ffavorite%3Dtrue%26before%3D" OLDER, "/images?favorite=true&before=" OLDER "#i-" ID},
        {"back=%2Fimages%2F" ID "%3Ffavorite%3Dtrue", PAGE "?favorite=true"},
        {"back=", PAGE},
        {"csrf_token=x", PAGE},
        {"back=%2F%2Fevil.example", PAGE},
        {"back=https%3A%2F%2Fevil.example%2F", PAGE},
        {"back=%2F%5Cevil.example", PAGE},
        {"back=%2Fimages%0D%0ASet-Cookie%3A%20x%3Dy", PAGE},
        {"back=%2Fimages%23%3Cscript%3E", PAGE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof BACK / sizeof *BACK; i++) {
        char body[300];
        struct loopback *l;
        (void)snprintf(body, sizeof body, "favorite=%s&%s", i % 2 ? "true" : "false", BACK[i][0]);
        l = house_post(PAGE "/favorite", body);
        assert_string_equal(fake_db_value(0), HOUSE_USER);
        assert_string_equal(fake_db_value(1), ID);
        assert_string_equal(fake_db_value(2), i % 2 ? "t" : "f");
        assert_string_equal(fake_db_value(3), "f");
        answer_changed();
        assert_leads_to(l, BACK[i][1]);
    }
}

static void forms_that_are_not_ours_change_nothing(void **state)
{
    static const char *const WRONG[] = {
        "", "favorite=1", "favorite=", "favorite=true&favorite=false", "favorite=true&more=1", "back=%2Fimages"};

    (void)state;
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++)
        shown_close(house_post(PAGE "/favorite", WRONG[i]), 422);
    shown_close(house_post("/images/1/favorite", "favorite=true"), 404);
    shown_close(house_post(PAGE "/delete", "x=1"), 422);
    shown_close(house_post(PAGE "/restore", "x=1"), 400);
    shown_close(house_send(&(struct loopback_message){.method = "POST",
                                                      .path = PAGE "/favorite",
                                                      .headers = {"content-type", "application/json"},
                                                      .body = "{\"favorite\":true}"}),
                415);
}

static void nobody_s_picture_is_not_changed(void **state)
{
    static const char *const FORMS[][2] = {
        {PAGE "/favorite", "favorite=true"}, {PAGE "/rename", "custom_name=x"}, {PAGE "/restore", "csrf_token=x"}};

    (void)state;
    for (size_t i = 0; i < sizeof FORMS / sizeof *FORMS; i++) {
        struct loopback *l = house_post(FORMS[i][0], FORMS[i][1]);
        fake_db_answer(fake_rows(17, 0, NULL));
        shown_close(l, 404);
    }
}

/* Name */

static struct loopback *name_it(const char *name, const char *kept)
{
    char body[4096];
    struct loopback *l;

    (void)snprintf(body, sizeof body, "custom_name=%s", name);
    l = house_post(PAGE "/rename", body);
    assert_string_equal(fake_db_value(3), "t");
    assert_null(fake_db_value(2));
    if (kept)
        assert_string_equal(fake_db_value(4), kept);
    else
        assert_null(fake_db_value(4));
    answer_changed();
    return l;
}

static void a_name_is_kept_and_none_is_none(void **state)
{
    char longest[101] = "";

    (void)state;
    memset(longest, 'x', 100);
    assert_leads_to(name_it("%D0%92%D0%B5%D1%87%D0%B5%D1%80", "Вечер"), PAGE "?done=renamed");
    assert_leads_to(name_it(longest, longest), PAGE "?done=renamed");
    assert_leads_to(name_it("x&favorite=true", "x"), PAGE "?favorite=true&done=renamed");
    assert_leads_to(name_it("", NULL), PAGE "?done=renamed");
    assert_leads_to(name_it("+%E2%80%83+", NULL), PAGE "?done=renamed");
}

static void a_name_that_is_too_long_comes_back_in_its_form(void **state)
{
    char body[1400] = "custom_name=", shown[500] = "value=\"";
    struct loopback *l;

    (void)state;
    for (int i = 0; i < 101; i++) { /* code points, each of four bytes */
        memcpy(body + 12 + 12 * i, "%F0%9F%90%B1", 12);
        memcpy(shown + 7 + 4 * i, "\xf0\x9f\x90\xb1", 4);
    }
    l = house_post(PAGE "/rename", body);
    assert_non_null(strstr(fake_db_sql(), "avatar_id")); /* the page is asked for, nothing is written */
    assert_null(strstr(fake_db_sql(), "UPDATE"));
    answer((struct picture){0});
    shown_assert(l, shown);
    shown_assert(l, "class=\"error-summary\" role=\"alert\"");
    shown_assert(l, "href=\"#custom_name\"");
    shown_assert(l, "aria-invalid=\"true\"");
    shown_assert(l, "id=\"custom_name-error\"");
    shown_assert(l, "Название длиннее 100 знаков");
    shown_assert(l, "<details class=\"more\" open>");
    shown_close(l, 422);
    l = house_post(PAGE "/rename", "custom_name=%ff");
    answer((struct picture){0});
    shown_assert(l, "aria-invalid=\"true\"");
    shown_close(l, 422);
    l = house_post(PAGE "/rename", body);
    answer_nothing();
    shown_close(l, 404);
}

/* Trash */

static void deleting_leads_to_its_place_with_a_way_back(void **state)
{
    struct loopback *l = house_post(PAGE "/delete", "csrf_token=x");

    (void)state;
    assert_string_equal(fake_db_value(0), HOUSE_USER);
    assert_string_equal(fake_db_value(1), ID);
    fake_db_answer(fake_rows(1, 1, (const char *[]){ID}));
    assert_leads_to(l, "/images?from=" ID "&undo=" ID "&done=deleted");
    l = house_post(PAGE "/delete", "favorite=true");
    fake_db_answer(fake_rows(1, 1, (const char *[]){ID}));
    assert_leads_to(l, "/images?favorite=true&from=" ID "&undo=" ID "&done=deleted");
}

static void a_second_press_of_delete_leads_to_the_same_place(void **state)
{
    struct loopback *l = house_post(PAGE "/delete", "csrf_token=x");

    (void)state;
    fake_db_answer(fake_rows(1, 0, NULL));
    assert_string_equal(fake_db_value(0), HOUSE_USER);
    assert_string_equal(fake_db_value(1), ID);
    fake_db_answer(fake_rows(1, 1, (const char *[]){ID}));
    assert_leads_to(l, "/images?from=" ID "&undo=" ID "&done=deleted");
    l = house_post(PAGE "/delete", "csrf_token=x");
    fake_db_answer(fake_rows(1, 0, NULL));
    fake_db_answer(fake_rows(1, 0, NULL));
    shown_close(l, 404);
}

static void what_was_deleted_comes_back_to_its_page(void **state)
{
    struct loopback *l = house_post(PAGE "/restore", "csrf_token=x");

    (void)state;
    assert_string_equal(fake_db_value(0), HOUSE_USER);
    assert_string_equal(fake_db_value(1), ID);
    answer_changed();
    assert_leads_to(l, PAGE "?done=restored");
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
        TEST(a_favourite_is_kept_and_leads_back_to_where_the_button_was),
        TEST(forms_that_are_not_ours_change_nothing),
        TEST(nobody_s_picture_is_not_changed),
        TEST(a_name_is_kept_and_none_is_none),
        TEST(a_name_that_is_too_long_comes_back_in_its_form),
        TEST(deleting_leads_to_its_place_with_a_way_back),
        TEST(a_second_press_of_delete_leads_to_the_same_place),
        TEST(what_was_deleted_comes_back_to_its_page),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
