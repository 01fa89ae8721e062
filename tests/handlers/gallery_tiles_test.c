/* Pictures in the gallery: tiles under their days. */
#include "web/gallery_view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/fake_db.h"
#include "support/fake_gallery.h"
#include "support/house.h"
#include "support/shown.h"

/* Pictures */

static void a_tile_links_to_its_picture_and_shows_it_at_two_sizes(void **state)
{
    struct loopback *l = fake_gallery_show_one((struct fake_picture){.name = "Вечер"});

    (void)state;
    shown_assert(l, "<h1>Мои изображения</h1>");
    shown_assert(l, "id=\"i-01990000-0000-7000-8000-000000000100\" data-id=\"01990000-0000-7000-8000-000000000100\"");
    shown_assert(l, "<a href=\"/images/01990000-0000-7000-8000-000000000100\" data-thumbhash=\"P7jy//4BAg==\">");
    shown_assert(l, "src=\"/files/aisha-v2-generated/2026/11/20/x_small.webp?expires=");
    shown_assert(l, " 320w, /files/aisha-v2-generated/2026/11/20/x_medium.webp?expires=");
    shown_assert(l, " 800w\"");
    shown_assert(l, "&amp;signature=");
    shown_assert(l, "width=\"1024\" height=\"768\" alt=\"Вечер\"");
    shown_assert(l, "fetchpriority=\"high\"");
    assert_false(shown_has(l, "loading=\"lazy\""));
    shown_assert(l, "fill=\"#");
    shown_assert(l, "action=\"/images/01990000-0000-7000-8000-000000000100/favorite\"");
    shown_assert(l, "name=\"favorite\" value=\"true\"");
    shown_assert(l, "aria-pressed=\"false\"");
    shown_assert(l, "name=\"back\" value=\"/images\"");
    assert_false(shown_has(l, "style="));
    assert_false(shown_has(l, "{{"));
    assert_non_null(strstr(loopback_header(l, "content-security-policy", 0), "require-trusted-types-for"));
    shown_close(l, 200);
}

static void what_is_below_the_first_row_waits(void **state)
{
    struct loopback *l = fake_gallery_show_many("/images", FAKE_PAGE, 24);

    (void)state;
    assert_int_equal(shown_count(l, "<li class=\"tile"), 24);
    assert_int_equal(shown_count(l, "loading=\"lazy\""), 20);
    assert_int_equal(shown_count(l, "fetchpriority=\"high\""), 1);
    shown_close(l, 200);
}

static void the_first_of_a_full_day_is_its_hero(void **state)
{
    static const struct fake_picture DAYS[6] = {
        {.day = "2026-11-20"}, {.day = "2026-11-19"}, {.day = "2026-11-19"},
        {.day = "2026-11-19"}, {.day = "2026-11-19"}, {.day = "2026-11-19"},
    };
    struct loopback *l = fake_gallery_show_many("/images", FAKE_PAGE, 5);

    (void)state;
    shown_assert(l, "<li class=\"tile tile-hero\" id=\"i-01990000-0000-7000-8000-000000000100\"");
    assert_int_equal(shown_count(l, "tile-hero"), 1);
    assert_int_equal(shown_count(l, "30rem"), 1);
    shown_close(l, 200);
    l = fake_gallery_show_many("/images", FAKE_PAGE, 4);
    assert_false(shown_has(l, "tile-hero"));
    shown_close(l, 200);
    l = fake_gallery_show("/images", FAKE_PAGE, DAYS, 6);
    assert_false(shown_has(l, "tile-hero"));
    shown_close(l, 200);
}

static void widths_are_those_of_the_thumbnails(void **state)
{
    struct loopback *l = fake_gallery_show_one((struct fake_picture){.width = "576", .height = "1024"});

    (void)state;
    shown_assert(l, " 180w, ");
    shown_assert(l, " 450w\"");
    shown_close(l, 200);
    l = fake_gallery_show_one(
        (struct fake_picture){.width = "300", .height = "200"}); /* never enlarged: both are the same */
    assert_false(shown_has(l, "srcset"));
    shown_close(l, 200);
    l = fake_gallery_show_one((struct fake_picture){.width = "1024", .height = "1", .placeholder = "\\x"});
    shown_assert(l, " 320w, ");
    assert_false(shown_has(l, "data-thumbhash"));
    assert_false(shown_has(l, "<rect width=\"100%\""));
    shown_close(l, 200);
}

static void a_favourite_is_pressed_and_can_be_let_go(void **state)
{
    struct loopback *l =
        fake_gallery_show("/images?favorite=true", FAKE_PAGE, &(struct fake_picture){.favorite = "t"}, 1);

    (void)state;
    shown_assert(l, "aria-pressed=\"true\"");
    shown_assert(l, "name=\"favorite\" value=\"false\"");
    shown_assert(l, "name=\"back\" value=\"/images?favorite=true\"");
    shown_assert(l, "<a href=\"/images/01990000-0000-7000-8000-000000000100?favorite=true\"");
    shown_assert(l, "<a class=\"chip\" href=\"/images?favorite=true\" aria-current=\"true\">");
    shown_close(l, 200);
}

static void a_hidden_picture_says_so_and_is_blurred(void **state)
{
    struct loopback *l = fake_gallery_show_one((struct fake_picture){.nsfw = "t", .name = "тайна"});

    (void)state;
    shown_assert(l, "Скрыто: модель сочла изображение откровенным");
    shown_assert(l, "<img class=\"blurred\"");
    shown_assert(l, "-blurred.webp?expires=");
    assert_false(shown_has(l, "_small.webp"));
    assert_false(shown_has(l, "_medium.webp"));
    assert_false(shown_has(l, ".jpg"));
    shown_assert(l, "тайна");
    shown_close(l, 200);
}

static void hostile_names_stay_text(void **state)
{
    static const char *const NAMES[][2] = {
        {"<script>alert(1)</script>", "alt=\"&lt;script&gt;alert(1)&lt;/script&gt;\""},
        {"\"onerror=alert(1) x=\"", "alt=\"&quot;onerror=alert(1) x=&quot;\""},
        {"'><img src=x>", "alt=\"&#39;&gt;&lt;img src=x&gt;\""},
        {"{{csrf_token}} {{{x}}}", "alt=\"{{csrf_token}} {{{x}}}\""},
        {"\xe2\x80\xaeпрогулка\xe2\x81\xa6 & 👩‍👩‍👧‍👦",
         "alt=\"\xe2\x80\xaeпрогулка\xe2\x81\xa6 &amp; 👩‍👩‍👧‍👦\""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        struct loopback *l = fake_gallery_show_one((struct fake_picture){.name = NAMES[i][0]});
        shown_assert(l, NAMES[i][1]);
        assert_false(shown_has(l, "<script>"));
        assert_false(shown_has(l, "<img src=x"));
        shown_close(l, 200);
    }
}

static void a_long_name_is_cut_and_says_so(void **state)
{
    char name[400] = {0}, expected[420];
    struct loopback *l;

    (void)state;
    for (int i = 0; i < 81; i++)
        memcpy(name + 2 * i, i == 80 ? "ю" : "ы", 2); /* 81: there is more */
    (void)snprintf(expected, sizeof expected, "alt=\"%.160s…\"", name);
    l = fake_gallery_show_one((struct fake_picture){.name = name});
    shown_assert(l, expected);
    shown_close(l, 200);
    name[160] = '\0';
    (void)snprintf(expected, sizeof expected, "alt=\"%s\"", name);
    l = fake_gallery_show_one((struct fake_picture){.name = name});
    shown_assert(l, expected);
    shown_close(l, 200);
}

/* Days */

static void pictures_stand_under_their_days(void **state)
{
    static const struct fake_picture PICTURES[] = {{.day = "2026-11-20"}, {.day = "2026-11-20"}, {.day = "2026-11-19"},
                                                   {.day = "2026-01-15"}, {.day = "2025-12-31"}, {.day = "2025-12-31"}};
    struct loopback *l = fake_gallery_show("/images", FAKE_PAGE, PICTURES, 6);
    const char *body = loopback_body(l), *today = strstr(body, "<time datetime=\"2026-11-20\">Сегодня</time>"),
               *yesterday = strstr(body, "<time datetime=\"2026-11-19\">Вчера</time>"),
               *january = strstr(body, "<time datetime=\"2026-01-15\">15 января</time>"),
               *december = strstr(body, "<time datetime=\"2025-12-31\">31 декабря 2025</time>"),
               *second = strstr(body, "id=\"i-01990000-0000-7000-8000-000000000101\""),
               *third = strstr(body, "id=\"i-01990000-0000-7000-8000-000000000102\"");

    (void)state;
    assert_true(today && yesterday && january && december);
    assert_true(today < second && second < yesterday && yesterday < third && third < january && january < december);
    assert_int_equal(shown_count(l, "<section class=\"day\""), 4);
    assert_int_equal(shown_count(l, "<h2 class=\"day-title\">"), 4);
    shown_close(l, 200);
    house_speak(LANG_EN);
    l = fake_gallery_show("/images", FAKE_PAGE, PICTURES, 6);
    shown_assert(l, ">Today</time>");
    shown_assert(l, ">Yesterday</time>");
    shown_assert(l, ">January 15</time>");
    shown_assert(l, ">December 31, 2025</time>");
    shown_assert(l, "<h1>My images</h1>");
    shown_close(l, 200);
}

static void the_reader_s_time_zone_is_asked_for(void **state)
{
    static const char *const ZONES[] = {"Asia/Kathmandu", "America/St_Johns"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct loopback *l;
        (void)text_copy(house_who.time_zone, sizeof house_who.time_zone, text_of(ZONES[i]));
        l = house_get("/images");
        assert_string_equal(fake_db_value(1), ZONES[i]);
        loopback_close(l);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_gallery_open, house_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_tile_links_to_its_picture_and_shows_it_at_two_sizes),
        TEST(what_is_below_the_first_row_waits),
        TEST(the_first_of_a_full_day_is_its_hero),
        TEST(widths_are_those_of_the_thumbnails),
        TEST(a_favourite_is_pressed_and_can_be_let_go),
        TEST(a_hidden_picture_says_so_and_is_blurred),
        TEST(hostile_names_stay_text),
        TEST(a_long_name_is_cut_and_says_so),
        TEST(pictures_stand_under_their_days),
        TEST(the_reader_s_time_zone_is_asked_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
