#include "jobs/workers.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
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
#include "jobs/keeper.h"
#include "jobs/low_water.h"
#include "jobs/runner.h"
#include "storage/object_link.h"
#include "storage/store_config.h"

enum { IDLE_MS = 500, OUTAGE_MS = 1000 };

struct worker_thread {
    struct workers *workers;
    pthread_t thread;
    atomic_llong job; /* that it has; 0: none */
};

struct workers {
    struct workers_config config;
    struct worker worker; /* this process */
    struct runner runner;
    atomic_bool quiet;        /* claim nothing more */
    atomic_bool stop;         /* and wait for nothing */
    atomic_bool abort;        /* and end what is under way */
    atomic_llong admitted_ms; /* when it was looked last whether something may be admitted */
    int count;
    struct worker_thread *threads;
    struct keeper *keeper;
    struct low_water *low;
    char kinds[WORKERS_KINDS_ROOM];
    struct journal *journal;
    char journal_folder[1024];
};

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

/* False: the database has not answered. */
static bool claim_from(const struct workers *workers, struct pg *pg, struct low_bound bound, struct job *ret)
{
    struct query q = job_claim_from(workers->worker.id, workers->kinds, bound.us);
    struct err err;
    CLEANUP(pg_clear) PGresult *rows = pg_run(pg, &q, &err);

    if (rows)
        *ret = job_from_row(rows_at(rows, 0));
    else if (err.kind != ERR_BUSY)
        log_write(LOG_ERROR, "claim_failed", "reason=%s", LOG_QUOTE(err.detail));
    return rows != NULL;
}

/* False: *ret_outage, or there is nothing. */
static bool claim(struct workers *workers, struct pg *pg, struct job *ret, bool *ret_outage)
{
    struct low_bound bound = {.near = true};

    *ret_outage = false;
    for (int tries = 0; tries < 2 && bound.near; tries++) {
        bound = low_water_ask(workers->low);
        if (!claim_from(workers, pg, bound, ret)) {
            low_water_forget(workers->low);
            *ret_outage = true;
            return false;
        }
        if (ret->id) {
            low_water_found(workers->low, bound, ret->run_at_us);
            return true;
        }
        low_water_nothing(workers->low, bound, ret->now_us);
    }
    return false;
}

/* NULL in *ret when the provider has no key. */
static bool open_fal(struct workers *workers, const struct provider *provider, struct fal **ret, struct err *reterr)
{
    struct fal_config config = {.queue_url = provider->queue_url,
                                .rest_url = provider->rest_url,
                                .platform_url = provider->platform_url,
                                .key = provider->key,
                                .media_hosts = workers->config.config->fal_media_hosts,
                                .loopback = provider->simulated,
                                .stop = &workers->abort};

    return !provider->key || (*ret = fal_open(&config, reterr)) != NULL;
}

static bool open_providers(struct workers *workers, struct job_tools *tools, struct err *reterr)
{
    const struct config *config = workers->config.config;

    if (!open_fal(workers, &config->generation, &tools->fal, reterr))
        return false;
    if (!provider_equal(&config->generation, &config->training))
        return open_fal(workers, &config->training, &tools->training_fal, reterr);
    tools->training_fal = tools->fal;
    return true;
}

static bool tools_open(struct workers *workers, struct job_tools *tools, struct err *reterr)
{
    const struct config *config = workers->config.config;
    unsigned char key[SHA256_BYTES];

    mac_derive_key(text_of(config->secret_key), "hook", key);
    *tools = (struct job_tools){.config = config,
                                .catalog = workers->config.catalog,
                                .stop = &workers->abort,
                                .event_bell = workers->config.event_bell,
                                .spool = workers->config.spool,
                                .journal = workers->journal,
                                .journal_folder = workers->journal_folder};
    if (!(tools->store = store_open_configured(config, &workers->abort, reterr)))
        return false;
    if (!open_providers(workers, tools, reterr))
        return false;
    tools->hook_mac = mac_open(key, sizeof key);
    tools->links = object_links_open(config);
    tools->pg = pg_open(config->database_url);
    return true;
}

static void tools_close(struct job_tools *tools)
{
    pg_close(tools->pg);
    object_links_close(tools->links);
    mac_close(tools->hook_mac);
    if (tools->training_fal != tools->fal)
        fal_close(tools->training_fal);
    fal_close(tools->fal);
    store_close(tools->store);
}

static void *work(void *arg)
{
    struct worker_thread *self = arg;
    struct workers *workers = self->workers;
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
        if (claim(workers, tools.pg, &job, &outage)) {
            atomic_store(&self->job, job.id);
            may_admit = runner_run(&workers->runner, &tools, &job);
            atomic_store(&self->job, 0);
        } else {
            may_admit = rest(workers, outage);
        }
    }
    tools_close(&tools);
    image_thread_done();
    return NULL;
}

static bool register_process(struct workers *workers, struct err *reterr)
{
    struct pg *pg = pg_open(workers->config.config->database_url);
    struct query q;
    PGresult *rows;
    struct row row;

    (void)gethostname(workers->worker.host, sizeof workers->worker.host - 1);
    workers->worker.pid = getpid();
    q = worker_register(&workers->worker);
    if ((rows = pg_run(pg, &q, reterr))) {
        row = rows_at(rows, 0);
        workers->worker.id = row_int64(&row);
    }
    PQclear(rows);
    pg_close(pg);
    return rows != NULL;
}

void workers_name_kinds(const struct job_kind *kinds, char to[WORKERS_KINDS_ROOM])
{
    size_t used = (size_t)snprintf(to, WORKERS_KINDS_ROOM, "{");

    for (const struct job_kind *kind = kinds; kind->name; kind++)
        used += (size_t)snprintf(to + used, WORKERS_KINDS_ROOM - used, "%s%s", kind == kinds ? "" : ",", kind->name);
    (void)snprintf(to + used, WORKERS_KINDS_ROOM - used, "}");
}

static bool tools_work(struct workers *workers, struct err *reterr)
{
    struct job_tools tools = {0};
    bool ok = tools_open(workers, &tools, reterr);

    tools_close(&tools);
    return ok;
}

static void workers_free(struct workers *workers)
{
    journal_close(workers->journal);
    low_water_close(workers->low);
    free(workers->threads);
    free(workers);
}

static void write_held(void *owner, char to[KEEPER_HELD_ROOM])
{
    struct workers *workers = owner;
    size_t used = (size_t)snprintf(to, KEEPER_HELD_ROOM, "{");
    long long job;

    for (int i = 0; i < workers->count; i++)
        if ((job = atomic_load(&workers->threads[i].job)) != 0)
            used += (size_t)snprintf(to + used, KEEPER_HELD_ROOM - used, "%s%lld", used > 1 ? "," : "", job);
    (void)snprintf(to + used, KEEPER_HELD_ROOM - used, "}");
}

static void start_threads(struct workers *workers)
{
    const struct keeper_config keeper = {.database_url = workers->config.config->database_url,
                                         .worker = workers->worker,
                                         .kinds = workers->kinds,
                                         .bell = workers->config.bell,
                                         .low = workers->low,
                                         .held = write_held,
                                         .owner = workers};

    workers->keeper = keeper_start(&keeper);
    for (int i = 0; i < workers->count; i++)
        workers->threads[i].workers = workers;
    for (int i = 0; i < workers->count; i++)
        if (pthread_create(&workers->threads[i].thread, NULL, work, &workers->threads[i]) != 0)
            abort();
}

struct workers *workers_start(const struct workers_config *config, struct err *reterr)
{
    struct workers *workers = calloc(1, sizeof *workers);

    if (!workers || !(workers->threads = calloc((size_t)config->config->workers, sizeof *workers->threads)))
        abort();
    workers->config = *config;
    workers->count = (int)config->config->workers;
    workers->runner = (struct runner){config->kinds, &workers->stop, &workers->abort};
    workers->low = low_water_open();
    workers_name_kinds(config->kinds, workers->kinds);
    (void)snprintf(workers->journal_folder, sizeof workers->journal_folder, "%s/.sent", config->config->objects_dir);
    if (!(workers->journal = journal_open(workers->journal_folder, reterr)) || !tools_work(workers, reterr) ||
        !register_process(workers, reterr)) {
        workers_free(workers);
        return NULL;
    }
    start_threads(workers);
    return workers;
}

static void retire(struct workers *workers)
{
    struct pg *pg = pg_open(workers->config.config->database_url);
    struct query q = worker_retire(workers->worker.id);
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
        if (pthread_timedjoin_np(workers->threads[i].thread, NULL, &until) != 0) {
            atomic_store(&workers->abort, true);
            pthread_join(workers->threads[i].thread, NULL);
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
    join_all(workers, deadline_ms); /* their leases are kept until then */
    keeper_stop(workers->keeper);
    retire(workers);
    workers_free(workers);
}
