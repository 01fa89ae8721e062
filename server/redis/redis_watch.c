#include "redis/redis_watch.h"

#include <hiredis/hiredis.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "redis/redis_url.h"

enum { ASK_EVERY_S = 5 };

static const struct timeval PATIENCE = {.tv_sec = 1};

struct redis_watch {
    bool on;
    struct redis_url url;
    atomic_int state;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t ended;
    bool stop;
};

static redisContext *connect_to(const struct redis_url *url)
{
    return url->is_unix ? redisConnectUnixWithTimeout(url->place, PATIENCE)
                        : redisConnectWithTimeout(url->place, url->port, PATIENCE);
}

/* Every step of the greeting must be answered by a status. */
static bool greet(redisContext *redis, const struct redis_url *url)
{
    const char *argv[REDIS_GREETING_WORDS];
    redisReply *reply;
    bool ok = true;
    int count;

    for (int step = 0; ok && (count = redis_url_greeting(url, step, argv)); step++) {
        if (!(reply = redisCommandArgv(redis, count, argv, NULL)))
            return false;
        ok = reply->type == REDIS_REPLY_STATUS;
        freeReplyObject(reply);
    }
    return ok;
}

static bool answers(const struct redis_url *url, struct err *reterr)
{
    redisContext *redis = connect_to(url);
    bool ok = redis && !redis->err && redisSetTimeout(redis, PATIENCE) == REDIS_OK && greet(redis, url);

    if (!ok)
        (void)err_set(reterr, ERR_UPSTREAM, "redis", "Redis: %s",
                      redis && redis->err ? redis->errstr : "it does not take the greeting (password, database)");
    if (redis)
        redisFree(redis);
    return ok;
}

bool redis_answers(const char *url, struct err *reterr)
{
    struct redis_url where;

    return redis_url_read(url, &where, reterr) && answers(&where, reterr);
}

static void wait_a_while(struct redis_watch *watch)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += ASK_EVERY_S;
    pthread_mutex_lock(&watch->mutex);
    if (!watch->stop)
        pthread_cond_timedwait(&watch->ended, &watch->mutex, &until);
    pthread_mutex_unlock(&watch->mutex);
}

static bool stopped(struct redis_watch *watch)
{
    bool stop;

    pthread_mutex_lock(&watch->mutex);
    stop = watch->stop;
    pthread_mutex_unlock(&watch->mutex);
    return stop;
}

static void *ask_on(void *arg)
{
    struct redis_watch *watch = arg;
    struct err err;

    while (!stopped(watch)) {
        atomic_store(&watch->state, answers(&watch->url, &err) ? REDIS_UP : REDIS_DOWN);
        wait_a_while(watch);
    }
    return NULL;
}

struct redis_watch *redis_watch_open(const char *url, struct err *reterr)
{
    struct redis_watch *watch = calloc(1, sizeof *watch);

    if (!watch)
        abort();
    if (!url)
        return watch;
    if (!redis_url_read(url, &watch->url, reterr)) {
        free(watch);
        return NULL;
    }
    watch->on = true;
    pthread_mutex_init(&watch->mutex, NULL);
    pthread_cond_init(&watch->ended, NULL);
    atomic_store(&watch->state, REDIS_DOWN);
    if (pthread_create(&watch->thread, NULL, ask_on, watch) != 0)
        abort();
    return watch;
}

void redis_watch_close(struct redis_watch *watch)
{
    if (watch && watch->on) {
        pthread_mutex_lock(&watch->mutex);
        watch->stop = true;
        pthread_cond_signal(&watch->ended);
        pthread_mutex_unlock(&watch->mutex);
        pthread_join(watch->thread, NULL);
    }
    free(watch);
}

enum redis_state redis_watch_state(const struct redis_watch *watch) { return (enum redis_state)watch->state; }
