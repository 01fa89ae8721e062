/* GET /images: what is asked of the database, and the page that comes of its answers. */
#include "web/gallery_page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/fake_db.h"
#include "support/fake_generation.h"
#include "support/house.h"

#define USER "01990000-0000-7000-8000-000000000001"
#define SESSION "01990000-0000-7000-8000-00000000000e"
#define AVATAR "01990000-0000-7000-8000-00000000000d"
#define PLACE "01990000-0000-7000-8000-0000000000ff"

static enum lang language;
static const char *zone;

static struct next authenticate(struct call *call)
{
    call->who.kind = WHO_SESSION;
    (void)uuid_read(TEXT(USER), &call->who.user);
    (void)uuid_read(TEXT(SESSION), &call->who.credential);
    (void)text_copy(call->who.time_zone, sizeof call->who.time_zone, text_of(zone));
    call->who.scopes = SCOPE_READ | SCOPE_WRITE;
    (void)text_copy(call->who.locale, sizeof call->who.locale, text_of(lang_name(language)));
    return call_enter(call);
}

static const struct route ROUTES[] = {
    {"GET", "/images", ACCESS_READ, 0, gallery_page_show, true},
    {0},
};

static int set_up(void **state)
{
    (void)state;
    language = LANG_RU;
    zone = "Europe/Moscow";
    house_open_pages(ROUTES, authenticate);
    fake_db_reset();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    house_close();
    return 0;
}

static struct loopback *ask(const char *path)
{
    return house_send(&(struct loopback_message){.method = "GET", .path = path, .headers = {"accept", "text/html"}});
}

static bool has(const struct loopback *l, const char *part) { return strstr(loopback_body(l), part) != NULL; }

static int count(const struct loopback *l, const char *part)
{
    int found = 0;

    for (const char *at = loopback_body(l); (at = strstr(at, part)); at += strlen(part))
        found++;
    return found;
}

static void assert_has(const struct loopback *l, const char *part)
{
    if (!has(l, part))
        fail_msg("without %s:\n%.3000s", part, strstr(loopback_body(l), "<main"));
}

static void assert_status(struct loopback *l, int status)
{
    assert_int_equal(loopback_status(l), status);
    assert_false(fake_db_waits());
    loopback_close(l);
}

/* Rows */

enum { COLUMNS = 9, MAX_PICTURES = 30 };

struct head {
    const char *avatar, *stirs, *beyond, *today;
};
static const struct head PAGE = {NULL, "f", "f", "2026-11-20"}, PAGE_BEYOND = {NULL, "f", "t", "2026-11-20"};

struct picture {
    const char *name, *day, *favorite, *nsfw, *width, *height, *placeholder;
};

static void answer_page(struct head page, const struct picture *pictures, int pictures_count)
{
    const char *values[(MAX_PICTURES + 1) * COLUMNS] = {NULL,        NULL,       NULL,        NULL,      NULL,
                                                        page.avatar, page.stirs, page.beyond, page.today};
    char ids[MAX_PICTURES][40];

    for (int i = 0; i < pictures_count; i++) {
        const struct picture *p = &pictures[i];
        const char *row[COLUMNS] = {ids[i],
                                    "2026/11/20/x.jpg",
                                    p->width ? p->width : "1024",
                                    p->height ? p->height : "768",
                                    p->placeholder ? p->placeholder : "\\x3fb8f2fffe0102",
                                    p->name ? p->name : "кот",
                                    p->favorite ? p->favorite : "f",
                                    p->nsfw ? p->nsfw : "f",
                                    p->day ? p->day : "2026-11-20"};
        (void)snprintf(ids[i], sizeof ids[i], "01990000-0000-7000-8000-0000000001%02d", i % 100);
        memcpy(&values[(i + 1) * COLUMNS], row, sizeof row);
    }
    fake_db_answer(fake_rows(COLUMNS, pictures_count + 1, values));
}

static struct loopback *show(const char *path, struct head page, const struct picture *pictures, int pictures_count)
{
    struct loopback *l = ask(path);

    assert_true(fake_db_waits());
    answer_page(page, pictures, pictures_count);
    return l;
}

static struct loopback *show_one(struct picture picture) { return show("/images", PAGE, &picture, 1); }

static struct loopback *show_many(const char *path, struct head page, int pictures_count)
{
    static const struct picture NONE[MAX_PICTURES];

    return show(path, page, NONE, pictures_count);
}

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
        {"/images?avatar=" AVATAR "&after=" PLACE, "id > $3", false, true},
        {"/images?favorite=true&avatar=" AVATAR "&from=" PLACE, "id <= $3", true, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof WAYS / sizeof *WAYS; i++) {
        struct loopback *l = ask(WAYS[i].path);
        const char *pictures = strstr(fake_db_sql(), "UNION ALL");
        assert_non_null(strstr(pictures, WAYS[i].where));
        assert_true(!strstr(pictures, "AND is_favorite") == !WAYS[i].favorite);
        assert_true(!strstr(pictures, "avatar_id = $4") == !WAYS[i].avatar);
        assert_string_equal(fake_db_value(0), USER);
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
        "/images?page=2",
        "/images?before=" PLACE "&after=" PLACE,
        "/images?from=" PLACE "&before=" PLACE,
        "/images?from=" PLACE "&from=" PLACE,
        "/images?avatar=%00",
    };

    (void)state;
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++) {
        struct loopback *l = ask(WRONG[i]);
        assert_string_equal(loopback_header(l, "content-type", 0), "text/html; charset=utf-8");
        assert_has(l, "<h1>");
        assert_status(l, 400);
    }
}

/* Pictures */

static void a_tile_links_to_its_picture_and_shows_it_at_two_sizes(void **state)
{
    struct loopback *l = show_one((struct picture){.name = "Вечер"});

    (void)state;
    assert_has(l, "<h1>Мои изображения</h1>");
    assert_has(l, "id=\"i-01990000-0000-7000-8000-000000000100\" data-id=\"01990000-0000-7000-8000-000000000100\"");
    assert_has(l, "<a href=\"/images/01990000-0000-7000-8000-000000000100\" data-thumbhash=\"P7jy//4BAg==\">");
    assert_has(l, "src=\"/files/aisha-v2-generated/2026/11/20/x_small.webp?expires=");
    assert_has(l, " 320w, /files/aisha-v2-generated/2026/11/20/x_medium.webp?expires=");
    assert_has(l, " 800w\"");
    assert_has(l, "&amp;signature=");
    assert_has(l, "width=\"1024\" height=\"768\" alt=\"Вечер\"");
    assert_has(l, "fetchpriority=\"high\"");
    assert_false(has(l, "loading=\"lazy\""));
    assert_has(l, "fill=\"#");
    assert_has(l, "action=\"/images/01990000-0000-7000-8000-000000000100/favorite\"");
    assert_has(l, "name=\"favorite\" value=\"true\"");
    assert_has(l, "aria-pressed=\"false\"");
    assert_has(l, "name=\"back\" value=\"/images\"");
    assert_false(has(l, "style="));
    assert_false(has(l, "{{"));
    assert_non_null(strstr(loopback_header(l, "content-security-policy", 0), "require-trusted-types-for"));
    assert_status(l, 200);
}

static void what_is_below_the_first_row_waits(void **state)
{
    struct loopback *l = show_many("/images", PAGE, 24);

    (void)state;
    assert_int_equal(count(l, "<li class=\"tile"), 24);
    assert_int_equal(count(l, "loading=\"lazy\""), 20);
    assert_int_equal(count(l, "fetchpriority=\"high\""), 1);
    assert_status(l, 200);
}

static void the_first_of_a_full_day_is_its_hero(void **state)
{
    static const struct picture DAYS[6] = {
        {.day = "2026-11-20"}, {.day = "2026-11-19"}, {.day = "2026-11-19"},
        {.day = "2026-11-19"}, {.day = "2026-11-19"}, {.day = "2026-11-19"},
    };
    struct loopback *l = show_many("/images", PAGE, 5);

    (void)state;
    assert_has(l, "<li class=\"tile tile-hero\" id=\"i-01990000-0000-7000-8000-000000000100\"");
    assert_int_equal(count(l, "tile-hero"), 1);
    assert_int_equal(count(l, "30rem"), 1);
    assert_status(l, 200);
    l = show_many("/images", PAGE, 4);
    assert_false(has(l, "tile-hero"));
    assert_status(l, 200);
    l = show("/images", PAGE, DAYS, 6);
    assert_false(has(l, "tile-hero"));
    assert_status(l, 200);
}

static void widths_are_those_of_the_thumbnails(void **state)
{
    struct loopback *l = show_one((struct picture){.width = "576", .height = "1024"});

    (void)state;
    assert_has(l, " 180w, ");
    assert_has(l, " 450w\"");
    assert_status(l, 200);
    l = show_one((struct picture){.width = "300", .height = "200"}); /* never enlarged: both are the same */
    assert_false(has(l, "srcset"));
    assert_status(l, 200);
    l = show_one((struct picture){.width = "1024", .height = "1", .placeholder = "\\x"});
    assert_has(l, " 320w, ");
    assert_false(has(l, "data-thumbhash"));
    assert_false(has(l, "<rect width=\"100%\""));
    assert_status(l, 200);
}

static void a_favourite_is_pressed_and_can_be_let_go(void **state)
{
    struct loopback *l = show("/images?favorite=true", PAGE, &(struct picture){.favorite = "t"}, 1);

    (void)state;
    assert_has(l, "aria-pressed=\"true\"");
    assert_has(l, "name=\"favorite\" value=\"false\"");
    assert_has(l, "name=\"back\" value=\"/images?favorite=true\"");
    assert_has(l, "<a href=\"/images/01990000-0000-7000-8000-000000000100?favorite=true\"");
    assert_has(l, "<a class=\"chip\" href=\"/images?favorite=true\" aria-current=\"true\">");
    assert_status(l, 200);
}

static void a_hidden_picture_says_so_and_is_not_loaded(void **state)
{
    struct loopback *l = show_one((struct picture){.nsfw = "t", .name = "тайна"});

    (void)state;
    assert_has(l, "Скрыто: модель сочла изображение откровенным");
    assert_false(has(l, "<img"));
    assert_false(has(l, "/files/"));
    assert_has(l, "тайна");
    assert_status(l, 200);
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
        struct loopback *l = show_one((struct picture){.name = NAMES[i][0]});
        assert_has(l, NAMES[i][1]);
        assert_false(has(l, "<script>"));
        assert_false(has(l, "<img src=x"));
        assert_status(l, 200);
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
    l = show_one((struct picture){.name = name});
    assert_has(l, expected);
    assert_status(l, 200);
    name[160] = '\0';
    (void)snprintf(expected, sizeof expected, "alt=\"%s\"", name);
    l = show_one((struct picture){.name = name});
    assert_has(l, expected);
    assert_status(l, 200);
}

/* Days */

static void pictures_stand_under_their_days(void **state)
{
    static const struct picture PICTURES[] = {{.day = "2026-11-20"}, {.day = "2026-11-20"}, {.day = "2026-11-19"},
                                              {.day = "2026-01-15"}, {.day = "2025-12-31"}, {.day = "2025-12-31"}};
    struct loopback *l = show("/images", PAGE, PICTURES, 6);
    const char *body = loopback_body(l), *today = strstr(body, "<time datetime=\"2026-11-20\">Сегодня</time>"),
               *yesterday = strstr(body, "<time datetime=\"2026-11-19\">Вчера</time>"),
               *january = strstr(body, "<time datetime=\"2026-01-15\">15 января</time>"),
               *december = strstr(body, "<time datetime=\"2025-12-31\">31 декабря 2025</time>"),
               *second = strstr(body, "id=\"i-01990000-0000-7000-8000-000000000101\""),
               *third = strstr(body, "id=\"i-01990000-0000-7000-8000-000000000102\"");

    (void)state;
    assert_true(today && yesterday && january && december);
    assert_true(today < second && second < yesterday && yesterday < third && third < january && january < december);
    assert_int_equal(count(l, "<section class=\"day\""), 4);
    assert_int_equal(count(l, "<h2 class=\"day-title\">"), 4);
    assert_status(l, 200);
    language = LANG_EN;
    l = show("/images", PAGE, PICTURES, 6);
    assert_has(l, ">Today</time>");
    assert_has(l, ">Yesterday</time>");
    assert_has(l, ">January 15</time>");
    assert_has(l, ">December 31, 2025</time>");
    assert_has(l, "<h1>My images</h1>");
    assert_status(l, 200);
}

static void the_reader_s_time_zone_is_asked_for(void **state)
{
    static const char *const ZONES[] = {"Asia/Kathmandu", "America/St_Johns"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct loopback *l;
        zone = ZONES[i];
        l = ask("/images");
        assert_string_equal(fake_db_value(1), ZONES[i]);
        loopback_close(l);
    }
}

/* Pages */

static void the_first_page_leads_only_to_older_ones(void **state)
{
    struct loopback *l = show_many("/images", PAGE, 25);

    (void)state;
    assert_int_equal(count(l, "<li class=\"tile"), 24);
    assert_has(l, "rel=\"next\" href=\"/images?before=01990000-0000-7000-8000-000000000123\"");
    assert_false(has(l, "rel=\"prev\""));
    assert_status(l, 200);
    l = show_many("/images", PAGE, 24);
    assert_false(has(l, "rel=\"next\""));
    assert_false(has(l, "class=\"pager\""));
    assert_status(l, 200);
}

static void a_page_in_the_middle_leads_both_ways_with_its_filters(void **state)
{
    struct loopback *l = show_many("/images?favorite=true&before=" PLACE, PAGE_BEYOND, 25);

    (void)state;
    assert_has(l, "rel=\"next\" href=\"/images?favorite=true&amp;before=01990000-0000-7000-8000-000000000123\"");
    assert_has(l, "rel=\"prev\" href=\"/images?favorite=true&amp;after=01990000-0000-7000-8000-000000000100\"");
    assert_has(l, "name=\"back\" value=\"/images?favorite=true&amp;before=" PLACE "\"");
    assert_status(l, 200);
}

static void a_page_of_newer_ones_is_turned_round(void **state)
{
    struct loopback *l = show_many("/images?after=" PLACE, PAGE_BEYOND, 25);
    const char *first = strstr(loopback_body(l), "id=\"i-01990000-0000-7000-8000-000000000123\""),
               *last = strstr(loopback_body(l), "id=\"i-01990000-0000-7000-8000-000000000100\"");

    (void)state;
    assert_true(first && last && first < last);
    assert_has(l, "rel=\"prev\" href=\"/images?after=01990000-0000-7000-8000-000000000123\"");
    assert_has(l, "rel=\"next\" href=\"/images?before=01990000-0000-7000-8000-000000000100\"");
    assert_status(l, 200);
}

static void the_last_page_leads_only_to_newer_ones(void **state)
{
    struct loopback *l = show_many("/images?before=" PLACE, PAGE_BEYOND, 3);

    (void)state;
    assert_false(has(l, "rel=\"next\""));
    assert_has(l, "rel=\"prev\" href=\"/images?after=01990000-0000-7000-8000-000000000100\"");
    assert_status(l, 200);
}

static void assert_leads_to(struct loopback *l, const char *location)
{
    assert_string_equal(loopback_header(l, "location", 0), location);
    assert_status(l, 303);
}

static void ways_to_nothing_newer_end_at_the_first_page(void **state)
{
    (void)state;
    assert_leads_to(show_many("/images?after=" PLACE, PAGE_BEYOND, 24), "/images");
    assert_leads_to(show_many("/images?favorite=true&after=" PLACE, PAGE_BEYOND, 0), "/images?favorite=true");
    assert_leads_to(show_many("/images?before=" PLACE, PAGE_BEYOND, 0), "/images");
    assert_leads_to(show_many("/images?from=" PLACE "&undo=" PLACE "&done=deleted", PAGE, 0),
                    "/images?undo=" PLACE "&done=deleted");
}

static void a_deleted_picture_can_be_taken_back(void **state)
{
    struct loopback *l = show_many("/images?from=" PLACE "&undo=" PLACE "&done=deleted", PAGE_BEYOND, 2);

    (void)state;
    assert_has(l, "<form method=\"post\" action=\"/images/" PLACE "/restore\">");
    assert_has(l, "Изображение удалено");
    assert_int_equal(count(l, "role=\"status\""), 2); /* the notice, and the place for scripts */
    assert_has(l, "name=\"back\" value=\"/images?from=" PLACE "\"");
    assert_status(l, 200);
}

/* An avatar's pictures */

static void an_avatar_s_pictures_name_it(void **state)
{
    struct loopback *l = show("/images?avatar=" AVATAR, (struct head){"<i>Anna", "t", "f", "2026-11-20"},
                              &(struct picture){.name = "x"}, 1);

    (void)state;
    assert_has(l, "<bdi>&lt;i&gt;Anna</bdi>");
    assert_has(l, "href=\"/images?favorite=true&amp;avatar=" AVATAR "\"");
    assert_status(l, 200); /* and no word about what runs */
}

static void an_avatar_that_is_not_there_has_no_page(void **state)
{
    struct loopback *l = show_many("/images?avatar=" AVATAR, PAGE, 0);

    (void)state;
    assert_has(l, "<h1>");
    assert_status(l, 404);
}

/* Nothing there */

static void an_empty_gallery_says_what_to_do_next(void **state)
{
    struct loopback *l = show_many("/images", PAGE, 0);

    (void)state;
    assert_non_null(strstr(fake_db_sql(), "FROM avatars"));
    fake_db_answer(fake_rows(1, 0, NULL));
    assert_has(l, "href=\"/avatars\">К аватарам</a>");
    assert_false(has(l, "<li class=\"tile"));
    assert_status(l, 200);
    l = show_many("/images", PAGE, 0);
    fake_db_answer(fake_avatar("portrait", "completed", "https://v3.fal.media/x", NULL));
    assert_has(l, "href=\"/create\">Создать изображение</a>");
    assert_false(has(l, "К аватарам"));
    assert_status(l, 200);
}

static void an_empty_filter_says_so(void **state)
{
    struct loopback *l = show_many("/images?favorite=true", PAGE, 0);

    (void)state;
    assert_has(l, "В избранном пока пусто");
    assert_status(l, 200);
    l = show_many("/images?avatar=" AVATAR, (struct head){"Anna", "f", "f", "2026-11-20"}, 0);
    assert_has(l, "href=\"/create?avatar=" AVATAR "\"");
    assert_status(l, 200);
}

/* What is being made */

#define GENERATION "01990000-0000-7000-8000-0000000000c0"

static struct loopback *show_stirring(const char *path, int pictures_count)
{
    return show_many(path, (struct head){NULL, "t", "f", "2026-11-20"}, pictures_count);
}

static void what_runs_stands_on_top_and_the_page_reads_itself_again(void **state)
{
    static const struct fake_generation RUNNING[] = {{GENERATION, "running", "7", NULL, NULL, "2", "-1", NULL},
                                                     {"01990000-0000-7000-8000-0000000000c1", "failed", "7",
                                                      "nsfw_result", NULL, "2", "3", "2026-01-15 10:00:05+00"}};
    struct loopback *l = show_stirring("/images", 2);

    (void)state;
    assert_true(fake_db_waits());
    assert_string_equal(fake_db_value(0), USER);
    fake_db_answer(fake_generations(RUNNING, 2));
    assert_has(l, "<noscript><meta http-equiv=\"refresh\" content=\"5\"></noscript>");
    assert_has(l, "data-live=\"running\"");
    assert_has(l, "href=\"/generations/" GENERATION "\"");
    assert_has(l, "action=\"/generations/" GENERATION "/cancel\"");
    assert_has(l, "<progress");
    assert_has(l, "href=\"/create?generation=01990000-0000-7000-8000-0000000000c1\"");
    assert_int_equal(count(l, "<li class=\"tile"), 2);
    assert_status(l, 200);
}

static void what_failed_does_not_make_the_page_read_itself_again(void **state)
{
    static const struct fake_generation FAILED = {GENERATION, "failed", "7", "internal",
                                                  NULL,       "2",      "3", "2026-01-15 10:00:05+00"};
    struct loopback *l = show_stirring("/images", 0);

    (void)state;
    fake_db_answer(fake_generations(&FAILED, 1));
    assert_false(has(l, "http-equiv=\"refresh\""));
    assert_has(l, "href=\"/create?generation=" GENERATION "\"");
    assert_status(l, 200);
}

static void only_the_first_page_of_all_pictures_shows_what_runs(void **state)
{
    (void)state;
    assert_status(show_stirring("/images?before=" PLACE, 2), 200);
    assert_status(show_stirring("/images?favorite=true", 2), 200);
    assert_status(show_many("/images?from=" PLACE, (struct head){NULL, "t", "t", "2026-11-20"}, 2), 200);
}

static void a_database_out_of_reach_is_a_page_too(void **state)
{
    struct loopback *l = ask("/images");

    (void)state;
    fake_db_fail(ERR_BUSY, "database");
    assert_string_equal(loopback_header(l, "content-type", 0), "text/html; charset=utf-8");
    assert_status(l, 503);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_way_and_filter_asks_for_its_own),
        TEST(wrong_addresses_are_refused_with_a_page),
        TEST(a_tile_links_to_its_picture_and_shows_it_at_two_sizes),
        TEST(what_is_below_the_first_row_waits),
        TEST(the_first_of_a_full_day_is_its_hero),
        TEST(widths_are_those_of_the_thumbnails),
        TEST(a_favourite_is_pressed_and_can_be_let_go),
        TEST(a_hidden_picture_says_so_and_is_not_loaded),
        TEST(hostile_names_stay_text),
        TEST(a_long_name_is_cut_and_says_so),
        TEST(pictures_stand_under_their_days),
        TEST(the_reader_s_time_zone_is_asked_for),
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
