#include "endpoints/endpoint_watch.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "db/pg.h"
#include "db/rows.h"

enum { READ_EVERY_MS = 1000, FIRST_MS = 2000 };

struct endpoint_watch {
    struct catalog *catalog;
    struct pg *pg; /* NULL: no thread */
    pthread_t thread;
    pthread_mutex_t mutex; /* of what follows, and of switching */
    pthread_cond_t news;
    bool stop, was_read;
    bool at_once;     /* read again without a pause */
    int64_t switched; /* by this process: what was read meanwhile may be older, and is not believed */
    bool away;        /* the thread's own: the last reading failed */
};

static struct query states(void) { return query_read("SELECT endpoint, state, replacement FROM endpoint_states"); }

/* The mutex is held. */
static void follow(struct endpoint_watch *watch, const struct endpoint *endpoint, enum endpoint_state state,
                   const struct endpoint *replacement)
{
    if (endpoint_state(endpoint) == state && endpoint_replacement(endpoint) == replacement)
        return;
    log_write(LOG_WARN, "endpoint_switched", "endpoint=%s state=%s replacement=%s", endpoint->id,
              endpoint_state_word(state), replacement ? replacement->id : "none");
    catalog_switch(watch->catalog, endpoint, state, replacement);
}

static void follow_row(struct endpoint_watch *watch, const struct endpoint *endpoint, const PGresult *rows)
{
    enum endpoint_state state = endpoint->shipped.state;
    const struct endpoint *replacement = catalog_endpoint(watch->catalog, endpoint->shipped.replacement);

    for (int i = 0; i < rows_count(rows); i++) {
        struct row row = rows_at(rows, i);
        if (strcmp(row_text(&row), endpoint->id) == 0 && endpoint_state_read(row_text(&row), &state)) {
            replacement = catalog_endpoint(watch->catalog, row_text(&row));
            break;
        }
    }
    follow(watch, endpoint, state, replacement);
}

static void follow_all(struct endpoint_watch *watch, const PGresult *rows, int64_t switched_before)
{
    const struct endpoint *endpoint;

    pthread_mutex_lock(&watch->mutex);
    if (watch->switched != switched_before)
        watch->at_once = true;
    else
        for (int i = 0; (endpoint = catalog_endpoint_at(watch->catalog, i)); i++)
            follow_row(watch, endpoint, rows);
    pthread_mutex_unlock(&watch->mutex);
}

/* An outage is told once. */
static void note_way(struct endpoint_watch *watch, bool away, const struct err *err)
{
    if (away && !watch->away)
        log_write(LOG_WARN, "endpoint_states_unread", "reason=%s", LOG_QUOTE(err->detail));
    else if (!away && watch->away)
        log_write(LOG_INFO, "endpoint_states_read", "again=1");
    watch->away = away;
}

static void read_states(struct endpoint_watch *watch)
{
    struct query q = states();
    CLEANUP(pg_clear) PGresult *rows = NULL;
    struct err err = {0};
    int64_t switched;

    pthread_mutex_lock(&watch->mutex);
    switched = watch->switched;
    pthread_mutex_unlock(&watch->mutex);
    rows = pg_run(watch->pg, &q, &err);
    note_way(watch, rows == NULL, &err);
    if (rows)
        follow_all(watch, rows, switched);
}

/* Until the condition is signalled and holds, or the time is over. The mutex is held. */
static void wait_for(struct endpoint_watch *watch, const bool *condition, int ms)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    while (!*condition && !watch->stop && pthread_cond_timedwait(&watch->news, &watch->mutex, &until) == 0)
        ;
}

static void *run(void *arg)
{
    struct endpoint_watch *watch = arg;
    bool stop = false;

    while (!stop) {
        read_states(watch);
        pthread_mutex_lock(&watch->mutex);
        watch->was_read = true;
        pthread_cond_broadcast(&watch->news);
        wait_for(watch, &watch->at_once, READ_EVERY_MS);
        watch->at_once = false;
        stop = watch->stop;
        pthread_mutex_unlock(&watch->mutex);
    }
    return NULL;
}

static void start(struct endpoint_watch *watch, const char *database_url)
{
    watch->pg = pg_open(database_url);
    if (pthread_create(&watch->thread, NULL, run, watch) != 0)
        abort();
    pthread_mutex_lock(&watch->mutex);
    wait_for(watch, &watch->was_read, FIRST_MS);
    pthread_mutex_unlock(&watch->mutex);
}

struct endpoint_watch *endpoint_watch_open(const char *database_url, struct catalog *catalog)
{
    struct endpoint_watch *watch = calloc(1, sizeof *watch);
    pthread_condattr_t monotonic;

    if (!watch)
        abort();
    watch->catalog = catalog;
    pthread_mutex_init(&watch->mutex, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&watch->news, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (database_url)
        start(watch, database_url);
    return watch;
}

void endpoint_watch_close(struct endpoint_watch *watch)
{
    if (!watch)
        return;
    if (watch->pg) {
        pthread_mutex_lock(&watch->mutex);
        watch->stop = true;
        pthread_cond_broadcast(&watch->news);
        pthread_mutex_unlock(&watch->mutex);
        pthread_join(watch->thread, NULL);
        pg_close(watch->pg);
    }
    pthread_cond_destroy(&watch->news);
    pthread_mutex_destroy(&watch->mutex);
    free(watch);
}

void endpoint_watch_switched(struct endpoint_watch *watch, const struct endpoint *endpoint, enum endpoint_state state,
                             const struct endpoint *replacement)
{
    pthread_mutex_lock(&watch->mutex);
    watch->switched++;
    watch->at_once = true;
    follow(watch, endpoint, state, replacement);
    pthread_cond_broadcast(&watch->news);
    pthread_mutex_unlock(&watch->mutex);
}
