/* Avatars as pages show them, on a real database. */
#include "avatars/avatar_shown.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "avatars/avatar_change.h"
#include "avatars/avatar_import.h"
#include "support/sql.h"

#define PATTERN "DD.MM.YYYY, HH24:MI"

static const struct idempotency NO_KEY;

static struct uuid imported(struct uuid user, const char *name)
{
    struct avatar_import import = {.gender = "other", .training_type = "style", .trigger_word = "T"};
    const struct timespec pause = {.tv_nsec = 1100 * 1000}; /* ids are in the order of their making */
    struct uuid id = uuid_make();

    (void)nanosleep(&pause, NULL);
    (void)text_copy(import.name, sizeof import.name, text_of(name));
    (void)text_copy(import.diffusers_lora_file_url, sizeof import.diffusers_lora_file_url,
                    TEXT("https://v3.fal.media/files/penguin/style.safetensors"));
    import.has_default_lora_scale = true;
    import.default_lora_scale = 0.75;
    assert_int_equal(sql_count(avatar_import_insert(user, id, &import, &NO_KEY, 10)), 1);
    return id;
}

static struct avatar_shown shown(struct uuid user, struct uuid id)
{
    CLEANUP(pg_clear) PGresult *rows = sql_rows(avatar_shown_by_id(user, "Asia/Kathmandu", PATTERN, id));

    assert_int_equal(rows_count(rows), 1);
    return avatar_shown_from_row(rows_at(rows, 0));
}

static struct uuid generation(struct uuid user, struct uuid avatar, const char *status)
{
    struct uuid id = uuid_make();

    (void)sql_value(
        "INSERT INTO generations (id, user_id, avatar_id, status, prompt, final_prompt, preset, endpoint,"
        " num_images, parameters, input, cost, expected_seconds, finished_at, charged) VALUES ('%s', '%s', '%s',"
        " '%s', 'p', 'p', 'fast', 'e', 1, '{}', '{}', 1, 20, CASE WHEN '%s' = 'completed' THEN now() END,"
        " CASE WHEN '%s' = 'completed' THEN 0 END) RETURNING id",
        id.text, user.text, avatar.text, status, status, status);
    return id;
}

static void image(struct uuid user, struct uuid avatar, struct uuid generation_id, int position, const char *deleted_at)
{
    (void)sql_value(
        "INSERT INTO images (id, user_id, generation_id, position, avatar_id, object_key, content_type, width,"
        " height, bytes, sha256, placeholder, prompt, preset, endpoint, seed, has_nsfw_content, deleted_at)"
        " VALUES (gen_random_uuid(), '%s', '%s', %d, '%s', 'k', 'image/jpeg', 8, 8, 9, '\\x00', '\\x00', 'p',"
        " 'fast', 'e', 1, false, %s) RETURNING id",
        user.text, generation_id.text, position, avatar.text, deleted_at);
}

static void an_avatar_is_shown_with_what_it_has_made(void **state)
{
    struct uuid anna = sql_user("anna"), boris = sql_user("boris");
    struct uuid id = imported(anna, " \xd0\xaf\xd0\xbd\xd0\xb0"), other = imported(anna, "other"), done;
    struct avatar_shown one;

    (void)state;
    (void)sql_value("UPDATE avatars SET created_at = '2026-01-15 18:30:00+00' WHERE id = '%s' RETURNING id", id.text);
    one = shown(anna, id);
    assert_string_equal(one.letter, "\xd0\xaf"); /* the first letter, not the space before it */
    assert_string_equal(one.created, "16.01.2026, 00:15");
    assert_int_equal(one.images, 0);
    assert_false(one.is_busy);
    assert_true(one.avatar.is_main);
    assert_true(one.avatar.has_default_lora_scale);
    assert_true(one.avatar.default_lora_scale > 0.749 && one.avatar.default_lora_scale < 0.751);
    done = generation(anna, id, "completed");
    image(anna, id, done, 0, "NULL");
    image(anna, id, done, 1, "NULL");
    image(anna, id, done, 2, "now()");
    image(anna, other, generation(anna, other, "completed"), 0, "NULL");
    one = shown(anna, id);
    assert_int_equal(one.images, 2);
    assert_false(one.is_busy);
    (void)generation(anna, id, "queued");
    assert_true(shown(anna, id).is_busy);
    assert_false(shown(anna, other).is_busy);
    assert_int_equal(sql_count(avatar_shown_by_id(boris, "UTC", PATTERN, id)), 0);
}

static void the_main_avatar_comes_first_and_deleted_ones_are_gone(void **state)
{
    struct uuid anna = sql_user("anna"), first = imported(anna, "a"), second = imported(anna, "b"),
                third = imported(anna, "c");
    CLEANUP(pg_clear) PGresult *rows = NULL;
    const char *order[] = {first.text, third.text, second.text};

    (void)state;
    (void)imported(sql_user("boris"), "x");
    rows = sql_rows(avatar_shown_all(anna, "UTC", PATTERN));
    assert_int_equal(rows_count(rows), 3);
    for (int i = 0; i < 3; i++)
        assert_string_equal(avatar_shown_from_row(rows_at(rows, i)).avatar.id.text, order[i]);
    assert_int_equal(sql_count(avatar_change_delete(anna, third)), 1);
    assert_int_equal(sql_count(avatar_shown_all(anna, "UTC", PATTERN)), 2);
    assert_int_equal(sql_count(avatar_shown_by_id(anna, "UTC", PATTERN, third)), 0);
}

static void images_are_counted_up_to_a_limit(void **state)
{
    struct uuid anna = sql_user("anna"), id = imported(anna, "a"), done = generation(anna, id, "completed");

    (void)state;
    image(anna, id, done, 0, "NULL");
    (void)sql_value(
        "INSERT INTO images (id, user_id, generation_id, position, avatar_id, object_key, content_type, width,"
        " height, bytes, sha256, placeholder, prompt, preset, endpoint, seed, has_nsfw_content)"
        " SELECT gen_random_uuid(), user_id, generation_id, n, avatar_id, object_key, content_type, width,"
        " height, bytes, sha256, placeholder, prompt, preset, endpoint, seed, has_nsfw_content"
        " FROM images, generate_series(1, 1200) n WHERE avatar_id = '%s' RETURNING id",
        id.text);
    assert_int_equal(shown(anna, id).images, AVATAR_IMAGES_COUNTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_avatar_is_shown_with_what_it_has_made),
        cmocka_unit_test(the_main_avatar_comes_first_and_deleted_ones_are_gone),
        cmocka_unit_test(images_are_counted_up_to_a_limit),
    };

    return cmocka_run_group_tests(tests, sql_open, sql_close);
}
