#include "falsim/sim_workers.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "falsim/sim.h"
#include "falsim/sim_hooks.h"
#include "falsim/sim_make.h"
#include "falsim/sim_state.h"
#include "falsim/sim_table.h"

enum { THREADS = 2 };

struct sim_workers {
    struct sim *sim;
    pthread_t threads[THREADS];
};

static void end_request(struct sim *sim, struct sim_request *r, int64_t now_us)
{
    r->finished_us = now_us;
    sim_state_finished(sim->state, r);
    sim_table_finish(sim->table, r);
    if (!r->cancelled) /* whether the real service calls after a cancel is not known: ours does not */
        sim_hooks_add(sim->hooks, r);
}

static void fail(struct sim_request *r, int status_code, const char *error, const char *type)
{
    char body[200];

    (void)snprintf(r->error, sizeof r->error, "%s", error);
    (void)snprintf(r->error_type, sizeof r->error_type, "%s", type);
    (void)snprintf(body, sizeof body, "{\"detail\":\"%s\",\"error_type\":\"%s\"}", error, type);
    sim_request_set_output(r, status_code, text_of(body));
}

void sim_workers_cancel(struct sim *sim, struct sim_request *request)
{
    request->cancelled = true;
    fail(request, 499, "Request cancelled", "client_cancelled");
    end_request(sim, request, clock_wall_us());
}

static int running(const struct sim *sim)
{
    int count = 0;

    for (struct sim_request *r = sim_table_next_active(sim->table, NULL); r; r = sim_table_next_active(sim->table, r))
        count += r->stage == STAGE_RUNNING;
    return count;
}

static void keep(struct sim_request *r, struct sim_outcome *outcome)
{
    r->making = false;
    if (r->stage == STAGE_DONE) /* cancelled meanwhile */
        return;
    r->made = true;
    r->retryable = outcome->retryable;
    memcpy(r->error, outcome->error, sizeof r->error);
    memcpy(r->error_type, outcome->error_type, sizeof r->error_type);
    sim_request_set_output(r, outcome->status_code,
                           outcome->body.bytes ? (struct text){outcome->body.bytes, outcome->body.len} : TEXT("null"));
    if (outcome->status_code == 422 || outcome->status_code == 404)
        r->duration_us = 0; /* a bad input is noticed at once */
}

static void make(struct sim *sim, struct sim_request *r)
{
    struct sim_outcome outcome;

    r->making = true;
    sim_table_unlock(sim->table);
    sim_make(sim, r, &outcome);
    sim_table_lock(sim->table);
    keep(r, &outcome);
    buf_done(&outcome.body);
    sim_table_changed(sim->table);
}

static int64_t earlier(int64_t a, int64_t b) { return a && (!b || a < b) ? a : b; }

/* Starts and ends what is due. Returns a request whose result is to be made, or NULL and the moment of the next change
   (0: none is foreseen). */
static struct sim_request *look(struct sim *sim, int64_t *retuntil_us)
{
    int64_t now = clock_wall_us(),
            room = sim->config.concurrency ? sim->config.concurrency - running(sim) : SIM_MAX_REQUESTS;
    struct sim_request *todo = NULL, *next;

    *retuntil_us = 0;
    for (struct sim_request *r = sim_table_next_active(sim->table, NULL); r; r = next) {
        next = sim_table_next_active(sim->table, r);
        if (r->stage == STAGE_QUEUED && room > 0) {
            r->stage = STAGE_RUNNING;
            r->started_us = now;
            room--;
        }
        if (r->stage == STAGE_QUEUED && r->start_by_us && r->start_by_us <= now) {
            r->user_timeout = true;
            fail(r, 504, "Request timed out", "request_timeout");
            end_request(sim, r, now);
        } else if (r->stage == STAGE_QUEUED) {
            *retuntil_us = earlier(r->start_by_us, *retuntil_us);
        } else if (r->made && r->started_us + r->duration_us <= now) {
            end_request(sim, r, now);
            room++;
            *retuntil_us = now; /* there is room now: look again for who waits in front */
        } else if (r->made) {
            *retuntil_us = earlier(r->started_us + r->duration_us, *retuntil_us);
        } else if (!r->making && !todo) {
            todo = r;
        }
    }
    return todo;
}

static void *run(void *arg)
{
    struct sim_workers *workers = arg;
    struct sim *sim = workers->sim;
    int64_t until_us;

    sim_table_lock(sim->table);
    while (!atomic_load(&sim->stopping)) {
        struct sim_request *todo = look(sim, &until_us);
        if (todo)
            make(sim, todo);
        else
            sim_table_wait(sim->table, until_us);
    }
    sim_table_unlock(sim->table);
    return NULL;
}

struct sim_workers *sim_workers_start(struct sim *sim)
{
    struct sim_workers *workers = calloc(1, sizeof *workers);

    if (!workers)
        abort();
    workers->sim = sim;
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&workers->threads[i], NULL, run, workers) != 0)
            abort();
    return workers;
}

void sim_workers_stop(struct sim_workers *workers)
{
    sim_table_lock(workers->sim->table);
    atomic_store(&workers->sim->stopping, true);
    sim_table_changed(workers->sim->table);
    sim_table_unlock(workers->sim->table);
    for (int i = 0; i < THREADS; i++)
        (void)pthread_join(workers->threads[i], NULL);
    free(workers);
}
