#include "storage/storage_watch.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/config.h"
#include "base/log.h"
#include "base/uuid.h"
#include "storage/store_config.h"

enum { EVERY_S = 15, AGAIN_S = 5 };

enum state { UNTRIED, UP, DOWN };

struct storage_watch {
    struct store *store;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t ended;
    atomic_bool stop; /* also read by the store's calls */
    atomic_int state; /* enum state */
    int failures;     /* in a row; the thread's own */
};

bool storage_answers(struct store *store, const char *in, struct err *reterr)
{
    CLEANUP(buf_done) struct buf back = buf_make(sizeof(struct uuid));
    struct uuid id = uuid_make();
    struct text key, bucket = text_of(in);
    char name[sizeof "try/" + sizeof id.text];

    (void)snprintf(name, sizeof name, "try/%s", id.text);
    key = text_of(name);
    if (!store_put(store, bucket, key, text_of(id.text), reterr) || !store_get(store, bucket, key, &back, reterr))
        return false;
    if (!text_equal((struct text){back.bytes, back.len}, text_of(id.text)))
        return err_set(reterr, ERR_INTERNAL, "storage_failed", "the storage gives something else than was put");
    return store_delete(store, bucket, key, reterr);
}

static void note(struct storage_watch *watch, bool ok, const struct err *err)
{
    enum state was = (enum state)atomic_exchange(&watch->state, ok ? UP : DOWN);

    watch->failures += !ok;
    if (ok && was == DOWN)
        log_write(LOG_INFO, "storage_up", "failures=%d", watch->failures);
    else if (!ok && was != DOWN)
        log_write(LOG_WARN, "storage_down", "reason=%s", LOG_QUOTE(err->detail));
    if (ok)
        watch->failures = 0;
}

static void rest(struct storage_watch *watch, int seconds)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += seconds;
    pthread_mutex_lock(&watch->mutex);
    if (!atomic_load(&watch->stop))
        pthread_cond_timedwait(&watch->ended, &watch->mutex, &until);
    pthread_mutex_unlock(&watch->mutex);
}

static void *watch_on(void *arg)
{
    struct storage_watch *watch = arg;

    while (!atomic_load(&watch->stop)) {
        struct err err = {0};
        bool ok = storage_answers(watch->store, STORAGE_TRY_BUCKET, &err);
        if (atomic_load(&watch->stop)) /* which had cut it short */
            break;
        note(watch, ok, &err);
        rest(watch, ok ? EVERY_S : AGAIN_S);
    }
    return NULL;
}

struct storage_watch *storage_watch_open(const struct config *config, struct err *reterr)
{
    struct storage_watch *watch = calloc(1, sizeof *watch);

    if (!watch)
        abort();
    if (!(watch->store = store_open_configured(config, &watch->stop, reterr))) {
        free(watch);
        return NULL;
    }
    pthread_mutex_init(&watch->mutex, NULL);
    pthread_cond_init(&watch->ended, NULL);
    if (pthread_create(&watch->thread, NULL, watch_on, watch) != 0)
        abort();
    return watch;
}

void storage_watch_close(struct storage_watch *watch)
{
    if (!watch)
        return;
    pthread_mutex_lock(&watch->mutex);
    atomic_store(&watch->stop, true);
    pthread_cond_signal(&watch->ended);
    pthread_mutex_unlock(&watch->mutex);
    pthread_join(watch->thread, NULL);
    pthread_cond_destroy(&watch->ended);
    pthread_mutex_destroy(&watch->mutex);
    store_close(watch->store);
    free(watch);
}

bool storage_watch_ok(const struct storage_watch *watch) { return watch->state == UP; }
