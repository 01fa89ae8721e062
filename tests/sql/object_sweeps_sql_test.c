/* Pictures without objects and objects without pictures. */
#include "generations/object_sweeps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "gallery/image.h"
#include "jobs/store_owner.h"
#include "storage/store.h"
#include "support/folder.h"
#include "support/sql.h"

static struct leader leader;
static atomic_bool stop;
static struct sweep_tools tools;
static char folder[FOLDER_ROOM];

static int set_up(void **state)
{
    struct err err;

    (void)state;
    log_set_level((enum log_level)(LOG_ERROR + 1));
    sql_do("SET client_min_messages = warning; TRUNCATE users, sweeps, leaders CASCADE");
    (void)sql_user("objects");
    sql_do(
        "SELECT account_open(id, 1000) FROM users; INSERT INTO avatars (id, user_id, name, gender, training_type,"
        " status, lora_url) SELECT gen_random_uuid(), id, 'A', 'male', 'portrait', 'completed', 'x' FROM users;"
        " INSERT INTO generations (id, user_id, avatar_id, prompt, final_prompt, preset, endpoint, num_images,"
        " parameters, input, cost, expected_seconds) SELECT gen_random_uuid(), user_id, id, 'p', 'p', 'fast', 'e', 1,"
        " '{}', '{}', 4, 20 FROM avatars");
    folder_make(folder);
    leader = leader_make("sweeper");
    tools = (struct sweep_tools){.pg = sql_pg(), .store = store_open(folder, &err), .leader = &leader, .stop = &stop};
    return tools.store ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    store_close(tools.store);
    folder_remove(folder);
    return 0;
}

/* An object that was written so many hours ago. */
static void write_object(const char *key, int hours)
{
    const struct timeval then = {time(NULL) - hours * 3600, 0}, times[2] = {then, then};
    char path[300];

    (void)snprintf(path, sizeof path, IMAGE_BUCKET "/%s", key);
    folder_write(folder, path, "bytes");
    (void)snprintf(path, sizeof path, "%s/" IMAGE_BUCKET "/%s", folder, key);
    assert_int_equal(utimes(path, times), 0);
}

static void write_picture(struct uuid id, int hours)
{
    static const char *const ENDS[] = {".jpg", "_small.webp", "_medium.webp"};
    char key[100];

    for (size_t i = 0; i < sizeof ENDS / sizeof *ENDS; i++) {
        (void)snprintf(key, sizeof key, "2026/11/20/%s%s", id.text, ENDS[i]);
        write_object(key, hours);
    }
}

static bool is_there(const char *key)
{
    bool exists = false;
    struct err err;

    assert_true(store_exists(tools.store, TEXT(IMAGE_BUCKET), text_of(key), &exists, &err));
    return exists;
}

static bool has_original(struct uuid id)
{
    char key[100];

    (void)snprintf(key, sizeof key, "2026/11/20/%s.jpg", id.text);
    return is_there(key);
}

static void add_row(struct uuid id, int position)
{
    struct query q = query_write(
        "INSERT INTO images (id, user_id, generation_id, position, avatar_id, object_key, content_type, width, height,"
        " bytes, sha256, placeholder, prompt, preset, endpoint, seed, has_nsfw_content)"
        " SELECT $1::uuid, user_id, id, $2, avatar_id, '2026/11/20/' || $1::uuid || '.jpg', 'image/jpeg', 1, 1, 1, '', "
        "'', 'p',"
        " 'fast', 'e', 1, false FROM generations");

    query_add_uuid(&q, id);
    query_add_int64(&q, position);
    PQclear(sql_rows(q));
}

static void add_output(struct uuid id)
{
    struct query q = query_write("INSERT INTO generation_outputs (generation_id, position, image_id, url,"
                                 " has_nsfw_content) SELECT id, 0, $1, 'u', false FROM generations");

    query_add_uuid(&q, id);
    PQclear(sql_rows(q));
}

static struct sweep_look expect(const struct sweep *sweep, int found, int mended)
{
    struct sweep_look look;
    struct err err = {0};

    if (!sweep_once(&tools, sweep, &look, &err))
        fail_msg("%s: %s: %s", sweep->name, err.code, err.detail);
    if (look.found != found || look.mended != mended)
        fail_msg("%s found %lld and mended %lld, not %d and %d", sweep->name, (long long)look.found,
                 (long long)look.mended, found, mended);
    return look;
}

static void refuses(const char *why)
{
    struct sweep_look look;
    struct err err = {0};

    assert_false(sweep_once(&tools, &OBJECT_UNOWNED, &look, &err));
    if (!strstr(err.detail, why))
        fail_msg("%s: %s", why, err.detail);
}

static void one_in_quarantine_has_its_original_and_a_blurred_one(void **state)
{
    struct uuid whole = uuid_make(), old = uuid_make(), broken = uuid_make();
    const struct uuid ids[] = {whole, old, broken};
    char key[100];

    (void)state;
    for (int i = 0; i < 3; i++) {
        add_row(ids[i], i);
        (void)snprintf(key, sizeof key, "2026/11/20/%s.jpg", ids[i].text);
        write_object(key, 0);
    }
    PQclear(sql_rows(query_write("UPDATE images SET has_nsfw_content = true")));
    (void)snprintf(key, sizeof key, "2026/11/20/%s-blurred.webp", whole.text);
    write_object(key, 0);
    (void)snprintf(key, sizeof key, "2026/11/20/%s_small.webp", old.text); /* from before there were blurred ones */
    write_object(key, 0);
    expect(&IMAGE_OBJECTS, 1, 0);
}

static void a_blurred_one_without_a_picture_goes(void **state)
{
    struct uuid orphan = uuid_make(), kept = uuid_make();
    char orphan_key[100], kept_key[100];

    (void)state;
    expect(&OBJECT_UNOWNED, 0, 0); /* it was empty: it is ours */
    add_row(kept, 0);
    (void)snprintf(orphan_key, sizeof orphan_key, "2026/11/20/%s-blurred.webp", orphan.text);
    (void)snprintf(kept_key, sizeof kept_key, "2026/11/20/%s-blurred.webp", kept.text);
    write_object(orphan_key, 30);
    write_object(kept_key, 30);
    expect(&OBJECT_UNOWNED, 1, 1);
    assert_true(is_there(kept_key) && !is_there(orphan_key));
}

static void a_picture_has_three_objects(void **state)
{
    struct uuid whole = uuid_make(), broken = uuid_make();
    char key[100];
    struct err err;

    (void)state;
    add_row(whole, 0);
    write_picture(whole, 1);
    expect(&IMAGE_OBJECTS, 0, 0);
    add_row(broken, 1);
    write_picture(broken, 1);
    for (const char *const *end = (const char *const[]){".jpg", "_small.webp", "_medium.webp", NULL}; *end; end++) {
        (void)snprintf(key, sizeof key, "2026/11/20/%s%s", broken.text, *end);
        assert_true(store_delete(tools.store, TEXT(IMAGE_BUCKET), text_of(key), &err));
        assert_string_equal(expect(&IMAGE_OBJECTS, 1, 0).first, broken.text);
        write_object(key, 1);
    }
    expect(&IMAGE_OBJECTS, 0, 0);
}

static void pictures_are_looked_at_page_by_page(void **state)
{
    struct sweep by_two = IMAGE_OBJECTS;

    (void)state;
    by_two.limit = 2;
    for (int i = 0; i < 5; i++)
        add_row(uuid_make(), i);
    assert_true(expect(&by_two, 2, 0).place[0]);
    expect(&by_two, 2, 0);
    assert_false(expect(&by_two, 1, 0).place[0]);
    expect(&by_two, 2, 0);
}

static void objects_without_rows_go_after_a_day(void **state)
{
    struct uuid kept = uuid_make(), expected = uuid_make(), old = uuid_make(), young = uuid_make();

    (void)state;
    expect(&OBJECT_UNOWNED, 0, 0); /* it was empty: it is ours */
    add_row(kept, 0);
    add_output(expected);
    write_picture(kept, 48);
    write_picture(expected, 48);
    write_picture(old, 25);
    write_picture(young, 23);
    expect(&OBJECT_UNOWNED, 3, 3);
    assert_false(has_original(old));
    assert_true(has_original(kept) && has_original(expected) && has_original(young));
    expect(&OBJECT_UNOWNED, 0, 0);
    sql_do("DELETE FROM images; DELETE FROM generation_outputs");
    expect(&OBJECT_UNOWNED, 6, 6);
    assert_true(has_original(young));
}

static void pictures_in_the_trash_keep_their_objects(void **state)
{
    struct uuid id = uuid_make();

    (void)state;
    add_row(id, 0);
    sql_do("UPDATE images SET deleted_at = now()");
    write_picture(id, 48);
    expect(&OBJECT_UNOWNED, 0, 0);
    expect(&IMAGE_OBJECTS, 0, 0);
}

static void what_killed_writers_left_goes_after_a_day(void **state)
{
    char old[100], young[100];

    (void)state;
    expect(&OBJECT_UNOWNED, 0, 0);
    (void)snprintf(old, sizeof old, "2026/11/20/~%s", uuid_make().text);
    (void)snprintf(young, sizeof young, "2026/11/20/~%s", uuid_make().text);
    write_object(old, 25);
    write_object(young, 1);
    expect(&OBJECT_UNOWNED, 1, 1);
    write_object(old, 1);
    expect(&OBJECT_UNOWNED, 0, 0);
}

static void what_is_none_of_ours_is_reported_and_stays(void **state)
{
    static const char *const KEYS[] = {"readme.txt", "2026/11/20/cat.jpg", "0197a3b0-5b1e-7c40-9f9e-0c5c1f6f2a11.jpg",
                                       "2026/11/20/0197a3b0-5b1e-7c40-9f9e-0c5c1f6f2a11"};

    (void)state;
    expect(&OBJECT_UNOWNED, 0, 0);
    for (size_t i = 0; i < sizeof KEYS / sizeof *KEYS; i++)
        write_object(KEYS[i], 48);
    expect(&OBJECT_UNOWNED, 4, 0);
    for (size_t i = 0; i < sizeof KEYS / sizeof *KEYS; i++)
        assert_true(is_there(KEYS[i]));
}

static void a_picture_cut_by_the_end_of_a_page_goes_whole(void **state)
{
    struct sweep by_two = OBJECT_UNOWNED;

    (void)state;
    expect(&OBJECT_UNOWNED, 0, 0);
    by_two.limit = 2;
    write_picture(uuid_make(), 48);
    write_picture(uuid_make(), 48);
    expect(&by_two, 2, 2);
    expect(&by_two, 2, 2);
    expect(&by_two, 2, 2);
    assert_false(expect(&by_two, 0, 0).place[0]);
}

static void what_stays_is_passed_page_by_page(void **state)
{
    struct sweep by_two = OBJECT_UNOWNED;

    (void)state;
    expect(&OBJECT_UNOWNED, 0, 0);
    by_two.limit = 2;
    write_object("a.txt", 48);
    write_object("b.txt", 48);
    write_object("c.txt", 48);
    assert_string_equal(expect(&by_two, 2, 0).place, "b.txt");
    assert_string_equal(expect(&by_two, 1, 0).place, "");
    expect(&by_two, 2, 0);
}

static void objects_of_another_database_are_not_touched(void **state)
{
    struct uuid id = uuid_make();
    struct err err;

    (void)state;
    write_picture(id, 48);
    refuses("nobody knows whose"); /* a new database beside an old store */
    add_row(uuid_make(), 0);
    expect(&OBJECT_UNOWNED, 3, 3); /* an old database that knows of no owner yet */
    write_picture(id, 48);
    sql_do("UPDATE installation SET id = gen_random_uuid()");
    refuses("another database");
    assert_true(has_original(id));
    assert_true(store_delete(tools.store, TEXT(STORE_OWNER_BUCKET), TEXT(STORE_OWNER), &err));
    expect(&OBJECT_UNOWNED, 3, 3);
}

/* It led, listed, and slept: each deletion asks again. */
static void who_does_not_lead_deletes_nothing(void **state)
{
    struct leader other = leader_make("sweeper");
    struct uuid id = uuid_make();
    struct sweep_look look;
    struct err err = {0};

    (void)state;
    expect(&OBJECT_UNOWNED, 0, 0);
    write_picture(id, 48);
    sql_do("UPDATE leaders SET until = now() - interval '1 second'");
    assert_true(leader_keep(&other, sql_pg(), &err));
    assert_false(sweep_once(&tools, &OBJECT_UNOWNED, &look, &err));
    assert_true(has_original(id));
    assert_int_equal(look.mended, 0);
}

static void a_storage_that_is_away_is_no_orphan(void **state)
{
    struct sweep_look look;
    char path[200], aside[220];
    struct err err = {0};

    (void)state;
    for (int i = 0; i < 5; i++)
        add_row(uuid_make(), i);
    expect(&OBJECT_UNOWNED, 0, 0);
    write_object("2026/x", 1);
    (void)snprintf(path, sizeof path, "%s/" IMAGE_BUCKET, folder);
    (void)snprintf(aside, sizeof aside, "%s-aside", path);
    assert_int_equal(rename(path, aside), 0);
    folder_write(folder, IMAGE_BUCKET, "no folder");
    assert_false(sweep_once(&tools, &OBJECT_UNOWNED, &look, &err));
    assert_string_equal(err.code, "storage_failed");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_in_quarantine_has_its_original_and_a_blurred_one),
        TEST(a_blurred_one_without_a_picture_goes),
        TEST(a_picture_has_three_objects),
        TEST(pictures_are_looked_at_page_by_page),
        TEST(objects_without_rows_go_after_a_day),
        TEST(pictures_in_the_trash_keep_their_objects),
        TEST(what_killed_writers_left_goes_after_a_day),
        TEST(what_is_none_of_ours_is_reported_and_stays),
        TEST(a_picture_cut_by_the_end_of_a_page_goes_whole),
        TEST(what_stays_is_passed_page_by_page),
        TEST(objects_of_another_database_are_not_touched),
        TEST(who_does_not_lead_deletes_nothing),
        TEST(a_storage_that_is_away_is_no_orphan),
    };

    return cmocka_run_group_tests(tests, sql_open, sql_close);
}
