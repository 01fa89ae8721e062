/* What a process says of itself and of what it needs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/config.h"
#include "ops/disk.h"
#include "ops/health_api.h"
#include "redis/redis_watch.h"
#include "storage/storage_watch.h"
#include "support/fake_db.h"
#include "support/folder.h"
#include "support/house.h"

static const struct route ROUTES[] = {{"GET", "/health/ready", ACCESS_PUBLIC, 0, health_show}, {0}};

static char folder[] = "/tmp", nowhere[] = "/tmp/no/such/folder";
static struct config config;
static struct redis_watch *redis;

static int set_up(void **state)
{
    struct err err;

    (void)state;
    house_open(ROUTES, NULL);
    house_local()->redis = redis = redis_watch_open(NULL, &err);
    fake_db_reset();
    config = *house_local()->config;
    config.objects_dir = folder;
    house_local()->config = &config;
    return 0;
}

static int tear_down(void **state)
{
    redis_watch_close(redis);
    return house_tear_down(state);
}

/* account: why the account's breaker is open, NULL when it is not. */
static struct loopback *ask(const char *account, const char *endpoint, const char *workers)
{
    struct loopback *l = house_ask("GET", "/health/ready", NULL, NULL);

    fake_db_answer(fake_rows(3, 1, (const char *[]){account, endpoint, workers}));
    return l;
}

static void check(struct loopback *l, int status, const char *one, const char *two, const char *three)
{
    assert_int_equal(loopback_status(l), status);
    assert_non_null(strstr(loopback_body(l), one));
    assert_non_null(strstr(loopback_body(l), two));
    assert_non_null(strstr(loopback_body(l), three));
    assert_int_equal(loopback_header(l, "retry-after", 0) != NULL, status == 503);
    loopback_close(l);
}

static void all_is_well(void **state)
{
    (void)state;
    check(ask(NULL, "f", "t"), 200, "\"status\":\"ok\"", "\"provider\":\"ok\",\"workers\":\"ok\"", "\"reasons\":{}");
}

static void an_endpoint_that_fails_delays(void **state)
{
    (void)state;
    check(ask(NULL, "t", "t"), 200, "\"status\":\"degraded\"", "\"provider\":\"delayed\"",
          "\"reasons\":{\"provider\":");
}

static void a_refused_key_is_said_in_words(void **state)
{
    (void)state;
    check(ask("fal_key_refused", "t", "t"), 200, "\"status\":\"degraded\"", "\"provider\":\"stopped\"",
          "fal.ai refuses the key");
    check(ask("fal_account_refused", "f", "t"), 200, "\"status\":\"degraded\"", "\"provider\":\"stopped\"", "balance");
    check(ask("", "f", "t"), 200, "\"status\":\"degraded\"", "\"provider\":\"stopped\"", "balance");
}

static void without_a_key_the_provider_is_off(void **state)
{
    (void)state;
    config.generation.key = NULL;
    check(ask("fal_key_refused", "t", "t"), 200, "\"status\":\"ok\"", "\"provider\":\"off\"", "\"reasons\":{}");
}

static void workers_without_a_sign_of_life_are_down(void **state)
{
    (void)state;
    check(ask(NULL, "f", "f"), 200, "\"status\":\"degraded\"", "\"workers\":\"down\"", "\"reasons\":{\"workers\":");
}

static void without_the_database_the_rest_is_unknown(void **state)
{
    struct loopback *l = house_ask("GET", "/health/ready", NULL, NULL);

    (void)state;
    fake_db_fail(ERR_BUSY, "database");
    check(l, 503, "\"status\":\"down\"", "\"database\":\"down\"", "\"provider\":\"unknown\",\"workers\":\"unknown\"");
}

static void a_folder_that_is_gone_is_down(void **state)
{
    (void)state;
    config.objects_dir = nowhere;
    check(ask(NULL, "f", "t"), 503, "\"status\":\"down\"", "\"storage\":\"down\"", "\"database\":\"ok\"");
}

/* Tried by a thread of its own: *at is the folder of the objects. */
static struct storage_watch *watch(char *at)
{
    struct config place = config;
    struct storage_watch *storage;
    struct err err;

    place.objects_dir = at;
    storage = storage_watch_open(&place, &err);
    assert_non_null(storage);
    house_local()->storage_watch = storage;
    return storage;
}

static void an_object_store_that_works_is_ok(void **state)
{
    char at[FOLDER_ROOM];
    struct storage_watch *storage;

    (void)state;
    folder_make(at);
    storage = watch(at);
    for (int i = 0; i < 1000 && !storage_watch_ok(storage); i++)
        (void)usleep(10000);
    check(ask(NULL, "f", "t"), 200, "\"status\":\"ok\"", "\"storage\":\"ok\"", "\"reasons\":{}");
    storage_watch_close(storage);
    folder_remove(at);
}

/* It is away for every process: none is taken out of service. */
static void an_object_store_that_is_away_degrades(void **state)
{
    char at[FOLDER_ROOM];
    struct storage_watch *storage;

    (void)state;
    folder_make(at);
    folder_write(at, STORAGE_TRY_BUCKET, "a file where the bucket should be");
    storage = watch(at);
    (void)usleep(100000);
    check(ask(NULL, "f", "t"), 200, "\"status\":\"degraded\"", "\"storage\":\"down\"",
          "\"reasons\":{\"storage\":\"the S3 server");
    storage_watch_close(storage);
    folder_remove(at);
}

static void room_on_a_disk_is_judged_by_share_and_by_bytes(void **state)
{
    const uint64_t mib = 1 << 20, gib = 1 << 30;

    (void)state;
    assert_int_equal(disk_judge(60 * gib, 1000 * gib), DISK_OK);
    assert_int_equal(disk_judge(49 * gib, 1000 * gib), DISK_LOW);
    assert_int_equal(disk_judge(9 * gib, 1000 * gib), DISK_FULL);
    assert_int_equal(disk_judge(199 * mib, 1 * gib), DISK_FULL);
    assert_int_equal(disk_judge(201 * mib, 1 * gib), DISK_OK);
    assert_int_equal(disk_judge(0, 0), DISK_FULL);
    assert_int_equal(disk_look(nowhere), DISK_OK); /* the store says that it is gone */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_is_well),
        TEST(an_endpoint_that_fails_delays),
        TEST(a_refused_key_is_said_in_words),
        TEST(without_a_key_the_provider_is_off),
        TEST(workers_without_a_sign_of_life_are_down),
        TEST(without_the_database_the_rest_is_unknown),
        TEST(a_folder_that_is_gone_is_down),
        TEST(an_object_store_that_works_is_ok),
        TEST(an_object_store_that_is_away_degrades),
        TEST(room_on_a_disk_is_judged_by_share_and_by_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
