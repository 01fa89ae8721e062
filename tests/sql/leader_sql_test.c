/* One leads, and what it does counts only while it leads. */
#include "jobs/leader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#include "base/log.h"
#include "support/sql.h"

static struct pg *other_pg;

static int set_up(void **state)
{
    (void)state;
    log_set_level((enum log_level)(LOG_ERROR + 1));
    sql_do("SET client_min_messages = warning; TRUNCATE leaders; DROP TABLE IF EXISTS probe; CREATE TABLE probe (who "
           "text)");
    if (!other_pg)
        other_pg = pg_open(getenv("DATABASE_URL"));
    return 0;
}

static bool keep(struct leader *leader)
{
    struct err err;

    return leader_keep(leader, sql_pg(), &err);
}

/* As if the time of the last renewal had come. */
static bool renew(struct leader *leader)
{
    leader->renewed_ms -= LEADER_RENEW_MS;
    return keep(leader);
}

static void run_out(void) { sql_do("UPDATE leaders SET until = now() - interval '1 second'"); }

/* How many rows a guarded statement has written. */
static int write_as(const struct leader *leader, const char *who)
{
    struct query q =
        leader_query(leader, "WITH " LEADER_LOCK("test") " INSERT INTO probe SELECT $3 WHERE " LEADER_LEADS, __func__);
    CLEANUP(pg_clear) PGresult *rows = NULL;

    query_add_text(&q, who);
    rows = sql_rows(q);
    return rows_affected(rows);
}

static void one_of_two_leads(void **state)
{
    struct leader a = leader_make("test"), b = leader_make("test"), elsewhere = leader_make("other");

    (void)state;
    assert_true(keep(&a));
    assert_int_equal(a.epoch, 1);
    assert_false(keep(&b));
    assert_true(keep(&elsewhere));
    assert_true(renew(&a));
    assert_false(keep(&b));
    assert_int_equal(write_as(&a, "a"), 1);
    assert_int_equal(write_as(&b, "b"), 0);
    assert_string_equal(sql_value("SELECT string_agg(who, ' ') FROM probe"), "a");
}

static void renewing_goes_on_for_a_lease_and_keeps_the_epoch(void **state)
{
    struct leader a = leader_make("test");

    (void)state;
    assert_true(keep(&a));
    sql_do("UPDATE leaders SET until = now() + interval '2 seconds'");
    assert_true(keep(&a)); /* not due: nothing is written */
    assert_string_equal(sql_value("SELECT until < now() + interval '3 seconds' FROM leaders"), "t");
    assert_true(renew(&a));
    assert_string_equal(sql_value("SELECT until > now() + interval '14 seconds' FROM leaders"), "t");
    assert_int_equal(a.epoch, 1);
}

static void another_takes_over_when_the_time_has_run_out(void **state)
{
    struct leader a = leader_make("test"), b = leader_make("test");

    (void)state;
    assert_true(keep(&a));
    run_out();
    assert_true(keep(&b));
    assert_int_equal(b.epoch, 2);
    assert_true(a.epoch == 1 && keep(&a));  /* it slept, and does not know yet ... */
    assert_int_equal(write_as(&a, "a"), 0); /* ... and does no harm */
    assert_int_equal(write_as(&b, "b"), 1);
    assert_false(renew(&a));
    assert_int_equal(a.epoch, 0);
    assert_true(renew(&b));
}

static void a_lead_from_the_future_is_free(void **state)
{
    struct leader a = leader_make("test"), b = leader_make("test");

    (void)state;
    assert_true(keep(&a));
    sql_do("UPDATE leaders SET until = now() + interval '1 hour'"); /* the clock has gone back */
    assert_true(keep(&b));
    assert_int_equal(b.epoch, 2);
    assert_int_equal(write_as(&a, "a"), 0);
    assert_int_equal(write_as(&b, "b"), 1);
}

static void a_lead_that_has_run_out_counts_no_more_though_nobody_took_it(void **state)
{
    struct leader a = leader_make("test");
    struct leader before;

    (void)state;
    assert_true(keep(&a));
    before = a;
    run_out();
    assert_int_equal(write_as(&a, "a"), 0);
    assert_true(renew(&a));
    assert_int_equal(a.epoch, 2);
    assert_int_equal(write_as(&before, "before"), 0);
    assert_int_equal(write_as(&a, "a"), 1);
}

static void a_lead_that_was_given_up_is_free_at_once(void **state)
{
    struct leader a = leader_make("test"), b = leader_make("test");

    (void)state;
    assert_true(keep(&a));
    leader_release(&a, sql_pg());
    leader_release(&a, sql_pg());
    assert_true(keep(&b));
    assert_int_equal(b.epoch, 2);
}

static void without_a_database_nobody_leads(void **state)
{
    struct pg *nowhere = pg_open("postgresql:///x?host=/nonexistent");
    struct leader a = leader_make("test");
    struct err err = {0};

    (void)state;
    assert_true(keep(&a));
    a.renewed_ms -= LEADER_RENEW_MS;
    assert_false(leader_keep(&a, nowhere, &err));
    assert_int_equal(err.kind, ERR_BUSY);
    assert_int_equal(a.epoch, 0);
    pg_close(nowhere);
}

static void *take_over(void *arg)
{
    struct err err;

    return leader_keep(arg, other_pg, &err) ? arg : NULL;
}

/* The row is held while a guarded statement's transaction runs: nobody leads before it has ended. */
static void nobody_takes_over_while_a_statement_runs(void **state)
{
    struct leader a = leader_make("test"), b = leader_make("test");
    pthread_t thread;
    void *took;
    struct err err;

    (void)state;
    assert_true(keep(&a));
    sql_do("UPDATE leaders SET until = now() + interval '300 milliseconds'");
    assert_true(pg_begin(sql_pg(), &err));
    assert_int_equal(write_as(&a, "a"), 1);
    usleep(400000); /* the time is over, the transaction is not */
    assert_int_equal(pthread_create(&thread, NULL, take_over, &b), 0);
    usleep(300000);
    assert_int_equal(pthread_tryjoin_np(thread, &took), EBUSY);
    assert_true(pg_commit(sql_pg(), &err));
    assert_int_equal(pthread_join(thread, &took), 0);
    assert_ptr_equal(took, &b);
    assert_int_equal(b.epoch, 2);
    assert_int_equal(write_as(&a, "late"), 0);
}

static int close_all(void **state)
{
    pg_close(other_pg);
    return sql_close(state);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_of_two_leads),
        TEST(renewing_goes_on_for_a_lease_and_keeps_the_epoch),
        TEST(another_takes_over_when_the_time_has_run_out),
        TEST(a_lead_from_the_future_is_free),
        TEST(a_lead_that_has_run_out_counts_no_more_though_nobody_took_it),
        TEST(a_lead_that_was_given_up_is_free_at_once),
        TEST(without_a_database_nobody_leads),
        TEST(nobody_takes_over_while_a_statement_runs),
    };

    return cmocka_run_group_tests(tests, sql_open, close_all);
}
