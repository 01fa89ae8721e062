/* Orphans between generations, turns, slots, jobs, attempts and credits: made by hand, swept, and looked at. */
#include "generations/generation_sweeps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>
#include <unistd.h>

#include "base/log.h"
#include "support/sql.h"

static struct leader leader;
static atomic_bool stop;
static struct sweep_tools tools;
static struct uuid user;

static int set_up(void **state)
{
    (void)state;
    log_set_level((enum log_level)(LOG_ERROR + 1));
    sql_do("SET client_min_messages = warning; TRUNCATE users, generations, generation_queue, flows, slots, jobs, "
           "submissions, accounts, ledger, sweeps,"
           " leaders CASCADE; UPDATE admission SET vnow = 0");
    user = sql_user("sweeps");
    sql_do("DELETE FROM accounts; SELECT account_open(id, 10000) FROM users;"
           " INSERT INTO avatars (id, user_id, name, gender, training_type, status, lora_url)"
           " SELECT gen_random_uuid(), id, 'A', 'male', 'portrait', 'completed', 'x' FROM users");
    leader = leader_make("sweeper");
    tools = (struct sweep_tools){.pg = sql_pg(), .leader = &leader, .stop = &stop};
    return 0;
}

/* So many generations, pending, with neither turn nor job, made ten minutes ago. */
static void make(int count)
{
    char sql[600];

    (void)snprintf(
        sql, sizeof sql,
        "INSERT INTO generations (id, user_id, avatar_id, prompt, final_prompt, preset, endpoint, num_images,"
        " parameters, input, cost, expected_seconds, created_at) SELECT gen_random_uuid(), user_id, id, 'p',"
        " 'p', 'fast', 'e', 1, '{}', '{}', 4, 20, now() - interval '10 minutes'"
        " FROM avatars, generate_series(1, %d)",
        count);
    sql_do(sql);
}

#define QUEUE_ALL                                                                                                      \
    "INSERT INTO generation_queue (generation_id, user_id, lane, endpoint, cost)"                                      \
    " SELECT id, user_id, lane, endpoint, cost FROM generations"
#define FAIL_ALL                                                                                                       \
    "UPDATE generations SET status = 'failed', error_code = 'x', finished_at = now() - interval '5 minutes'"

static struct sweep_look look(const struct sweep *sweep)
{
    struct sweep_look result;
    struct err err = {0};

    if (!sweep_once(&tools, sweep, &result, &err))
        fail_msg("%s: %s: %s", sweep->name, err.code, err.detail);
    return result;
}

static void expect(const struct sweep *sweep, int found, int mended)
{
    struct sweep_look result = look(sweep);

    if (result.found != found || result.mended != mended)
        fail_msg("%s found %lld and mended %lld, not %d and %d", sweep->name, (long long)result.found,
                 (long long)result.mended, found, mended);
}

static void expect_sql(const char *expected, const char *sql) { assert_string_equal(sql_value("%s", sql), expected); }

static void a_pending_generation_without_a_turn_gets_one(void **state)
{
    (void)state;
    make(2);
    sql_do("INSERT INTO jobs (kind, ref) SELECT 'generation', id FROM generations LIMIT 1");
    expect(&GENERATION_LOST, 1, 1);
    expect_sql("1 1", "SELECT (SELECT count(*) FROM generation_queue) || ' ' || (SELECT waiting FROM flows)");
    expect_sql("1", "SELECT generations_admit(5, 5)");
    expect(&GENERATION_LOST, 0, 0);
}

static void one_that_was_sent_gets_a_job(void **state)
{
    (void)state;
    make(4);
    sql_do("WITH n AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM generations) UPDATE generations g SET"
           " status = (ARRAY['submitting', 'queued', 'running', 'storing'])[n] FROM n WHERE n.id = g.id");
    expect(&GENERATION_LOST, 4, 4);
    expect_sql("4", "SELECT count(*) FROM jobs j JOIN generations g ON g.id = j.ref WHERE kind = 'generation'");
    expect_sql("0", "SELECT count(*) FROM generation_queue");
    expect(&GENERATION_LOST, 0, 0);
}

static void what_is_new_ended_or_in_somebodys_hands_is_left_alone(void **state)
{
    struct pg *other = pg_open(getenv("DATABASE_URL"));
    struct err err;

    (void)state;
    make(1);
    sql_do("UPDATE generations SET created_at = now() - interval '30 seconds'");
    expect(&GENERATION_LOST, 0, 0);
    sql_do("UPDATE generations SET created_at = now() - interval '2 minutes'");
    assert_true(pg_begin(other, &err) && pg_script(other, "SELECT FROM generations FOR UPDATE", &err));
    expect(&GENERATION_LOST, 1, 0); /* and it does not wait for it */
    pg_rollback(other);
    sql_do(FAIL_ALL);
    expect(&GENERATION_LOST, 0, 0);
    pg_close(other);
}

static void slots_that_nobody_needs_are_freed(void **state)
{
    (void)state;
    make(5);
    sql_do("WITH n AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM generations) UPDATE generations g SET"
           " status = (ARRAY['submitting', 'queued', 'running', 'storing'])[n] FROM n WHERE n.id = g.id AND n < 5;"
           " INSERT INTO slots (generation_id, user_id) SELECT id, user_id FROM generations ON CONFLICT DO NOTHING");
    expect(&SLOT_STALE, 2, 2); /* storing; pending without a job */
    expect_sql("queued running submitting",
               "SELECT string_agg(status, ' ' ORDER BY status) FROM slots JOIN generations ON id = generation_id");
    sql_do("TRUNCATE jobs; " FAIL_ALL
           "; INSERT INTO slots (generation_id, user_id) SELECT id, user_id FROM generations");
    expect(&SLOT_STALE, 5, 5);
    expect_sql("0", "SELECT count(*) FROM slots");
}

static void a_slot_that_waits_for_its_worker_stays(void **state)
{
    (void)state;
    make(1);
    sql_do(QUEUE_ALL "; SELECT generations_admit(5, 5)");
    expect(&SLOT_STALE, 0, 0);
    expect_sql("1", "SELECT count(*) FROM slots");
}

static void turns_of_what_does_not_wait_go(void **state)
{
    (void)state;
    make(3);
    sql_do(QUEUE_ALL);
    sql_do("UPDATE generations SET status = 'queued' WHERE id = (SELECT max(id::text)::uuid FROM generations)");
    expect(&QUEUE_STALE, 1, 1);
    expect_sql("2 2", "SELECT (SELECT count(*) FROM generation_queue) || ' ' || (SELECT waiting FROM flows)");
    expect(&QUEUE_STALE, 0, 0);
}

static void flows_count_what_is_there(void **state)
{
    (void)state;
    make(3);
    sql_do(QUEUE_ALL);
    expect(&FLOW_COUNT, 0, 0);
    sql_do("UPDATE flows SET waiting = 7");
    expect(&FLOW_COUNT, 1, 1);
    expect_sql("3", "SELECT waiting FROM flows");
    sql_do("UPDATE flows SET waiting = 0");
    expect(&FLOW_COUNT, 1, 1);
    expect_sql("3", "SELECT waiting FROM flows");
    sql_do("DELETE FROM flows");
    expect(&FLOW_COUNT, 0, 0);
    expect(&FLOW_MISSING, 3, 1); /* the first mends it for all */
    expect_sql("3", "SELECT waiting FROM flows");
    expect(&FLOW_MISSING, 0, 0);
    expect(&FLOW_COUNT, 0, 0);
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
    struct sweep_tools own = tools;
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
    make(2);
    sql_do(QUEUE_ALL);
    sql_do("UPDATE flows SET waiting = 9");
    make(3);
    assert_true(pg_begin(sql_pg(), &err));
    sql_do(QUEUE_ALL " ON CONFLICT DO NOTHING; DELETE FROM generation_queue WHERE generation_id ="
                     " (SELECT generation_id FROM generation_queue LIMIT 1)");
    assert_int_equal(pthread_create(&counting.thread, NULL, count_flows, &counting), 0);
    usleep(300000); /* it waits for the row now */
    assert_true(pg_commit(sql_pg(), &err));
    assert_int_equal(pthread_join(counting.thread, NULL), 0);
    assert_true(counting.ok);
    assert_int_equal(counting.look.mended, 1);
    expect_sql("4 4", "SELECT (SELECT count(*) FROM generation_queue) || ' ' || (SELECT waiting FROM flows)");
}

static void attempts_of_what_has_ended_are_closed(void **state)
{
    (void)state;
    make(5);
    sql_do("WITH n AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM generations)"
           " INSERT INTO submissions (generation_id, user_id, attempt, state, endpoint, seed, request_id)"
           " SELECT g.id, user_id, 1, (ARRAY['sending', 'unknown', 'accepted', 'review', 'accepted'])[n], 'e', 1,"
           " CASE WHEN n = 3 OR n = 5 THEN 'r' || n END FROM generations g JOIN n ON n.id = g.id");
    expect(&SUBMISSION_OPEN, 0, 0);
    sql_do(FAIL_ALL
           " WHERE id <> (SELECT generation_id FROM submissions WHERE request_id = 'r5');"
           " UPDATE generations SET status = 'storing' WHERE finished_at IS NULL;"
           " UPDATE generations SET status = 'completed', finished_at = now() - interval '2 minutes'"
           " WHERE finished_at IS NULL; INSERT INTO jobs (kind, ref) SELECT 'generation', id FROM generations");
    expect(&SUBMISSION_OPEN, 0, 0); /* a job may still settle them */
    sql_do("UPDATE jobs SET state = 'dead'");
    expect(&SUBMISSION_OPEN, 4, 4);
    expect_sql("abandoned abandoned completed failed review",
               "SELECT string_agg(state, ' ' ORDER BY state) FROM submissions");
    expect(&SUBMISSION_OPEN, 0, 0);
}

static void who_has_waited_for_a_day_gets_its_credits_back(void **state)
{
    (void)state;
    make(4);
    sql_do(QUEUE_ALL "; UPDATE generation_queue SET queued_at = now() - interval '25 hours' WHERE generation_id IN"
                     " (SELECT generation_id FROM generation_queue LIMIT 2)");
    expect(&QUEUE_EXPIRED, 2, 2);
    expect_sql("2 8 8 9992 2", "SELECT count(*) || ' ' || held || ' ' || sum(cost) || ' ' || available || ' ' ||"
                               " unfinished FROM accounts JOIN generations g USING (user_id) WHERE status = 'pending'"
                               " GROUP BY held, available, unfinished");
    expect_sql("queue_expired 0",
               "SELECT DISTINCT error_code || ' ' || charged FROM generations WHERE status = 'failed'");
    expect_sql("2 2", "SELECT (SELECT count(*) FROM generation_queue) || ' ' || (SELECT waiting FROM flows)");
    expect_sql("2", "SELECT count(*) FROM ledger WHERE kind = 'release'");
    expect(&QUEUE_EXPIRED, 0, 0);
    expect(&ACCOUNT_SUMS, 0, 0);
    expect(&LEDGER_ENDS, 0, 0);
}

static void one_that_is_being_admitted_does_not_expire(void **state)
{
    struct pg *other = pg_open(getenv("DATABASE_URL"));
    struct err err;

    (void)state;
    make(1);
    sql_do(QUEUE_ALL "; UPDATE generation_queue SET queued_at = now() - interval '25 hours'");
    assert_true(pg_begin(other, &err) && pg_script(other, "SELECT generations_admit(5, 5)", &err));
    expect(&QUEUE_EXPIRED, 1, 0);
    assert_true(pg_commit(other, &err));
    expect(&QUEUE_EXPIRED, 0, 0);
    expect_sql("pending", "SELECT status FROM generations");
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
    make(3);
    sql_do(FAIL_ALL " WHERE id = (SELECT id FROM generations LIMIT 1)");
    expect(&ACCOUNT_SUMS, 0, 0);
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++) {
        struct sweep_look result;
        assert_true(pg_begin(sql_pg(), &err));
        sql_do(WRONG[i]);
        result = look(&ACCOUNT_SUMS);
        assert_int_equal(result.found, 1);
        assert_string_equal(result.first, user.text);
        pg_rollback(sql_pg());
    }
    expect(&ACCOUNT_SUMS, 0, 0);
}

static void an_end_without_its_settlement_is_reported(void **state)
{
    struct err err;

    (void)state;
    make(3);
    sql_do(FAIL_ALL " WHERE id = (SELECT id FROM generations LIMIT 1)");
    expect(&LEDGER_ENDS, 0, 0);
    assert_true(pg_begin(sql_pg(), &err));
    sql_do("DELETE FROM ledger WHERE kind = 'release'");
    expect(&LEDGER_ENDS, 1, 0);
    pg_rollback(sql_pg());
    assert_true(pg_begin(sql_pg(), &err));
    sql_do("INSERT INTO ledger (user_id, generation_id, kind, amount) SELECT user_id, id, 'settle', 4 FROM generations"
           " WHERE status = 'pending' LIMIT 1");
    expect(&LEDGER_ENDS, 1, 0);
    pg_rollback(sql_pg());
    assert_true(pg_begin(sql_pg(), &err));
    sql_do("DELETE FROM ledger WHERE kind = 'reserve'"); /* of what ended then: as before there was a ledger */
    expect(&LEDGER_ENDS, 2, 0);
    pg_rollback(sql_pg());
}

static void a_dead_job_of_an_open_generation_is_reported(void **state)
{
    (void)state;
    make(2);
    sql_do("INSERT INTO jobs (kind, ref, state) SELECT 'generation', id, 'dead' FROM generations");
    expect(&JOB_DEAD, 2, 0);
    sql_do(FAIL_ALL " WHERE id = (SELECT id FROM generations LIMIT 1)");
    expect(&JOB_DEAD, 1, 0);
}

/* Pages */

static void every_page_goes_on_behind_what_could_not_be_mended(void **state)
{
    struct sweep by_two = GENERATION_LOST;
    struct pg *other = pg_open(getenv("DATABASE_URL"));
    struct err err;

    (void)state;
    by_two.limit = 2;
    make(5);
    assert_true(pg_begin(other, &err) && pg_script(other, "SELECT FROM generations FOR UPDATE", &err));
    expect(&by_two, 2, 0);
    expect(&by_two, 2, 0);
    expect(&by_two, 1, 0);
    expect_sql("5 0 ", "SELECT found || ' ' || mended || ' ' || place FROM sweeps");
    pg_rollback(other);
    expect(&by_two, 2, 2);
    expect_sql(
        "t", "SELECT place <> '' AND last_found > now() - interval '1 minute' AND looked_at = last_found FROM sweeps");
    expect(&by_two, 2, 2);
    expect(&by_two, 1, 1);
    expect(&by_two, 0, 0);
    expect_sql("10 5", "SELECT found || ' ' || mended FROM sweeps");
    pg_close(other);
}

static void every_kind_of_place_is_understood(void **state)
{
    static const struct sweep *const ALL[] = {&GENERATION_LOST, &SLOT_STALE,      &QUEUE_STALE,   &FLOW_MISSING,
                                              &FLOW_COUNT,      &SUBMISSION_OPEN, &QUEUE_EXPIRED, &ACCOUNT_SUMS,
                                              &LEDGER_ENDS,     &JOB_DEAD};

    (void)state;
    make(3);
    sql_do(QUEUE_ALL "; UPDATE generation_queue SET queued_at = now() - interval '25 hours', lane = 0;"
                     " INSERT INTO slots (generation_id, user_id) SELECT id, user_id FROM generations;"
                     " INSERT INTO jobs (kind, ref, state) SELECT 'generation', id, 'dead' FROM generations;"
                     " INSERT INTO submissions (generation_id, user_id, attempt, state, endpoint, seed)"
                     " SELECT id, user_id, 1, 'unknown', 'e', 1 FROM generations");
    for (size_t i = 0; i < sizeof ALL / sizeof *ALL; i++) {
        struct sweep one = *ALL[i];
        int looks = 1;
        one.limit = 1;
        one.mend = NULL;
        while (look(&one).place[0] && looks < 10)
            looks++;
        assert_in_range(looks, 2, 4); /* to the end, and no further */
    }
}

static void a_statement_that_fails_is_passed_over(void **state)
{
    struct sweep broken = GENERATION_LOST;

    (void)state;
    broken.mend = "WITH " SWEEP_LOCK " SELECT 1 / 0 WHERE $3::text <> '' AND " SWEEP_LEADS;
    make(2);
    expect(&broken, 2, 0);
    expect_sql("", "SELECT place FROM sweeps");
    make(3);
    expect(&broken, 3, 0); /* when nothing goes, the rest waits for the next look */
    expect_sql("t", "SELECT place <> '' FROM sweeps");
    expect(&broken, 2, 0);
}

/* The lead */

static void who_does_not_lead_changes_nothing(void **state)
{
    struct leader other = leader_make("sweeper");
    struct sweep_look result;
    struct err err = {0};

    (void)state;
    make(1);
    assert_true(leader_keep(&other, sql_pg(), &err));
    assert_false(sweep_once(&tools, &GENERATION_LOST, &result, &err));
    assert_string_equal(err.code, "not_leading");
    expect_sql("0 0", "SELECT (SELECT count(*) FROM generation_queue) || ' ' || (SELECT count(*) FROM sweeps)");
}

/* It led, slept, and does not know that another leads: each of its statements finds that out. */
static void a_leader_that_wakes_does_no_harm(void **state)
{
    static const struct sweep *const MENDING[] = {&GENERATION_LOST, &SLOT_STALE,      &QUEUE_STALE,  &FLOW_MISSING,
                                                  &FLOW_COUNT,      &SUBMISSION_OPEN, &QUEUE_EXPIRED};
    struct leader other = leader_make("sweeper");
    struct err err = {0};

    (void)state;
    make(7);
    sql_do("WITH n AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM generations) UPDATE generations g SET"
           " status = 'queued' FROM n WHERE n.id = g.id AND n <= 2; " QUEUE_ALL ";"
           " INSERT INTO submissions (generation_id, user_id, attempt, state, endpoint, seed)"
           " SELECT id, user_id, 1, 'unknown', 'e', 1 FROM generations;"
           " UPDATE generation_queue SET queued_at = now() - interval '25 hours';"
           " DELETE FROM generation_queue WHERE generation_id IN (SELECT id FROM generations WHERE status = 'pending'"
           " LIMIT 2); INSERT INTO slots (generation_id, user_id) SELECT id, user_id FROM generations"
           " ON CONFLICT DO NOTHING; UPDATE flows SET waiting = waiting + 3");
    assert_true(leader_keep(&leader, sql_pg(), &err));
    sql_do("UPDATE leaders SET until = now() - interval '1 second'");
    assert_true(leader_keep(&other, sql_pg(), &err));
    for (size_t i = 0; i < sizeof MENDING / sizeof *MENDING; i++) {
        struct sweep_look result;
        leader.epoch = 1; /* what it still believes */
        assert_false(sweep_once(&tools, MENDING[i], &result, &err));
        assert_int_equal(result.mended, 0);
        if (MENDING[i] != &FLOW_MISSING && MENDING[i] != &SUBMISSION_OPEN)
            assert_true(result.found > 0);
    }
    expect_sql("5 8 7 0 0",
               "SELECT (SELECT count(*) FROM generation_queue) || ' ' || (SELECT waiting FROM flows) || ' ' ||"
               " (SELECT count(*) FROM slots) || ' ' || (SELECT count(*) FROM jobs) || ' ' ||"
               " (SELECT count(*) FROM generations WHERE status = 'failed')");
}

static void stops_when_it_is_told_to(void **state)
{
    struct sweep_look result;
    struct err err = {0};

    (void)state;
    atomic_store(&stop, true);
    assert_false(sweep_once(&tools, &GENERATION_LOST, &result, &err));
    assert_string_equal(err.code, "stopping");
    atomic_store(&stop, false);
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
    expect(&OLD, 7, 7);
    expect_sql("1", "SELECT count(*) FROM probe");
    expect_sql("7 7", "SELECT found || ' ' || mended FROM sweeps WHERE name = 'old_probe'");
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
    make(2000);
    sql_do("INSERT INTO users (id, name) SELECT gen_random_uuid(), 'other' FROM generate_series(1, 300);"
           " SELECT account_open(id, 10) FROM users; INSERT INTO ledger (user_id, kind, amount, reason)"
           " SELECT user_id, 'grant', 0, 'more' FROM accounts, generate_series(1, 20)");
    sql_do(QUEUE_ALL "; INSERT INTO submissions (generation_id, user_id, attempt, state, endpoint, seed)"
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

#define TEST(name) cmocka_unit_test_setup(name, set_up)

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
        TEST(one_that_is_being_admitted_does_not_expire),
        TEST(accounts_that_are_not_their_sums_are_reported),
        TEST(an_end_without_its_settlement_is_reported),
        TEST(a_dead_job_of_an_open_generation_is_reported),
        TEST(every_page_goes_on_behind_what_could_not_be_mended),
        TEST(every_kind_of_place_is_understood),
        TEST(a_statement_that_fails_is_passed_over),
        TEST(who_does_not_lead_changes_nothing),
        TEST(a_leader_that_wakes_does_no_harm),
        TEST(stops_when_it_is_told_to),
        TEST(old_rows_are_dropped_until_there_are_none),
        TEST(what_is_looked_through_has_an_index),
    };

    return cmocka_run_group_tests(tests, sql_open, sql_close);
}
