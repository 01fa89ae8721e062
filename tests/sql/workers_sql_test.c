/* The worker threads with jobs of their own kind: what a step says is what happens to its job. */
#include "jobs/workers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "events/event_bell.h"
#include "image/image.h"
#include "jobs/bell.h"
#include "support/sql.h"

enum { JOBS = 100, PATIENCE_MS = 15000, STOP_MS = 2000 };

static struct bench {
    struct config config;
    struct workers *workers;
    struct jobs_bell *bell;
    struct event_bell *event_bell;
    char folder[64];
    atomic_int runs, failures, given_up, at_once, most_at_once;
    atomic_bool hold;
} bench;

static void enter(void)
{
    int now = atomic_fetch_add(&bench.at_once, 1) + 1, most = atomic_load(&bench.most_at_once);

    while (now > most && !atomic_compare_exchange_weak(&bench.most_at_once, &most, now))
        ;
}

/* Twice, then done; a little work in between so that threads meet. */
static bool step_twice(const struct job_tools *tools, const struct job *job, struct job_next *ret, struct err *reterr)
{
    struct query q = query_write("INSERT INTO probe (job, epoch) VALUES ($1, $2)");
    bool ok;

    enter();
    query_add_int64(&q, job->id);
    query_add_int64(&q, job->epoch);
    ok = pg_do(tools->pg, &q, reterr);
    usleep(2000);
    ret->done = job->epoch >= 2;
    atomic_fetch_add(&bench.runs, 1);
    atomic_fetch_sub(&bench.at_once, 1);
    return ok;
}

static bool step_fails(const struct job_tools *tools, const struct job *job, struct job_next *ret, struct err *reterr)
{
    struct err ignored;

    (void)job;
    (void)ret;
    atomic_fetch_add(&bench.failures, 1);
    (void)pg_begin(tools->pg, &ignored); /* left open: the runner rolls it back */
    return err_set(reterr, ERR_UPSTREAM, "probe_failed", "for the %dth time", atomic_load(&bench.failures));
}

/* In words that were cut inside a letter, as a server's own may be. */
static bool step_babbles(const struct job_tools *tools, const struct job *job, struct job_next *ret, struct err *reterr)
{
    (void)tools;
    (void)job;
    (void)ret;
    atomic_fetch_add(&bench.failures, 1);
    return err_set(reterr, ERR_UPSTREAM, "probe_failed", "\xd1\x81\xd0");
}

static bool give_up(const struct job_tools *tools, const struct job *job, const struct err *why, struct err *reterr)
{
    (void)tools;
    (void)job;
    (void)reterr;
    atomic_fetch_add(&bench.given_up, strcmp(why->code, "probe_failed") == 0);
    return true;
}

static bool step_holds(const struct job_tools *tools, const struct job *job, struct job_next *ret, struct err *reterr)
{
    atomic_fetch_add(&bench.runs, 1);
    while (atomic_load(&bench.hold) && !atomic_load(tools->stop))
        usleep(2000);
    ret->delay_ms = 60000;
    ret->done = job->epoch >= 2;
    return !atomic_load(tools->stop) || err_set(reterr, ERR_UPSTREAM, "fetch_stopped", "the process stops");
}

/* First only what it works on was changed; then somebody else claims the job, too. */
static bool step_is_lost(const struct job_tools *tools, const struct job *job, struct job_next *ret, struct err *reterr)
{
    struct query q = query_write("UPDATE jobs SET epoch = epoch + 1 WHERE id = $1");

    (void)ret;
    query_add_int64(&q, job->id);
    if (job->epoch == 2 && !pg_do(tools->pg, &q, reterr))
        return false;
    atomic_fetch_add(&bench.runs, 1);
    return err_set(reterr, ERR_CONFLICT, "job_lost", "somebody else was faster");
}

/* Hands its job on to a later time by itself. */
static bool step_parks(const struct job_tools *tools, const struct job *job, struct job_next *ret, struct err *reterr)
{
    struct query q = query_write("UPDATE jobs SET state = 'ready', worker_id = NULL, run_at = now() + interval '1 hour'"
                                 " WHERE id = $1");

    query_add_int64(&q, job->id);
    ret->parked = true;
    atomic_fetch_add(&bench.runs, 1);
    return pg_do(tools->pg, &q, reterr);
}

static bool step_frees(const struct job_tools *tools, const struct job *job, struct job_next *ret, struct err *reterr)
{
    (void)tools;
    (void)job;
    (void)reterr;
    ret->done = ret->freed = true;
    atomic_fetch_add(&bench.runs, 1);
    return true;
}

/* While it ends, somebody has news for it. */
static bool step_is_called(const struct job_tools *tools, const struct job *job, struct job_next *ret,
                           struct err *reterr)
{
    struct query q = query_write("UPDATE jobs SET signals = signals + 1 WHERE id = $1 AND epoch = 1");

    query_add_int64(&q, job->id);
    ret->done = true;
    atomic_fetch_add(&bench.runs, 1);
    return pg_do(tools->pg, &q, reterr);
}

static bool give_up_fails(const struct job_tools *tools, const struct job *job, const struct err *why,
                          struct err *reterr)
{
    (void)tools;
    (void)job;
    (void)why;
    atomic_fetch_add(&bench.given_up, 1);
    return err_set(reterr, ERR_UPSTREAM, "probe_failed", "not even that");
}

/* There is room for one: of those that wait, one becomes a job. */
static struct query admit_one(const struct config *config)
{
    (void)config;
    return query_write("WITH next AS (DELETE FROM probe WHERE ctid = (SELECT ctid FROM probe WHERE job = -2 AND NOT"
                       " EXISTS (SELECT FROM jobs) LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING 1),"
                       " made AS (INSERT INTO jobs (kind, ref) SELECT 'frees', gen_random_uuid() FROM next"
                       " RETURNING 1) SELECT count(*) FROM made");
}

static const struct job_kind KINDS[] = {
    {"twice", step_twice, 3, give_up},          {"fails", step_fails, 2, give_up},
    {"babbles", step_babbles, 2, give_up},      {"holds", step_holds, 3, give_up},
    {"lost", step_is_lost, 3, give_up},         {"parks", step_parks, 3, give_up},
    {"frees", step_frees, 3, give_up},          {"called", step_is_called, 3, give_up},
    {"stubborn", step_fails, 2, give_up_fails}, {0},
};

static int set_up(void **state)
{
    static char secret[] = "0123456789abcdef0123456789abcdef";

    (void)state;
    log_set_level((enum log_level)(LOG_ERROR + 1));
    sql_do("DROP TABLE IF EXISTS probe; CREATE TABLE probe (job bigint, epoch int); TRUNCATE jobs, workers");
    memset(&bench, 0, sizeof bench);
    (void)snprintf(bench.folder, sizeof bench.folder, "/tmp/aisha-workers-XXXXXX");
    if (!mkdtemp(bench.folder))
        return -1;
    bench.config = (struct config){
        .database_url = getenv("DATABASE_URL"), .secret_key = secret, .objects_dir = bench.folder, .workers = 4};
    bench.bell = bell_open();
    bench.event_bell = event_bell_open();
    return 0;
}

static void start_with(struct query (*admit)(const struct config *))
{
    const struct workers_config config = {
        .config = &bench.config, .kinds = KINDS, .bell = bench.bell, .event_bell = bench.event_bell, .admit = admit};
    struct err err = {0};

    if (!(bench.workers = workers_start(&config, &err)))
        fail_msg("%s: %s", err.code, err.detail);
}

static void start(void) { start_with(NULL); }

static void stop(void)
{
    workers_stop(bench.workers, STOP_MS);
    bench.workers = NULL;
}

static int tear_down(void **state)
{
    (void)state;
    if (bench.workers)
        stop();
    bell_close(bench.bell);
    event_bell_close(bench.event_bell);
    (void)rmdir(bench.folder);
    return 0;
}

static void add_jobs(const char *kind, int count)
{
    for (int i = 0; i < count; i++) {
        struct query q = query_write("INSERT INTO jobs (kind, ref) VALUES ($1, $2)");
        query_add_text(&q, kind);
        query_add_uuid(&q, uuid_make());
        PQclear(sql_rows(q));
    }
    bell_ring(bench.bell);
}

static void await_value(const char *sql, const char *expected)
{
    int64_t until = clock_monotonic_ms() + PATIENCE_MS;

    while (strcmp(sql_value("%s", sql), expected) != 0 && clock_monotonic_ms() < until)
        usleep(10000);
    assert_string_equal(sql_value("%s", sql), expected);
}

static void await_count(const atomic_int *counter, int expected)
{
    int64_t until = clock_monotonic_ms() + PATIENCE_MS;

    while (atomic_load(counter) < expected && clock_monotonic_ms() < until)
        usleep(5000);
    assert_int_equal(atomic_load(counter), expected);
}

static void every_job_runs_each_of_its_steps_once(void **state)
{
    (void)state;
    start();
    add_jobs("twice", JOBS);
    add_jobs("of another program", 1);
    await_value("SELECT count(*) FROM jobs WHERE kind = 'twice'", "0");
    stop();
    assert_int_equal(atomic_load(&bench.runs), 2 * JOBS);
    assert_in_range(atomic_load(&bench.most_at_once), 2, 4);
    assert_string_equal(sql_value("SELECT count(*) || ' ' || count(DISTINCT (job, epoch)) FROM probe"), "200 200");
    assert_string_equal(sql_value("SELECT kind || ' ' || state FROM jobs"), "of another program ready");
    assert_string_equal(sql_value("SELECT count(*) FROM workers"), "0");
}

static void gives_up_after_as_many_failures_as_the_kind_allows(void **state)
{
    (void)state;
    start();
    add_jobs("fails", 1);
    await_value("SELECT state || ' ' || attempts FROM jobs", "ready 1");
    assert_string_equal(sql_value("SELECT run_at > now() FROM jobs"), "t");
    sql_do("UPDATE jobs SET run_at = now()");
    await_value("SELECT state || ' ' || attempts || ' ' || last_error FROM jobs",
                "dead 1 probe_failed: for the 2th time");
    stop();
    assert_int_equal(atomic_load(&bench.failures), 2);
    assert_int_equal(atomic_load(&bench.given_up), 1);
}

/* A job as others have left it. */
static void plant(const char *kind, int attempts, int crashes)
{
    struct query q = query_write("INSERT INTO jobs (kind, ref, attempts, crashes, last_error)"
                                 " VALUES ($1, gen_random_uuid(), $2, $3, 'probe_failed: as before')");

    query_add_text(&q, kind);
    query_add_int64(&q, attempts);
    query_add_int64(&q, crashes);
    PQclear(sql_rows(q));
    bell_ring(bench.bell);
}

static void who_kills_its_workers_is_not_run_again(void **state)
{
    (void)state;
    start();
    plant("twice", 0, 20);
    await_value("SELECT state || ' ' || last_error FROM jobs", "dead crashes: 20 workers in a row died with it");
    plant("fails", 2, 0); /* it could not be given up the last time */
    await_value("SELECT state || ' ' || last_error FROM jobs WHERE kind = 'fails'", "dead probe_failed: as before");
    plant("twice", 0, 19);
    await_value("SELECT count(*) FROM jobs WHERE kind = 'twice' AND state <> 'dead'", "0");
    stop();
    assert_int_equal(atomic_load(&bench.runs), 2);
    assert_int_equal(atomic_load(&bench.failures), 0);
    assert_int_equal(atomic_load(&bench.given_up), 1); /* the one whose code was kept */
}

static void who_cannot_be_given_up_is_not_run_for_that(void **state)
{
    (void)state;
    start();
    plant("stubborn", 2, 0);
    await_value("SELECT state || ' ' || attempts || ' ' || (run_at > now()) FROM jobs", "ready 3 true");
    sql_do("UPDATE jobs SET crashes = 25, run_at = now()"); /* and now it has killed those who gave it up */
    bell_ring(bench.bell);
    await_value("SELECT state FROM jobs", "dead");
    stop();
    assert_int_equal(atomic_load(&bench.given_up), 1);
    assert_int_equal(atomic_load(&bench.failures), 0);
}

static void nothing_is_written_after_a_step_that_has_handed_its_job_on(void **state)
{
    (void)state;
    start();
    add_jobs("parks", 1);
    await_count(&bench.runs, 1);
    usleep(300000);
    assert_string_equal(sql_value("SELECT state || ' ' || (run_at > now()) FROM jobs"), "ready true");
    stop();
    assert_int_equal(atomic_load(&bench.runs), 1);
}

static void who_is_called_while_it_ends_runs_once_more(void **state)
{
    (void)state;
    start();
    add_jobs("called", 1);
    await_count(&bench.runs, 2);
    await_value("SELECT count(*) FROM jobs", "0");
    stop();
    assert_int_equal(atomic_load(&bench.runs), 2);
}

static void who_has_freed_room_lets_the_next_one_in(void **state)
{
    int64_t began;

    (void)state;
    sql_do("INSERT INTO probe SELECT -2, 0 FROM generate_series(1, 40)");
    start_with(admit_one);
    began = clock_monotonic_ms();
    await_count(&bench.runs, 40);
    assert_in_range(clock_monotonic_ms() - began, 0, 8000); /* 20 s when each waited for somebody idle */
    sql_do("INSERT INTO probe VALUES (-2, 0)");
    await_count(&bench.runs, 41); /* nobody rang */
    stop();
}

static void words_that_are_no_text_do_not_hold_a_worker(void **state)
{
    (void)state;
    start();
    add_jobs("babbles", 1);
    await_value("SELECT state || ' ' || attempts FROM jobs", "ready 1");
    sql_do("UPDATE jobs SET run_at = now()");
    await_value("SELECT state || ' ' || attempts FROM jobs", "dead 1");
    assert_string_equal(sql_value("SELECT last_error FROM jobs"), "probe_failed: ???");
}

static void a_signal_during_a_run_brings_it_back_at_once(void **state)
{
    (void)state;
    atomic_store(&bench.hold, true);
    start();
    add_jobs("holds", 1);
    await_count(&bench.runs, 1);
    sql_do("UPDATE jobs SET signals = signals + 1");
    atomic_store(&bench.hold, false);
    await_value("SELECT count(*) FROM jobs", "0"); /* else it would rest for a minute */
    stop();
    assert_int_equal(atomic_load(&bench.runs), 2);
}

static void a_lost_step_is_repeated_while_the_job_is_held(void **state)
{
    (void)state;
    start();
    add_jobs("lost", 1);
    await_count(&bench.runs, 2);
    usleep(300000);
    assert_string_equal(sql_value("SELECT state || ' ' || attempts || ' ' || epoch FROM jobs"), "leased 0 3");
    assert_int_equal(atomic_load(&bench.runs), 2);
    stop();
}

static void stopping_cuts_short_what_does_not_end_and_gives_it_back(void **state)
{
    int64_t began;

    (void)state;
    atomic_store(&bench.hold, true);
    start();
    add_jobs("holds", 2);
    await_count(&bench.runs, 2);
    began = clock_monotonic_ms();
    stop();
    assert_in_range(clock_monotonic_ms() - began, 500, STOP_MS + 3000);
    assert_string_equal(sql_value("SELECT count(*) || ' ' || max(attempts) FROM jobs WHERE state = 'ready'"), "2 0");
}

static void what_a_dead_process_held_is_taken_over(void **state)
{
    (void)state;
    sql_do("INSERT INTO workers (id, beat_at) OVERRIDING SYSTEM VALUE VALUES (999999, now() - interval '1 minute');"
           " INSERT INTO jobs (kind, ref, state, worker_id, epoch) VALUES"
           " ('twice', gen_random_uuid(), 'leased', 999999, 1)");
    start();
    await_value("SELECT count(*) FROM jobs", "0");
    stop();
    assert_int_equal(atomic_load(&bench.runs), 1);
}

/* As after a claim that was committed, while its answer was lost with the connection. */
static void a_claim_that_nobody_heard_of_is_given_back(void **state)
{
    (void)state;
    atomic_store(&bench.hold, true);
    start();
    add_jobs("holds", 1); /* one that a thread has */
    await_count(&bench.runs, 1);
    sql_do("INSERT INTO jobs (kind, ref, state, epoch, worker_id, lease_until) SELECT 'freed', gen_random_uuid(),"
           " 'leased', 1, id, now() + interval '14 minutes 50 seconds' FROM workers");
    await_value("SELECT epoch FROM jobs WHERE kind = 'freed'", "1"); /* it may still be on its way */
    sql_do("UPDATE jobs SET lease_until = now() + interval '14 minutes 44 seconds' WHERE kind = 'freed'");
    await_value("SELECT count(*) FROM jobs WHERE kind = 'freed' AND epoch = 1 AND state = 'leased'", "0");
    sql_do("UPDATE jobs SET lease_until = now() + interval '14 minutes 44 seconds' WHERE kind = 'holds'");
    usleep(2500000); /* a heartbeat */
    assert_string_equal(sql_value("SELECT epoch || ' ' || state FROM jobs WHERE kind = 'holds'"), "1 leased");
    atomic_store(&bench.hold, false);
    stop();
}

static void goes_on_after_the_database_was_away(void **state)
{
    (void)state;
    start();
    add_jobs("twice", 1);
    await_value("SELECT count(*) FROM jobs", "0");
    sql_do("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
           " WHERE pid <> pg_backend_pid() AND datname = current_database()");
    add_jobs("twice", 10);
    await_value("SELECT count(*) FROM jobs", "0");
    stop();
    assert_int_equal(atomic_load(&bench.runs), 22);
}

static void does_not_start_without_a_database(void **state)
{
    static char nowhere[] = "postgresql:///x?host=/nonexistent";
    const struct workers_config config = {
        .config = &bench.config, .kinds = KINDS, .bell = bench.bell, .event_bell = bench.event_bell};
    struct err err = {0};

    (void)state;
    bench.config.database_url = nowhere;
    assert_null(workers_start(&config, &err));
    assert_int_equal(err.kind, ERR_BUSY);
}

static int open_all(void **state)
{
    struct err err;

    return image_start("workers_sql_test", &err) ? sql_open(state) : -1; /* its threads end their part of it */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_job_runs_each_of_its_steps_once),
        TEST(gives_up_after_as_many_failures_as_the_kind_allows),
        TEST(who_kills_its_workers_is_not_run_again),
        TEST(who_cannot_be_given_up_is_not_run_for_that),
        TEST(nothing_is_written_after_a_step_that_has_handed_its_job_on),
        TEST(who_is_called_while_it_ends_runs_once_more),
        TEST(who_has_freed_room_lets_the_next_one_in),
        TEST(words_that_are_no_text_do_not_hold_a_worker),
        TEST(a_signal_during_a_run_brings_it_back_at_once),
        TEST(a_lost_step_is_repeated_while_the_job_is_held),
        TEST(stopping_cuts_short_what_does_not_end_and_gives_it_back),
        TEST(what_a_dead_process_held_is_taken_over),
        TEST(a_claim_that_nobody_heard_of_is_given_back),
        TEST(goes_on_after_the_database_was_away),
        TEST(does_not_start_without_a_database),
    };

    return cmocka_run_group_tests(tests, open_all, sql_close);
}
