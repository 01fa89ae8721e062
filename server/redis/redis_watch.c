#include "redis/redis_watch.h"

#include <hiredis/hiredis.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"

enum { ASK_EVERY_S = 5 };

static const struct timeval PATIENCE = {.tv_sec = 1};

struct redis_watch {
    char *url; /* NULL: off */
    atomic_int state;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t ended;
    bool stop;
};

static redisContext *connect_tcp(struct text rest)
{
    struct text host = text_cut(&rest, ':'), port_text = rest.at ? text_cut(&rest, '/') : TEXT("6379");
    char name[256];
    int64_t port;

    if (!text_copy(name, sizeof name, host) || !text_int64(port_text, 1, 65535, &port))
        return NULL;
    return redisConnectWithTimeout(name, (int)port, PATIENCE);
}

/* NULL: not a URL we understand. */
static redisContext *open_url(const char *url)
{
    struct text t = text_of(url);

    if (text_starts(t, TEXT("unix:")))
        return redisConnectUnixWithTimeout(url + 5 + (strncmp(url + 5, "//", 2) == 0 ? 2 : 0), PATIENCE);
    if (text_starts(t, TEXT("redis://")))
        return connect_tcp((struct text){t.at + 8, t.len - 8});
    return NULL;
}

bool redis_answers(const char *url, struct err *reterr)
{
    redisContext *redis = open_url(url);
    redisReply *reply = NULL;
    bool ok = false;

    if (!redis)
        return err_set(reterr, ERR_INVALID, "redis", "REDIS_URL must be redis://host:port or unix:/path");
    if (!redis->err && redisSetTimeout(redis, PATIENCE) == REDIS_OK && (reply = redisCommand(redis, "PING")))
        ok = reply->type == REDIS_REPLY_STATUS;
    if (!ok)
        (void)err_set(reterr, ERR_UPSTREAM, "redis", "Redis: %s", redis->err ? redis->errstr : "no answer to PING");
    if (reply)
        freeReplyObject(reply);
    redisFree(redis);
    return ok;
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
        atomic_store(&watch->state, redis_answers(watch->url, &err) ? REDIS_UP : REDIS_DOWN);
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
    if (!text_starts(text_of(url), TEXT("unix:")) && !text_starts(text_of(url), TEXT("redis://"))) {
        free(watch);
        (void)err_set(reterr, ERR_INVALID, "redis", "REDIS_URL must be redis://host:port or unix:/path");
        return NULL;
    }
    watch->url = strdup(url);
    pthread_mutex_init(&watch->mutex, NULL);
    pthread_cond_init(&watch->ended, NULL);
    atomic_store(&watch->state, REDIS_DOWN);
    if (!watch->url || pthread_create(&watch->thread, NULL, ask_on, watch) != 0)
        abort();
    return watch;
}

void redis_watch_close(struct redis_watch *watch)
{
    if (watch && watch->url) {
        pthread_mutex_lock(&watch->mutex);
        watch->stop = true;
        pthread_cond_signal(&watch->ended);
        pthread_mutex_unlock(&watch->mutex);
        pthread_join(watch->thread, NULL);
        free(watch->url);
    }
    free(watch);
}

enum redis_state redis_watch_state(const struct redis_watch *watch) { return (enum redis_state)watch->state; }
