#include "http/server.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "http/connection.h"
#include "http/files.h"
#include "http/headers.h"
#include "http/listener.h"
#include "http/plain_errors.h"
#include "http/router.h"
#include "http/stats.h"

enum { BACKLOG = 1024, LINGER_STEP_MS = 100, IDLE_GRACE_MS = 300, SCRATCH_LIMIT = 4 << 20 };

struct http_server {
    struct http_config config;
    struct http_site site;
    struct http_stats *stats;
    h2o_globalconf_t globalconf; /* shared, read-only while the threads run */
    int port;
    struct http_thread *threads;
    pthread_t *ids;
    uv_sem_t started;
    atomic_int cut_off;
    atomic_llong deadline_ms;
};

const struct http_site *http_thread_site(const struct http_thread *thread) { return &thread->server->site; }
const struct http_config *http_thread_config(const struct http_thread *thread) { return &thread->server->config; }
struct http_stats *http_server_stats(struct http_server *server) { return server->stats; }
int http_server_port(const struct http_server *server) { return server->port; }
bool http_thread_stopping(const struct http_thread *thread) { return thread->stop_deadline_ms != 0; }

void http_thread_request_id(struct http_thread *thread, char to[HTTP_REQUEST_ID_ROOM])
{
    (void)snprintf(to, HTTP_REQUEST_ID_ROOM, "%016llx%08llx", (unsigned long long)thread->request_id_base,
                   (unsigned long long)++thread->request_count & 0xffffffff);
}

static int on_req(h2o_handler_t *self, h2o_req_t *req)
{
    (void)self;
    router_dispatch(H2O_STRUCT_FROM_MEMBER(struct http_thread, context, req->conn->ctx), req);
    return 0;
}

static void configure(struct http_server *server)
{
    h2o_globalconf_t *conf = &server->globalconf;
    h2o_hostconf_t *host;
    h2o_pathconf_t *path;

    h2o_config_init(conf);
    conf->server_name = h2o_iovec_init(H2O_STRLIT(""));
    conf->max_request_entity_size = server->config.max_body;
    conf->http1.upgrade_to_http2 = 0;
    conf->http1.req_timeout = (uint64_t)server->config.request_timeout_s * 1000;
    host = h2o_config_register_host(conf, h2o_iovec_init(H2O_STRLIT("default")), 65535);
    connection_register(&host->fallback_path);
    headers_register(&host->fallback_path);
    plain_errors_register(&host->fallback_path);
    if (server->site.files_prefix)
        files_register(host, &server->site);
    path = h2o_config_register_path(host, "/", 0); /* last: the first prefix that fits wins */
    connection_register(path);
    h2o_create_handler(path, sizeof(h2o_handler_t))->on_req = on_req;
    headers_register(path);
    plain_errors_register(path);
}

/* Stopping: first what is idle is closed, at the deadline everything. */

static void on_linger(uv_timer_t *timer)
{
    struct http_thread *thread = timer->data;
    int64_t now = clock_monotonic_ms();

    connections_close(thread, now >= thread->stop_deadline_ms);
}

static void on_stop(uv_async_t *async)
{
    struct http_thread *thread = async->data;
    struct http_server *server = thread->server;

    if (thread->stop_deadline_ms)
        return;
    thread->stop_deadline_ms = atomic_load(&server->deadline_ms);
    thread->context.shutdown_requested =
        1; /* h2o_context_request_shutdown would arm an HTTP/2 timer that dispose asserts on */
    uv_close((uv_handle_t *)&thread->listener, NULL);
    if (server->site.thread_stopping)
        server->site.thread_stopping(thread);
    uv_timer_start(&thread->linger, on_linger, IDLE_GRACE_MS, LINGER_STEP_MS);
}

void http_thread_init(struct http_thread *thread, struct http_server *server)
{
    *thread = (struct http_thread){.server = server, .scratch = buf_make(SCRATCH_LIMIT)};
    crypto_random(&thread->request_id_base, sizeof thread->request_id_base);
    h2o_linklist_init_anchor(&thread->connections);
    h2o_linklist_init_anchor(&thread->ended);
    h2o_linklist_init_anchor(&thread->uploads);
    uv_loop_init(&thread->loop);
    h2o_context_init(&thread->context, &thread->loop, &server->globalconf);
    thread->accept = (h2o_accept_ctx_t){.ctx = &thread->context, .hosts = server->globalconf.hosts};
    uv_async_init(&thread->loop, &thread->stop, on_stop);
    uv_timer_init(&thread->loop, &thread->linger);
    uv_timer_init(&thread->loop, &thread->upload_clock);
    uv_prepare_init(&thread->loop, &thread->prepare);
    thread->stop.data = thread->linger.data = thread->upload_clock.data = thread->prepare.data = thread;
}

void http_thread_done(struct http_thread *thread)
{
    uv_close((uv_handle_t *)&thread->stop, NULL);
    uv_close((uv_handle_t *)&thread->linger, NULL);
    uv_close((uv_handle_t *)&thread->upload_clock, NULL);
    uv_close((uv_handle_t *)&thread->prepare, NULL);
    h2o_context_dispose(&thread->context); /* runs the loop once by itself */
    if (thread->local && thread->server->site.thread_end)
        thread->server->site.thread_end(thread->local);
    uv_run(&thread->loop, UV_RUN_DEFAULT);
    if (uv_loop_close(&thread->loop) != 0)
        log_write(LOG_ERROR, "loop_left_open", "thread=%d", thread->index);
    buf_done(&thread->scratch);
}

static void serve_until_stopped(struct http_thread *thread)
{
    struct http_server *server = thread->server;
    int64_t patience_ms = 1000; /* behind the deadline, for what was just cut off to be seen closing */

    while (!thread->stop_deadline_ms || thread->connection_count > 0) {
        uv_run(&thread->loop, UV_RUN_ONCE);
        if (thread->stop_deadline_ms && clock_monotonic_ms() > thread->stop_deadline_ms + patience_ms) {
            atomic_store(&server->cut_off, 1);
            return; /* a call still waits for something: its memory is left to the end of the process */
        }
    }
    http_thread_done(thread);
}

static void *run_thread(void *arg)
{
    struct http_thread *thread = arg;
    struct http_server *server = thread->server;

    uv_sem_post(&server->started);
    serve_until_stopped(thread);
    return NULL;
}

static bool prepare_thread(struct http_server *server, int index, int fd, struct err *reterr)
{
    struct http_thread *thread = &server->threads[index];

    http_thread_init(thread, server);
    thread->index = index;
    uv_tcp_init(&thread->loop, &thread->listener);
    thread->listener.data = thread;
    uv_tcp_open(&thread->listener, fd);
    if (server->site.thread_start && !(thread->local = server->site.thread_start(thread, server->site.program, reterr)))
        return false;
    return uv_listen((uv_stream_t *)&thread->listener, BACKLOG, connection_on_accept) == 0 ||
           err_set(reterr, ERR_INTERNAL, "listen", "uv_listen failed");
}

static void launch(struct http_server *server)
{
    uv_sem_init(&server->started, 0);
    for (int i = 0; i < server->config.threads; i++) {
        if (pthread_create(&server->ids[i], NULL, run_thread, &server->threads[i]) != 0)
            abort();
        uv_sem_wait(&server->started);
    }
}

struct http_server *http_server_start(const struct http_config *config, const struct http_site *site,
                                      struct err *reterr)
{
    struct http_server *server = http_server_make(config, site);
    int fds[HTTP_MAX_THREADS];

    if (!listener_open(config->listen, config->threads, fds, &server->port, reterr)) {
        http_server_free(server);
        return NULL;
    }
    for (int i = 0; i < config->threads; i++)
        if (!prepare_thread(server, i, fds[i], reterr))
            return NULL; /* the program ends: nothing was accepted */
    launch(server);
    return server;
}

bool http_server_stop(struct http_server *server, int deadline_ms)
{
    bool clean;

    atomic_store(&server->deadline_ms, clock_monotonic_ms() + deadline_ms);
    for (int i = 0; i < server->config.threads; i++)
        uv_async_send(&server->threads[i].stop);
    for (int i = 0; i < server->config.threads; i++)
        pthread_join(server->ids[i], NULL);
    clean = !atomic_load(&server->cut_off);
    uv_sem_destroy(&server->started);
    if (clean)
        http_server_free(server);
    return clean;
}

struct http_server *http_server_make(const struct http_config *config, const struct http_site *site)
{
    struct http_server *server = calloc(1, sizeof *server);

    assert(config->threads > 0 && config->threads <= HTTP_MAX_THREADS);
    if (!server)
        abort();
    server->config = *config;
    server->site = *site;
    server->stats = stats_open(site->routes);
    server->threads = calloc((size_t)config->threads, sizeof *server->threads);
    server->ids = calloc((size_t)config->threads, sizeof *server->ids);
    if (!server->threads || !server->ids)
        abort();
    configure(server);
    return server;
}

void http_server_free(struct http_server *server)
{
    h2o_config_dispose(&server->globalconf);
    stats_close(server->stats);
    free(server->threads);
    free(server->ids);
    free(server);
}

/* libh2o keeps recycled memory in a cache for each thread that it never frees; when a thread ends, LeakSanitizer can no
   longer reach it. This is the hook by which a program tells it so; without the sanitizer nobody calls it. */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void) { return "leak:h2o_mem_alloc_recycle\n"; }
