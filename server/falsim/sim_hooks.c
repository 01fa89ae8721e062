#include "falsim/sim_hooks.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "falsim/sim.h"
#include "falsim/sim_faults.h"
#include "falsim/sim_json.h"
#include "falsim/sim_keys.h"
#include "falsim/sim_state.h"
#include "falsim/sim_table.h"
#include "fetch/fetch.h"
#include "json/json_in.h"

enum {
    THREADS = 8, /* a receiver that hangs holds one for 15 s */
    CONNECT_TIMEOUT_MS = 5000,
    FIRST_TIMEOUT_MS = 15000,
    TIMEOUT_MS = 120000,
    MAX_PAUSE_MS = 60000,
    MAX_ANSWER = 64 << 10,
    OLD_S = 3600
};

struct hook {
    struct list link;
    struct uuid id;
    char endpoint_id[SIM_ENDPOINT_ROOM];
    char *url, *input;
    struct buf body;
    int tries;
    int copies; /* to be delivered yet */
    bool held;  /* until another one has gone out */
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

static char *copy(const char *text)
{
    char *ret = strdup(text);

    if (!ret)
        abort();
    return ret;
}

static void hook_free(struct hook *hook)
{
    free(hook->url);
    free(hook->input);
    buf_done(&hook->body);
    free(hook);
}

/* The body is made once: what is signed is what is sent, at every try. */
static void make_body(struct hook *hook, const struct sim_request *request)
{
    CLEANUP(buf_done) struct buf payload = buf_make(SIM_MAX_OUTPUT);
    struct err err;
    yajl_val output;
    bool parsed = json_parse(text_of(request->output), &output, &err);

    hook->body = buf_make(2 * SIM_MAX_OUTPUT);
    if (!parsed || !sim_json_python(&payload, output))
        buf_clear(&payload);
    yajl_tree_free(output);
    if (request->status_code == 200)
        (void)buf_add_text(&hook->body, "{\"error\": null, ");
    else
        (void)buf_add_format(&hook->body, "{\"error\": \"Invalid status code: %d\", ", request->status_code);
    (void)buf_add_format(&hook->body, "\"gateway_request_id\": \"%s\", \"payload\": ", request->id.text);
    (void)buf_add_text(&hook->body, payload.len ? payload.bytes : "null");
    if (!payload.len)
        (void)buf_add_text(&hook->body,
                           ", \"payload_error\": \"Response payload is not JSON serializable. Either return a JSON "
                           "serializable object or use the queue endpoint to retrieve the response.\"");
    (void)buf_add_format(&hook->body, ", \"request_id\": \"%s\", \"status\": \"%s\"}", request->id.text,
                         request->status_code == 200 ? "OK" : "ERROR");
}

/* Faults that decide before the first try. False: it gets lost. */
static bool strike_first(struct sim *sim, struct hook *hook)
{
    struct sim_fault fault;

    if (!sim_faults_strike(sim->faults, "webhook", "lost duplicate delayed reordered", text_of(hook->endpoint_id),
                           text_of(hook->input), &fault))
        return true;
    if (strcmp(fault.fault, "lost") == 0)
        return false;
    if (strcmp(fault.fault, "duplicate") == 0)
        hook->copies = 2;
    else
        hook->due_us += fault.delay_ms * 1000;
    hook->held = strcmp(fault.fault, "reordered") == 0;
    return true;
}

static void put(struct sim_hooks *hooks, struct hook *hook)
{
    (void)pthread_mutex_lock(&hooks->mutex);
    if (hooks->count >= SIM_MAX_HOOKS) {
        log_write(LOG_ERROR, "webhook_dropped", "request=%s", hook->id.text);
        hook_free(hook);
    } else {
        list_add_last(&hooks->waiting, &hook->link);
        hooks->count++;
        (void)pthread_cond_broadcast(&hooks->change);
    }
    (void)pthread_mutex_unlock(&hooks->mutex);
}

void sim_hooks_add(struct sim_hooks *hooks, const struct sim_request *request)
{
    struct hook *hook = request->webhook ? calloc(1, sizeof *hook) : NULL;

    if (!hook)
        return;
    hook->id = request->id;
    memcpy(hook->endpoint_id, request->endpoint_id, sizeof hook->endpoint_id);
    hook->url = copy(request->webhook);
    hook->input = copy(request->input);
    hook->copies = 1;
    hook->due_us = clock_wall_us();
    hook->pause_ms = hooks->sim->config.webhook_first_ms;
    make_body(hook, request);
    if (strike_first(hooks->sim, hook))
        put(hooks, hook);
    else
        hook_free(hook);
}

struct signature {
    char request_id[96], user_id[64], timestamp[64], hex[200];
};

static void rotate(struct sim *sim)
{
    unsigned char seed[ED25519_KEY_BYTES];

    sim_keys_rotate(sim->keys, sim->config.seed, seed);
    sim_table_lock(sim->table);
    sim_state_key(sim->state, seed);
    sim_table_unlock(sim->table);
}

static void sign(struct sim *sim, const struct hook *hook, const char *fault, struct signature *ret)
{
    CLEANUP(buf_done) struct buf message = buf_make(1024);
    unsigned char hash[SHA256_BYTES], signature[ED25519_SIGNATURE_BYTES], strange[ED25519_KEY_BYTES];
    char hash_hex[HEX_ROOM(SHA256_BYTES)], hex[HEX_ROOM(ED25519_SIGNATURE_BYTES)];
    int64_t now = clock_wall_s() - (strcmp(fault, "old_timestamp") == 0 ? OLD_S : 0);
    static const char USER[] = "user_falsim";

    if (strcmp(fault, "key_rotated") == 0)
        rotate(sim);
    crypto_sha256((struct text){hook->body.bytes, hook->body.len}, hash);
    hex_write(hash, sizeof hash, hash_hex);
    (void)buf_add_format(&message, "%s\n%s\n%" PRId64 "\n%s", hook->id.text, USER, now, hash_hex);
    if (strcmp(fault, "forged") == 0) {
        crypto_random(strange, sizeof strange);
        ed25519_sign(strange, (struct text){message.bytes, message.len}, signature);
    } else {
        sim_keys_sign(sim->keys, (struct text){message.bytes, message.len}, signature);
    }
    if (strcmp(fault, "bad_signature") == 0)
        signature[7] ^= 1;
    hex_write(signature, sizeof signature, hex);
    (void)snprintf(ret->request_id, sizeof ret->request_id, "X-Fal-Webhook-Request-Id: %s", hook->id.text);
    (void)snprintf(ret->user_id, sizeof ret->user_id, "X-Fal-Webhook-User-Id: %s", USER);
    (void)snprintf(ret->timestamp, sizeof ret->timestamp, "X-Fal-Webhook-Timestamp: %" PRId64, now);
    (void)snprintf(ret->hex, sizeof ret->hex, "X-Fal-Webhook-Signature: %s", hex);
}

/* The status of the receiver's answer; 0: none. */
static int post(struct sim *sim, struct hook *hook)
{
    struct sim_fault fault = {0};
    struct signature s;
    struct fetch_response response = {0};
    struct err err;
    struct fetch *fetch =
        fetch_open(&(struct fetch_config){.origins = {hook->url}, .loopback = true, .stop = &sim->stopping}, &err);

    if (!fetch)
        return 0;
    (void)sim_faults_strike(sim->faults, "webhook", "forged bad_signature old_timestamp key_rotated",
                            text_of(hook->endpoint_id), text_of(hook->input), &fault);
    sign(sim, hook, fault.fault, &s);
    (void)fetch_do(fetch,
                   &(struct fetch_request){.method = FETCH_POST,
                                           .url = hook->url,
                                           .headers = {"Content-Type: application/json", "User-Agent: falsim-webhook",
                                                       s.request_id, s.user_id, s.timestamp, s.hex},
                                           .body = {hook->body.bytes, hook->body.len},
                                           .connect_timeout_ms = CONNECT_TIMEOUT_MS,
                                           .timeout_ms = hook->tries ? TIMEOUT_MS : FIRST_TIMEOUT_MS,
                                           .max_bytes = MAX_ANSWER,
                                           .fresh = true},
                   &response, &err);
    fetch_response_done(&response);
    fetch_close(fetch);
    return response.status;
}

static void record(struct sim *sim, const struct hook *hook, int status)
{
    struct sim_request *request;

    sim_table_lock(sim->table);
    if ((request = sim_table_find(sim->table, text_of(hook->id.text)))) {
        sim_request_add_delivery(request, clock_wall_us(), status);
        sim_state_delivered(sim->state, request);
    }
    sim_table_unlock(sim->table);
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
    int status = post(hooks->sim, hook);
    bool taken = status >= 200 && status < 300, refused = status >= 300 && status < 400;

    if (atomic_load(&hooks->sim->stopping) && status == 0) { /* not tried to the end: the next run does it */
        hook_free(hook);
        return;
    }
    record(hooks->sim, hook, status);
    hook->tries++;
    if (taken) {
        hook->copies--;
        hook->tries = 0;
        release_held(hooks);
    }
    if (refused || hook->copies == 0 || hook->tries >= SIM_HOOK_TRIES) {
        hook_free(hook);
        return;
    }
    if (!taken) {
        hook->due_us = clock_wall_us() + hook->pause_ms * 1000;
        hook->pause_ms = hook->pause_ms * 2 < MAX_PAUSE_MS ? hook->pause_ms * 2 : MAX_PAUSE_MS;
    }
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
