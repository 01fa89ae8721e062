#include "jobs/workers.h"

#include <assert.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/crypto.h"
#include "base/log.h"
#include "fal/fal.h"
#include "image/image.h"
#include "jobs/bell.h"
#include "jobs/journal.h"
#include "storage/store.h"

enum { IDLE_MS = 500, BEAT_MS = 2000, OUTAGE_MS = 1000, MAX_DELAY_MS = 5 * 60 * 1000, SWEEP_MS = 10 * 60 * 1000 };

struct workers {
    struct workers_config config;
    int64_t id;               /* of this process, from the database */
    atomic_bool quiet;        /* claim nothing more */
    atomic_bool stop;         /* and end: the heartbeat, too */
    atomic_bool abort;        /* and end what is under way */
    atomic_llong admitted_ms; /* when it was looked last whether something may be admitted */
    int count;
    pthread_t *threads, keeper;
    char kinds[256]; /* a text[] literal */
    struct jobs_bell *keeper_bell;
    struct journal *journal;
    char journal_folder[1024];
};

/* One step and its outcome */

static const struct job_kind *kind_of(const struct workers *workers, const struct job *job)
{
    for (const struct job_kind *kind = workers->config.kinds; kind->name; kind++)
        if (strcmp(kind->name, job->kind) == 0)
            return kind;
    return NULL;
}

/* 1 s, 2 s, 4 s … 5 min, each ±25 % so that a crowd does not come back together. */
static int64_t backoff_ms(int64_t attempts)
{
    int64_t delay = attempts < 9 ? (int64_t)1000 << attempts : MAX_DELAY_MS;
    unsigned char dice;

    crypto_random(&dice, 1);
    delay = delay > MAX_DELAY_MS ? MAX_DELAY_MS : delay;
    return delay * 3 / 4 + delay / 2 * dice / 255;
}

/* As long as it takes while the database is away: while this process lives, so does its lease. A statement that is
   refused would be refused again: then the lease ends by its time. */
static void write_down(const struct workers *workers, const struct job_tools *tools, struct query q,
                       const struct job *job)
{
    struct err err;

    while (!pg_do(tools->pg, &q, &err)) {
        log_write(LOG_WARN, "job_not_written", "job=%" PRId64 " reason=%s", job->id, LOG_QUOTE(err.detail));
        if (atomic_load(&workers->stop) || err.kind != ERR_BUSY)
            return; /* stopping: worker_retire gives it back */
        (void)usleep(OUTAGE_MS * 1000);
    }
}

/* PostgreSQL takes nothing else as text, and a detail may have been cut inside a letter. */
static void make_utf8(char *words)
{
    bool fine = text_is_utf8(text_of(words));

    for (char *c = words; !fine && *c; c++)
        if ((unsigned char)*c >= 0x80)
            *c = '?';
}

/* True: it was given up. */
static bool failed(const struct workers *workers, const struct job_tools *tools, const struct job_kind *kind,
                   const struct job *job, const struct err *why, int64_t least_delay_ms)
{
    bool outage = why->kind == ERR_BUSY; /* not the job's failure: not counted, and no reason to give up */
    int64_t delay_ms = outage ? OUTAGE_MS : backoff_ms(job->attempts);
    char words[256];
    struct err err;

    if (delay_ms < least_delay_ms)
        delay_ms = least_delay_ms;
    (void)snprintf(words, sizeof words, "%s: %s", why->code, why->detail);
    make_utf8(words);
    log_write(LOG_WARN, "job_failed", "job=%" PRId64 " kind=%s attempt=%" PRId64 " reason=%s", job->id, job->kind,
              job->attempts + 1, LOG_QUOTE(words));
    if (outage || job->attempts + 1 < kind->max_attempts) {
        write_down(workers, tools, job_failed(job, !outage, delay_ms, words), job);
        return false;
    }
    if (!kind->give_up(tools, job, why, &err)) {
        write_down(workers, tools, job_failed(job, true, delay_ms, words), job);
        return false;
    }
    log_write(LOG_ERROR, "job_dead", "job=%" PRId64 " kind=%s ref=%s", job->id, job->kind, job->ref.text);
    write_down(workers, tools, job_dead(job, words), job);
    return true;
}

/* True: room for others may have become free. */
static bool run(const struct workers *workers, const struct job_tools *tools, const struct job *job)
{
    const struct job_kind *kind = kind_of(workers, job);
    struct job_next next = {0};
    struct err err = {0};

    assert(kind && "only known kinds are claimed");
    if (kind->step(tools, job, &next, &err)) {
        if (!next.parked)
            write_down(workers, tools, next.done ? job_done(job) : job_again(job, next.delay_ms), job);
        return next.freed;
    }
    pg_rollback(tools->pg);
    if (atomic_load(&workers->abort))
        return false;                      /* cut short: worker_retire gives it back, uncounted */
    if (strcmp(err.code, "job_lost") == 0) /* or only what it works on was changed: then it is looked at anew */
        write_down(workers, tools, job_again(job, 0), job);
    else
        return failed(workers, tools, kind, job, &err, next.delay_ms) || next.freed;
    return next.freed;
}

/* Threads */

/* Makes jobs of what waits for room; the others of this process are woken for what this one cannot do alone. */
static void admit(struct workers *workers, struct pg *pg)
{
    CLEANUP(pg_clear) PGresult *rows = NULL;
    struct query q;
    struct row row;
    struct err err;

    if (!workers->config.admit)
        return;
    q = workers->config.admit(workers->config.config);
    atomic_store(&workers->admitted_ms, clock_monotonic_ms());
    if (!(rows = pg_run(pg, &q, &err))) {
        log_write(LOG_WARN, "admission_failed", "reason=%s", LOG_QUOTE(err.detail));
        return;
    }
    row = rows_at(rows, 0);
    for (int64_t others = row_int64(&row) - 1; others > 0; others--)
        bell_ring(workers->config.bell);
}

/* Nothing to do: is it time to look whether something may be admitted? Without a ring one of all looks at a time. */
static bool rest(struct workers *workers, bool outage)
{
    bool rung = bell_wait(workers->config.bell, outage ? OUTAGE_MS : IDLE_MS);

    return rung || clock_monotonic_ms() - atomic_load(&workers->admitted_ms) >= IDLE_MS;
}

static bool claim(const struct workers *workers, struct pg *pg, struct job *ret, bool *ret_outage)
{
    struct query q = job_claim(workers->id, workers->kinds);
    CLEANUP(pg_clear) PGresult *rows = NULL;
    struct err err;

    rows = pg_run(pg, &q, &err);
    *ret_outage = !rows;
    if (!rows || rows_count(rows) == 0)
        return false;
    *ret = job_from_row(rows_at(rows, 0));
    return true;
}

static bool tools_open(struct workers *workers, struct job_tools *tools, struct err *reterr)
{
    const struct config *config = workers->config.config;
    struct fal_config fal = {.queue_url = config->fal_queue_url,
                             .rest_url = config->fal_rest_url,
                             .platform_url = config->fal_platform_url,
                             .key = config->fal_key,
                             .media_hosts = config->fal_media_hosts,
                             .loopback = config->test_mode,
                             .stop = &workers->abort};
    unsigned char key[SHA256_BYTES];

    mac_derive_key(text_of(config->secret_key), "hook", key);
    *tools = (struct job_tools){.config = config,
                                .catalog = workers->config.catalog,
                                .stop = &workers->abort,
                                .event_bell = workers->config.event_bell,
                                .journal = workers->journal,
                                .journal_folder = workers->journal_folder};
    if (!(tools->store = store_open(config->objects_dir, reterr)))
        return false;
    if (config->fal_key && !(tools->fal = fal_open(&fal, reterr)))
        return false;
    tools->hook_mac = mac_open(key, sizeof key);
    tools->pg = pg_open(config->database_url);
    return true;
}

static void tools_close(struct job_tools *tools)
{
    pg_close(tools->pg);
    mac_close(tools->hook_mac);
    fal_close(tools->fal);
    store_close(tools->store);
}

static void *work(void *arg)
{
    struct workers *workers = arg;
    struct job_tools tools;
    struct job job;
    struct err err;
    bool outage, may_admit = true;

    if (!tools_open(workers, &tools, &err)) { /* the same was opened at start: it has gone since */
        log_write(LOG_ERROR, "worker_without_tools", "reason=%s", LOG_QUOTE(err.detail));
        abort();
    }
    while (!atomic_load(&workers->quiet)) {
        if (may_admit)
            admit(workers, tools.pg);
        if (claim(workers, tools.pg, &job, &outage))
            may_admit = run(workers, &tools, &job);
        else
            may_admit = rest(workers, outage);
    }
    tools_close(&tools);
    image_thread_done();
    return NULL;
}

/* The keeper's heartbeat holds the leases of the whole process; it also buries the dead of others. */

static void beat(struct workers *workers, struct pg *pg)
{
    struct query q = worker_beat(workers->id), rescue = worker_rescue();
    CLEANUP(pg_clear) PGresult *rows = NULL;
    struct err err;

    if (!pg_do(pg, &q, &err) || !(rows = pg_run(pg, &rescue, &err))) {
        log_write(LOG_WARN, "heartbeat_failed", "reason=%s", LOG_QUOTE(err.detail));
        return;
    }
    if (rows_affected(rows) > 0) {
        log_write(LOG_WARN, "jobs_rescued", "count=%d", rows_affected(rows));
        bell_ring_all(workers->config.bell);
    }
}

/* True: it threw something away, and there may be more. */
static bool sweep_some(struct pg *pg, const char *sql)
{
    struct query q = query_write(sql);
    struct err err;
    CLEANUP(pg_clear) PGresult *rows = pg_run(pg, &q, &err);

    if (!rows)
        log_write(LOG_WARN, "sweep_failed", "reason=%s", LOG_QUOTE(err.detail));
    return rows && rows_affected(rows) > 0;
}

/* However much there is, and however slow the database: the heart beats between any two statements. */
static void sweep(struct workers *workers, struct pg *pg)
{
    for (const char *const *sql = workers->config.sweeps; *sql; sql++)
        for (bool more = true; more && !atomic_load(&workers->stop);) {
            more = sweep_some(pg, *sql);
            beat(workers, pg);
        }
}

static void *keep(void *arg)
{
    struct workers *workers = arg;
    struct pg *pg = pg_open(workers->config.config->database_url);
    int64_t next_sweep_ms = clock_monotonic_ms();

    while (!atomic_load(&workers->stop)) {
        beat(workers, pg);
        if (clock_monotonic_ms() >= next_sweep_ms) {
            sweep(workers, pg);
            next_sweep_ms = clock_monotonic_ms() + SWEEP_MS;
        }
        bell_wait(workers->keeper_bell, BEAT_MS);
    }
    pg_close(pg);
    return NULL;
}

static bool register_process(struct workers *workers, struct err *reterr)
{
    struct pg *pg = pg_open(workers->config.config->database_url);
    struct query q = worker_register();
    PGresult *rows = pg_run(pg, &q, reterr);
    struct row row;

    if (rows) {
        row = rows_at(rows, 0);
        workers->id = row_int64(&row);
    }
    PQclear(rows);
    pg_close(pg);
    return rows != NULL;
}

static void name_kinds(struct workers *workers)
{
    size_t used = (size_t)snprintf(workers->kinds, sizeof workers->kinds, "{");

    for (const struct job_kind *kind = workers->config.kinds; kind->name; kind++)
        used += (size_t)snprintf(workers->kinds + used, sizeof workers->kinds - used, "%s%s",
                                 kind == workers->config.kinds ? "" : ",", kind->name);
    (void)snprintf(workers->kinds + used, sizeof workers->kinds - used, "}");
}

static bool tools_work(struct workers *workers, struct err *reterr)
{
    struct job_tools tools = {0};
    bool ok = tools_open(workers, &tools, reterr);

    tools_close(&tools);
    return ok;
}

struct workers *workers_start(const struct workers_config *config, struct err *reterr)
{
    struct workers *workers = calloc(1, sizeof *workers);

    if (!workers || !(workers->threads = calloc((size_t)config->config->workers, sizeof *workers->threads)))
        abort();
    workers->config = *config;
    workers->count = (int)config->config->workers;
    workers->keeper_bell = bell_open();
    name_kinds(workers);
    (void)snprintf(workers->journal_folder, sizeof workers->journal_folder, "%s/.sent", config->config->objects_dir);
    if (!(workers->journal = journal_open(workers->journal_folder, reterr)) || !tools_work(workers, reterr) ||
        !register_process(workers, reterr)) {
        journal_close(workers->journal);
        bell_close(workers->keeper_bell);
        free(workers->threads);
        free(workers);
        return NULL;
    }
    if (pthread_create(&workers->keeper, NULL, keep, workers) != 0)
        abort();
    for (int i = 0; i < workers->count; i++)
        if (pthread_create(&workers->threads[i], NULL, work, workers) != 0)
            abort();
    return workers;
}

static void retire(struct workers *workers)
{
    struct pg *pg = pg_open(workers->config.config->database_url);
    struct query q = worker_retire(workers->id);
    struct err err;

    if (!pg_do(pg, &q, &err))
        log_write(LOG_WARN, "retire_failed", "reason=%s", LOG_QUOTE(err.detail));
    pg_close(pg);
}

static void join_all(struct workers *workers, int deadline_ms)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += deadline_ms / 1000 + 1;
    for (int i = 0; i < workers->count; i++)
        if (pthread_timedjoin_np(workers->threads[i], NULL, &until) != 0) {
            atomic_store(&workers->abort, true);
            pthread_join(workers->threads[i], NULL);
        }
}

void workers_quiet(struct workers *workers)
{
    atomic_store(&workers->quiet, true);
    bell_ring_all(workers->config.bell);
}

void workers_stop(struct workers *workers, int deadline_ms)
{
    workers_quiet(workers);
    atomic_store(&workers->stop, true);
    bell_ring(workers->keeper_bell);
    join_all(workers, deadline_ms);
    pthread_join(workers->keeper, NULL);
    retire(workers);
    journal_close(workers->journal);
    bell_close(workers->keeper_bell);
    free(workers->threads);
    free(workers);
}
