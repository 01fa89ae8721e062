#include "http/await_work.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/reply.h"

enum { WORK_NICE = 10 };

struct job {
    uv_work_t req;
    struct call *call; /* NULL: has gone */
    atomic_bool gone;
    void *work;
    void (*run)(void *work, const atomic_bool *gone);
    void (*done)(void *work);
};

static atomic_int waiting; /* of the process, like the pool */

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
    atomic_fetch_sub(&waiting, 1);
    job->run(job->work, &job->gone);
}

static void on_end(uv_work_t *req, int status)
{
    struct job *job = req->data;
    struct call *call = job->call;

    if (status == UV_ECANCELED)
        atomic_fetch_sub(&waiting, 1);
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

static bool may_wait(void)
{
    if (atomic_fetch_add(&waiting, 1) < WORK_MAX_WAITING)
        return true;
    atomic_fetch_sub(&waiting, 1);
    return false;
}

struct next await_work_named(struct call *call, void *work, void (*run)(void *work, const atomic_bool *gone),
                             void (*done)(void *work), work_fn then, const char *step)
{
    struct job *job;
    struct err err;

    if (!may_wait()) {
        done(work);
        (void)err_set(&err, ERR_BUSY, "busy", "%d pieces of work wait for a thread", WORK_MAX_WAITING);
        return reply_err(call, &err);
    }
    if (!(job = malloc(sizeof *job)))
        abort();
    *job = (struct job){.call = call, .work = work, .run = run, .done = done};
    job->req.data = job;
    call->then = (void (*)(void))then;
    if (uv_queue_work(&call->thread->loop, &job->req, on_thread, on_end) != 0)
        abort(); /* it wants a callback, and has one */
    return call_await(call, job, cancel, step);
}
