/* The statements behind the pages of pictures on a real database: pages both ways, filters, days, neighbours, the
   trash, and that all of them run along their indexes. */
#include "gallery/timeline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gallery/image_detail.h"
#include "generations/generation.h"
#include "support/sql.h"

static const struct uuid NONE;

/* An avatar with one generation, for pictures to belong to. */
struct album {
    struct uuid user, avatar, generation;
    int count;
};

static void add_generation(const struct album *album, const char *status, const char *error, const char *finished)
{
    struct uuid id = *sql_value("SELECT 1 FROM generations WHERE id = '%s'", album->generation.text)
                         ? uuid_make()
                         : album->generation;
    char sql[900];

    (void)snprintf(
        sql, sizeof sql,
        "INSERT INTO generations (id, user_id, avatar_id, prompt, final_prompt, preset, endpoint,"
        " num_images, parameters, input, cost, expected_seconds, status, error_code, created_at,"
        " started_at, finished_at, charged) VALUES ('%s', '%s', '%s', 'p', 'p', 'fast', 'e', 1,"
        " '{\"image_size\":\"square_hd\"}', '{}', 1, 1, '%s', %s, now() - interval '1 hour',"
        " now() - interval '50 minutes', %s, CASE WHEN '%s' IN ('completed', 'failed', 'cancelled') THEN 0 END)",
        id.text, album->user.text, album->avatar.text, status, error, finished, status);
    sql_do(sql);
}

static struct album album_make(const char *name)
{
    struct album album = {sql_user(name), uuid_make(), uuid_make(), 0};
    char sql[400];

    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO avatars (id, user_id, name, gender, training_type, status, finetune_id)"
                   " VALUES ('%s', '%s', 'Anna <b>', 'other', 'style', 'completed', 'f')",
                   album.avatar.text, album.user.text);
    sql_do(sql);
    add_generation(&album, "completed", "NULL", "now() - interval '49 minutes 47.5 seconds'");
    return album;
}

/* The n-th picture: ids in the order of n, which is their eighth digit. */
static struct uuid add_image(struct album *album, bool favorite, const char *made)
{
    int n = album->count++;
    struct uuid id;
    char sql[1200];

    (void)snprintf(id.text, sizeof id.text, "%08x%.28s", n + 1, album->generation.text + 8);
    (void)snprintf(
        sql, sizeof sql,
        "INSERT INTO images (id, user_id, generation_id, position, avatar_id, object_key, content_type, width,"
        " height, bytes, sha256, placeholder, prompt, preset, endpoint, seed, has_nsfw_content, is_favorite, "
        "created_at)"
        " VALUES ('%s', '%s', '%s', %d, '%s', '2026/11/20/%s.jpg', 'image/jpeg', 1024, 768, 34567, '\\x00',"
        " '\\x010203fffe', repeat('ы', 90), 'fast', 'fal-ai/flux-lora', 7, false, %s, '%s')",
        id.text, album->user.text, album->generation.text, n, album->avatar.text, id.text, favorite ? "true" : "false",
        made);
    sql_do(sql);
    return id;
}

static struct uuid add_plain(struct album *album, bool favorite)
{
    return add_image(album, favorite, "2026-01-15 12:00Z");
}

/* "6 5 4 <more >beyond": the page newest first, and what there is at either end. */
static const char *page(struct uuid user, struct timeline_asked asked)
{
    static char kept[512];
    CLEANUP(pg_clear) PGresult *rows = sql_rows(timeline_of(user, &asked, "Europe/Moscow"));
    struct timeline timeline = timeline_read(rows, &asked);
    size_t used = 0;

    kept[0] = '\0';
    for (int i = 0; i < timeline.count; i++) {
        struct timeline_picture picture = timeline_at(&timeline, i);
        assert_true(text_equal(picture.id, timeline_id(&timeline, i)));
        assert_true(text_equal(picture.day, timeline_day(&timeline, i)));
        used += (size_t)snprintf(kept + used, sizeof kept - used, "%.2s ", picture.id.at + 6);
    }
    (void)snprintf(kept + used, sizeof kept - used, "%s%s", timeline.more ? "more " : "",
                   timeline.beyond ? "beyond " : "");
    return kept;
}

#define ASK(...) ((struct timeline_asked){__VA_ARGS__})

static void pages_go_both_ways(void **state)
{
    struct album album = album_make("ways");
    struct uuid ids[60];

    (void)state;
    assert_string_equal(page(album.user, ASK(TIMELINE_NEWEST)), "");
    for (int i = 0; i < 60; i++)
        ids[i] = add_plain(&album, false);
    assert_string_equal(page(album.user, ASK(TIMELINE_NEWEST)),
                        "3c 3b 3a 39 38 37 36 35 34 33 32 31 30 2f 2e 2d 2c 2b 2a 29 28 27 26 25 more ");
    assert_string_equal(page(album.user, ASK(TIMELINE_OLDER, ids[0x25 - 1])),
                        "24 23 22 21 20 1f 1e 1d 1c 1b 1a 19 18 17 16 15 14 13 12 11 10 0f 0e 0d more beyond ");
    assert_string_equal(page(album.user, ASK(TIMELINE_OLDER, ids[0x0d - 1])),
                        "0c 0b 0a 09 08 07 06 05 04 03 02 01 beyond ");
    assert_string_equal(page(album.user, ASK(TIMELINE_NEWER, ids[0x0c - 1])),
                        "24 23 22 21 20 1f 1e 1d 1c 1b 1a 19 18 17 16 15 14 13 12 11 10 0f 0e 0d more beyond ");
    assert_string_equal(page(album.user, ASK(TIMELINE_NEWER, ids[0x24 - 1])),
                        "3c 3b 3a 39 38 37 36 35 34 33 32 31 30 2f 2e 2d 2c 2b 2a 29 28 27 26 25 beyond ");
    assert_string_equal(page(album.user, ASK(TIMELINE_NEWER, ids[0x3c - 1])), "beyond ");
    assert_string_equal(page(album.user, ASK(TIMELINE_FROM, ids[0x02 - 1])), "02 01 beyond ");
    assert_string_equal(page(album.user, ASK(TIMELINE_FROM, ids[0x3c - 1])),
                        "3c 3b 3a 39 38 37 36 35 34 33 32 31 30 2f 2e 2d 2c 2b 2a 29 28 27 26 25 more ");
    assert_string_equal(page(album.user, ASK(TIMELINE_OLDER, ids[0])), "beyond ");
}

static void a_place_outlives_its_picture(void **state)
{
    struct album album = album_make("place");
    struct uuid ids[4];

    (void)state;
    for (int i = 0; i < 4; i++)
        ids[i] = add_plain(&album, false);
    PQclear(sql_rows(image_delete(album.user, ids[2])));
    assert_string_equal(page(album.user, ASK(TIMELINE_NEWEST)), "04 02 01 ");
    assert_string_equal(page(album.user, ASK(TIMELINE_FROM, ids[2])), "02 01 beyond ");
    PQclear(sql_rows(image_delete(album.user, ids[3])));
    assert_string_equal(page(album.user, ASK(TIMELINE_FROM, ids[2])), "02 01 ");
}

static void filters_hold_for_pages_and_their_ends(void **state)
{
    struct album album = album_make("filters"), stranger = album_make("stranger");
    struct uuid ids[6];

    (void)state;
    for (int i = 0; i < 6; i++)
        ids[i] = add_plain(&album, i % 2);
    (void)add_plain(&stranger, true);
    assert_string_equal(page(album.user, ASK(TIMELINE_NEWEST, NONE, true)), "06 04 02 ");
    assert_string_equal(page(album.user, ASK(TIMELINE_OLDER, ids[3], true)), "02 beyond ");
    assert_string_equal(page(album.user, ASK(TIMELINE_NEWER, ids[4], true)), "06 beyond ");
    assert_string_equal(page(album.user, ASK(TIMELINE_FROM, ids[5], true)), "06 04 02 ");
    assert_string_equal(page(album.user, ASK(TIMELINE_FROM, ids[0], true)), "beyond ");
    assert_string_equal(page(album.user, ASK(TIMELINE_NEWEST, NONE, false, album.avatar)), "06 05 04 03 02 01 ");
    assert_string_equal(page(album.user, ASK(TIMELINE_NEWEST, NONE, true, album.avatar)), "06 04 02 ");
    assert_string_equal(page(album.user, ASK(TIMELINE_NEWER, ids[3], true, album.avatar)), "06 beyond ");
    assert_string_equal(page(album.user, ASK(TIMELINE_NEWEST, NONE, false, stranger.avatar)), "");
    assert_string_equal(page(stranger.user, ASK(TIMELINE_FROM, ids[5])), "01 ");
    assert_string_equal(page(stranger.user, ASK(TIMELINE_NEWEST, NONE, false, album.avatar)), "");
}

static struct timeline read_page(const PGresult *rows, struct timeline_asked asked)
{
    return timeline_read(rows, &asked);
}

static bool is_text(struct text t, const char *expected) { return text_equal(t, text_of(expected)); }

static void a_tile_has_what_it_shows(void **state)
{
    struct album album = album_make("tile");
    struct timeline_asked asked = ASK(TIMELINE_NEWEST, NONE, false, album.avatar);
    CLEANUP(pg_clear) PGresult *rows = NULL;
    struct uuid id = add_image(&album, true, "2026-01-15 23:30Z"), second = add_plain(&album, false);
    struct timeline timeline;
    struct timeline_picture picture;
    struct image_change change = {.renames = true, .custom_name = "Вечер"};

    (void)state;
    PQclear(sql_rows(image_update(album.user, second, &change)));
    rows = sql_rows(timeline_of(album.user, &asked, "Europe/Moscow"));
    timeline = read_page(rows, asked);
    assert_true(is_text(timeline.avatar, "Anna <b>"));
    assert_true(is_text(timeline.today, sql_value("SELECT (now() AT TIME ZONE 'Europe/Moscow')::date")));
    assert_int_equal(timeline.count, 2);
    picture = timeline_at(&timeline, 1);
    assert_true(is_text(picture.id, id.text));
    assert_true(text_starts(picture.object_key, TEXT("2026/11/20/")));
    assert_int_equal(picture.width, 1024);
    assert_int_equal(picture.height, 768);
    assert_int_equal(picture.placeholder_len, 5);
    assert_int_equal(text_code_points(picture.name), TIMELINE_NAME_MAX + 1);
    assert_true(picture.is_favorite);
    assert_false(picture.has_nsfw_content);
    assert_true(is_text(picture.day, "2026-01-16"));
    assert_true(is_text(timeline_at(&timeline, 0).name, "Вечер"));
}

static const char *day_in(struct album *album, const char *zone)
{
    static char kept[16];
    struct timeline_asked asked = ASK(TIMELINE_NEWEST);
    CLEANUP(pg_clear) PGresult *rows = sql_rows(timeline_of(album->user, &asked, zone));
    struct timeline timeline = read_page(rows, asked);

    assert_true(text_copy(kept, sizeof kept, timeline_day(&timeline, 0)));
    return kept;
}

static void days_are_those_of_the_time_zone(void **state)
{
    struct album nepal = album_make("nepal"), newfoundland = album_make("newfoundland"), spring = album_make("spring");

    (void)state;
    (void)add_image(&nepal, false, "2026-01-15 18:14:59Z"); /* +05:45 */
    assert_string_equal(day_in(&nepal, "Asia/Kathmandu"), "2026-01-15");
    (void)add_image(&nepal, false, "2026-01-15 18:15:00Z");
    assert_string_equal(day_in(&nepal, "Asia/Kathmandu"), "2026-01-16");
    (void)add_image(&newfoundland, false, "2026-01-15 03:29:59Z"); /* -03:30 */
    assert_string_equal(day_in(&newfoundland, "America/St_Johns"), "2026-01-14");
    (void)add_image(&newfoundland, false, "2026-01-15 03:30:00Z");
    assert_string_equal(day_in(&newfoundland, "America/St_Johns"), "2026-01-15");
    (void)add_image(&newfoundland, false, "2026-07-15 02:30:00Z"); /* -02:30 in summer */
    assert_string_equal(day_in(&newfoundland, "America/St_Johns"), "2026-07-15");
    (void)add_image(&spring, false, "2026-12-31 23:30Z");
    assert_string_equal(day_in(&spring, "UTC"), "2026-12-31");
    assert_string_equal(day_in(&spring, "Europe/Moscow"), "2027-01-01");
}

static bool stirs(struct album *album)
{
    struct timeline_asked asked = ASK(TIMELINE_NEWEST);
    CLEANUP(pg_clear) PGresult *rows = sql_rows(timeline_of(album->user, &asked, "UTC"));

    return read_page(rows, asked).stirs;
}

static void says_what_runs_or_has_just_failed(void **state)
{
    struct album album = album_make("stirring"), quiet = album_make("quiet");

    (void)state;
    assert_false(stirs(&album));
    add_generation(&album, "cancelled", "NULL", "now()");
    add_generation(&album, "failed", "'internal'", "now() - interval '11 minutes'");
    assert_false(stirs(&album));
    assert_int_equal(sql_count(generations_stirring(album.user, 10)), 0);
    add_generation(&album, "failed", "'internal'", "now() - interval '9 minutes'");
    assert_true(stirs(&album));
    assert_int_equal(sql_count(generations_stirring(album.user, 10)), 1);
    add_generation(&album, "queued", "NULL", "NULL");
    add_generation(&quiet, "running", "NULL", "NULL");
    assert_int_equal(sql_count(generations_stirring(album.user, 10)), 2);
    assert_int_equal(sql_count(generations_stirring(album.user, 1)), 1);
    assert_true(stirs(&quiet));
}

/* One picture */

static struct image_detail detail_of(PGresult **rows, struct uuid user, struct uuid id, bool favorites,
                                     const char *zone)
{
    *rows = sql_rows(image_detail_by_id(user, id, favorites, zone));
    assert_int_equal(rows_count(*rows), 1);
    return image_detail_from_row(rows_at(*rows, 0));
}

static void a_picture_comes_with_all_about_it(void **state)
{
    struct album album = album_make("detail");
    CLEANUP(pg_clear) PGresult *rows = NULL;
    CLEANUP(pg_clear) PGresult *again = NULL;
    struct uuid id = add_image(&album, false, "2026-01-15 18:20:30.123Z");
    struct image_detail detail = detail_of(&rows, album.user, id, false, "Asia/Kathmandu");

    (void)state;
    assert_true(is_text(detail.image.id, id.text));
    assert_int_equal(text_code_points(detail.image.prompt), 90);
    assert_true(is_text(detail.avatar_name, "Anna <b>"));
    assert_false(detail.avatar_deleted);
    assert_true(detail.took_s > 12.4 && detail.took_s < 12.6);
    assert_int_equal(detail.num_images, 1);
    assert_int_equal(detail.children, 0);
    assert_true(is_text(detail.made, "2026-01-16 00:05:30"));
    assert_true(is_text(detail.today, sql_value("SELECT (now() AT TIME ZONE 'Asia/Kathmandu')::date")));
    assert_int_equal(detail.newer.len + detail.older.len, 0);
    (void)sql_value("UPDATE avatars SET deleted_at = now() WHERE id = '%s' RETURNING 1", album.avatar.text);
    detail = detail_of(&again, album.user, id, false, "UTC");
    assert_true(is_text(detail.avatar_name, "Anna <b>"));
    assert_true(detail.avatar_deleted);
}

static void assert_neighbours(struct uuid user, struct uuid id, bool favorites, const char *newer, const char *older)
{
    CLEANUP(pg_clear) PGresult *rows = NULL;
    struct image_detail detail = detail_of(&rows, user, id, favorites, "UTC");

    assert_true(is_text(detail.newer, newer));
    assert_true(is_text(detail.older, older));
}

static void neighbours_are_ones_own_and_not_in_the_trash(void **state)
{
    struct album album = album_make("neighbours"), stranger = album_make("in between");
    struct uuid ids[6];

    (void)state;
    for (int i = 0; i < 6; i++) {
        ids[i] = add_plain(&album, i % 2);
        (void)add_plain(&stranger, true);
    }
    assert_neighbours(album.user, ids[0], false, ids[1].text, "");
    assert_neighbours(album.user, ids[2], false, ids[3].text, ids[1].text);
    assert_neighbours(album.user, ids[5], false, "", ids[4].text);
    assert_neighbours(album.user, ids[3], true, ids[5].text, ids[1].text);
    assert_neighbours(album.user, ids[2], true, ids[3].text, ids[1].text);
    PQclear(sql_rows(image_delete(album.user, ids[3])));
    assert_neighbours(album.user, ids[2], false, ids[4].text, ids[1].text);
    assert_neighbours(album.user, ids[2], true, ids[5].text, ids[1].text);
}

static const char *events(const struct album *album, const char *action)
{
    return sql_value("SELECT count(*) FROM events WHERE user_id = '%s' AND kind = 'image' AND payload::json->>'action'"
                     " = '%s'",
                     album->user.text, action);
}

static void a_deleted_picture_comes_back_once(void **state)
{
    struct album album = album_make("trash");
    struct uuid id = add_plain(&album, true);

    (void)state;
    assert_int_equal(sql_count(image_restore(album.user, id)), 1); /* it is there: nothing to do */
    assert_string_equal(events(&album, "created"), "1");           /* when it was made */
    assert_int_equal(sql_count(image_detail_deleted(album.user, id)), 0);
    PQclear(sql_rows(image_delete(album.user, id)));
    assert_int_equal(sql_count(image_detail_by_id(album.user, id, false, "UTC")), 0);
    assert_int_equal(sql_count(image_detail_deleted(album.user, id)), 1);
    assert_int_equal(sql_count(image_restore(album.user, id)), 1);
    assert_int_equal(sql_count(image_restore(album.user, id)), 1);
    assert_string_equal(events(&album, "created"), "2");
    assert_string_equal(page(album.user, ASK(TIMELINE_NEWEST, NONE, true)), "01 ");
    assert_int_equal(sql_count(image_restore(album.user, uuid_make())), 0);
}

static void nothing_of_another_user_is_reached(void **state)
{
    struct album album = album_make("owner"), stranger = album_make("other");
    struct uuid id = add_plain(&album, false);

    (void)state;
    assert_int_equal(sql_count(image_detail_by_id(stranger.user, id, false, "UTC")), 0);
    PQclear(sql_rows(image_delete(album.user, id)));
    assert_int_equal(sql_count(image_detail_deleted(stranger.user, id)), 0);
    assert_int_equal(sql_count(image_restore(stranger.user, id)), 0);
    assert_int_equal(sql_count(image_detail_deleted(album.user, id)), 1);
}

static void pages_run_along_their_indexes(void **state)
{
    struct album album = album_make("planner");
    struct uuid middle;
    char sql[4000];

    (void)state;
    for (int i = 0; i < 10; i++)
        (void)sql_user("neighbour");
    (void)snprintf(
        sql, sizeof sql,
        "INSERT INTO images (id, user_id, generation_id, position, avatar_id, object_key, content_type, width,"
        " height, bytes, sha256, placeholder, prompt, preset, endpoint, seed, has_nsfw_content, is_favorite)"
        " SELECT gen_random_uuid(), CASE WHEN n %% 10 = 0 THEN '%s'::uuid ELSE (ARRAY(SELECT id FROM users WHERE name ="
        " 'neighbour'))[n %% 10] END, '%s', n, '%s', 'k', 'image/jpeg', 1, 1, 1, '', '', 'p', 'fast',"
        " 'e', 1, false, n %% 20 = 0 FROM generate_series(1, 30000) n;"
        "INSERT INTO generations (id, user_id, avatar_id, prompt, final_prompt, preset, endpoint, num_images,"
        " parameters, input, cost, expected_seconds, status, error_code, finished_at, charged)"
        " SELECT gen_random_uuid(), '%s', '%s', 'p', 'p', 'fast', 'e', 1, '{}', '{}', 1, 1,"
        " CASE WHEN n %% 20 = 0 THEN 'failed' ELSE 'completed' END, CASE WHEN n %% 20 = 0 THEN 'internal' END,"
        " now() - interval '1 day', 0 FROM generate_series(1, 5000) n;"
        "INSERT INTO avatars (id, user_id, name, gender, training_type, status) SELECT gen_random_uuid(), '%s', 'A',"
        " 'other', 'style', 'draft' FROM generate_series(1, 500); ANALYZE images; ANALYZE generations; ANALYZE avatars",
        album.user.text, album.generation.text, album.avatar.text, album.user.text, album.avatar.text, album.user.text);
    sql_do("ALTER TABLE images DISABLE TRIGGER USER"); /* who tells of 30,000 pictures needs seconds */
    sql_do(sql);
    sql_do("ALTER TABLE images ENABLE TRIGGER USER");
    (void)uuid_read(TEXT("80000000-0000-4000-8000-000000000000"), &middle);
    for (int where = 0; where < TIMELINE_WHERES; where++)
        for (int i = 0; i < 4; i++) {
            struct timeline_asked asked = ASK((enum timeline_where)where, middle, i & 1, i & 2 ? album.avatar : NONE);
            sql_assert_plan(timeline_of(album.user, &asked, "Europe/Moscow"), i & 1 ? "images_favorite" : "images_of_");
            if (!(i & 1))
                sql_assert_plan(timeline_of(album.user, &asked, "UTC"), "generations_failed");
        }
    sql_assert_plan(image_detail_by_id(album.user, middle, false, "UTC"), "images_of_user");
    sql_assert_plan(image_detail_by_id(album.user, middle, true, "UTC"), "images_favorite");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_go_both_ways),
        cmocka_unit_test(a_place_outlives_its_picture),
        cmocka_unit_test(filters_hold_for_pages_and_their_ends),
        cmocka_unit_test(a_tile_has_what_it_shows),
        cmocka_unit_test(days_are_those_of_the_time_zone),
        cmocka_unit_test(says_what_runs_or_has_just_failed),
        cmocka_unit_test(a_picture_comes_with_all_about_it),
        cmocka_unit_test(neighbours_are_ones_own_and_not_in_the_trash),
        cmocka_unit_test(a_deleted_picture_comes_back_once),
        cmocka_unit_test(nothing_of_another_user_is_reached),
        cmocka_unit_test(pages_run_along_their_indexes),
    };

    return cmocka_run_group_tests(tests, sql_open, sql_close);
}
