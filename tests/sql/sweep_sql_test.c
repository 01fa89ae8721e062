/* How sweeps go through their tables, and that only who leads changes anything. */
#include "jobs/sweep.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "generations/generation_sweeps.h"
#include "support/sweeping.h"

/* Pages */

static void every_page_goes_on_behind_what_could_not_be_mended(void **state)
{
    struct sweep by_two = GENERATION_LOST;
    struct pg *other = pg_open(getenv("DATABASE_URL"));
    struct err err;

    (void)state;
    by_two.limit = 2;
    sweeping_make(5);
    assert_true(pg_begin(other, &err) && pg_script(other, "SELECT FROM generations FOR UPDATE", &err));
    sweeping_expect(&by_two, 2, 0);
    sweeping_expect(&by_two, 2, 0);
    sweeping_expect(&by_two, 1, 0);
    sweeping_expect_sql("5 0 ", "SELECT found || ' ' || mended || ' ' || place FROM sweeps");
    pg_rollback(other);
    sweeping_expect(&by_two, 2, 2);
    sweeping_expect_sql(
        "t", "SELECT place <> '' AND last_found > now() - interval '1 minute' AND looked_at = last_found FROM sweeps");
    sweeping_expect(&by_two, 2, 2);
    sweeping_expect(&by_two, 1, 1);
    sweeping_expect(&by_two, 0, 0);
    sweeping_expect_sql("10 5", "SELECT found || ' ' || mended FROM sweeps");
    pg_close(other);
}

static void every_kind_of_place_is_understood(void **state)
{
    static const struct sweep *const ALL[] = {&GENERATION_LOST, &SLOT_STALE,      &QUEUE_STALE,   &FLOW_MISSING,
                                              &FLOW_COUNT,      &SUBMISSION_OPEN, &QUEUE_EXPIRED, &ACCOUNT_SUMS,
                                              &LEDGER_ENDS,     &JOB_DEAD};

    (void)state;
    sweeping_make(3);
    sql_do(SWEEPING_QUEUE_ALL "; UPDATE generation_queue SET queued_at = now() - interval '25 hours', lane = 0;"
                              " INSERT INTO slots (generation_id, user_id) SELECT id, user_id FROM generations;"
                              " INSERT INTO jobs (kind, ref, state) SELECT 'generation', id, 'dead' FROM generations;"
                              " INSERT INTO submissions (generation_id, user_id, attempt, state, endpoint, seed)"
                              " SELECT id, user_id, 1, 'unknown', 'e', 1 FROM generations");
    for (size_t i = 0; i < sizeof ALL / sizeof *ALL; i++) {
        struct sweep one = *ALL[i];
        int looks = 1;
        one.limit = 1;
        one.mend = NULL;
        while (sweeping_look(&one).place[0] && looks < 10)
            looks++;
        assert_in_range(looks, 2, 4); /* to the end, and no further */
    }
}

static void a_statement_that_fails_is_passed_over(void **state)
{
    struct sweep broken = GENERATION_LOST;

    (void)state;
    broken.mend = "WITH " SWEEP_LOCK " SELECT 1 / 0 WHERE $3::text <> '' AND " SWEEP_LEADS;
    sweeping_make(2);
    sweeping_expect(&broken, 2, 0);
    sweeping_expect_sql("", "SELECT place FROM sweeps");
    sweeping_make(3);
    sweeping_expect(&broken, 3, 0); /* when nothing goes, the rest waits for the next look */
    sweeping_expect_sql("t", "SELECT place <> '' FROM sweeps");
    sweeping_expect(&broken, 2, 0);
}

/* The lead */

static void who_does_not_lead_changes_nothing(void **state)
{
    struct leader other = leader_make("sweeper");
    struct sweep_look result;
    struct err err = {0};

    (void)state;
    sweeping_make(1);
    assert_true(leader_keep(&other, sql_pg(), &err));
    assert_false(sweep_once(&sweeping.tools, &GENERATION_LOST, &result, &err));
    assert_string_equal(err.code, "not_leading");
    sweeping_expect_sql("0 0",
                        "SELECT (SELECT count(*) FROM generation_queue) || ' ' || (SELECT count(*) FROM sweeps)");
}

/* It led, slept, and does not know that another leads: each of its statements finds that out. */
static void a_leader_that_wakes_does_no_harm(void **state)
{
    static const struct sweep *const MENDING[] = {&GENERATION_LOST, &SLOT_STALE,      &QUEUE_STALE,  &FLOW_MISSING,
                                                  &FLOW_COUNT,      &SUBMISSION_OPEN, &QUEUE_EXPIRED};
    struct leader other = leader_make("sweeper");
    struct err err = {0};

    (void)state;
    sweeping_make(7);
    sql_do("WITH n AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM generations) UPDATE generations g SET"
           " status = 'queued' FROM n WHERE n.id = g.id AND n <= 2; " SWEEPING_QUEUE_ALL ";"
           " INSERT INTO submissions (generation_id, user_id, attempt, state, endpoint, seed)"
           " SELECT id, user_id, 1, 'unknown', 'e', 1 FROM generations;"
           " UPDATE generation_queue SET queued_at = now() - interval '25 hours';"
           " DELETE FROM generation_queue WHERE generation_id IN (SELECT id FROM generations WHERE status = 'pending'"
           " LIMIT 2); INSERT INTO slots (generation_id, user_id) SELECT id, user_id FROM generations"
           " ON CONFLICT DO NOTHING; UPDATE flows SET waiting = waiting + 3");
    assert_true(leader_keep(&sweeping.leader, sql_pg(), &err));
    sql_do("UPDATE leaders SET until = now() - interval '1 second'");
    assert_true(leader_keep(&other, sql_pg(), &err));
    for (size_t i = 0; i < sizeof MENDING / sizeof *MENDING; i++) {
        struct sweep_look result;
        sweeping.leader.epoch = 1; /* what it still believes */
        assert_false(sweep_once(&sweeping.tools, MENDING[i], &result, &err));
        assert_int_equal(result.mended, 0);
        if (MENDING[i] != &FLOW_MISSING && MENDING[i] != &SUBMISSION_OPEN)
            assert_true(result.found > 0);
    }
    sweeping_expect_sql("5 8 7 0 0",
                        "SELECT (SELECT count(*) FROM generation_queue) || ' ' || (SELECT waiting FROM flows) || ' ' ||"
                        " (SELECT count(*) FROM slots) || ' ' || (SELECT count(*) FROM jobs) || ' ' ||"
                        " (SELECT count(*) FROM generations WHERE status = 'failed')");
}

static void stops_when_it_is_told_to(void **state)
{
    struct sweep_look result;
    struct err err = {0};

    (void)state;
    atomic_store(&sweeping.stop, true);
    assert_false(sweep_once(&sweeping.tools, &GENERATION_LOST, &result, &err));
    assert_string_equal(err.code, "stopping");
    atomic_store(&sweeping.stop, false);
}

static void old_rows_are_dropped_until_there_are_none(void **state)
{
    static const struct sweep OLD = {
        .name = "old_probe",
        .quiet = true,
        .drop = "WITH " SWEEP_LOCK " DELETE FROM probe WHERE ctid = ANY (ARRAY(SELECT ctid FROM probe WHERE job = -1"
                " LIMIT 2)) AND job = -1 AND " SWEEP_LEADS};

    (void)state;
    sql_do("DROP TABLE IF EXISTS probe; CREATE TABLE probe (job integer);"
           " INSERT INTO probe SELECT -1 FROM generate_series(1, 7); INSERT INTO probe VALUES (1)");
    sweeping_expect(&OLD, 7, 7);
    sweeping_expect_sql("1", "SELECT count(*) FROM probe");
    sweeping_expect_sql("7 7", "SELECT found || ' ' || mended FROM sweeps WHERE name = 'old_probe'");
}

#define TEST(name) cmocka_unit_test_setup(name, sweeping_set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_page_goes_on_behind_what_could_not_be_mended),
        TEST(every_kind_of_place_is_understood),
        TEST(a_statement_that_fails_is_passed_over),
        TEST(who_does_not_lead_changes_nothing),
        TEST(a_leader_that_wakes_does_no_harm),
        TEST(stops_when_it_is_told_to),
        TEST(old_rows_are_dropped_until_there_are_none),
    };

    return cmocka_run_group_tests(tests, sql_open, sql_close);
}
