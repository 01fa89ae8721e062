/* Orphans between generations, turns, slots, jobs, attempts and credits: made by hand, swept, and looked at. */
#include "generations/generation_sweeps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>
#include <unistd.h>

#include "base/clock.h"
#include "support/sweeping.h"

static void a_pending_generation_without_a_turn_gets_one(void **state)
{
    (void)state;
    sweeping_make(2);
    sql_do("INSERT INTO jobs (kind, ref) SELECT 'generation', id FROM generations LIMIT 1");
    sweeping_expect(&GENERATION_LOST, 1, 1);
    sweeping_expect_sql("1 1", "SELECT (SELECT count(*) FROM generation_queue) || ' ' || (SELECT waiting FROM flows)");
    sweeping_expect(&GENERATION_LOST, 0, 0);
    sweeping_expect_sql("1", "SELECT generations_admit(5, 5)");
    sweeping_expect(&GENERATION_LOST, 0, 0);
}

static void one_that_was_sent_gets_a_job(void **state)
{
    (void)state;
    sweeping_make(4);
    sql_do("WITH n AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM generations) UPDATE generations g SET"
           " status = (ARRAY['submitting', 'queued', 'running', 'storing'])[n] FROM n WHERE n.id = g.id");
    sweeping_expect(&GENERATION_LOST, 4, 4);
    sweeping_expect_sql("4",
                        "SELECT count(*) FROM jobs j JOIN generations g ON g.id = j.ref WHERE kind = 'generation'");
    sweeping_expect_sql("0", "SELECT count(*) FROM generation_queue");
    sweeping_expect(&GENERATION_LOST, 0, 0);
}

static void what_is_new_ended_or_in_somebodys_hands_is_left_alone(void **state)
{
    struct pg *other = pg_open(getenv("DATABASE_URL"));
    struct err err;

    (void)state;
    sweeping_make(1);
    sql_do("UPDATE generations SET created_at = now() - interval '30 seconds'");
    sweeping_expect(&GENERATION_LOST, 0, 0);
    sql_do("UPDATE generations SET created_at = now() - interval '2 minutes'");
    assert_true(pg_begin(other, &err) && pg_script(other, "SELECT FROM generations FOR UPDATE", &err));
    sweeping_expect(&GENERATION_LOST, 1, 0); /* and it does not wait for it */
    pg_rollback(other);
    sql_do(SWEEPING_FAIL_ALL);
    sweeping_expect(&GENERATION_LOST, 0, 0);
    pg_close(other);
}

static void slots_that_nobody_needs_are_freed(void **state)
{
    (void)state;
    sweeping_make(5);
    sql_do("WITH n AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM generations) UPDATE generations g SET"
           " status = (ARRAY['submitting', 'queued', 'running', 'storing'])[n] FROM n WHERE n.id = g.id AND n < 5;"
           " INSERT INTO slots (generation_id, user_id) SELECT id, user_id FROM generations ON CONFLICT DO NOTHING");
    sweeping_expect(&SLOT_STALE, 2, 2); /* storing; pending without a job */
    sweeping_expect_sql(
        "queued running submitting",
        "SELECT string_agg(status, ' ' ORDER BY status) FROM slots JOIN generations ON id = generation_id");
    sql_do("TRUNCATE jobs; " SWEEPING_FAIL_ALL
           "; INSERT INTO slots (generation_id, user_id) SELECT id, user_id FROM generations");
    sweeping_expect(&SLOT_STALE, 5, 5);
    sweeping_expect_sql("0", "SELECT count(*) FROM slots");
}

static void a_slot_that_waits_for_its_worker_stays(void **state)
{
    (void)state;
    sweeping_make(1);
    sql_do(SWEEPING_QUEUE_ALL "; SELECT generations_admit(5, 5)");
    sweeping_expect(&SLOT_STALE, 0, 0);
    sweeping_expect_sql("1", "SELECT count(*) FROM slots");
}

static void turns_of_what_does_not_wait_go(void **state)
{
    (void)state;
    sweeping_make(3);
    sql_do(SWEEPING_QUEUE_ALL);
    sql_do("UPDATE generations SET status = 'queued' WHERE id = (SELECT max(id::text)::uuid FROM generations)");
    sweeping_expect(&QUEUE_STALE, 1, 1);
    sweeping_expect_sql("2 2", "SELECT (SELECT count(*) FROM generation_queue) || ' ' || (SELECT waiting FROM flows)");
    sweeping_expect(&QUEUE_STALE, 0, 0);
}

static void flows_count_what_is_there(void **state)
{
    (void)state;
    sweeping_make(3);
    sql_do(SWEEPING_QUEUE_ALL);
    sweeping_expect(&FLOW_COUNT, 0, 0);
    sql_do("UPDATE flows SET waiting = 7");
    sweeping_expect(&FLOW_COUNT, 1, 1);
    sweeping_expect_sql("3", "SELECT waiting FROM flows");
    sql_do("UPDATE flows SET waiting = 0");
    sweeping_expect(&FLOW_COUNT, 1, 1);
    sweeping_expect_sql("3", "SELECT waiting FROM flows");
    sql_do("DELETE FROM flows");
    sweeping_expect(&FLOW_COUNT, 0, 0);
    sweeping_expect(&FLOW_MISSING, 3, 1); /* the first mends it for all */
    sweeping_expect_sql("3", "SELECT waiting FROM flows");
    sweeping_expect(&FLOW_MISSING, 0, 0);
    sweeping_expect(&FLOW_COUNT, 0, 0);
}

struct counting {
    struct sweep_look look;
    pthread_t thread;
    bool ok;
};

static void *count_flows(void *arg)
{
    struct counting *counting = arg;
    struct pg *pg = pg_open(getenv("DATABASE_URL"));
    struct sweep_tools own = sweeping.tools;
    struct err err;

    own.pg = pg;
    counting->ok = sweep_once(&own, &FLOW_COUNT, &counting->look, &err);
    pg_close(pg);
    return NULL;
}

/* A turn that comes while the count waits for the flow's row is not lost, and none is counted twice. */
static void counting_does_not_race_with_who_comes(void **state)
{
    struct counting counting = {0};
    struct err err;

    (void)state;
    sweeping_make(2);
    sql_do(SWEEPING_QUEUE_ALL);
    sql_do("UPDATE flows SET waiting = 9");
    sweeping_make(3);
    assert_true(pg_begin(sql_pg(), &err));
    sql_do(SWEEPING_QUEUE_ALL " ON CONFLICT DO NOTHING; DELETE FROM generation_queue WHERE generation_id ="
                              " (SELECT generation_id FROM generation_queue LIMIT 1)");
    assert_int_equal(pthread_create(&counting.thread, NULL, count_flows, &counting), 0);
    usleep(300000); /* it waits for the row now */
    assert_true(pg_commit(sql_pg(), &err));
    assert_int_equal(pthread_join(counting.thread, NULL), 0);
    assert_true(counting.ok);
    assert_int_equal(counting.look.mended, 1);
    sweeping_expect_sql("4 4", "SELECT (SELECT count(*) FROM generation_queue) || ' ' || (SELECT waiting FROM flows)");
}

static void attempts_of_what_has_ended_are_closed(void **state)
{
    (void)state;
    sweeping_make(5);
    sql_do("WITH n AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM generations)"
           " INSERT INTO submissions (generation_id, user_id, attempt, state, endpoint, seed, request_id)"
           " SELECT g.id, user_id, 1, (ARRAY['sending', 'unknown', 'accepted', 'review', 'accepted'])[n], 'e', 1,"
           " CASE WHEN n = 3 OR n = 5 THEN 'r' || n END FROM generations g JOIN n ON n.id = g.id");
    sweeping_expect(&SUBMISSION_OPEN, 0, 0);
    sql_do(SWEEPING_FAIL_ALL
           " WHERE id <> (SELECT generation_id FROM submissions WHERE request_id = 'r5');"
           " UPDATE generations SET status = 'storing' WHERE finished_at IS NULL;"
           " UPDATE generations SET status = 'completed', finished_at = now() - interval '2 minutes'"
           " WHERE finished_at IS NULL; INSERT INTO jobs (kind, ref) SELECT 'generation', id FROM generations");
    sweeping_expect(&SUBMISSION_OPEN, 0, 0); /* a job may still settle them */
    sql_do("UPDATE jobs SET state = 'dead'");
    sweeping_expect(&SUBMISSION_OPEN, 4, 4);
    sweeping_expect_sql("abandoned abandoned completed failed review",
                        "SELECT string_agg(state, ' ' ORDER BY state) FROM submissions");
    sweeping_expect(&SUBMISSION_OPEN, 0, 0);
}

static void who_has_waited_for_a_day_gets_its_credits_back(void **state)
{
    (void)state;
    sweeping_make(4);
    sql_do(SWEEPING_QUEUE_ALL
           "; UPDATE generation_queue SET queued_at = now() - interval '25 hours' WHERE generation_id IN"
           " (SELECT generation_id FROM generation_queue LIMIT 2)");
    sweeping_expect(&QUEUE_EXPIRED, 2, 2);
    sweeping_expect_sql("2 8 8 9992 2",
                        "SELECT count(*) || ' ' || held || ' ' || sum(cost) || ' ' || available || ' ' ||"
                        " unfinished FROM accounts JOIN generations g USING (user_id) WHERE status = 'pending'"
                        " GROUP BY held, available, unfinished");
    sweeping_expect_sql("queue_expired 0",
                        "SELECT DISTINCT error_code || ' ' || charged FROM generations WHERE status = 'failed'");
    sweeping_expect_sql("2 2", "SELECT (SELECT count(*) FROM generation_queue) || ' ' || (SELECT waiting FROM flows)");
    sweeping_expect_sql("2", "SELECT count(*) FROM ledger WHERE kind = 'release'");
    sweeping_expect(&QUEUE_EXPIRED, 0, 0);
    sweeping_expect(&ACCOUNT_SUMS, 0, 0);
    sweeping_expect(&LEDGER_ENDS, 0, 0);
}

/* Also those whose breaker is open, which nobody would admit; what waits elsewhere, or was sent, goes on. */
static void what_waits_for_an_endpoint_that_is_gone_gets_its_credits_back(void **state)
{
    (void)state;
    sweeping_make(4);
    sql_do("UPDATE generations SET endpoint = 'other' WHERE id IN (SELECT id FROM generations"
           " ORDER BY id LIMIT 1)");
    sql_do(SWEEPING_QUEUE_ALL);
    sql_do("DELETE FROM endpoint_states; UPDATE flows SET waiting = waiting");
    sweeping_expect(&QUEUE_GONE, 0, 0);
    sql_do("INSERT INTO endpoint_states (endpoint, state) VALUES ('e', 'deprecated')");
    sweeping_expect(&QUEUE_GONE, 0, 0);
    sql_do("UPDATE endpoint_states SET state = 'gone'");
    sweeping_expect(&QUEUE_GONE, 3, 3);
    sweeping_expect_sql("endpoint_gone 0 3", "SELECT error_code || ' ' || charged || ' ' || count(*) FROM generations"
                                             " WHERE status = 'failed' GROUP BY error_code, charged");
    sweeping_expect_sql("1 1 other",
                        "SELECT (SELECT count(*) FROM generation_queue) || ' ' || sum(waiting) || ' ' || max(endpoint)"
                        " FROM flows WHERE waiting > 0");
    sweeping_expect(&QUEUE_GONE, 0, 0);
    sweeping_expect(&ACCOUNT_SUMS, 0, 0);
    sweeping_expect(&LEDGER_ENDS, 0, 0);
    sql_do("DELETE FROM endpoint_states");
}

static void one_that_is_being_admitted_does_not_expire(void **state)
{
    struct pg *other = pg_open(getenv("DATABASE_URL"));
    int64_t began_ms;
    struct err err;

    (void)state;
    sweeping_make(1);
    sql_do(SWEEPING_QUEUE_ALL "; UPDATE generation_queue SET queued_at = now() - interval '25 hours'");
    assert_true(pg_begin(other, &err) && pg_script(other, "SELECT generations_admit(5, 5)", &err));
    began_ms = clock_monotonic_ms();
    sweeping_expect(&QUEUE_EXPIRED, 1, 0);
    assert_in_range(clock_monotonic_ms() - began_ms, 0, 1500); /* nor is it waited for */
    assert_true(pg_commit(other, &err));
    sweeping_expect(&QUEUE_EXPIRED, 0, 0);
    sweeping_expect_sql("pending", "SELECT status FROM generations");
    pg_close(other);
}

static void accounts_that_are_not_their_sums_are_reported(void **state)
{
    static const char *const WRONG[] = {
        "UPDATE accounts SET held = held + 1, available = available - 1",
        "UPDATE accounts SET spent = spent + 1, available = available - 1",
        "UPDATE accounts SET granted = granted + 1, available = available + 1",
        "UPDATE accounts SET unfinished = unfinished + 1",
    };
    struct err err;

    (void)state;
    sweeping_make(3);
    sql_do(SWEEPING_FAIL_ALL " WHERE id = (SELECT id FROM generations LIMIT 1)");
    sweeping_expect(&ACCOUNT_SUMS, 0, 0);
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++) {
        struct sweep_look result;
        assert_true(pg_begin(sql_pg(), &err));
        sql_do(WRONG[i]);
        result = sweeping_look(&ACCOUNT_SUMS);
        assert_int_equal(result.found, 1);
        assert_string_equal(result.first, sweeping.user.text);
        pg_rollback(sql_pg());
    }
    sweeping_expect(&ACCOUNT_SUMS, 0, 0);
}

static void an_end_without_its_settlement_is_reported(void **state)
{
    struct err err;

    (void)state;
    sweeping_make(3);
    sql_do(SWEEPING_FAIL_ALL " WHERE id = (SELECT id FROM generations LIMIT 1)");
    sweeping_expect(&LEDGER_ENDS, 0, 0);
    assert_true(pg_begin(sql_pg(), &err));
    sql_do("DELETE FROM ledger WHERE kind = 'release'");
    sweeping_expect(&LEDGER_ENDS, 1, 0);
    pg_rollback(sql_pg());
    assert_true(pg_begin(sql_pg(), &err));
    sql_do("INSERT INTO ledger (user_id, generation_id, kind, amount) SELECT user_id, id, 'settle', 4 FROM generations"
           " WHERE status = 'pending' LIMIT 1");
    sweeping_expect(&LEDGER_ENDS, 1, 0);
    pg_rollback(sql_pg());
    assert_true(pg_begin(sql_pg(), &err));
    sql_do("DELETE FROM ledger WHERE kind = 'reserve'"); /* of what ended then: as before there was a ledger */
    sweeping_expect(&LEDGER_ENDS, 2, 0);
    pg_rollback(sql_pg());
}

static void a_dead_job_of_an_open_generation_is_reported(void **state)
{
    (void)state;
    sweeping_make(2);
    sql_do("INSERT INTO jobs (kind, ref, state) SELECT 'generation', id, 'dead' FROM generations");
    sweeping_expect(&JOB_DEAD, 2, 0);
    sql_do(SWEEPING_FAIL_ALL " WHERE id = (SELECT id FROM generations LIMIT 1)");
    sweeping_expect(&JOB_DEAD, 1, 0);
}

static void what_is_looked_through_has_an_index(void **state)
{
    static const struct {
        const struct sweep *sweep;
        const char *index;
    } PLANS[] = {{&GENERATION_LOST, "generations_open"},
                 {&SUBMISSION_OPEN, "submissions_one_open"},
                 {&QUEUE_EXPIRED, "generation_queue_age"},
                 {&ACCOUNT_SUMS, "ledger_of_user"},
                 {&LEDGER_ENDS, "generations_pkey"}};

    (void)state;
    sweeping_make(2000);
    sql_do("INSERT INTO users (id, name) SELECT gen_random_uuid(), 'other' FROM generate_series(1, 300);"
           " SELECT account_open(id, 10) FROM users; INSERT INTO ledger (user_id, kind, amount, reason)"
           " SELECT user_id, 'grant', 0, 'more' FROM accounts, generate_series(1, 20)");
    sql_do(SWEEPING_QUEUE_ALL "; INSERT INTO submissions (generation_id, user_id, attempt, state, endpoint, seed)"
                              " SELECT id, user_id, 1, 'unknown', 'e', 1 FROM generations;"
                              " ANALYZE generations, generation_queue, submissions, accounts, ledger");
    for (size_t i = 0; i < sizeof PLANS / sizeof *PLANS; i++) {
        struct query q = query_read(PLANS[i].sweep->find);
        const char *plan;
        query_add_text(&q, "");
        query_add_int64(&q, 10);
        plan = sql_plan(q);
        if (!strstr(plan, PLANS[i].index))
            fail_msg("%s does not use %s:\n%s", PLANS[i].sweep->name, PLANS[i].index, plan);
    }
}

#define TEST(name) cmocka_unit_test_setup(name, sweeping_set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_pending_generation_without_a_turn_gets_one),
        TEST(one_that_was_sent_gets_a_job),
        TEST(what_is_new_ended_or_in_somebodys_hands_is_left_alone),
        TEST(slots_that_nobody_needs_are_freed),
        TEST(a_slot_that_waits_for_its_worker_stays),
        TEST(turns_of_what_does_not_wait_go),
        TEST(flows_count_what_is_there),
        TEST(counting_does_not_race_with_who_comes),
        TEST(attempts_of_what_has_ended_are_closed),
        TEST(who_has_waited_for_a_day_gets_its_credits_back),
        TEST(what_waits_for_an_endpoint_that_is_gone_gets_its_credits_back),
        TEST(one_that_is_being_admitted_does_not_expire),
        TEST(accounts_that_are_not_their_sums_are_reported),
        TEST(an_end_without_its_settlement_is_reported),
        TEST(a_dead_job_of_an_open_generation_is_reported),
        TEST(what_is_looked_through_has_an_index),
    };

    return cmocka_run_group_tests(tests, sql_open, sql_close);
}
