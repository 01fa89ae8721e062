/* The statements behind the create page and the pages of generations on a real database: what is repeated, the history
   and its pages, and that nobody sees what is not his. */
#include "generations/history.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "generations/again.h"
#include "support/sql.h"

static const struct uuid NONE;

/* A user with an avatar. */
struct studio {
    struct uuid user, avatar;
};

static struct studio studio_make(const char *name)
{
    struct studio studio = {sql_user(name), uuid_make()};
    char sql[400];

    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO avatars (id, user_id, name, gender, training_type, status, finetune_id)"
                   " VALUES ('%s', '%s', 'Anna <b>', 'other', 'style', 'completed', 'f')",
                   studio.avatar.text, studio.user.text);
    sql_do(sql);
    return studio;
}

static struct uuid add_generation(const struct studio *studio)
{
    struct uuid id = uuid_make();
    char sql[900];

    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO generations (id, user_id, avatar_id, prompt, final_prompt, preset, endpoint,"
                   " num_images, parameters, input, cost, expected_seconds, cancel_requested, created_at)"
                   " VALUES ('%s', '%s', '%s', 'A \"cat\"', 'X', 'portrait', 'e', 3,"
                   " '{\"image_size\":\"square\"}', '{}', 4, 35, true, '2026-01-15 20:15:00Z')",
                   id.text, studio->user.text, studio->avatar.text);
    sql_do(sql);
    return id;
}

static struct uuid add_image(const struct studio *studio, struct uuid generation)
{
    struct uuid id = uuid_make();
    char sql[1000];

    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO images (id, user_id, generation_id, position, avatar_id, object_key, content_type,"
                   " width, height, bytes, sha256, placeholder, prompt, preset, endpoint, seed, has_nsfw_content)"
                   " VALUES ('%s', '%s', '%s', 0, '%s', 'a.jpg', 'image/jpeg', 1024, 768, 1, '\\x00', '\\x01',"
                   " 'A \"cat\"', 'portrait', 'e', 7, false)",
                   id.text, studio->user.text, generation.text, studio->avatar.text);
    sql_do(sql);
    return id;
}

static void check_again(struct query q, const struct studio *studio, int64_t count)
{
    PGresult *rows = sql_rows(q);
    struct again again;

    assert_int_equal(rows_count(rows), 1);
    again = again_from_row(rows_at(rows, 0));
    assert_string_equal(again.prompt, "A \"cat\"");
    assert_string_equal(again.preset, "portrait");
    assert_string_equal(again.avatar.text, studio->avatar.text);
    assert_true(text_equal(again.parameters, TEXT("{\"image_size\":\"square\"}")));
    assert_int_equal(again.num_images, count);
    PQclear(rows);
}

static void what_was_made_can_be_made_again(void **state)
{
    struct studio studio = studio_make("again"), other = studio_make("again's other");
    struct uuid generation = add_generation(&studio), image = add_image(&studio, generation);

    (void)state;
    check_again(again_from_image(studio.user, image), &studio, 1);
    check_again(again_from_generation(studio.user, generation), &studio, 3);
    assert_int_equal(sql_count(again_from_image(other.user, image)), 0);
    assert_int_equal(sql_count(again_from_generation(other.user, generation)), 0);
    assert_int_equal(sql_count(again_from_image(studio.user, uuid_make())), 0);
    assert_int_equal(sql_count(again_from_generation(studio.user, image)), 0);
    sql_do("UPDATE images SET deleted_at = now() WHERE object_key = 'a.jpg'");
    assert_int_equal(sql_count(again_from_image(studio.user, image)), 0); /* in the trash */
}

static void a_generation_is_shown_with_its_avatar_and_the_readers_time(void **state)
{
    struct studio studio = studio_make("one"), other = studio_make("one's other");
    struct uuid id = add_generation(&studio);
    PGresult *rows;
    struct history_item item;

    (void)state;
    sql_do("UPDATE avatars SET deleted_at = now()");
    rows = sql_rows(history_one(studio.user, id, "Asia/Kathmandu"));
    assert_int_equal(rows_count(rows), 1);
    item = history_from_row(rows_at(rows, 0));
    assert_string_equal(item.avatar_name, "Anna <b>");
    assert_true(text_equal(item.made, TEXT("2026-01-16 02:00:00"))); /* 5:45 ahead of UTC */
    assert_int_equal(item.today.len, 10);
    assert_string_equal(item.generation.id.text, id.text);
    assert_string_equal(item.generation.status, "pending");
    assert_true(item.generation.avatar_deleted && item.generation.cancel_requested);
    assert_string_equal(item.generation.created_at, "2026-01-15T20:15:00Z");
    PQclear(rows);
    assert_int_equal(sql_count(history_one(other.user, id, "UTC")), 0);
    assert_int_equal(sql_count(history_one(studio.user, uuid_make(), "UTC")), 0);
}

static void check_page(struct query q, const struct uuid *ids, int first, int count)
{
    PGresult *rows = sql_rows(q);

    assert_int_equal(rows_count(rows), count);
    for (int i = 0; i < count; i++)
        assert_string_equal(history_from_row(rows_at(rows, i)).generation.id.text, ids[first - i].text);
    PQclear(rows);
}

static void the_history_has_pages_from_the_newest_on(void **state)
{
    enum { ALL = 30 };
    struct studio studio = studio_make("history"), other = studio_make("history's other");
    struct uuid ids[ALL];

    (void)state;
    for (int i = 0; i < ALL; i++) {
        ids[i] = add_generation(&studio);
        (void)add_generation(&other);
    }
    qsort(ids, ALL, sizeof *ids, (int (*)(const void *, const void *))strcmp);
    check_page(history_of(studio.user, NONE, "UTC"), ids, ALL - 1, HISTORY_PAGE + 1);
    check_page(history_of(studio.user, ids[6], "UTC"), ids, 5, 6);
    check_page(history_of(studio.user, ids[0], "UTC"), ids, 0, 0);
    assert_int_equal(sql_count(history_of(sql_user("history's nobody"), NONE, "UTC")), 0);
}

static void the_history_runs_along_its_index(void **state)
{
    struct studio studio = studio_make("indexed");
    const char *plan;
    char sql[800];

    (void)state;
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO generations (id, user_id, avatar_id, prompt, final_prompt, preset, endpoint,"
                   " num_images, parameters, input, cost, expected_seconds) SELECT gen_random_uuid(), '%s', '%s',"
                   " 'p', 'p', 'p', 'e', 1, '{}', '{}', 1, 1 FROM generate_series(1, 3000); ANALYZE generations",
                   studio.user.text, studio.avatar.text);
    sql_do(sql);
    for (int api = 0; api < 2; api++) {
        plan = sql_plan(api ? generations_of(studio.user, NONE, 25) : history_of(studio.user, NONE, "UTC"));
        if (!strstr(plan, "Index Scan Backward using generations_of_user") || strstr(plan, "Seq Scan on generations") ||
            strstr(plan, "Sort"))
            fail_msg("%s", plan);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_made_can_be_made_again),
        cmocka_unit_test(a_generation_is_shown_with_its_avatar_and_the_readers_time),
        cmocka_unit_test(the_history_has_pages_from_the_newest_on),
        cmocka_unit_test(the_history_runs_along_its_index),
    };

    return cmocka_run_group_tests(tests, sql_open, sql_close);
}
