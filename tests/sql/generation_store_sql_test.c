/* What was made is delivered, however long the storage is away and the provider's copies last. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/log.h"
#include "events/event_bell.h"
#include "generations/generation_job.h"
#include "generations/spool_sweep.h"
#include "storage/spool.h"
#include "storage/store.h"
#include "support/folder.h"
#include "support/picture.h"
#include "support/sql.h"
#include "support/tiny_http.h"

enum { ROOM = 1 << 20, DAY_S = 24 * 3600 };

static struct bench {
    struct tiny_http *tiny;
    char folder[FOLDER_ROOM], objects[FOLDER_ROOM + 16], bucket[FOLDER_ROOM + 48], spool[FOLDER_ROOM + 16];
    struct job_tools tools;
    struct job job;
    struct attempt attempt;
    struct job_next next;
    struct err err;
    struct uuid image;
} bench;

static struct buf picture;
static struct uuid user, avatar;

static int open_all(void **state)
{
    if (sql_open(state) != 0)
        return -1;
    log_set_level((enum log_level)(LOG_ERROR + 1));
    picture = picture_coded(picture_draw(64, 48, 3), ".png");
    user = sql_user("stores");
    avatar = sql_avatar(user);
    return 0;
}

static int close_all(void **state)
{
    buf_done(&picture);
    return sql_close(state);
}

/* A generation whose one result was told of, and its job, held. */
static void add_result(void)
{
    static char sql[1200];

    bench.job = (struct job){.ref = uuid_make(), .epoch = 1};
    bench.image = uuid_make();
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO generations (id, user_id, avatar_id, prompt, final_prompt, preset, endpoint,"
                   " num_images, parameters, input, seed, cost, expected_seconds)"
                   " VALUES ('%s', '%s', '%s', 'p', 'p', 'fast', 'e', 1, '{}', '{}', 7, 4, 10);"
                   "UPDATE generations SET status = 'storing' WHERE id = '%s';"
                   "INSERT INTO generation_outputs VALUES ('%s', 0, '%s', '%s/a.png', false);"
                   "INSERT INTO jobs (kind, ref, state, epoch, worker_id) VALUES ('generation', '%s', 'leased', 1, 1)",
                   bench.job.ref.text, user.text, avatar.text, bench.job.ref.text, bench.job.ref.text, bench.image.text,
                   tiny_url(bench.tiny), bench.job.ref.text);
    sql_do(sql);
    bench.job.id = strtoll(sql_value("SELECT id FROM jobs WHERE ref = '%s'", bench.job.ref.text), NULL, 10);
    bench.attempt = (struct attempt){.status = "storing", .has_result = true, .age_s = 5};
}

static int set_up(void **state)
{
    struct fal_config fal = {.key = "id:secret", .media_hosts = "fal.media", .loopback = true};

    (void)state;
    bench = (struct bench){.tiny = tiny_open()};
    folder_make(bench.folder);
    (void)snprintf(bench.objects, sizeof bench.objects, "%s/objects", bench.folder);
    (void)snprintf(bench.bucket, sizeof bench.bucket, "%s/aisha-v2-generated", bench.objects);
    (void)snprintf(bench.spool, sizeof bench.spool, "%s/spool", bench.folder);
    fal.queue_url = fal.rest_url = fal.platform_url = tiny_url(bench.tiny);
    bench.tools = (struct job_tools){.pg = sql_pg(),
                                     .fal = fal_open(&fal, &bench.err),
                                     .store = store_open(bench.objects, &bench.err),
                                     .spool = spool_open(bench.spool, 1 << 20, &bench.err),
                                     .event_bell = event_bell_open()};
    assert_true(spool_due(bench.tools.spool, 3600)); /* the sweep has a test of its own */
    add_result();
    return bench.tools.fal && bench.tools.store && bench.tools.spool ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    fal_close(bench.tools.fal);
    store_close(bench.tools.store);
    spool_close(bench.tools.spool);
    event_bell_close(bench.tools.event_bell);
    tiny_close(bench.tiny);
    folder_remove(bench.folder);
    return 0;
}

static void will_answer(const char *status, struct text body)
{
    CLEANUP(buf_done) struct buf answer = buf_make(ROOM);

    (void)buf_add_format(&answer, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n", status, body.len);
    (void)buf_add(&answer, body.at, body.len);
    tiny_will_answer(bench.tiny, &(struct tiny_answer){answer.bytes, TINY_CLOSE, answer.len}, 1);
}

static void will_give(void) { will_answer("200 OK", picture_text(&picture)); }
static void will_have_nothing(void) { will_answer("404 Not Found", TEXT("")); }

/* A file stands where the bucket's folder should be. */
static void take_storage_away(void)
{
    char name[FOLDER_ROOM + 48];

    (void)rmdir(bench.bucket);
    (void)snprintf(name, sizeof name, "objects/aisha-v2-generated");
    folder_write(bench.folder, name, "");
}

static void give_storage_back(void) { assert_int_equal(unlink(bench.bucket), 0); }

static const char *step(void)
{
    bench.next = (struct job_next){0};
    bench.err = (struct err){0};
    if (generation_store(&bench.tools, &bench.job, &bench.attempt, &bench.next, &bench.err))
        return "";
    pg_rollback(bench.tools.pg);
    return bench.err.code;
}

static const char *column(const char *expression)
{
    return sql_value("SELECT %s FROM generations g WHERE id = '%s'", expression, bench.job.ref.text);
}

static bool waits_here(void)
{
    CLEANUP(buf_done) struct buf bytes = buf_make(ROOM);
    struct err err;

    return spool_get(bench.tools.spool, bench.image, &bytes, &err);
}

static void assert_delivered(const char *status_and_charge)
{
    unsigned char sha256[SHA256_BYTES];
    char hex[HEX_ROOM(SHA256_BYTES)], key[96];
    CLEANUP(buf_done) struct buf bytes = buf_make(ROOM);

    assert_true(bench.next.done);
    assert_string_equal(column("status || '/' || charged"), status_and_charge);
    assert_string_equal(column("(SELECT count(*) FROM generation_outputs WHERE generation_id = g.id)"), "0");
    (void)snprintf(key, sizeof key, "%s", sql_value("SELECT object_key FROM images WHERE id = '%s'", bench.image.text));
    assert_true(store_get(bench.tools.store, TEXT("aisha-v2-generated"), text_of(key), &bytes, &bench.err));
    crypto_sha256(picture_text(&bytes), sha256);
    hex_write(sha256, sizeof sha256, hex);
    assert_string_equal(sql_value("SELECT encode(sha256, 'hex') FROM images WHERE id = '%s'", bench.image.text), hex);
    assert_false(waits_here());
}

static void what_was_made_becomes_a_picture(void **state)
{
    (void)state;
    will_give();
    assert_string_equal(step(), "");
    assert_delivered("completed/4");
}

/* Another one beside it, at the same address: the first answer is for the first. */
static void add_second_result(void)
{
    (void)sql_value("INSERT INTO generation_outputs SELECT generation_id, 1, gen_random_uuid(), url, false"
                    " FROM generation_outputs WHERE generation_id = '%s' RETURNING 1",
                    bench.job.ref.text);
    (void)sql_value("UPDATE generations SET num_images = 2 WHERE id = '%s' RETURNING 1", bench.job.ref.text);
}

static void will_give_the_first_alone(struct text second)
{
    CLEANUP(buf_done) struct buf first = buf_make(ROOM), other = buf_make(ROOM);

    (void)buf_add_format(&first, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", picture_text(&picture).len);
    (void)buf_add(&first, picture_text(&picture).at, picture_text(&picture).len);
    (void)buf_add_format(&other, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n%.*s",
                         second.len ? "200 OK" : "404 Not Found", second.len, (int)second.len, second.at);
    tiny_will_answer(bench.tiny,
                     (struct tiny_answer[]){{first.bytes, TINY_CLOSE, first.len}, {other.bytes, TINY_CLOSE, other.len}},
                     2);
}

static void what_stays_lost_does_not_take_the_others_with_it(void **state)
{
    (void)state;
    add_second_result();
    will_give_the_first_alone(TEXT(""));
    assert_string_equal(step(), "fal_media_gone"); /* it may yet come */
    bench.job.attempts = 9;
    will_give_the_first_alone(TEXT(""));
    assert_string_equal(step(), "");
    assert_delivered("completed/2");
}

static void nor_does_what_stays_broken(void **state)
{
    (void)state;
    add_second_result();
    will_give_the_first_alone(TEXT("no picture"));
    assert_int_equal(strncmp(step(), "image_", 6), 0);
    bench.job.attempts = 9;
    will_give_the_first_alone(TEXT("no picture"));
    assert_string_equal(step(), "");
    assert_delivered("completed/2");
}

static void while_the_storage_is_away_it_waits_on_disk(void **state)
{
    (void)state;
    take_storage_away();
    will_give();
    assert_string_equal(step(), "storage_failed");
    assert_int_equal(bench.err.kind, ERR_BUSY);
    assert_true(bench.next.delay_ms > 0);
    assert_true(waits_here());
    assert_string_equal(column("(SELECT spooled_on FROM generation_outputs WHERE generation_id = g.id)"),
                        spool_name(bench.tools.spool));
    will_have_nothing();
    assert_string_equal(step(), "storage_failed");
    give_storage_back();
    assert_string_equal(step(), "");
    assert_int_equal(tiny_requests(bench.tiny), 1); /* was not even asked again */
    assert_delivered("completed/4");
}

static void it_is_found_although_its_row_does_not_say_so(void **state)
{
    (void)state;
    will_have_nothing();
    assert_true(spool_put(bench.tools.spool, bench.image, picture_text(&picture), &bench.err)); /* and it was killed */
    assert_string_equal(step(), "");
    assert_int_equal(tiny_requests(bench.tiny), 0);
    assert_delivered("completed/4");
}

static void a_spoilt_copy_is_fetched_anew(void **state)
{
    char path[FOLDER_ROOM + 80];
    int fd;

    (void)state;
    take_storage_away();
    will_give();
    assert_string_equal(step(), "storage_failed");
    (void)snprintf(path, sizeof path, "%s/results/%s", bench.spool, bench.image.text);
    fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0 && pwrite(fd, "?", 1, 60) == 1 && close(fd) == 0);
    give_storage_back();
    assert_string_equal(step(), "");
    assert_int_equal(tiny_requests(bench.tiny), 2);
    assert_delivered("completed/4");
}

static void what_is_no_picture_is_not_kept(void **state)
{
    (void)state;
    take_storage_away();
    will_answer("200 OK", TEXT("GIF89a, or so"));
    assert_string_equal(step(), "image_unsupported");
    assert_int_equal(bench.err.kind, ERR_UPSTREAM);
    assert_false(waits_here());
    assert_true(spool_put(bench.tools.spool, bench.image, TEXT("nor this"), &bench.err));
    give_storage_back();
    assert_string_equal(step(), "image_unsupported");
    assert_false(waits_here()); /* the next one is fetched */
}

static void without_room_it_goes_on_as_long_as_the_provider_has_it(void **state)
{
    (void)state;
    spool_close(bench.tools.spool);
    bench.tools.spool = spool_open(bench.spool, 0, &bench.err);
    take_storage_away();
    will_give();
    assert_string_equal(step(), "storage_failed");
    assert_int_equal(bench.err.kind, ERR_BUSY);
    assert_string_equal(step(), "storage_failed");
    will_have_nothing();
    assert_string_equal(step(), "fal_media_gone");
    assert_int_equal(bench.err.kind, ERR_NOT_FOUND); /* now it counts */
    spool_close(bench.tools.spool);
    bench.tools.spool = NULL;
    will_give();
    give_storage_back();
    assert_string_equal(step(), "");
    bench.tools.spool = spool_open(bench.spool, 0, &bench.err);
    assert_delivered("completed/4");
}

static void what_waits_on_another_machine_is_left_to_it(void **state)
{
    (void)state;
    sql_do("UPDATE generation_outputs SET spooled_on = gen_random_uuid()::text");
    will_have_nothing();
    assert_string_equal(step(), "spooled_elsewhere");
    assert_int_equal(bench.err.kind, ERR_BUSY);
    will_give(); /* or the provider still has it */
    assert_string_equal(step(), "");
    assert_delivered("completed/4");
}

static void without_a_key_only_what_is_here_is_delivered(void **state)
{
    struct fal *fal = bench.tools.fal;

    (void)state;
    bench.tools.fal = NULL;
    assert_string_equal(step(), "generation_off");
    assert_int_equal(bench.err.kind, ERR_BUSY);
    assert_true(spool_put(bench.tools.spool, bench.image, picture_text(&picture), &bench.err));
    assert_string_equal(step(), "");
    assert_delivered("completed/4");
    bench.tools.fal = fal;
}

static void only_the_claims_holder_writes(void **state)
{
    (void)state;
    take_storage_away();
    will_give();
    bench.job.epoch = 0;
    assert_string_equal(step(), "storage_failed");
    assert_string_equal(column("(SELECT spooled_on FROM generation_outputs WHERE generation_id = g.id)"), "");
    give_storage_back();
    assert_string_equal(step(), "job_lost");
    assert_string_equal(column("status"), "storing");
    assert_true(waits_here()); /* for whoever holds it */
    bench.job.epoch = 1;
    assert_string_equal(step(), "");
    assert_delivered("completed/4");
}

static void patience_ends_after_a_day_and_on_disk_after_a_week(void **state)
{
    (void)state;
    take_storage_away();
    spool_close(bench.tools.spool);
    bench.tools.spool = NULL;
    bench.attempt.age_s = DAY_S + 1;
    will_give();
    assert_string_equal(step(), "storage_failed");
    assert_int_equal(bench.err.kind, ERR_INTERNAL);
    bench.tools.spool = spool_open(bench.spool, 1 << 20, &bench.err);
    assert_string_equal(step(), "storage_failed");
    assert_int_equal(bench.err.kind, ERR_BUSY);
    bench.attempt.age_s = 7 * DAY_S + 1;
    assert_string_equal(step(), "storage_failed");
    assert_int_equal(bench.err.kind, ERR_INTERNAL);
}

static void a_late_result_is_delivered_without_charge(void **state)
{
    (void)state;
    sql_do("UPDATE generations SET status = 'failed', error_code = 'outcome_unknown', finished_at = now()"
           " WHERE status = 'storing'");
    bench.attempt.status = "failed";
    take_storage_away();
    will_give();
    assert_string_equal(step(), "storage_failed");
    assert_true(waits_here());
    give_storage_back();
    will_have_nothing();
    assert_string_equal(step(), "");
    assert_delivered("completed/0");
}

static void make_old(struct uuid id, int days)
{
    const time_t then = time(NULL) - days * DAY_S - 7200;
    const struct timespec old[2] = {{.tv_sec = then}, {.tv_sec = then}};
    char path[FOLDER_ROOM + 80];

    (void)snprintf(path, sizeof path, "%s/results/%s", bench.spool, id.text);
    assert_int_equal(utimensat(AT_FDCWD, path, old, 0), 0);
}

static void what_nobody_waits_for_is_swept(void **state)
{
    (void)state;
    assert_true(spool_put(bench.tools.spool, bench.image, TEXT("x"), &bench.err));
    sql_do("UPDATE jobs SET state = 'dead'"); /* an operator may try it again */
    make_old(bench.image, 9);
    spool_sweep(bench.tools.spool, bench.tools.pg);
    assert_true(waits_here());
    sql_do("DELETE FROM jobs");
    spool_sweep(bench.tools.spool, bench.tools.pg);
    assert_true(waits_here()); /* it has not ended: somebody will make it a new one */
    sql_do("UPDATE generations SET status = 'cancelled', finished_at = now() WHERE status = 'storing'");
    spool_remove(bench.tools.spool, bench.image);
    assert_true(spool_put(bench.tools.spool, bench.image, TEXT("x"), &bench.err));
    spool_sweep(bench.tools.spool, bench.tools.pg);
    assert_true(waits_here()); /* too young to be judged */
    make_old(bench.image, 0);
    spool_sweep(bench.tools.spool, bench.tools.pg);
    assert_false(waits_here());
}

static void what_another_machine_has_delivered_is_swept(void **state)
{
    (void)state;
    will_give();
    assert_string_equal(step(), "");
    assert_true(spool_put(bench.tools.spool, bench.image, TEXT("x"), &bench.err));
    make_old(bench.image, 0);
    spool_sweep(bench.tools.spool, bench.tools.pg);
    assert_false(waits_here());
}

static void what_is_not_known_is_kept_for_eight_days(void **state)
{
    (void)state;
    bench.image = uuid_make();
    assert_true(spool_put(bench.tools.spool, bench.image, TEXT("x"), &bench.err));
    make_old(bench.image, 7);
    spool_sweep(bench.tools.spool, bench.tools.pg);
    assert_true(waits_here());
    make_old(bench.image, 8);
    spool_sweep(bench.tools.spool, bench.tools.pg);
    assert_false(waits_here());
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_made_becomes_a_picture),
        TEST(what_stays_lost_does_not_take_the_others_with_it),
        TEST(nor_does_what_stays_broken),
        TEST(while_the_storage_is_away_it_waits_on_disk),
        TEST(it_is_found_although_its_row_does_not_say_so),
        TEST(a_spoilt_copy_is_fetched_anew),
        TEST(what_is_no_picture_is_not_kept),
        TEST(without_room_it_goes_on_as_long_as_the_provider_has_it),
        TEST(what_waits_on_another_machine_is_left_to_it),
        TEST(without_a_key_only_what_is_here_is_delivered),
        TEST(only_the_claims_holder_writes),
        TEST(patience_ends_after_a_day_and_on_disk_after_a_week),
        TEST(a_late_result_is_delivered_without_charge),
        TEST(what_nobody_waits_for_is_swept),
        TEST(what_another_machine_has_delivered_is_swept),
        TEST(what_is_not_known_is_kept_for_eight_days),
    };
    struct err err;

    (void)argc;
    return image_start(argv[0], &err) ? cmocka_run_group_tests(tests, open_all, close_all) : 1;
}
