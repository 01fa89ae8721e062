/* How many jobs per second four workers claim and complete, by the statements and the low-water mark of the service:
   from a queue at rest, and beside a million dead rows that a snapshot of another session keeps. An empty database is
   in DATABASE_URL. Run by hand, on a release build:
     ninja -C build/release jobs-bench && scripts/with-postgres build/release/jobs-bench [SECONDS]
   The cluster of with-postgres does not sync to disk: take a database of another one to see what that costs. */
#include <assert.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "db/migrate.h"
#include "jobs/job.h"
#include "jobs/low_water.h"

enum { THREADS = 4, DEAD = 1000000, CHUNK = 50000, READY = 200000 };

static const char *url;

static void die(const char *what, const struct err *err)
{
    (void)fprintf(stderr, "%s: %s\n", what, err->detail);
    exit(1);
}

static void script(struct pg *pg, const char *sql)
{
    struct err err;

    if (!pg_script(pg, sql, &err))
        die(sql, &err);
}

/* The first is due so many minutes ago, and each after it some microseconds later. */
static void fill(struct pg *pg, int count, int minutes_ago, int step_us)
{
    char sql[300];

    for (int from = 0; from < count; from += CHUNK) {
        (void)snprintf(sql, sizeof sql,
                       "INSERT INTO jobs (kind, ref, run_at) SELECT 'probe', gen_random_uuid(), now() - interval"
                       " '%d minutes' + n * interval '%d microseconds' FROM generate_series(%d, %d) n",
                       minutes_ago, step_us, from, from + CHUNK - 1);
        script(pg, sql);
    }
}

struct load {
    struct low_water *low; /* NULL: every claim looks at everything */
    atomic_bool stop;
    atomic_int idle, done; /* workers that have found nothing; jobs */
};

static bool take(struct load *load, struct pg *pg, struct job *job, struct err *err)
{
    struct low_bound bound = {0};
    struct query q;
    PGresult *rows;

    if (load->low)
        bound = low_water_ask(load->low);
    q = job_claim_from(1, "{probe}", bound.us);
    if (!(rows = pg_run(pg, &q, err)))
        return false;
    *job = job_from_row(rows_at(rows, 0));
    PQclear(rows);
    if (load->low && job->id)
        low_water_found(load->low, bound, job->run_at_us);
    else if (load->low)
        low_water_nothing(load->low, bound, job->now_us);
    return true;
}

static void *work(void *arg)
{
    struct load *load = arg;
    struct pg *pg = pg_open(url);
    struct query done;
    PGresult *rows;
    struct job job;
    struct err err = {0};

    while (!atomic_load(&load->stop)) {
        if (!take(load, pg, &job, &err))
            die("claim", &err);
        done = job_done(&job); /* of a job that is not there as well: its plan is made now */
        if (!(rows = pg_run(pg, &done, &err)))
            die("done", &err);
        assert(rows_affected(rows) == (job.id != 0) && "what was claimed is held");
        PQclear(rows);
        atomic_fetch_add(job.id ? &load->done : &load->idle, 1);
    }
    pg_close(pg);
    return NULL;
}

/* pg: the workers find nothing for a while before there is something: what they have prepared then, they keep. */
static void measure(const char *what, struct pg *pg, bool mark, int seconds)
{
    struct load load = {.low = mark ? low_water_open() : NULL};
    int64_t began_ms;
    pthread_t threads[THREADS];

    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, work, &load) != 0)
            abort();
    while (pg && atomic_load(&load.idle) < THREADS * 10)
        (void)usleep(10000);
    if (pg)
        fill(pg, READY, 0, 2);
    began_ms = clock_monotonic_ms();
    atomic_store(&load.done, 0);
    while (clock_monotonic_ms() - began_ms < seconds * 1000 && atomic_load(&load.done) < READY)
        (void)usleep(10000);
    atomic_store(&load.stop, true);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    (void)printf("%-58s %8.0f jobs/s\n", what,
                 1000.0 * atomic_load(&load.done) / (double)(clock_monotonic_ms() - began_ms));
    if (load.low)
        low_water_close(load.low);
}

/* A million jobs that were claimed and completed since the snapshot. */
static void leave_dead(struct pg *pg)
{
    fill(pg, DEAD, 60, 333);
    for (int i = 0; i < DEAD / CHUNK; i++) {
        script(pg, "UPDATE jobs SET state = 'leased', worker_id = 1, epoch = 1 WHERE id IN"
                   " (SELECT id FROM jobs WHERE state = 'ready' ORDER BY id LIMIT 50000)");
        script(pg, "DELETE FROM jobs WHERE state = 'leased'");
    }
}

int main(int argc, char **argv)
{
    int64_t seconds = 10;
    char folder[1024];
    const char *root = getenv("AISHA_ROOT");
    struct pg *pg, *old;
    struct err err;
    int count;

    if (!(url = getenv("DATABASE_URL")) || (argc > 1 && !text_int64(text_of(argv[1]), 1, 600, &seconds)))
        return 2;
    log_set_level(LOG_WARN);
    (void)snprintf(folder, sizeof folder, "%s/migrations", root ? root : ".");
    if (!migrate_run(url, folder, &count, &err))
        die("migrate", &err);
    pg = pg_open(url);
    old = pg_open(url);
    script(pg, "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0");
    script(pg, "VACUUM ANALYZE jobs");
    measure("a queue at rest", pg, true, (int)seconds);
    script(pg, "TRUNCATE jobs");
    script(old, "SET idle_in_transaction_session_timeout = 0");
    script(old, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM jobs");
    leave_dead(pg);
    fill(pg, READY, 10, 333); /* as of a service that takes 3,000 a second */
    (void)pg_script(pg, "CHECKPOINT",
                    &err); /* where the role may: what was loaded is not written while it is measured */
    measure("beside a million dead rows under an open snapshot", NULL, true, (int)seconds);
    measure("the same, every claim looking at everything", NULL, false, (int)seconds);
    pg_close(old);
    pg_close(pg);
    return 0;
}
