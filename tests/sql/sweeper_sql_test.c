/* The sweeping threads of two processes: one sweeps, the other takes over. */
#include "jobs/sweeper.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "support/folder.h"
#include "support/sql.h"

enum { PATIENCE_MS = 15000 };

static struct bench {
    struct config config;
    char folder[FOLDER_ROOM];
    atomic_int looks, at_once, most_at_once, mended;
    atomic_bool hold;
} bench;

static bool look(const struct sweep_tools *tools, const struct sweep *sweep, struct sweep_look *ret, struct err *reterr)
{
    int now = atomic_fetch_add(&bench.at_once, 1) + 1;
    bool ok = true;

    (void)sweep;
    if (now > atomic_load(&bench.most_at_once))
        atomic_store(&bench.most_at_once, now);
    while (ok && atomic_load(&bench.hold)) {
        usleep(2000);
        ok = sweep_goes_on(tools, reterr);
    }
    sweep_found(ret, "something");
    ret->mended = 1;
    atomic_fetch_add(&bench.looks, 1);
    atomic_fetch_sub(&bench.at_once, 1);
    return ok;
}

static const struct sweep OFTEN = {.name = "often", .every_s = 1, .look = look},
                          BROKEN = {.name = "broken", .every_s = 1, .find = "SELECT nonsense", .limit = 1};
static const struct sweep *const ALL[] = {&BROKEN, &OFTEN, NULL};

static void on_mended(void *owner) { atomic_fetch_add(&((struct bench *)owner)->mended, 1); }

static int set_up(void **state)
{
    (void)state;
    log_set_level((enum log_level)(LOG_ERROR + 1));
    sql_do("TRUNCATE leaders, sweeps");
    memset(&bench, 0, sizeof bench);
    folder_make(bench.folder);
    bench.config = (struct config){.database_url = getenv("DATABASE_URL"), .objects_dir = bench.folder};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    folder_remove(bench.folder);
    return 0;
}

static struct sweeper *start(void)
{
    const struct sweeper_config config = {.config = &bench.config, .sweeps = ALL, .mended = on_mended, .owner = &bench};
    struct err err = {0};
    struct sweeper *sweeper = sweeper_start(&config, &err);

    if (!sweeper)
        fail_msg("%s: %s", err.code, err.detail);
    return sweeper;
}

static void await_looks(int count)
{
    int64_t until = clock_monotonic_ms() + PATIENCE_MS;

    while (atomic_load(&bench.looks) < count && clock_monotonic_ms() < until)
        usleep(5000);
    assert_true(atomic_load(&bench.looks) >= count);
}

static void looks_at_once_and_again_and_passes_over_what_fails(void **state)
{
    struct sweeper *sweeper = start();

    (void)state;
    await_looks(2);
    sweeper_stop(sweeper);
    assert_true(atomic_load(&bench.mended) >= 2);
    assert_string_equal(sql_value("SELECT string_agg(name, ' ') FROM sweeps"), "often");
    assert_string_equal(sql_value("SELECT mended >= 2 AND found = mended FROM sweeps"), "t");
}

static void one_of_two_sweeps_and_the_other_takes_over_when_it_ends(void **state)
{
    struct sweeper *one, *other;
    int looks;

    (void)state;
    one = start();
    await_looks(1);
    other = start();
    await_looks(3);
    assert_string_equal(sql_value("SELECT epoch FROM leaders"), "1");
    sweeper_stop(one);
    looks = atomic_load(&bench.looks);
    await_looks(looks + 2);
    sweeper_stop(other);
    assert_string_equal(sql_value("SELECT epoch FROM leaders"), "2");
    assert_string_equal(sql_value("SELECT until <= now() FROM leaders"), "t");
    assert_int_equal(atomic_load(&bench.most_at_once), 1);
}

static void a_long_look_ends_when_the_process_does(void **state)
{
    struct sweeper *sweeper;
    int64_t began_ms;

    (void)state;
    atomic_store(&bench.hold, true);
    sweeper = start();
    for (began_ms = clock_monotonic_ms();
         !atomic_load(&bench.at_once) && clock_monotonic_ms() < began_ms + PATIENCE_MS;)
        usleep(2000);
    began_ms = clock_monotonic_ms();
    sweeper_stop(sweeper);
    assert_in_range(clock_monotonic_ms() - began_ms, 0, 3000);
    assert_string_equal(sql_value("SELECT count(*) FROM sweeps WHERE name = 'often'"), "0");
}

static void a_long_look_ends_when_another_leads(void **state)
{
    struct sweeper *sweeper;
    int64_t until = clock_monotonic_ms() + PATIENCE_MS;

    (void)state;
    atomic_store(&bench.hold, true);
    sweeper = start();
    while (!atomic_load(&bench.at_once) && clock_monotonic_ms() < until)
        usleep(2000);
    sql_do("UPDATE leaders SET holder = gen_random_uuid(), epoch = epoch + 1, until = now() + interval '14 seconds'");
    while (atomic_load(&bench.at_once) && clock_monotonic_ms() < until) /* it learns of it when it renews */
        usleep(2000);
    assert_int_equal(atomic_load(&bench.at_once), 0);
    sweeper_stop(sweeper);
    assert_string_equal(sql_value("SELECT until > now() FROM leaders"), "t"); /* nobody else's is given away */
    assert_string_equal(sql_value("SELECT count(*) FROM sweeps WHERE name = 'often'"), "0");
}

static void goes_on_after_the_database_was_away(void **state)
{
    struct sweeper *sweeper = start();
    int looks;

    (void)state;
    await_looks(1);
    sql_do("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
           " WHERE pid <> pg_backend_pid() AND datname = current_database() AND backend_type = 'client backend'");
    looks = atomic_load(&bench.looks);
    await_looks(looks + 2);
    sweeper_stop(sweeper);
}

static void does_not_start_without_its_store(void **state)
{
    static char nowhere[] = "/nonexistent/store";
    const struct sweeper_config config = {.config = &bench.config, .sweeps = ALL};
    struct err err = {0};

    (void)state;
    bench.config.objects_dir = nowhere;
    assert_null(sweeper_start(&config, &err));
    assert_string_equal(err.code, "storage_failed");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(looks_at_once_and_again_and_passes_over_what_fails),
        TEST(one_of_two_sweeps_and_the_other_takes_over_when_it_ends),
        TEST(a_long_look_ends_when_the_process_does),
        TEST(a_long_look_ends_when_another_leads),
        TEST(goes_on_after_the_database_was_away),
        TEST(does_not_start_without_its_store),
    };

    return cmocka_run_group_tests(tests, sql_open, sql_close);
}
