/* One lock guards the keys and the two wishes (stop, refetch); the thread holds it only to look and to store, never
   while it fetches. Times are monotonic milliseconds. */
#include "fal/jwks.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "fetch/fetch.h"

enum {
    BYTES_MAX = 64 * 1024,
    CONNECT_MS = 5000,
    TIMEOUT_MS = 15000,
    BACKOFF_FIRST_MS = 1000,
    BACKOFF_MAX_MS = 60000,
    ASKED_AGAIN_MS = 60000,
    REFRESH_MS = 23 * 3600 * 1000,
    KEEP_MS = 24 * 3600 * 1000
};

struct jwks {
    char url[512];
    struct fetch *fetch; /* the thread's own */
    pthread_t thread;
    atomic_bool stop;

    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct key_set keys;
    int64_t loaded_ms;  /* when keys came; meaningless without keys */
    int64_t next_ms;    /* when to fetch */
    int64_t refused_ms; /* when a bad signature last brought a fetch about; 0: never */
    int backoff_ms;
};

static bool load(struct jwks *jwks, struct key_set *ret, struct err *reterr)
{
    struct fetch_request request = {.trust = FETCH_FAL,
                                    .url = jwks->url,
                                    .headers = {"Accept: application/json"},
                                    .connect_timeout_ms = CONNECT_MS,
                                    .timeout_ms = TIMEOUT_MS,
                                    .max_bytes = BYTES_MAX};
    struct fetch_response response;
    bool ok = fetch_do(jwks->fetch, &request, &response, reterr) == FETCH_OK;

    if (ok && response.status != 200)
        ok = err_set(reterr, ERR_UPSTREAM, "jwks_failed", "HTTP %d", response.status);
    ok = ok && key_set_read((struct text){response.body.bytes, response.body.len}, ret, reterr);
    fetch_response_done(&response);
    return ok;
}

/* With the lock held: takes in what a load begun at begin_ms brought and settles when to fetch next. */
static void store(struct jwks *jwks, int64_t begin_ms, bool ok, const struct key_set *keys, const struct err *err)
{
    int64_t now_ms = clock_monotonic_ms();

    if (ok) {
        jwks->keys = *keys;
        jwks->loaded_ms = now_ms;
        jwks->next_ms = jwks->refused_ms > begin_ms ? now_ms : now_ms + REFRESH_MS;
        jwks->backoff_ms = BACKOFF_FIRST_MS;
        log_write(LOG_INFO, "jwks.loaded", "keys=%d", keys->count);
        return;
    }
    jwks->next_ms = now_ms + jwks->backoff_ms;
    jwks->backoff_ms = jwks->backoff_ms > BACKOFF_MAX_MS / 2 ? BACKOFF_MAX_MS : 2 * jwks->backoff_ms;
    if (!atomic_load(&jwks->stop))
        log_write(LOG_WARN, "jwks.failed", "reason=%s retry_ms=%lld", LOG_QUOTE(err->detail),
                  (long long)(jwks->next_ms - now_ms));
}

/* With the lock held: until it is time to fetch (true) or to end (false). */
static bool wait_for_work(struct jwks *jwks)
{
    while (!atomic_load(&jwks->stop)) {
        struct timespec until = {.tv_sec = jwks->next_ms / 1000, .tv_nsec = jwks->next_ms % 1000 * 1000000};
        if (clock_monotonic_ms() >= jwks->next_ms)
            return true;
        (void)pthread_cond_timedwait(&jwks->changed, &jwks->lock, &until);
    }
    return false;
}

static void *run(void *owner)
{
    struct jwks *jwks = owner;

    pthread_mutex_lock(&jwks->lock);
    while (wait_for_work(jwks)) {
        struct key_set keys;
        struct err err = {0};
        int64_t begin_ms = clock_monotonic_ms();
        bool ok;
        pthread_mutex_unlock(&jwks->lock);
        ok = load(jwks, &keys, &err);
        pthread_mutex_lock(&jwks->lock);
        store(jwks, begin_ms, ok, &keys, &err);
    }
    pthread_mutex_unlock(&jwks->lock);
    return NULL;
}

static void start(struct jwks *jwks)
{
    pthread_condattr_t monotonic;

    if (pthread_mutex_init(&jwks->lock, NULL) != 0 || pthread_condattr_init(&monotonic) != 0 ||
        pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) != 0 ||
        pthread_cond_init(&jwks->changed, &monotonic) != 0 || pthread_create(&jwks->thread, NULL, run, jwks) != 0)
        abort();
    (void)pthread_condattr_destroy(&monotonic);
}

struct jwks *jwks_open(const char *url, bool loopback, struct err *reterr)
{
    struct jwks *jwks = calloc(1, sizeof *jwks);

    if (!jwks)
        abort();
    jwks->backoff_ms = BACKOFF_FIRST_MS;
    if (!text_copy(jwks->url, sizeof jwks->url, text_of(url)))
        (void)err_set(reterr, ERR_INVALID, "jwks_url", "the URL of the key set is too long");
    else
        jwks->fetch = fetch_open(
            &(struct fetch_config){.origins = {jwks->url}, .loopback = loopback, .stop = &jwks->stop}, reterr);
    if (!jwks->fetch) {
        free(jwks);
        return NULL;
    }
    start(jwks);
    return jwks;
}

void jwks_close(struct jwks *jwks)
{
    if (!jwks)
        return;
    pthread_mutex_lock(&jwks->lock); /* so that the thread is not between its look at stop and its wait */
    atomic_store(&jwks->stop, true);
    pthread_cond_signal(&jwks->changed);
    pthread_mutex_unlock(&jwks->lock);
    (void)pthread_join(jwks->thread, NULL);
    fetch_close(jwks->fetch);
    pthread_cond_destroy(&jwks->changed);
    pthread_mutex_destroy(&jwks->lock);
    free(jwks);
}

static bool copy_keys(struct jwks *jwks, struct key_set *ret)
{
    pthread_mutex_lock(&jwks->lock);
    *ret = jwks->keys;
    if (ret->count && clock_monotonic_ms() - jwks->loaded_ms >= KEEP_MS)
        ret->count = 0;
    pthread_mutex_unlock(&jwks->lock);
    return ret->count > 0;
}

/* A signature that no key fits may be signed with a new one. */
static void ask_for_keys(struct jwks *jwks)
{
    int64_t now_ms = clock_monotonic_ms();

    pthread_mutex_lock(&jwks->lock);
    if (jwks->refused_ms == 0 || now_ms - jwks->refused_ms >= ASKED_AGAIN_MS) {
        jwks->refused_ms = now_ms;
        jwks->next_ms = now_ms;
        pthread_cond_signal(&jwks->changed);
    }
    pthread_mutex_unlock(&jwks->lock);
}

enum jwks_verdict jwks_verify(struct jwks *jwks, const struct fal_webhook_headers *headers, struct text body,
                              int64_t now_s, struct err *reterr)
{
    struct key_set keys;

    if (!copy_keys(jwks, &keys)) {
        (void)err_set(reterr, ERR_BUSY, "jwks_unavailable", "no signing keys yet");
        return JWKS_UNAVAILABLE;
    }
    if (fal_webhook_check(&keys, headers, body, now_s, reterr))
        return JWKS_VERIFIED;
    if (strcmp(reterr->code, "webhook_bad_signature") == 0)
        ask_for_keys(jwks);
    return JWKS_BAD;
}

bool jwks_has_keys(struct jwks *jwks)
{
    struct key_set keys;

    return copy_keys(jwks, &keys);
}
