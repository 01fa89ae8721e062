/* The statements of styles on a real database: own ones, favourites, uses, tastes, results; and what they run along. */
#include "styles/own_style.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "styles/style_results.h"
#include "styles/style_taste.h"
#include "support/altered_styles.h"
#include "support/sql.h"

static const struct idempotency NO_KEY;

static struct uuid save(struct uuid user, const char *title, const char *tags, struct uuid image)
{
    struct own_style_new style = {
        .id = uuid_make(), .image_id = image, .title = title, .prompt = "a garden", .preset = "fast", .tags = tags};

    assert_int_equal(sql_count(own_style_insert(user, &style, &NO_KEY)), 1);
    return style.id;
}

static int64_t taste_of(struct uuid user)
{
    return atoll(sql_value("SELECT taste FROM users WHERE id = '%s'", user.text));
}

static void keeps_an_own_style_as_it_was_given(void **state)
{
    struct uuid user = sql_user("Keeps"), id = save(user, "Осень", "парк\nлист", (struct uuid){""});
    PGresult *rows = sql_rows(own_style_by_id(user, id));
    struct own_style style = own_style_from_row(rows_at(rows, 0));

    (void)state;
    assert_string_equal(style.id.text, id.text);
    assert_string_equal(style.image_id.text, "");
    assert_string_equal(style.title, "Осень");
    assert_string_equal(style.prompt, "a garden");
    assert_string_equal(style.preset, "fast");
    assert_int_equal(style.tags.count, 2);
    assert_string_equal(style.tags.at[1], "лист");
    assert_int_equal(style.preview_key.len, 0);
    assert_true(*style.created_at && *style.updated_at);
    PQclear(rows);
}

static void changes_what_is_named_and_nothing_else(void **state)
{
    struct uuid user = sql_user("Changes"), id = save(user, "t", "a\nb", (struct uuid){""});
    PGresult *rows = sql_rows(own_style_update(user, id, &(struct own_style_change){.title = "u"}));
    struct own_style style = own_style_from_row(rows_at(rows, 0));

    (void)state;
    assert_string_equal(style.title, "u");
    assert_string_equal(style.prompt, "a garden");
    assert_int_equal(style.tags.count, 2);
    PQclear(rows);
    rows = sql_rows(
        own_style_update(user, id, &(struct own_style_change){.prompt = "b", .preset = "quality", .tags = ""}));
    style = own_style_from_row(rows_at(rows, 0));
    assert_string_equal(style.title, "u");
    assert_string_equal(style.prompt, "b");
    assert_string_equal(style.preset, "quality");
    assert_int_equal(style.tags.count, 0);
    PQclear(rows);
}

static void gives_others_nothing(void **state)
{
    struct uuid user = sql_user("Mine"), other = sql_user("Other"), id = save(user, "t", "", (struct uuid){""});

    (void)state;
    assert_int_equal(sql_count(own_style_by_id(other, id)), 0);
    assert_int_equal(sql_count(own_styles_of(other)), 0);
    assert_int_equal(sql_count(own_style_update(other, id, &(struct own_style_change){.title = "x"})), 0);
    assert_int_equal(sql_count(own_style_delete(other, id)), 0);
    assert_int_equal(sql_count(style_favorite_add(other, id.text, true)), 0);
    assert_int_equal(sql_count(style_favorites_of(other)), 0);
    assert_int_equal(sql_count(own_styles_of(user)), 1);
}

static void lists_the_newest_first_and_no_more_than_there_may_be(void **state)
{
    struct uuid user = sql_user("Newest"), first = save(user, "1", "", (struct uuid){""}),
                second = save(user, "2", "", (struct uuid){""});
    struct own_style_new more = {.id = uuid_make(), .title = "t", .prompt = "p", .preset = "fast", .tags = ""};
    PGresult *rows = sql_rows(own_styles_of(user));
    struct row row = rows_at(rows, 0);

    (void)state;
    assert_string_equal(row_uuid(&row).text, second.text);
    row = rows_at(rows, 1);
    assert_string_equal(row_uuid(&row).text, first.text);
    PQclear(rows);
    (void)sql_value(
        "INSERT INTO own_styles (id, user_id, title, prompt, preset) SELECT gen_random_uuid(), '%s', 't', 'p',"
        " 'fast' FROM generate_series(1, %d) RETURNING id",
        user.text, OWN_STYLES_MAX - 2);
    assert_int_equal(sql_count(own_style_insert(user, &more, &NO_KEY)), 0);
    assert_int_equal(sql_count(own_styles_of(user)), OWN_STYLES_MAX);
}

static void raises_the_taste_with_every_change_and_only_then(void **state)
{
    struct uuid user = sql_user("Taste"), id;
    int64_t before = taste_of(user);

    (void)state;
    id = save(user, "t", "", (struct uuid){""});
    assert_int_equal(taste_of(user), before + 1);
    (void)sql_count(own_style_update(user, id, &(struct own_style_change){.title = "u"}));
    assert_int_equal(taste_of(user), before + 2);
    assert_int_equal(sql_count(style_favorite_add(user, "knight", false)), 1);
    assert_int_equal(taste_of(user), before + 3);
    assert_int_equal(sql_count(style_favorite_add(user, "knight", false)), 1);
    assert_int_equal(taste_of(user), before + 3); /* it was one already */
    (void)sql_count(style_favorite_remove(user, "knight"));
    assert_int_equal(taste_of(user), before + 4);
    (void)sql_count(style_favorite_remove(user, "knight"));
    assert_int_equal(taste_of(user), before + 4);
    (void)sql_count(own_style_delete(user, id));
    assert_int_equal(taste_of(user), before + 5);
}

static void deletes_the_favourite_with_the_style_and_all_with_the_user(void **state)
{
    struct uuid user = sql_user("Gone"), id = save(user, "t", "", (struct uuid){""});

    (void)state;
    (void)sql_count(style_favorite_add(user, id.text, true));
    (void)sql_count(style_favorite_add(user, "knight", false));
    assert_int_equal(sql_count(style_favorites_of(user)), 2);
    assert_int_equal(sql_count(own_style_delete(user, id)), 1);
    assert_int_equal(sql_count(style_favorites_of(user)), 1);
    (void)save(user, "t", "", (struct uuid){""});
    (void)sql_value("DELETE FROM users WHERE id = '%s' RETURNING id", user.text);
    assert_string_equal(sql_value("SELECT count(*) FROM own_styles WHERE user_id = '%s'", user.text), "0");
    assert_string_equal(sql_value("SELECT count(*) FROM style_favorites WHERE user_id = '%s'", user.text), "0");
}

static void lists_favourites_latest_first_with_their_times(void **state)
{
    struct uuid user = sql_user("Latest");
    PGresult *rows;
    struct row row;
    int64_t later;

    (void)state;
    (void)sql_count(style_favorite_add(user, "knight", false));
    (void)sql_count(style_favorite_add(user, "pop-art", false));
    rows = sql_rows(style_favorites_of(user));
    row = rows_at(rows, 0);
    assert_string_equal(row_text(&row), "pop-art");
    later = row_int64(&row);
    row = rows_at(rows, 1);
    assert_string_equal(row_text(&row), "knight");
    assert_true(row_int64(&row) < later);
    assert_true(style_favorites_have(rows, "knight"));
    assert_false(style_favorites_have(rows, "boardroom"));
    PQclear(rows);
}

/* Generations and pictures as they lie there when they have been made. */

static struct uuid plant(struct uuid user, struct uuid avatar, const char *template, const char *variant,
                         const char *age)
{
    struct uuid id = uuid_make();
    char sql[1200];

    (void)snprintf(
        sql, sizeof sql,
        "INSERT INTO generations (id, user_id, avatar_id, prompt, final_prompt, preset, endpoint, num_images,"
        " parameters, input, cost, expected_seconds, status, finished_at, charged, template_id,"
        " template_variant, created_at) VALUES ('%s', '%s', '%s', 'p', 'p', 'fast', 'e', 2, '{}', '{}', 1, 1,"
        " 'completed', now(), 1, %s, %s, now() - interval '%s')",
        id.text, user.text, avatar.text, template, variant, age);
    sql_do(sql);
    return id;
}

static void plant_image(struct uuid user, struct uuid avatar, struct uuid generation, int position,
                        const char *favorite, const char *deleted)
{
    char sql[1200];

    (void)snprintf(
        sql, sizeof sql,
        "INSERT INTO images (id, user_id, generation_id, position, avatar_id, object_key, content_type, width,"
        " height, bytes, sha256, placeholder, prompt, preset, endpoint, seed, has_nsfw_content, is_favorite, "
        "deleted_at)"
        " VALUES (gen_random_uuid(), '%s', '%s', %d, '%s', gen_random_uuid()::text, 'image/jpeg', 8, 8, 9,"
        " '\\x00', '\\x00', 'p', 'fast', 'e', 1, false, %s, %s)",
        user.text, generation.text, position, avatar.text, favorite, deleted);
    sql_do(sql);
}

static void counts_uses_of_the_last_thirty_days_along_the_index(void **state)
{
    struct uuid user = sql_user("Uses"), avatar = sql_avatar(user);
    struct style_uses uses;
    PGresult *rows;

    (void)state;
    (void)plant(user, avatar, "'watercolour'", "NULL", "1 second");
    (void)plant(user, avatar, "'watercolour'", "NULL", "29 days 23:59:30");
    (void)plant(user, avatar, "'watercolour'", "NULL", "30 days 00:00:01");
    (void)plant(user, avatar, "NULL", "NULL", "1 second");
    rows = sql_rows(style_popular_uses(shipped_styles()));
    uses = style_uses_from_rows(shipped_styles(), rows);
    PQclear(rows);
    assert_int_equal(uses.of[styles_find(shipped_styles(), "watercolour")->index], 2);
    (void)sql_value(
        "INSERT INTO generations (id, user_id, avatar_id, prompt, final_prompt, preset, endpoint, num_images,"
        " parameters, input, cost, expected_seconds) SELECT gen_random_uuid(), '%s', '%s', 'p', 'p', 'fast',"
        " 'e', 1, '{}', '{}', 1, 1 FROM generate_series(1, 300) RETURNING id",
        user.text, avatar.text);
    sql_do("ANALYZE generations");
    assert_non_null(strstr(sql_plan(style_popular_uses(shipped_styles())), "generations_of_template"));
}

static void knows_a_taste_by_what_was_made_and_liked(void **state)
{
    struct uuid user = sql_user("Likes"), avatar = sql_avatar(user), one, two;
    struct style_taste taste = {0};
    PGresult *rows;

    (void)state;
    one = plant(user, avatar, "'knight'", "NULL", "1 day");
    two = plant(user, avatar, "'knight'", "NULL", "1 day");
    (void)plant(user, avatar, "'hoverbike'", "NULL", "1 day");
    plant_image(user, avatar, one, 0, "true", "NULL");
    plant_image(user, avatar, one, 1, "true", "NULL");
    plant_image(user, avatar, two, 0, "true", "now()"); /* in the trash */
    rows = sql_rows(style_history_of(user));
    style_taste_add_history(&taste, shipped_styles(), rows);
    PQclear(rows);
    assert_int_equal(taste.made[styles_find(shipped_styles(), "knight")->index], 2);
    assert_int_equal(taste.liked[styles_find(shipped_styles(), "knight")->index], 1);
    assert_int_equal(taste.made[styles_find(shipped_styles(), "hoverbike")->index], 1);
    assert_int_equal(sql_count(style_history_of(sql_user("Nobody"))), 0);
}

static void tells_what_came_of_each_variant(void **state)
{
    struct uuid user = sql_user("Results"), avatar = sql_avatar(user), made;
    PGresult *rows;
    struct style_result r;

    (void)state;
    made = plant(user, avatar, "'coffee-morning'", "'window'", "2 days");
    plant_image(user, avatar, made, 0, "true", "NULL");
    plant_image(user, avatar, made, 1, "false", "now()");
    (void)plant(user, avatar, "'coffee-morning'", "'window'", "20 days");
    (void)plant(user, avatar, "'coffee-morning'", "NULL", "2 days");
    rows = sql_rows(style_results_of("{coffee-morning}", 10));
    assert_int_equal(rows_count(rows), 2);
    r = style_result_from_row(rows_at(rows, 0));
    assert_string_equal(r.variant, "window");
    assert_int_equal(r.started, 1);
    assert_int_equal(r.completed, 1);
    assert_int_equal(r.users, 1);
    assert_int_equal(r.images, 2);
    assert_int_equal(r.favorited, 1);
    assert_int_equal(r.deleted, 1);
    r = style_result_from_row(rows_at(rows, 1));
    assert_null(r.variant);
    assert_int_equal(r.images, 0);
    PQclear(rows);
}

static bool shows_picture(struct uuid user, struct uuid style)
{
    PGresult *rows = sql_rows(own_style_by_id(user, style));
    bool shows = own_style_from_row(rows_at(rows, 0)).preview_key.len > 0;

    PQclear(rows);
    return shows;
}

static const char *image_kept(struct uuid style)
{
    return sql_value("SELECT COALESCE(image_id::text, 'none') FROM own_styles WHERE id = '%s'", style.text);
}

static void shows_the_picture_it_was_made_from_unless_that_is_hidden(void **state)
{
    struct uuid user = sql_user("Picture"), thief = sql_user("Thief"), avatar = sql_avatar(user),
                made = plant(user, avatar, "NULL", "NULL", "1 day"), image, id, stolen, late;
    PGresult *rows;
    struct own_style style;

    (void)state;
    plant_image(user, avatar, made, 0, "false", "NULL");
    assert_true(uuid_read(text_of(sql_value("SELECT id FROM images WHERE generation_id = '%s'", made.text)), &image));
    assert_int_equal(sql_count(own_style_source(user, image)), 1);
    assert_int_equal(sql_count(own_style_source(thief, image)), 0);
    id = save(user, "t", "", image);
    rows = sql_rows(own_style_by_id(user, id));
    style = own_style_from_row(rows_at(rows, 0));
    assert_true(
        text_equal(style.preview_key, text_of(sql_value("SELECT object_key FROM images WHERE id = '%s'", image.text))));
    assert_string_equal(style.image_id.text, image.text);
    PQclear(rows);
    stolen = save(thief, "t", "", image);
    assert_false(shows_picture(thief, stolen));
    assert_string_equal(image_kept(stolen), "none"); /* it is not even named */
    assert_string_equal(image_kept(id), image.text);
    (void)sql_value("UPDATE images SET has_nsfw_content = true WHERE id = '%s' RETURNING id", image.text);
    assert_false(shows_picture(user, id));
    (void)sql_value("UPDATE images SET has_nsfw_content = false WHERE id = '%s' RETURNING id", image.text);
    assert_true(shows_picture(user, id));
    (void)sql_value("UPDATE images SET deleted_at = now() WHERE id = '%s' RETURNING id", image.text);
    assert_false(shows_picture(user, id));
    assert_int_equal(sql_count(own_style_source(user, image)), 0);
    late = save(user, "u", "", image);
    assert_string_equal(image_kept(late), "none");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_an_own_style_as_it_was_given),
        cmocka_unit_test(changes_what_is_named_and_nothing_else),
        cmocka_unit_test(gives_others_nothing),
        cmocka_unit_test(lists_the_newest_first_and_no_more_than_there_may_be),
        cmocka_unit_test(raises_the_taste_with_every_change_and_only_then),
        cmocka_unit_test(deletes_the_favourite_with_the_style_and_all_with_the_user),
        cmocka_unit_test(lists_favourites_latest_first_with_their_times),
        cmocka_unit_test(counts_uses_of_the_last_thirty_days_along_the_index),
        cmocka_unit_test(knows_a_taste_by_what_was_made_and_liked),
        cmocka_unit_test(tells_what_came_of_each_variant),
        cmocka_unit_test(shows_the_picture_it_was_made_from_unless_that_is_hidden),
    };

    return cmocka_run_group_tests(tests, sql_open, sql_close);
}
