#include "falsim/sim_hooks.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "falsim/sim.h"
#include "falsim/sim_faults.h"
#include "falsim/sim_hook.h"
#include "falsim/sim_state.h"
#include "falsim/sim_table.h"

enum { THREADS = 8 /* a receiver that hangs holds one for 15 s */, MAX_PAUSE_MS = 60000 };

struct hook {
    struct list link;
    struct sim_hook hook;
    bool held; /* until another one has gone out */
    int64_t due_us, pause_ms;
};

struct sim_hooks {
    struct sim *sim;
    pthread_mutex_t mutex;
    pthread_cond_t change;
    struct list waiting;
    int count;
    bool stopping;
    pthread_t threads[THREADS];
};

static void hook_free(struct hook *hook)
{
    sim_hook_done(&hook->hook);
    free(hook);
}

static void put(struct sim_hooks *hooks, struct hook *hook)
{
    (void)pthread_mutex_lock(&hooks->mutex);
    if (hooks->count >= SIM_MAX_HOOKS) {
        log_write(LOG_ERROR, "webhook_dropped", "request=%s", hook->hook.id.text);
        hook_free(hook);
    } else {
        list_add_last(&hooks->waiting, &hook->link);
        hooks->count++;
        (void)pthread_cond_broadcast(&hooks->change);
    }
    (void)pthread_mutex_unlock(&hooks->mutex);
}

static struct hook *make(struct sim_hooks *hooks, const struct sim_request *request)
{
    struct hook *hook = calloc(1, sizeof *hook);

    if (!hook)
        abort();
    sim_hook_make(&hook->hook, request);
    hook->due_us = clock_wall_us();
    hook->pause_ms = hooks->sim->config.webhook_first_ms;
    return hook;
}

/* Doubles go out side by side: each is a hook of its own. */
void sim_hooks_add(struct sim_hooks *hooks, const struct sim_request *request)
{
    struct sim_fault fault = {0};
    bool late;

    if (!request->webhook)
        return;
    (void)sim_faults_strike(hooks->sim->faults, "webhook", "lost duplicate delayed reordered",
                            text_of(request->endpoint_id), text_of(request->input), &fault);
    if (strcmp(fault.fault, "lost") == 0)
        return;
    late = strcmp(fault.fault, "delayed") == 0 || strcmp(fault.fault, "reordered") == 0;
    for (int64_t i = strcmp(fault.fault, "duplicate") == 0 ? fault.times : 1; i > 0; i--) {
        struct hook *hook = make(hooks, request);
        hook->due_us += late ? fault.delay_ms * 1000 : 0;
        hook->held = strcmp(fault.fault, "reordered") == 0;
        put(hooks, hook);
    }
}

void sim_hooks_repeat(struct sim_hooks *hooks, const struct sim_request *request) { put(hooks, make(hooks, request)); }

/* False: it is not to be repeated, since what it tells of has expired. */
static bool record(struct sim *sim, const struct hook *hook, int status)
{
    struct sim_request *request;
    bool kept;

    sim_table_lock(sim->table);
    if ((request = sim_table_find(sim->table, text_of(hook->hook.id.text)))) {
        sim_request_add_delivery(request, clock_wall_us(), status);
        sim_state_delivered(sim->state, request);
    }
    kept = request && !sim_request_expired(sim, request);
    sim_table_unlock(sim->table);
    return kept;
}

static void release_held(struct sim_hooks *hooks)
{
    (void)pthread_mutex_lock(&hooks->mutex);
    for (struct list *l = hooks->waiting.next; l != &hooks->waiting; l = l->next) {
        struct hook *hook = LIST_ENTRY(l, struct hook, link);
        if (hook->held)
            hook->due_us = clock_wall_us();
        hook->held = false;
    }
    (void)pthread_cond_broadcast(&hooks->change);
    (void)pthread_mutex_unlock(&hooks->mutex);
}

/* One try; afterwards the hook waits for the next one or is gone. */
static void deliver(struct sim_hooks *hooks, struct hook *hook)
{
    int status = sim_hook_post(hooks->sim, &hook->hook);
    bool taken = status >= 200 && status < 300, refused = status >= 300 && status < 400, kept;

    if (atomic_load(&hooks->sim->stopping) && status == 0) { /* not tried to the end: the next run does it */
        hook_free(hook);
        return;
    }
    kept = record(hooks->sim, hook, status);
    hook->hook.tries++;
    if (taken)
        release_held(hooks);
    if (taken || refused || !kept || hook->hook.tries >= SIM_HOOK_TRIES) {
        hook_free(hook);
        return;
    }
    hook->due_us = clock_wall_us() + hook->pause_ms * 1000;
    hook->pause_ms = hook->pause_ms * 2 < MAX_PAUSE_MS ? hook->pause_ms * 2 : MAX_PAUSE_MS;
    put(hooks, hook);
}

/* The one that is due first; called with the mutex held. */
static struct hook *next_due(const struct sim_hooks *hooks)
{
    struct hook *first = NULL;

    for (struct list *l = hooks->waiting.next; l != &hooks->waiting; l = l->next) {
        struct hook *hook = LIST_ENTRY(l, struct hook, link);
        if (!first || hook->due_us < first->due_us)
            first = hook;
    }
    return first;
}

static void wait_until(struct sim_hooks *hooks, const struct hook *hook)
{
    struct timespec until = {0};

    if (!hook) {
        (void)pthread_cond_wait(&hooks->change, &hooks->mutex);
        return;
    }
    until.tv_sec = hook->due_us / 1000000;
    until.tv_nsec = hook->due_us % 1000000 * 1000;
    (void)pthread_cond_timedwait(&hooks->change, &hooks->mutex, &until);
}

static void *run(void *arg)
{
    struct sim_hooks *hooks = arg;

    (void)pthread_mutex_lock(&hooks->mutex);
    while (!hooks->stopping) {
        struct hook *hook = next_due(hooks);
        if (!hook || hook->due_us > clock_wall_us()) {
            wait_until(hooks, hook);
            continue;
        }
        list_remove(&hook->link);
        hooks->count--;
        (void)pthread_mutex_unlock(&hooks->mutex);
        deliver(hooks, hook);
        (void)pthread_mutex_lock(&hooks->mutex);
    }
    (void)pthread_mutex_unlock(&hooks->mutex);
    return NULL;
}

struct sim_hooks *sim_hooks_start(struct sim *sim)
{
    struct sim_hooks *hooks = calloc(1, sizeof *hooks);

    if (!hooks || pthread_mutex_init(&hooks->mutex, NULL) != 0 || pthread_cond_init(&hooks->change, NULL) != 0)
        abort();
    hooks->sim = sim;
    list_init(&hooks->waiting);
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&hooks->threads[i], NULL, run, hooks) != 0)
            abort();
    return hooks;
}

void sim_hooks_stop(struct sim_hooks *hooks)
{
    (void)pthread_mutex_lock(&hooks->mutex);
    hooks->stopping = true;
    (void)pthread_cond_broadcast(&hooks->change);
    (void)pthread_mutex_unlock(&hooks->mutex);
    for (int i = 0; i < THREADS; i++)
        (void)pthread_join(hooks->threads[i], NULL);
    while (!list_empty(&hooks->waiting)) {
        struct hook *hook = LIST_ENTRY(hooks->waiting.next, struct hook, link);
        list_remove(&hook->link);
        hook_free(hook);
    }
    (void)pthread_cond_destroy(&hooks->change);
    (void)pthread_mutex_destroy(&hooks->mutex);
    free(hooks);
}
