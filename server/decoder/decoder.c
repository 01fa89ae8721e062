#include "decoder/decoder.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "base/log.h"
#include "decoder/decoder_process.h"

enum { MAX_PROCESSES = 64, MAX_PHOTOS = 200 /* then a new one: what leaks, or was planted, does not last */ };

struct place {
    struct decoder_process process;
    bool taken;
};

struct decoder {
    pthread_mutex_t lock; /* over closing, callers, and taken of each place */
    pthread_cond_t given_back;
    bool closing;
    int callers; /* threads that are in decoder_examine */
    char *program, *models;
    atomic_long examined, died, ended;
    int count;
    struct place places[MAX_PROCESSES];
};

static void must(int code)
{
    if (code)
        abort();
}

struct decoder *decoder_open(const char *program, const char *models, int count, struct err *reterr)
{
    struct decoder *decoder = calloc(1, sizeof *decoder);
    pthread_condattr_t monotonic;

    (void)reterr;
    assert(count > 0);
    if (!decoder || !(decoder->program = strdup(program)) || !(decoder->models = strdup(models)))
        abort();
    decoder->count = count < MAX_PROCESSES ? count : MAX_PROCESSES;
    must(pthread_mutex_init(&decoder->lock, NULL));
    must(pthread_condattr_init(&monotonic));
    must(pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC));
    must(pthread_cond_init(&decoder->given_back, &monotonic));
    must(pthread_condattr_destroy(&monotonic));
    return decoder;
}

/* Who sent the photos may have left long ago while a thread still looks at one. */
static void await_callers(struct decoder *decoder)
{
    must(pthread_mutex_lock(&decoder->lock));
    decoder->closing = true;
    must(pthread_cond_broadcast(&decoder->given_back));
    while (decoder->callers)
        must(pthread_cond_wait(&decoder->given_back, &decoder->lock));
    must(pthread_mutex_unlock(&decoder->lock));
}

void decoder_close(struct decoder *decoder)
{
    if (!decoder)
        return;
    await_callers(decoder);
    for (int i = 0; i < decoder->count; i++)
        (void)decoder_process_end(&decoder->places[i].process);
    must(pthread_cond_destroy(&decoder->given_back));
    must(pthread_mutex_destroy(&decoder->lock));
    free(decoder->program);
    free(decoder->models);
    free(decoder);
}

/* One that runs already, if there is one, so that no more are made than are needed at once. */
static struct place *find_free(struct decoder *decoder)
{
    struct place *empty = NULL;

    for (int i = 0; i < decoder->count; i++) {
        struct place *place = &decoder->places[i];
        if (!place->taken && place->process.pid)
            return place;
        if (!place->taken && !empty)
            empty = place;
    }
    return empty;
}

static struct place *take(struct decoder *decoder)
{
    struct timespec deadline;
    struct place *place = NULL;
    int code = 0;

    (void)clock_gettime(CLOCK_MONOTONIC, &deadline);
    deadline.tv_sec += DECODER_WAIT_S;
    must(pthread_mutex_lock(&decoder->lock));
    decoder->callers++;
    while (!decoder->closing && !(place = find_free(decoder)) && code == 0)
        code = pthread_cond_timedwait(&decoder->given_back, &decoder->lock, &deadline);
    if (place)
        place->taken = true;
    must(pthread_mutex_unlock(&decoder->lock));
    return place;
}

static void give_back(struct decoder *decoder, struct place *or_null)
{
    must(pthread_mutex_lock(&decoder->lock));
    if (or_null)
        or_null->taken = false;
    decoder->callers--;
    must(decoder->closing ? pthread_cond_broadcast(&decoder->given_back) : pthread_cond_signal(&decoder->given_back));
    must(pthread_mutex_unlock(&decoder->lock));
}

static bool start(struct decoder *decoder, struct place *place, struct err *reterr)
{
    return place->process.pid || decoder_process_start(&place->process, decoder->program, decoder->models, reterr);
}

/* Ends a process that a photo has been too much for, and says so. */
static bool bury(struct decoder *decoder, struct place *place, enum decoder_outcome outcome, struct err *reterr)
{
    int pid = place->process.pid, status = decoder_process_end(&place->process);
    int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

    if (outcome == DECODER_OVERRAN || signal == SIGXCPU || signal == SIGALRM) {
        (void)atomic_fetch_add(&decoder->ended, 1);
        log_write(LOG_WARN, "decoder_ended", "pid=%d reason=time", pid);
    } else {
        (void)atomic_fetch_add(&decoder->died, 1);
        log_write(LOG_WARN, "decoder_died", "pid=%d signal=%d status=%d answer=%s", pid, signal,
                  WIFEXITED(status) ? WEXITSTATUS(status) : 0, outcome == DECODER_UNABLE ? "senseless" : "none");
    }
    return err_set(reterr, ERR_UPSTREAM, "photo_undecodable", "its decoder %s",
                   outcome == DECODER_OVERRAN ? "took too long" : "died");
}

static bool examine(struct decoder *decoder, struct place *place, const struct decoder_photo *photo,
                    struct photo_files *ret, struct err *reterr)
{
    enum decoder_outcome outcome = DECODER_ABSENT;
    bool taken = false;

    /* One that ended while it had nothing to do is none of this photo's fault: so another one is asked, once. */
    for (int tries = 0; outcome == DECODER_ABSENT && tries < 2; tries++) {
        if (!start(decoder, place, reterr))
            return false;
        outcome = decoder_process_examine(&place->process, photo, ret, &taken, reterr);
        if (outcome == DECODER_ABSENT)
            (void)decoder_process_end(&place->process);
    }
    if (outcome == DECODER_ABSENT)
        return err_set(reterr, ERR_INTERNAL, "decoder_failed", "two processes ended before they got a photo");
    (void)atomic_fetch_add(&decoder->examined, 1);
    if (outcome != DECODER_ANSWERED)
        return bury(decoder, place, outcome, reterr);
    if (place->process.examined >= MAX_PHOTOS)
        (void)decoder_process_end(&place->process);
    return taken;
}

bool decoder_examine(struct decoder *decoder, int fd, int64_t from, int64_t len, bool look_for_faces,
                     struct photo_files *ret, struct err *reterr)
{
    const struct decoder_photo photo = {fd, from, len, look_for_faces};
    struct place *place = take(decoder);
    bool ok = place ? examine(decoder, place, &photo, ret, reterr)
                    : err_set(reterr, ERR_BUSY, "decoder_busy", "none of %d was free", decoder->count);

    give_back(decoder, place);
    return ok;
}

struct decoder_counts decoder_counts(struct decoder *decoder)
{
    return (struct decoder_counts){atomic_load(&decoder->examined), atomic_load(&decoder->died),
                                   atomic_load(&decoder->ended)};
}
