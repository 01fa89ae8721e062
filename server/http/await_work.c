#include "http/await_work.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/reply.h"

enum { WORK_NICE = 10 };

struct job {
    uv_work_t req;
    struct call *call; /* NULL: has gone */
    atomic_bool gone;
    int place;
    void *work;
    void (*run)(void *work, const atomic_bool *gone);
    void (*done)(void *work);
};

/* Whose the work is that waits or runs: of the process, like the pool. */
static struct {
    pthread_mutex_t mutex;
    bool taken[WORK_MAX];
    struct uuid users[WORK_MAX];
} places = {.mutex = PTHREAD_MUTEX_INITIALIZER};

/* -1: there is none left, or not for this user. */
static int take_place(struct uuid user)
{
    int place = -1, own = 0;

    (void)pthread_mutex_lock(&places.mutex);
    for (int i = 0; i < WORK_MAX; i++) {
        if (!places.taken[i])
            place = i;
        else
            own += strcmp(places.users[i].text, user.text) == 0;
    }
    if (own >= WORK_MAX_OF_ONE)
        place = -1;
    if (place >= 0) {
        places.taken[place] = true;
        places.users[place] = user;
    }
    (void)pthread_mutex_unlock(&places.mutex);
    return place;
}

static void give_place(int place)
{
    (void)pthread_mutex_lock(&places.mutex);
    places.taken[place] = false;
    (void)pthread_mutex_unlock(&places.mutex);
}

/* Loops answer others meanwhile: they go first. On Linux the priority is the thread's own. */
static void give_way(void)
{
    static _Thread_local bool done;

    if (!done)
        (void)setpriority(PRIO_PROCESS, (id_t)gettid(), WORK_NICE);
    done = true;
}

static void on_thread(uv_work_t *req)
{
    struct job *job = req->data;

    give_way();
    job->run(job->work, &job->gone);
}

static void on_end(uv_work_t *req, int status)
{
    struct job *job = req->data;
    struct call *call = job->call;

    (void)status;
    give_place(job->place);
    if (call) {
        call->waiting_since_us = clock_monotonic_us(); /* long work is not a slow service */
        call_resumed(call);
        (void)((work_fn)call->then)(call, job->work);
    }
    job->done(job->work);
    free(job);
}

/* The job ends by itself, soon or at once. */
static void cancel(void *op)
{
    struct job *job = op;

    job->call = NULL;
    atomic_store(&job->gone, true);
    (void)uv_cancel((uv_req_t *)&job->req);
}

struct next await_work_named(struct call *call, void *work, void (*run)(void *work, const atomic_bool *gone),
                             void (*done)(void *work), work_fn then, const char *step)
{
    int place = take_place(call->who.user);
    struct job *job;
    struct err err;

    if (place < 0) {
        done(work);
        (void)err_set(&err, ERR_BUSY, "busy", "%d pieces of work wait, %d of one user at most", WORK_MAX,
                      WORK_MAX_OF_ONE);
        return reply_err(call, &err);
    }
    if (!(job = malloc(sizeof *job)))
        abort();
    *job = (struct job){.call = call, .place = place, .work = work, .run = run, .done = done};
    job->req.data = job;
    call->then = (void (*)(void))then;
    if (uv_queue_work(&call->thread->loop, &job->req, on_thread, on_end) != 0)
        abort(); /* it wants a callback, and has one */
    return call_await(call, job, cancel, step);
}
