/* Objects of photos without rows, and the trash. */
#include "photos/photo_sweeps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>

#include "base/log.h"
#include "jobs/object_trash.h"
#include "photos/photo.h"
#include "storage/store.h"
#include "support/folder.h"
#include "support/sweeping.h"

static char folder[FOLDER_ROOM];
static struct uuid avatar;

static int set_up(void **state)
{
    struct err err;
    int failed = sweeping_set_up(state);

    sql_do("TRUNCATE object_trash");
    folder_make(folder);
    sweeping.tools.store = store_open(folder, &err);
    if (!uuid_read(text_of(sql_value("SELECT id FROM avatars WHERE user_id = '%s'", sweeping.user.text)), &avatar))
        return -1;
    return failed || !sweeping.tools.store;
}

static int tear_down(void **state)
{
    (void)state;
    store_close(sweeping.tools.store);
    folder_remove(folder);
    return 0;
}

/* An object that was written so many hours ago. */
static void write_object(const char *key, int hours)
{
    const struct timeval then = {time(NULL) - hours * 3600, 0}, times[2] = {then, then};
    char path[300];

    (void)snprintf(path, sizeof path, PHOTO_BUCKET "/%s", key);
    folder_write(folder, path, "bytes");
    (void)snprintf(path, sizeof path, "%s/" PHOTO_BUCKET "/%s", folder, key);
    assert_int_equal(utimes(path, times), 0);
}

static bool is_there(const char *key)
{
    bool exists = false;
    struct err err;

    assert_true(store_exists(sweeping.tools.store, TEXT(PHOTO_BUCKET), text_of(key), &exists, &err));
    return exists;
}

static const char *key_of(struct uuid photo, const char *end)
{
    static char keys[4][PHOTO_KEY_ROOM];
    static int next;
    char *key = keys[next++ % 4];

    (void)snprintf(key, PHOTO_KEY_ROOM, "%s/%s%s", avatar.text, photo.text, end);
    return key;
}

static void add_row(struct uuid photo)
{
    assert_string_equal(
        sql_value("WITH p AS (INSERT INTO photos (id, avatar_id, user_id, status, file_hash, file_size,"
                  " look, width, height, object_key, bytes, placeholder, sharpness, brightness, quality)"
                  " VALUES ('%s', '%s', '%s', 'valid', decode(md5('%s'), 'hex'), 1, 1, 600, 600, '%s',"
                  " 1, '', 2, 120, 0.5) RETURNING id) SELECT count(*) FROM p",
                  photo.text, avatar.text, sweeping.user.text, photo.text, key_of(photo, ".jpg")),
        "1");
}

static void objects_without_a_row_go_after_a_day(void **state)
{
    struct uuid kept = uuid_make(), orphan = uuid_make(), young = uuid_make(), upload = uuid_make();
    char incoming[PHOTO_KEY_ROOM];

    (void)state;
    add_row(kept);
    (void)snprintf(incoming, sizeof incoming, "incoming/%s/%s.bin", avatar.text, upload.text);
    write_object(key_of(kept, ".jpg"), 30);
    write_object(key_of(kept, "_small.webp"), 30);
    write_object(key_of(orphan, ".jpg"), 30);
    write_object(key_of(orphan, "_small.webp"), 30);
    write_object(key_of(young, ".jpg"), 20);
    write_object(incoming, 30);
    (void)sweeping_expect(&PHOTO_UNOWNED, 3, 3);
    assert_true(is_there(key_of(kept, ".jpg")) && is_there(key_of(kept, "_small.webp")));
    assert_false(is_there(key_of(orphan, ".jpg")) || is_there(key_of(orphan, "_small.webp")) || is_there(incoming));
    assert_true(is_there(key_of(young, ".jpg")));
}

static void an_archive_lives_as_long_as_its_training_knows_it(void **state)
{
    char known[PHOTO_KEY_ROOM], forgotten[PHOTO_KEY_ROOM];
    struct sweep_look look;
    const char *id;
    struct err err;

    (void)state;
    id = sql_value(
        "WITH t AS (INSERT INTO trainings (id, avatar_id, user_id, preset, endpoint, input, trigger_text, photos,"
        " cost, expected_seconds) VALUES (gen_random_uuid(), '%s', '%s', 'fast', 'e', '{}', 'TOK', 10, 1, 60)"
        " RETURNING id) SELECT id FROM t",
        avatar.text, sweeping.user.text);
    (void)snprintf(known, sizeof known, "trainings/%s/7.zip", id);
    (void)snprintf(forgotten, sizeof forgotten, "trainings/%s/6.zip", id);
    sql_do("UPDATE trainings SET archive_key = 'trainings/' || id || '/7.zip'");
    write_object(known, 30);
    write_object(forgotten, 30);
    assert_false(sweep_once(&sweeping.tools, &PHOTO_UNOWNED, &look, &err)); /* nobody knows yet whose they are */
    assert_true(is_there(forgotten));
    add_row(uuid_make());
    (void)sweeping_expect(&PHOTO_UNOWNED, 1, 1);
    assert_true(is_there(known) && !is_there(forgotten));
}

static void strange_names_are_told_and_left(void **state)
{
    struct sweep_look look;

    (void)state;
    add_row(uuid_make());
    write_object("notes.txt", 30);
    look = sweeping_expect(&PHOTO_UNOWNED, 1, 0);
    assert_string_equal(look.first, "notes.txt");
    assert_true(is_there("notes.txt"));
}

static void trash_is_emptied_when_it_is_due(void **state)
{
    struct uuid photo = uuid_make();

    (void)state;
    add_row(photo);
    write_object(key_of(photo, ".jpg"), 0);
    write_object(key_of(photo, "_small.webp"), 0);
    (void)sweeping_expect(&OBJECT_TRASH, 0, 0);
    sql_do("DELETE FROM photos");
    (void)sweeping_expect(&OBJECT_TRASH, 2, 2);
    assert_false(is_there(key_of(photo, ".jpg")) || is_there(key_of(photo, "_small.webp")));
    sql_do("INSERT INTO object_trash VALUES ('aisha-v2-models', 'later', now() + interval '1 hour'),"
           " ('aisha-v2-models', 'never-was-there', now())");
    (void)sweeping_expect(&OBJECT_TRASH, 1, 1);
    assert_string_equal(sql_value("SELECT object_key FROM object_trash"), "later");
}

/* A key that no store takes stays, and does not keep the others. */
static void what_cannot_be_deleted_keeps_nobody(void **state)
{
    (void)state;
    write_object("a.jpg", 0);
    sql_do("INSERT INTO object_trash VALUES ('" PHOTO_BUCKET "', '../outside', now() - interval '1 hour'),"
           " ('" PHOTO_BUCKET "', 'a.jpg', now())");
    (void)sweeping_expect(&OBJECT_TRASH, 2, 1);
    assert_false(is_there("a.jpg"));
    assert_string_equal(sql_value("SELECT object_key FROM object_trash"), "../outside");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(objects_without_a_row_go_after_a_day), TEST(an_archive_lives_as_long_as_its_training_knows_it),
        TEST(strange_names_are_told_and_left),      TEST(trash_is_emptied_when_it_is_due),
        TEST(what_cannot_be_deleted_keeps_nobody),
    };

    return cmocka_run_group_tests(tests, sql_open, sql_close);
}
