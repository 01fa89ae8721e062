#include "jobs/bell.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum { MAX_KEPT = 64 };

struct jobs_bell {
    pthread_mutex_t mutex;
    pthread_cond_t rung;
    int rings;
};

struct jobs_bell *bell_open(void)
{
    struct jobs_bell *bell = calloc(1, sizeof *bell);
    pthread_condattr_t attributes;

    if (!bell)
        abort();
    pthread_mutex_init(&bell->mutex, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&bell->rung, &attributes);
    pthread_condattr_destroy(&attributes);
    return bell;
}

void bell_close(struct jobs_bell *bell)
{
    pthread_cond_destroy(&bell->rung);
    pthread_mutex_destroy(&bell->mutex);
    free(bell);
}

void bell_ring(struct jobs_bell *bell)
{
    if (!bell)
        return;
    pthread_mutex_lock(&bell->mutex);
    if (bell->rings < MAX_KEPT)
        bell->rings++;
    pthread_cond_signal(&bell->rung);
    pthread_mutex_unlock(&bell->mutex);
}

void bell_ring_all(struct jobs_bell *bell)
{
    pthread_mutex_lock(&bell->mutex);
    bell->rings = MAX_KEPT;
    pthread_cond_broadcast(&bell->rung);
    pthread_mutex_unlock(&bell->mutex);
}

bool bell_wait(struct jobs_bell *bell, int timeout_ms)
{
    struct timespec until;
    bool rung;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
    until.tv_sec += timeout_ms / 1000 + until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&bell->mutex);
    while (!bell->rings && pthread_cond_timedwait(&bell->rung, &bell->mutex, &until) != ETIMEDOUT)
        ;
    rung = bell->rings > 0;
    if (rung)
        bell->rings--;
    pthread_mutex_unlock(&bell->mutex);
    return rung;
}
