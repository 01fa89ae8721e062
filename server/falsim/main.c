/* aisha-falsim: a stand-in for fal.ai on this machine. See docs/simulator.md. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/crypto.h"
#include "base/log.h"
#include "falsim/paint.h"
#include "falsim/sim.h"
#include "falsim/sim_call.h"
#include "falsim/sim_faults.h"
#include "falsim/sim_files.h"
#include "falsim/sim_hooks.h"
#include "falsim/sim_keys.h"
#include "falsim/sim_options.h"
#include "falsim/sim_serve.h"
#include "falsim/sim_state.h"
#include "falsim/sim_table.h"
#include "falsim/sim_workers.h"

enum { STOP_DEADLINE_MS = 3000, MAX_FAULTS_FILE = 1 << 20, MAX_CONNECTIONS = 4096, REQUEST_TIMEOUT_S = 120 };

static struct local *start_thread(struct http_thread *thread, void *program, struct err *reterr)
{
    struct local *local = malloc(sizeof *local);

    (void)thread;
    (void)reterr;
    if (!local)
        abort();
    local->sim = program;
    return local;
}

static void end_thread(struct local *local) { free(local); }

static bool read_faults(struct sim *sim, struct err *reterr)
{
    CLEANUP(buf_done) struct buf text = buf_make(MAX_FAULTS_FILE);
    FILE *file = fopen(sim->config.faults, "re");
    char piece[4096];
    size_t got;
    bool ok = true;

    if (!file)
        return err_set(reterr, ERR_NOT_FOUND, "faults", "%s cannot be read", sim->config.faults);
    while (ok && (got = fread(piece, 1, sizeof piece, file)) > 0)
        ok = buf_add(&text, piece, got);
    (void)fclose(file);
    return ok ? sim_faults_set(sim->faults, (struct text){text.bytes, text.len}, reterr)
              : err_set(reterr, ERR_TOO_LARGE, "faults", "%s is too large", sim->config.faults);
}

/* Everything but the threads and the server. */
static bool open_parts(struct sim *sim, struct err *reterr)
{
    uint64_t chance = sim->config.seed;
    unsigned char key[ED25519_KEY_BYTES];

    if (!chance)
        crypto_random(&chance, sizeof chance);
    sim->table = sim_table_open();
    sim->keys = sim_keys_open();
    sim->faults = sim_faults_open(chance);
    if (!(sim->files = sim_files_open(sim->config.state, reterr)))
        return false;
    if (sim->config.state && !(sim->state = sim_state_open(sim, sim->config.state, reterr)))
        return false;
    if (sim_keys_empty(sim->keys)) {
        sim_keys_rotate(sim->keys, sim->config.seed, key);
        sim_state_key(sim->state, key);
    }
    return !sim->config.faults || read_faults(sim, reterr);
}

/* Webhooks that an earlier run did not get rid of. */
static void resume_hooks(struct sim *sim)
{
    sim_table_lock(sim->table);
    for (struct sim_request *r = sim_table_oldest(sim->table); r; r = sim_table_newer(sim->table, r)) {
        bool over = r->stage != STAGE_DONE || r->cancelled || r->delivery_count >= SIM_HOOK_TRIES;
        for (int i = 0; i < r->delivery_count; i++)
            over |= r->deliveries[i].status >= 200 && r->deliveries[i].status < 400;
        if (!over)
            sim_hooks_add(sim->hooks, r);
    }
    sim_table_unlock(sim->table);
}

static struct http_server *serve(struct sim *sim, struct err *reterr)
{
    struct http_config config = {.listen = sim->config.listen,
                                 .threads = 1,
                                 .max_connections = MAX_CONNECTIONS,
                                 .max_body = SIM_MAX_BODY,
                                 .request_timeout_s = REQUEST_TIMEOUT_S,
                                 .write_timeout_s = REQUEST_TIMEOUT_S,
                                 .public_origin = ""};
    struct http_site site = {.routes = SIM_ROUTES,
                             .files_prefix = "/files/",
                             .files_root = sim_files_root(sim->files),
                             .may_serve = sim_serve_may,
                             .thread_start = start_thread,
                             .thread_end = end_thread,
                             .program = sim};

    return http_server_start(&config, &site, reterr);
}

/* port < 0: the one that was asked for. */
static void name_public_url(struct sim *sim, int port)
{
    const char *colon = strrchr(sim->config.listen, ':');
    int host = (int)(colon ? colon - sim->config.listen : 0);
    char *url = sim->urls[port >= 0];

    if (sim->config.public_url)
        (void)snprintf(url, sizeof sim->urls[0], "%s", sim->config.public_url);
    else if (port < 0)
        (void)snprintf(url, sizeof sim->urls[0], "http://%s", sim->config.listen);
    else
        (void)snprintf(url, sizeof sim->urls[0], "http://%.*s:%d", host, sim->config.listen, port);
    sim->public_url = url;
}

static int run(struct sim *sim, const sigset_t *signals)
{
    struct err err;
    struct http_server *server;
    int signal_number;

    name_public_url(sim, -1);
    if (!open_parts(sim, &err) || !(server = serve(sim, &err))) {
        (void)fprintf(stderr, "aisha-falsim: %s\n", err.detail);
        return 1;
    }
    name_public_url(sim, http_server_port(server)); /* with --listen …:0 it is known only now */
    sim->hooks = sim_hooks_start(sim);
    sim->workers = sim_workers_start(sim);
    resume_hooks(sim);
    log_write(LOG_INFO, "listening", "url=%s", sim->public_url);
    (void)sigwait(signals, &signal_number);
    (void)http_server_stop(server, STOP_DEADLINE_MS);
    sim_workers_stop(sim->workers);
    sim_hooks_stop(sim->hooks);
    return 0;
}

static void close_parts(struct sim *sim)
{
    sim_state_close(sim->state);
    if (sim->files)
        sim_files_close(sim->files);
    sim_faults_close(sim->faults);
    sim_keys_close(sim->keys);
    sim_table_close(sim->table);
}

int main(int count, char **words)
{
    struct sim sim = {0};
    sigset_t signals;
    struct err err;
    bool help;
    int status;

    if (!sim_options_read(count, words, &sim.config, &help))
        return 2;
    if (help)
        return 0;
    (void)signal(SIGPIPE, SIG_IGN);
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    (void)pthread_sigmask(SIG_BLOCK, &signals, NULL); /* in every thread: only sigwait gets them */
    if (!paint_open(words[0], &err)) {
        (void)fprintf(stderr, "aisha-falsim: %s\n", err.detail);
        return 1;
    }
    status = run(&sim, &signals);
    close_parts(&sim);
    paint_close();
    return status;
}
