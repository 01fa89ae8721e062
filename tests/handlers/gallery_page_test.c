/* GET /images: what is asked of the database, ways between pages, and what stands there besides pictures. */
#include "web/gallery_page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/fake_db.h"
#include "support/fake_gallery.h"
#include "support/fake_generation.h"
#include "support/house.h"
#include "support/shown.h"

#define AVATAR "01990000-0000-7000-8000-00000000000d"
#define PLACE "01990000-0000-7000-8000-0000000000ff"

/* What is asked */

static void each_way_and_filter_asks_for_its_own(void **state)
{
    static const struct {
        const char *path, *where;
        bool favorite, avatar;
    } WAYS[] = {
        {"/images", "id < $3", false, false},
        {"/images?before=" PLACE, "id < $3", false, false},
        {"/images?from=" PLACE, "id <= $3", false, false},
        {"/images?after=" PLACE, "id > $3", false, false},
        {"/images?favorite=true", "id < $3", true, false},
        {"/images?favorite=false", "id < $3", false, false},
        {"/images?utm_source=x&favorite=true&fbclid=%00", "id < $3", true, false},
        {"/images?avatar=" AVATAR "&after=" PLACE, "id > $3", false, true},
        {"/images?favorite=true&avatar=" AVATAR "&from=" PLACE, "id <= $3", true, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof WAYS / sizeof *WAYS; i++) {
        struct loopback *l = house_get(WAYS[i].path);
        const char *pictures = strstr(fake_db_sql(), "UNION ALL");
        assert_non_null(strstr(pictures, WAYS[i].where));
        assert_true(!strstr(pictures, "AND is_favorite") == !WAYS[i].favorite);
        assert_true(!strstr(pictures, "avatar_id = $4") == !WAYS[i].avatar);
        assert_string_equal(fake_db_value(0), HOUSE_USER);
        assert_string_equal(fake_db_value(1), "Europe/Moscow");
        assert_string_equal(fake_db_value(2),
                            strstr(WAYS[i].path, PLACE) ? PLACE : "ffffffff-ffff-ffff-ffff-ffffffffffff");
        if (WAYS[i].avatar)
            assert_string_equal(fake_db_value(3), AVATAR);
        loopback_close(l);
    }
}

static void wrong_addresses_are_refused_with_a_page(void **state)
{
    static const char *const WRONG[] = {
        "/images?before=1",
        "/images?favorite=yes",
        "/images?before=" PLACE "&after=" PLACE,
        "/images?from=" PLACE "&before=" PLACE,
        "/images?from=" PLACE "&from=" PLACE,
        "/images?avatar=%00",
    };

    (void)state;
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++) {
        struct loopback *l = house_get(WRONG[i]);
        assert_string_equal(loopback_header(l, "content-type", 0), "text/html; charset=utf-8");
        shown_assert(l, "В адресе ошибка");
        shown_close(l, 400);
    }
}

/* Pages */

static void the_first_page_leads_only_to_older_ones(void **state)
{
    struct loopback *l = fake_gallery_show_many("/images", FAKE_PAGE, 25);

    (void)state;
    assert_int_equal(shown_count(l, "<li class=\"tile"), 24);
    shown_assert(l, "rel=\"next\" href=\"/images?before=01990000-0000-7000-8000-000000000123\"");
    assert_false(shown_has(l, "rel=\"prev\""));
    shown_close(l, 200);
    l = fake_gallery_show_many("/images", FAKE_PAGE, 24);
    assert_false(shown_has(l, "rel=\"next\""));
    assert_false(shown_has(l, "class=\"pager\""));
    shown_close(l, 200);
}

static void a_page_in_the_middle_leads_both_ways_with_its_filters(void **state)
{
    struct loopback *l = fake_gallery_show_many("/images?favorite=true&before=" PLACE, FAKE_PAGE_BEYOND, 25);

    (void)state;
    shown_assert(l, "rel=\"next\" href=\"/images?favorite=true&amp;before=01990000-0000-7000-8000-000000000123\"");
    shown_assert(l, "rel=\"prev\" href=\"/images?favorite=true&amp;after=01990000-0000-7000-8000-000000000100\"");
    shown_assert(l, "name=\"back\" value=\"/images?favorite=true&amp;before=" PLACE "\"");
    shown_close(l, 200);
}

static void a_page_of_newer_ones_is_turned_round(void **state)
{
    struct loopback *l = fake_gallery_show_many("/images?after=" PLACE, FAKE_PAGE_BEYOND, 25);
    const char *first = strstr(loopback_body(l), "id=\"i-01990000-0000-7000-8000-000000000123\""),
               *last = strstr(loopback_body(l), "id=\"i-01990000-0000-7000-8000-000000000100\"");

    (void)state;
    assert_true(first && last && first < last);
    shown_assert(l, "rel=\"prev\" href=\"/images?after=01990000-0000-7000-8000-000000000123\"");
    shown_assert(l, "rel=\"next\" href=\"/images?before=01990000-0000-7000-8000-000000000100\"");
    shown_close(l, 200);
}

static void the_last_page_leads_only_to_newer_ones(void **state)
{
    struct loopback *l = fake_gallery_show_many("/images?before=" PLACE, FAKE_PAGE_BEYOND, 3);

    (void)state;
    assert_false(shown_has(l, "rel=\"next\""));
    shown_assert(l, "rel=\"prev\" href=\"/images?after=01990000-0000-7000-8000-000000000100\"");
    shown_close(l, 200);
}

static void ways_to_nothing_newer_end_at_the_first_page(void **state)
{
    (void)state;
    shown_close_redirect(fake_gallery_show_many("/images?after=" PLACE, FAKE_PAGE_BEYOND, 24), "/images");
    shown_close_redirect(fake_gallery_show_many("/images?favorite=true&after=" PLACE, FAKE_PAGE_BEYOND, 0),
                         "/images?favorite=true");
    shown_close_redirect(fake_gallery_show_many("/images?before=" PLACE, FAKE_PAGE_BEYOND, 0), "/images");
    shown_close_redirect(fake_gallery_show_many("/images?from=" PLACE "&undo=" PLACE "&done=deleted", FAKE_PAGE, 0),
                         "/images?undo=" PLACE "&done=deleted");
}

static void a_deleted_picture_can_be_taken_back(void **state)
{
    struct loopback *l =
        fake_gallery_show_many("/images?from=" PLACE "&undo=" PLACE "&done=deleted", FAKE_PAGE_BEYOND, 2);

    (void)state;
    shown_assert(l, "<form method=\"post\" action=\"/images/" PLACE "/restore\">");
    shown_assert(l, "Изображение удалено");
    assert_int_equal(shown_count(l, "role=\"status\""), 2); /* the notice, and the place for scripts */
    shown_assert(l, "name=\"back\" value=\"/images?from=" PLACE "\"");
    shown_close(l, 200);
}

/* An avatar's pictures */

static void an_avatar_s_pictures_name_it(void **state)
{
    struct loopback *l =
        fake_gallery_show("/images?avatar=" AVATAR, (struct fake_head){"<i>Anna", "t", "f", "2026-11-20"},
                          &(struct fake_picture){.name = "x"}, 1);

    (void)state;
    shown_assert(l, "<bdi>&lt;i&gt;Anna</bdi>");
    shown_assert(l, "href=\"/images?favorite=true&amp;avatar=" AVATAR "\"");
    shown_close(l, 200); /* and no word about what runs */
}

static void an_avatar_that_is_not_there_has_no_page(void **state)
{
    struct loopback *l = fake_gallery_show_many("/images?avatar=" AVATAR, FAKE_PAGE, 0);

    (void)state;
    shown_assert(l, "<h1>");
    shown_close(l, 404);
}

/* Nothing there */

static void an_empty_gallery_says_what_to_do_next(void **state)
{
    struct loopback *l = fake_gallery_show_many("/images", FAKE_PAGE, 0);

    (void)state;
    assert_non_null(strstr(fake_db_sql(), "FROM avatars"));
    fake_db_answer(fake_rows(1, 0, NULL));
    shown_assert(l, "href=\"/avatars/new\">Создать аватар</a>");
    assert_false(shown_has(l, "<li class=\"tile"));
    shown_close(l, 200);
    l = fake_gallery_show_many("/images", FAKE_PAGE, 0);
    fake_db_answer(fake_avatar("portrait", "completed", "https://v3.fal.media/x", NULL));
    shown_assert(l, "href=\"/create\">Создать изображение</a>");
    assert_false(shown_has(l, "/avatars/new"));
    shown_close(l, 200);
}

static void an_empty_filter_says_so(void **state)
{
    struct loopback *l = fake_gallery_show_many("/images?favorite=true", FAKE_PAGE, 0);

    (void)state;
    shown_assert(l, "В избранном пока пусто");
    shown_close(l, 200);
    l = fake_gallery_show_many("/images?avatar=" AVATAR, (struct fake_head){"Anna", "f", "f", "2026-11-20"}, 0);
    shown_assert(l, "href=\"/create?avatar=" AVATAR "\"");
    shown_close(l, 200);
}

/* What is being made */

#define GENERATION "01990000-0000-7000-8000-0000000000c0"

static struct loopback *show_stirring(const char *path, int pictures_count)
{
    return fake_gallery_show_many(path, (struct fake_head){NULL, "t", "f", "2026-11-20"}, pictures_count);
}

static void what_runs_stands_on_top_and_the_page_reads_itself_again(void **state)
{
    static const struct fake_generation RUNNING[] = {{GENERATION, "running", "7", NULL, NULL, "2", "-1", NULL},
                                                     {"01990000-0000-7000-8000-0000000000c1", "failed", "7",
                                                      "nsfw_result", NULL, "2", "3", "2026-01-15 10:00:05+00"}};
    struct loopback *l = show_stirring("/images", 2);

    (void)state;
    assert_true(fake_db_waits());
    assert_string_equal(fake_db_value(0), HOUSE_USER);
    fake_db_answer(fake_generations(RUNNING, 2));
    shown_assert(l, "<noscript><meta http-equiv=\"refresh\" content=\"5\"></noscript>");
    shown_assert(l, "data-live=\"running\"");
    shown_assert(l, "href=\"/generations/" GENERATION "\"");
    shown_assert(l, "action=\"/generations/" GENERATION "/cancel\"");
    shown_assert(l, "<progress");
    shown_assert(l, "href=\"/create?generation=01990000-0000-7000-8000-0000000000c1\"");
    assert_int_equal(shown_count(l, "<li class=\"tile"), 2);
    shown_close(l, 200);
}

static void what_failed_does_not_make_the_page_read_itself_again(void **state)
{
    static const struct fake_generation FAILED = {GENERATION, "failed", "7", "internal",
                                                  NULL,       "2",      "3", "2026-01-15 10:00:05+00"};
    struct loopback *l = show_stirring("/images", 0);

    (void)state;
    fake_db_answer(fake_generations(&FAILED, 1));
    assert_false(shown_has(l, "http-equiv=\"refresh\""));
    shown_assert(l, "href=\"/create?generation=" GENERATION "\"");
    shown_close(l, 200);
}

static void only_the_first_page_of_all_pictures_shows_what_runs(void **state)
{
    (void)state;
    shown_close(show_stirring("/images?before=" PLACE, 2), 200);
    shown_close(show_stirring("/images?favorite=true", 2), 200);
    shown_close(fake_gallery_show_many("/images?from=" PLACE, (struct fake_head){NULL, "t", "t", "2026-11-20"}, 2),
                200);
}

static void a_database_out_of_reach_is_a_page_too(void **state)
{
    struct loopback *l = house_get("/images");

    (void)state;
    fake_db_fail(ERR_BUSY, "database");
    assert_string_equal(loopback_header(l, "content-type", 0), "text/html; charset=utf-8");
    shown_close(l, 503);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_gallery_open, house_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_way_and_filter_asks_for_its_own),
        TEST(wrong_addresses_are_refused_with_a_page),
        TEST(the_first_page_leads_only_to_older_ones),
        TEST(a_page_in_the_middle_leads_both_ways_with_its_filters),
        TEST(a_page_of_newer_ones_is_turned_round),
        TEST(the_last_page_leads_only_to_newer_ones),
        TEST(ways_to_nothing_newer_end_at_the_first_page),
        TEST(a_deleted_picture_can_be_taken_back),
        TEST(an_avatar_s_pictures_name_it),
        TEST(an_avatar_that_is_not_there_has_no_page),
        TEST(an_empty_gallery_says_what_to_do_next),
        TEST(an_empty_filter_says_so),
        TEST(what_runs_stands_on_top_and_the_page_reads_itself_again),
        TEST(what_failed_does_not_make_the_page_read_itself_again),
        TEST(only_the_first_page_of_all_pictures_shows_what_runs),
        TEST(a_database_out_of_reach_is_a_page_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
