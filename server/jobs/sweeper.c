#include "jobs/sweeper.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "jobs/bell.h"
#include "storage/store_config.h"

enum { TICK_MS = LEADER_RENEW_MS / 2, MAX_SWEEPS = 64 };

struct sweeper {
    struct sweeper_config config;
    struct store *store;
    struct jobs_bell *bell;
    pthread_t thread;
    atomic_bool stop;
    int64_t due_ms[MAX_SWEEPS]; /* of each sweep; 0: at once */
};

/* False: there is no use in going on to the next. */
static bool look(struct sweeper *sweeper, const struct sweep_tools *tools, const struct sweep *sweep)
{
    struct sweep_look found;
    struct err err;

    if (sweep_once(tools, sweep, &found, &err)) {
        if (found.mended && !sweep->quiet && sweeper->config.mended)
            sweeper->config.mended(sweeper->config.owner);
        return true;
    }
    if (strcmp(err.code, "not_leading") != 0 && strcmp(err.code, "stopping") != 0)
        log_write(LOG_WARN, "sweep_failed", "name=%s reason=%s", sweep->name, LOG_QUOTE(err.detail));
    return tools->leader->epoch != 0 && !atomic_load(&sweeper->stop);
}

static void look_at_all(struct sweeper *sweeper, const struct sweep_tools *tools)
{
    const struct sweep *const *sweeps = sweeper->config.sweeps;

    for (int i = 0; sweeps[i]; i++) {
        if (clock_monotonic_ms() < sweeper->due_ms[i])
            continue;
        if (!look(sweeper, tools, sweeps[i]))
            return;
        sweeper->due_ms[i] = clock_monotonic_ms() + (int64_t)sweeps[i]->every_s * 1000;
    }
}

static void *run(void *arg)
{
    struct sweeper *sweeper = arg;
    struct leader leader = leader_make("sweeper");
    const struct sweep_tools tools = {.config = sweeper->config.config,
                                      .pg = pg_open(sweeper->config.config->database_url),
                                      .store = sweeper->store,
                                      .leader = &leader,
                                      .stop = &sweeper->stop};
    struct err err;

    while (!atomic_load(&sweeper->stop)) {
        bool led = leader.epoch != 0;
        if (leader_keep(&leader, tools.pg, &err)) {
            if (!led) /* nobody may have looked for a while */
                memset(sweeper->due_ms, 0, sizeof sweeper->due_ms);
            look_at_all(sweeper, &tools);
        }
        if (!atomic_load(&sweeper->stop))
            bell_wait(sweeper->bell, TICK_MS);
    }
    leader_release(&leader, tools.pg);
    pg_close(tools.pg);
    return NULL;
}

struct sweeper *sweeper_start(const struct sweeper_config *config, struct err *reterr)
{
    struct sweeper *sweeper = calloc(1, sizeof *sweeper);
    int count = 0;

    while (config->sweeps[count])
        count++;
    if (!sweeper || count > MAX_SWEEPS)
        abort();
    sweeper->config = *config;
    if (!(sweeper->store = store_open_configured(config->config, &sweeper->stop, reterr))) {
        free(sweeper);
        return NULL;
    }
    sweeper->bell = bell_open();
    if (pthread_create(&sweeper->thread, NULL, run, sweeper) != 0)
        abort();
    return sweeper;
}

void sweeper_quiet(struct sweeper *sweeper)
{
    atomic_store(&sweeper->stop, true);
    bell_ring(sweeper->bell);
}

void sweeper_stop(struct sweeper *sweeper)
{
    sweeper_quiet(sweeper);
    pthread_join(sweeper->thread, NULL);
    bell_close(sweeper->bell);
    store_close(sweeper->store);
    free(sweeper);
}
