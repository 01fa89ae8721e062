/* The statements of the gallery on a real database, and that its lists run along their indexes. */
#include "gallery/image.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/sql.h"

static const struct uuid NONE;

/* An avatar with one generation, for pictures to belong to. */
struct album {
    struct uuid user, avatar, generation;
    int count;
};

static struct album album_make(const char *name)
{
    struct album album = {sql_user(name), uuid_make(), uuid_make(), 0};
    char sql[900];

    (void)snprintf(
        sql, sizeof sql,
        "INSERT INTO avatars (id, user_id, name, gender, training_type, status, finetune_id)"
        " VALUES ('%s', '%s', 'A', 'other', 'style', 'completed', 'f');"
        "INSERT INTO generations (id, user_id, avatar_id, prompt, final_prompt, preset, endpoint, num_images,"
        " parameters, input, cost, expected_seconds)"
        " VALUES ('%s', '%s', '%s', 'p', 'p', 'fast', 'e', 1, '{}', '{}', 1, 1)",
        album.avatar.text, album.user.text, album.generation.text, album.user.text, album.avatar.text);
    sql_do(sql);
    return album;
}

/* The n-th picture (0 to 255): ids in the order of n. */
static struct uuid add_image(struct album *album, bool favorite)
{
    int n = album->count++;
    struct uuid id;
    char sql[900];

    (void)snprintf(id.text, sizeof id.text, "%08x%.28s", n + 1, album->generation.text + 8);
    (void)snprintf(
        sql, sizeof sql,
        "INSERT INTO images (id, user_id, generation_id, position, avatar_id, object_key, content_type, width,"
        " height, bytes, sha256, placeholder, prompt, preset, endpoint, seed, has_nsfw_content, is_favorite)"
        " VALUES ('%s', '%s', '%s', %d, '%s', '2026/11/20/%s.jpg', 'image/jpeg', 1024, 768, 34567, '\\x00',"
        " '\\x010203fffe', 'A \"cat\" на окне', 'fast', 'fal-ai/flux-lora', 18446744073709551615, false, %s)",
        id.text, album->user.text, album->generation.text, n, album->avatar.text, id.text, favorite ? "true" : "false");
    sql_do(sql);
    return id;
}

static bool is_text(struct text t, const char *expected) { return text_equal(t, text_of(expected)); }

static void reads_a_picture(void **state)
{
    struct album album = album_make("reader");
    struct uuid id = add_image(&album, true);
    CLEANUP(pg_clear) PGresult *rows = sql_rows(image_by_id(album.user, id));
    struct image image = image_from_row(rows_at(rows, 0));

    (void)state;
    assert_true(is_text(image.id, id.text));
    assert_true(is_text(image.generation_id, album.generation.text));
    assert_true(is_text(image.avatar_id, album.avatar.text));
    assert_true(is_text(image.content_type, "image/jpeg"));
    assert_true(is_text(image.width, "1024") && is_text(image.height, "768") && is_text(image.bytes, "34567"));
    assert_true(is_text(image.seed, "18446744073709551615"));
    assert_int_equal(image.placeholder_len, 5);
    assert_memory_equal(image.placeholder, "\x01\x02\x03\xff\xfe", 5);
    assert_true(is_text(image.prompt, "A \"cat\" на окне"));
    assert_true(is_text(image.preset, "fast") && is_text(image.endpoint, "fal-ai/flux-lora"));
    assert_null(image.custom_name.at);
    assert_true(image.is_favorite);
    assert_false(image.has_nsfw_content);
    assert_true(strlen(image.created_at) > 20 && strchr(image.created_at, 'Z'));
}

/* The first characters of the ids that a list gives, which tell the pictures apart. */
static const char *list(struct query q)
{
    static char kept[512];
    CLEANUP(pg_clear) PGresult *rows = sql_rows(q);
    size_t used = 0;

    kept[0] = '\0';
    for (int i = 0; i < rows_count(rows); i++) {
        struct image image = image_from_row(rows_at(rows, i));
        used += (size_t)snprintf(kept + used, sizeof kept - used, "%s%c", i ? " " : "", image.id.at[7]);
    }
    return kept;
}

static void lists_with_every_filter(void **state)
{
    struct album album = album_make("lists");
    struct uuid ids[6], other_avatar = uuid_make();

    (void)state;
    for (int i = 0; i < 6; i++)
        ids[i] = add_image(&album, i % 2);
    assert_string_equal(list(images_of(album.user, NONE, 10, IMAGES_ALL, NONE)), "6 5 4 3 2 1");
    assert_string_equal(list(images_of(album.user, NONE, 2, IMAGES_ALL, NONE)), "6 5");
    assert_string_equal(list(images_of(album.user, ids[4], 2, IMAGES_ALL, NONE)), "4 3");
    assert_string_equal(list(images_of(album.user, ids[0], 2, IMAGES_ALL, NONE)), "");
    assert_string_equal(list(images_of(album.user, NONE, 10, IMAGES_FAVORITE, NONE)), "6 4 2");
    assert_string_equal(list(images_of(album.user, ids[3], 10, IMAGES_FAVORITE, NONE)), "2");
    assert_string_equal(list(images_of(album.user, NONE, 10, IMAGES_NOT_FAVORITE, NONE)), "5 3 1");
    assert_string_equal(list(images_of(album.user, NONE, 10, IMAGES_ALL, album.avatar)), "6 5 4 3 2 1");
    assert_string_equal(list(images_of(album.user, ids[5], 1, IMAGES_FAVORITE, album.avatar)), "4");
    assert_string_equal(list(images_of(album.user, ids[5], 1, IMAGES_NOT_FAVORITE, album.avatar)), "5");
    assert_string_equal(list(images_of(album.user, NONE, 10, IMAGES_ALL, other_avatar)), "");
}

static void lists_those_of_a_generation_in_their_order(void **state)
{
    struct album album = album_make("generation");
    struct uuid first;

    (void)state;
    first = add_image(&album, false);
    (void)add_image(&album, false);
    (void)add_image(&album, false);
    assert_string_equal(list(images_of_generation(album.user, album.generation)), "1 2 3");
    PQclear(sql_rows(image_delete(album.user, first)));
    assert_string_equal(list(images_of_generation(album.user, album.generation)), "2 3");
}

static const char *events(struct album album, const char *action)
{
    return sql_value("SELECT count(*) FROM events WHERE user_id = '%s' AND kind = 'image'"
                     " AND payload::json->>'action' = '%s' AND payload::json->>'status' IS NULL",
                     album.user.text, action);
}

static void changes_only_what_is_given(void **state)
{
    struct album album = album_make("changes");
    struct uuid id = add_image(&album, false);
    bool yes = true;
    struct image_change favorite = {.is_favorite = &yes}, name = {.renames = true, .custom_name = "Вечер"},
                        no_name = {.renames = true};

    (void)state;
    assert_int_equal(sql_count(image_update(album.user, id, &favorite)), 1);
    assert_int_equal(sql_count(image_update(album.user, id, &name)), 1);
    assert_string_equal(sql_value("SELECT is_favorite || custom_name FROM images WHERE id = '%s'", id.text),
                        "trueВечер");
    assert_int_equal(sql_count(image_update(album.user, id, &no_name)), 1);
    assert_string_equal(
        sql_value("SELECT is_favorite || coalesce(custom_name, '-') FROM images WHERE id = '%s'", id.text), "true-");
    assert_string_equal(events(album, "updated"), "3");
}

static void deletes_once(void **state)
{
    struct album album = album_make("deletes");
    struct uuid id = add_image(&album, true);
    bool yes = true;

    (void)state;
    assert_int_equal(sql_count(image_delete(album.user, id)), 1);
    assert_int_equal(sql_count(image_delete(album.user, id)), 0);
    assert_int_equal(sql_count(image_by_id(album.user, id)), 0);
    assert_int_equal(sql_count(image_update(album.user, id, &(struct image_change){.is_favorite = &yes})), 0);
    assert_string_equal(list(images_of(album.user, NONE, 10, IMAGES_ALL, NONE)), "");
    assert_string_equal(list(images_of(album.user, NONE, 10, IMAGES_FAVORITE, NONE)), "");
    assert_string_equal(events(album, "deleted"), "1");
    assert_string_equal(events(album, "updated"), "0");
    assert_string_equal(sql_value("SELECT count(*) FROM images WHERE id = '%s' AND deleted_at IS NOT NULL", id.text),
                        "1"); /* in the trash, not lost */
}

static void nothing_of_another_user_is_reached(void **state)
{
    struct album album = album_make("owner"), other = album_make("other");
    struct uuid id = add_image(&album, true);
    bool no = false;

    (void)state;
    assert_int_equal(sql_count(image_by_id(other.user, id)), 0);
    assert_int_equal(sql_count(image_update(other.user, id, &(struct image_change){.is_favorite = &no})), 0);
    assert_int_equal(sql_count(image_delete(other.user, id)), 0);
    assert_int_equal(sql_count(images_of_generation(other.user, album.generation)), 0);
    for (int choice = IMAGES_ALL; choice <= IMAGES_NOT_FAVORITE; choice++) {
        assert_int_equal(sql_count(images_of(other.user, NONE, 10, (enum image_choice)choice, NONE)), 0);
        assert_int_equal(sql_count(images_of(other.user, NONE, 10, (enum image_choice)choice, album.avatar)), 0);
    }
    assert_int_equal(sql_count(image_by_id(album.user, id)), 1);
}

static void lists_run_along_their_indexes(void **state)
{
    struct album album = album_make("planner");
    char sql[900];

    (void)state;
    (void)snprintf(
        sql, sizeof sql,
        "INSERT INTO images (id, user_id, generation_id, position, avatar_id, object_key, content_type, width,"
        " height, bytes, sha256, placeholder, prompt, preset, endpoint, seed, has_nsfw_content, is_favorite)"
        " SELECT gen_random_uuid(), '%s', '%s', n, '%s', 'k', 'image/jpeg', 1, 1, 1, '', '', 'p', 'fast',"
        " 'e', 1, false, n %% 50 = 0 FROM generate_series(1, 20000) n; ANALYZE images",
        album.user.text, album.generation.text, album.avatar.text);
    sql_do(sql);
    sql_assert_plan(images_of(album.user, NONE, 25, IMAGES_ALL, NONE), "images_of_user");
    sql_assert_plan(images_of(album.user, NONE, 25, IMAGES_FAVORITE, NONE), "images_favorite");
    sql_assert_plan(images_of(album.user, NONE, 25, IMAGES_NOT_FAVORITE, NONE), "images_of_user");
    sql_assert_plan(images_of(album.user, NONE, 25, IMAGES_FAVORITE, album.avatar), "images_favorite");
    sql_assert_plan(images_of_generation(album.user, uuid_make()), "images_generation_id_position_key");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_picture),
        cmocka_unit_test(lists_with_every_filter),
        cmocka_unit_test(lists_those_of_a_generation_in_their_order),
        cmocka_unit_test(changes_only_what_is_given),
        cmocka_unit_test(deletes_once),
        cmocka_unit_test(nothing_of_another_user_is_reached),
        cmocka_unit_test(lists_run_along_their_indexes),
    };

    return cmocka_run_group_tests(tests, sql_open, sql_close);
}
