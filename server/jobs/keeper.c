#include "jobs/keeper.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "jobs/bell.h"
#include "jobs/low_water.h"

enum { BEAT_MS = 2000, SOUND_MS = 5000, REPORT_MS = 10 * 60 * 1000 };

struct keeper {
    struct keeper_config config;
    pthread_t thread;
    atomic_bool stop;
    struct jobs_bell *bell; /* wakes it to stop */
    struct pg *pg;
    int64_t beat_ms;        /* the last heartbeat that was written down; 0: none yet */
    int64_t next_report_ms; /* of unknown kinds */
};

/* After an outage of the database, or a pause of this process, nobody's heartbeat is recent: the others get the time of
   one more beat to show that they live before anybody is buried. */
static bool beat(struct keeper *keeper, bool *ret_sound)
{
    struct query q = worker_beat(&keeper->config.worker);
    int64_t now_ms = clock_monotonic_ms(), before_ms = keeper->beat_ms;
    struct err err;

    if (!pg_do(keeper->pg, &q, &err)) {
        log_write(LOG_WARN, "heartbeat_failed", "reason=%s", LOG_QUOTE(err.detail));
        return false;
    }
    keeper->beat_ms = clock_monotonic_ms();
    *ret_sound = before_ms && now_ms - before_ms < SOUND_MS;
    return true;
}

static void rescue(struct keeper *keeper)
{
    struct query q = worker_rescue();
    struct err err;
    CLEANUP(pg_clear) PGresult *rows = pg_run(keeper->pg, &q, &err);

    if (!rows) {
        log_write(LOG_WARN, "rescue_failed", "reason=%s", LOG_QUOTE(err.detail));
        return;
    }
    if (rows_affected(rows) == 0)
        return;
    log_write(LOG_WARN, "jobs_rescued", "count=%d", rows_affected(rows));
    low_water_forget(keeper->config.low);
    bell_ring_all(keeper->config.bell);
}

/* What this process has without knowing it: the answer to a claim was lost with a connection. */
static void give_back(struct keeper *keeper)
{
    char held[KEEPER_HELD_ROOM];
    struct query q;
    struct err err;
    CLEANUP(pg_clear) PGresult *rows = NULL;

    keeper->config.held(keeper->config.owner, held);
    q = worker_give_back(keeper->config.worker.id, held);
    if (!(rows = pg_run(keeper->pg, &q, &err)) || rows_affected(rows) == 0)
        return;
    log_write(LOG_WARN, "jobs_given_back", "count=%d", rows_affected(rows));
    low_water_forget(keeper->config.low);
    bell_ring_all(keeper->config.bell);
}

/* Jobs that no worker of this version takes: left alone, because another version may, but somebody should know. */
static void report_unknown(struct keeper *keeper)
{
    struct query q = job_unknown_kinds(keeper->config.kinds);
    struct err err;
    CLEANUP(pg_clear) PGresult *rows = pg_run(keeper->pg, &q, &err);

    for (int i = 0; rows && i < rows_count(rows); i++) {
        struct row row = rows_at(rows, i);
        const char *kind = row_text(&row);
        log_write(LOG_WARN, "unknown_job_kind", "kind=%s count=%" PRId64, LOG_QUOTE(kind), row_int64(&row));
    }
}

static void keep_once(struct keeper *keeper)
{
    bool sound = false;

    if (beat(keeper, &sound)) {
        give_back(keeper);
        if (sound)
            rescue(keeper);
    }
    if (clock_monotonic_ms() >= keeper->next_report_ms) {
        report_unknown(keeper);
        keeper->next_report_ms = clock_monotonic_ms() + REPORT_MS;
    }
}

static void *keep(void *arg)
{
    struct keeper *keeper = arg;

    keeper->pg = pg_open(keeper->config.database_url);
    while (!atomic_load(&keeper->stop)) {
        keep_once(keeper);
        (void)bell_wait(keeper->bell, BEAT_MS);
    }
    pg_close(keeper->pg);
    return NULL;
}

struct keeper *keeper_start(const struct keeper_config *config)
{
    struct keeper *keeper = calloc(1, sizeof *keeper);

    if (!keeper)
        abort();
    keeper->config = *config;
    keeper->bell = bell_open();
    if (pthread_create(&keeper->thread, NULL, keep, keeper) != 0)
        abort();
    return keeper;
}

void keeper_stop(struct keeper *keeper)
{
    atomic_store(&keeper->stop, true);
    bell_ring(keeper->bell);
    pthread_join(keeper->thread, NULL);
    bell_close(keeper->bell);
    free(keeper);
}
