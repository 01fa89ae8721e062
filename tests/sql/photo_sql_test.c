/* The statements of photos, uploads and of avatars made here, on a real database. */
#include "photos/photo_add.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "avatars/avatar_change.h"
#include "avatars/avatar_create.h"
#include "base/config.h"
#include "photos/photo_upload.h"
#include "support/sql.h"

static struct config config = {.avatar_max_photos = 5};
static const struct idempotency NO_KEY;
static const struct avatar_create STYLE = {.name = "Тушь 😀", .gender = "other", .training_type = "style"};
static struct uuid user;

static int set_up(void **state)
{
    (void)state;
    sql_do("SET client_min_messages = warning; TRUNCATE users, object_trash CASCADE");
    user = sql_user("photos");
    return 0;
}

static struct uuid drafted(void)
{
    struct uuid id = uuid_make();

    assert_int_equal(sql_count(avatar_create_insert(user, id, &STYLE, &NO_KEY, 100)), 1);
    return id;
}

/* Photos numbered first, first + 1, … as they come from being judged. */
static struct photo_intake *judged(struct uuid avatar, int first, int count)
{
    struct photo_intake *intake = photo_intake_make();

    intake->judge.config = &config;
    intake->judge.avatar = avatar;
    for (int i = 0; i < count; i++) {
        struct photo *p = &intake->verdicts[intake->count++].photo;
        const struct uuid id = uuid_make();
        *p = (struct photo){.id = id,
                            .avatar = avatar,
                            .user = user,
                            .file_name = "\"файл\" \\ 1.jpg",
                            .file_hash = {(unsigned char)(first + i), 0xff, 1},
                            .file_size = 20 << 20,
                            .width = 4000,
                            .height = 3000,
                            .bytes = 700000,
                            .placeholder = {1, 0, 255},
                            .placeholder_len = 3,
                            .face_count = i % 2 ? 1 : -1,
                            .face_share = i % 2 ? 0.25 : 0,
                            .sharpness = 2.25,
                            .brightness = 127.5,
                            .quality = 0.875,
                            .look = 0xfedcba9876543210u + (uint64_t)i};
        (void)snprintf(p->object_key, sizeof p->object_key, "%s/%s.jpg", avatar.text, id.text);
        if (i % 2)
            (void)snprintf(p->code, sizeof p->code, "near_duplicate");
    }
    return intake;
}

static bool add(struct photo_intake *intake, struct err *reterr)
{
    CLEANUP(buf_done) struct buf room = buf_make(512 * 1024);
    CLEANUP(pg_clear) PGresult *rows = sql_rows(photo_add(user, intake, &room));

    return photo_add_apply(rows, intake, reterr);
}

/* "a,a,d": added, duplicate, limit_reached. */
static void expect(struct uuid avatar, int first, int count, const char *outcomes)
{
    struct photo_intake *intake = judged(avatar, first, count);
    char got[100] = "";
    struct err err;

    assert_true(add(intake, &err));
    for (int i = 0; i < count; i++) {
        const struct photo_verdict *v = &intake->verdicts[i];
        got[i] = v->status != PHOTO_REJECTED ? 'a' : v->code[0];
        assert_int_equal(v->status == PHOTO_REJECTED, !*v->photo.id.text);
    }
    assert_string_equal(got, outcomes);
    photo_intake_done(intake);
}

static const char *count_of(struct uuid avatar)
{
    return sql_value("SELECT photos_count || ' ' || usable_photos || ' ' || (SELECT count(*) FROM photos p WHERE"
                     " p.avatar_id = a.id) FROM avatars a WHERE id = '%s'",
                     avatar.text);
}

static void a_photo_is_read_as_it_was_written(void **state)
{
    struct uuid avatar = drafted();
    struct photo_intake *intake = judged(avatar, 1, 2);
    PGresult *rows;
    struct err err;

    (void)state;
    assert_true(add(intake, &err));
    rows = sql_rows(photos_of(user, avatar));
    assert_int_equal(rows_count(rows), 2);
    for (int i = 0; i < 2; i++) {
        struct photo got = photo_from_row(rows_at(rows, i)), put = intake->verdicts[i].photo;
        assert_true(strlen(got.created_at) > 20);
        memcpy(put.created_at, got.created_at, sizeof put.created_at);
        assert_string_equal(got.id.text, put.id.text);
        assert_string_equal(got.avatar.text, avatar.text);
        assert_string_equal(got.user.text, user.text);
        assert_string_equal(got.code, put.code);
        assert_string_equal(got.file_name, put.file_name);
        assert_string_equal(got.object_key, put.object_key);
        assert_memory_equal(got.file_hash, put.file_hash, sizeof got.file_hash);
        assert_true(got.look == put.look && got.file_size == put.file_size && got.bytes == put.bytes);
        assert_true(got.width == 4000 && got.height == 3000 && got.face_count == put.face_count);
        assert_true(got.placeholder_len == 3 && memcmp(got.placeholder, put.placeholder, 3) == 0);
        assert_true(got.face_share == put.face_share && got.sharpness == 2.25 && got.brightness == 127.5);
        assert_true(got.quality == 0.875);
        assert_int_equal(sql_count(photo_by_id(user, avatar, put.id)), 1);
        assert_int_equal(sql_count(photo_by_id(user, user, put.id)), 0);
        assert_int_equal(sql_count(photo_by_id(avatar, avatar, put.id)), 0);
    }
    PQclear(rows);
    photo_intake_done(intake);
    sql_assert_plan(photos_of(user, avatar), "photos_of_avatar");
}

static void duplicates_and_what_is_too_much_are_not_written(void **state)
{
    struct uuid avatar = drafted();

    (void)state;
    expect(avatar, 1, 2, "aa");
    expect(avatar, 2, 3, "daa");
    expect(avatar, 1, 4, "dddd");
    expect(avatar, 3, 4, "ddal");
    assert_string_equal(count_of(avatar), "5 5 5");
    assert_string_equal(sql_value("SELECT count(*) FROM object_trash"), "16");
    assert_string_equal(
        sql_value("SELECT count(*) FROM object_trash WHERE object_key IN (SELECT object_key FROM photos)"), "0");
    assert_string_equal(sql_value("SELECT count(*) FROM object_trash WHERE object_key LIKE '%%\\_small.webp'"), "8");
    expect(drafted(), 1, 2, "aa"); /* another avatar knows nothing of them */
}

static void one_change_of_the_avatar_for_all_photos_of_a_request(void **state)
{
    struct uuid avatar = drafted();

    (void)state;
    expect(avatar, 1, 4, "aaaa");
    assert_string_equal(sql_value("SELECT version FROM avatars WHERE id = '%s'", avatar.text), "2");
    assert_string_equal(sql_value("SELECT count(*) FROM events WHERE user_id = '%s'", user.text), "2");
}

static void expect_refusal(struct uuid avatar, const char *code)
{
    struct photo_intake *intake = judged(avatar, 50, 2);
    struct err err;

    assert_false(add(intake, &err));
    assert_string_equal(err.code, code);
    for (int i = 0; i < 2; i++)
        assert_string_equal(sql_value("SELECT count(*) FROM object_trash WHERE object_key = '%s'",
                                      intake->verdicts[i].photo.object_key),
                            "1");
    photo_intake_done(intake);
}

static void train(struct uuid avatar)
{
    assert_string_equal(
        sql_value("WITH t AS (INSERT INTO trainings (id, avatar_id, user_id, preset, endpoint, input,"
                  " trigger_text, photos, cost, expected_seconds) VALUES (gen_random_uuid(), '%s', '%s',"
                  " 'fast', 'e', '{}', 'TOK', 10, 1, 60) RETURNING id) SELECT count(*) FROM t",
                  avatar.text, user.text),
        "1");
}

static const char *remove_one(struct uuid owner, struct uuid avatar, struct uuid id)
{
    static char outcome[20];
    CLEANUP(pg_clear) PGresult *rows = sql_rows(photo_remove(owner, avatar, id));
    struct row row = rows_at(rows, 0);

    (void)text_copy(outcome, sizeof outcome, row_piece(&row));
    return outcome;
}

static struct uuid first_of(struct uuid avatar)
{
    struct uuid id;

    assert_true(uuid_read(
        text_of(sql_value("SELECT id FROM photos WHERE avatar_id = '%s' ORDER BY id LIMIT 1", avatar.text)), &id));
    return id;
}

static void an_avatar_that_learns_keeps_its_photos_as_they_are(void **state)
{
    struct uuid avatar = drafted(), photo;

    (void)state;
    expect(avatar, 1, 2, "aa");
    photo = first_of(avatar);
    train(avatar);
    expect_refusal(avatar, "avatar_training");
    assert_string_equal(remove_one(user, avatar, photo), "training");
    assert_string_equal(remove_one(user, avatar, uuid_make()), "gone");
    assert_string_equal(count_of(avatar), "2 2 2");
}

static void nobody_adds_to_or_takes_from_anothers_avatar(void **state)
{
    struct uuid avatar = drafted(), mine = user, photo;

    (void)state;
    expect(avatar, 1, 1, "a");
    photo = first_of(avatar);
    user = sql_user("another");
    expect_refusal(avatar, "not_found");
    assert_string_equal(remove_one(user, avatar, photo), "gone");
    assert_string_equal(remove_one(mine, drafted(), photo), "gone");
    assert_string_equal(remove_one(mine, avatar, photo), "removed");
    assert_string_equal(remove_one(mine, avatar, photo), "gone");
    assert_string_equal(count_of(avatar), "0 0 0");
}

static void what_is_deleted_leaves_no_face(void **state)
{
    struct uuid avatar = drafted(), upload = uuid_make();

    (void)state;
    expect(avatar, 1, 3, "aaa");
    PQclear(sql_rows(upload_insert(user, avatar, upload, "a.jpg")));
    assert_int_equal(sql_count(avatar_change_delete(user, avatar)), 1);
    assert_string_equal(sql_value("SELECT count(*) FROM photos"), "0");
    assert_string_equal(sql_value("SELECT count(*) FROM object_trash"), "7");
    assert_string_equal(sql_value("SELECT object_key FROM object_trash WHERE object_key LIKE 'incoming/%%'"),
                        sql_value("SELECT 'incoming/%s/%s.bin'", avatar.text, upload.text));
    expect(drafted(), 1, 1, "a");
    sql_do("DELETE FROM users"); /* and with a whole account */
    assert_string_equal(sql_value("SELECT count(*) FROM object_trash"), "9");
}

/* Uploads */

static const char *open_upload(struct uuid owner, struct uuid avatar, struct uuid id)
{
    static char outcome[20];
    CLEANUP(pg_clear) PGresult *rows = sql_rows(upload_insert(owner, avatar, id, "имя.jpg"));
    struct row row = rows_at(rows, 0);

    (void)text_copy(outcome, sizeof outcome, row_piece(&row));
    return outcome;
}

static void uploads_are_known_to_their_avatar_alone(void **state)
{
    struct uuid avatar = drafted(), other = drafted(), id = uuid_make();
    struct photo_upload uploads[2] = {{.id = id}, {.id = uuid_make()}};
    struct faults faults = {0};
    PGresult *rows;

    (void)state;
    assert_string_equal(open_upload(user, avatar, id), "open");
    assert_string_equal(open_upload(sql_user("x"), avatar, uuid_make()), "gone");
    rows = sql_rows(uploads_of(user, avatar));
    upload_ids_find(rows, uploads, 2, &faults);
    PQclear(rows);
    assert_string_equal(uploads[0].file_name, "имя.jpg");
    assert_int_equal(faults.count, 1);
    assert_string_equal(faults.items[0].field, "upload_ids[1]");
    assert_int_equal(sql_count(uploads_of(user, other)), 0);
    assert_int_equal(sql_count(uploads_of(other, avatar)), 0);
}

static void open_uploads_have_a_limit_and_old_ones_give_way(void **state)
{
    struct uuid avatar = drafted();

    (void)state;
    for (int i = 0; i < UPLOADS_MOST; i++)
        assert_string_equal(open_upload(user, avatar, uuid_make()), "open");
    assert_string_equal(open_upload(user, avatar, uuid_make()), "full");
    sql_do("UPDATE photo_uploads SET created_at = now() - interval '121 minutes' WHERE id = (SELECT "
           "min(id::text)::uuid FROM"
           " photo_uploads)");
    assert_string_equal(open_upload(user, avatar, uuid_make()), "open");
    assert_string_equal(sql_value("SELECT count(*) FROM object_trash"), "1");
    train(avatar);
    assert_string_equal(open_upload(user, avatar, uuid_make()), "training");
}

static void a_judged_upload_is_spent_whatever_came_of_it(void **state)
{
    struct uuid avatar = drafted(), id = uuid_make();
    struct photo_intake *intake = judged(avatar, 1, 0);
    struct err err;

    (void)state;
    assert_string_equal(open_upload(user, avatar, id), "open");
    intake->uploads[intake->uploads_count++].id = id;
    assert_true(add(intake, &err));
    assert_int_equal(sql_count(uploads_of(user, avatar)), 0);
    assert_string_equal(sql_value("SELECT count(*) FROM object_trash"), "1");
    photo_intake_done(intake);
}

/* Avatars */

static void an_avatar_is_made_as_a_draft(void **state)
{
    struct uuid id = uuid_make();
    PGresult *rows = sql_rows(avatar_create_insert(user, id, &STYLE, &NO_KEY, 1));
    struct avatar avatar = avatar_from_row(rows_at(rows, 0));

    (void)state;
    PQclear(rows);
    assert_string_equal(avatar.name, "Тушь 😀");
    assert_string_equal(avatar.status, "draft");
    assert_string_equal(avatar.trigger, AVATAR_TRIGGER_DEFAULT);
    assert_true(avatar.type == AVATAR_STYLE && !avatar.is_main && avatar.photos_count == 0);
    assert_int_equal(sql_count(avatar_create_insert(user, uuid_make(), &STYLE, &NO_KEY, 1)), 0);
    assert_string_equal(sql_value("SELECT count(*) FROM events WHERE user_id = '%s'", user.text), "1");
}

static void one_key_makes_one_avatar(void **state)
{
    static const struct idempotency KEY = {.given = true, .key = "once"};

    (void)state;
    assert_int_equal(sql_count(avatar_create_insert(user, uuid_make(), &STYLE, &KEY, 10)), 1);
    assert_int_equal(sql_count(avatar_create_insert(user, uuid_make(), &STYLE, &KEY, 10)), 0);
    assert_string_equal(sql_value("SELECT count(*) FROM avatars"), "1");
}

/* Several at the same moment */

enum { RIVALS = 6, EACH = 3, ROUNDS = 15 };

struct rival {
    pthread_barrier_t *start;
    struct photo_intake *intake;
    bool failed;
};

static void *run_rival(void *argument)
{
    struct rival *rival = argument;
    struct pg *pg = pg_open(getenv("DATABASE_URL"));
    CLEANUP(buf_done) struct buf room = buf_make(512 * 1024);
    struct query first = query_read("SELECT 1"), q = photo_add(user, rival->intake, &room);
    PGresult *rows;
    struct err err;

    (void)pg_do(pg, &first, &err); /* connected before the race */
    pthread_barrier_wait(rival->start);
    rows = pg_run(pg, &q, &err);
    rival->failed = !rows || !photo_add_apply(rows, rival->intake, &err);
    PQclear(rows);
    pg_close(pg);
    return NULL;
}

/* Half of the rivals send the same photos. */
static void together_they_add_no_more_than_there_is_room_for(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct uuid avatar = drafted();
        struct rival rivals[RIVALS];
        pthread_t threads[RIVALS];
        pthread_barrier_t start;
        int taken = 0;
        pthread_barrier_init(&start, NULL, RIVALS);
        for (int i = 0; i < RIVALS; i++) {
            rivals[i] = (struct rival){.start = &start, .intake = judged(avatar, i % 3 * EACH, EACH)};
            assert_int_equal(pthread_create(&threads[i], NULL, run_rival, &rivals[i]), 0);
        }
        for (int i = 0; i < RIVALS; i++) {
            pthread_join(threads[i], NULL);
            assert_false(rivals[i].failed);
            for (int p = 0; p < EACH; p++)
                taken += rivals[i].intake->verdicts[p].status != PHOTO_REJECTED;
            photo_intake_done(rivals[i].intake);
        }
        pthread_barrier_destroy(&start);
        assert_int_equal(taken, 5);
        assert_string_equal(count_of(avatar), "5 5 5");
    }
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_photo_is_read_as_it_was_written),
        TEST(duplicates_and_what_is_too_much_are_not_written),
        TEST(one_change_of_the_avatar_for_all_photos_of_a_request),
        TEST(an_avatar_that_learns_keeps_its_photos_as_they_are),
        TEST(nobody_adds_to_or_takes_from_anothers_avatar),
        TEST(what_is_deleted_leaves_no_face),
        TEST(uploads_are_known_to_their_avatar_alone),
        TEST(open_uploads_have_a_limit_and_old_ones_give_way),
        TEST(a_judged_upload_is_spent_whatever_came_of_it),
        TEST(an_avatar_is_made_as_a_draft),
        TEST(one_key_makes_one_avatar),
        TEST(together_they_add_no_more_than_there_is_room_for),
    };

    return cmocka_run_group_tests(tests, sql_open, sql_close);
}
