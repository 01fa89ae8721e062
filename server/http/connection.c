#include "http/connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "http/drain.h"
#include "http/raw_head.h"
#include "http/server.h"

enum { ACCEPT_PAUSE_MS = 10, MAX_HELD = 4 << 20 };

static atomic_int open_connections; /* of the process: one limit for all threads */

static void on_tcp_freed(uv_handle_t *handle) { free(handle); }

static void connection_free(struct connection *connection)
{
    connection->thread->connection_count--;
    atomic_fetch_sub(&open_connections, 1);
    h2o_linklist_unlink(&connection->link);
    buf_done(&connection->held);
    free(connection);
}

static void on_drained(void *owner) { connection_free(owner); }

static void on_socket_closed(void *data)
{
    struct connection *connection = data;

    if (h2o_linklist_is_linked(&connection->ended))
        h2o_linklist_unlink(&connection->ended);
    connection->sock = NULL;
    if (connection->drain_fd < 0) {
        connection_free(connection);
        return;
    }
    connection->fd = connection->drain_fd;
    if (!drain_start(&connection->thread->loop, connection->drain_fd, on_drained, connection))
        connection_free(connection);
}

/* Before libh2o sees the head of a request. */
static void look_at_head(struct connection *connection, char *input, size_t len)
{
    size_t head_len;

    if (connection->headed)
        return;
    head_len = raw_head_len((struct text){input, len}, connection->seen);
    connection->seen = len;
    if (!head_len)
        return;
    connection->headed = true;
    connection->upload = upload_head_take(http_thread_site(connection->thread)->routes, input, head_len);
}

static void on_read(h2o_socket_t *sock, const char *err)
{
    struct connection *connection = sock->on_close.data;

    if (!err)
        look_at_head(connection, sock->input->bytes, sock->input->size);
    connection->read(sock, err); /* it may be gone now */
}

/* libh2o has put its own function back when a request ended. If it has read with that already, it may know the head of
   the next request: nothing of that may change any more. */
static void read_first(struct connection *connection)
{
    if (connection->sock->_cb.read != connection->read)
        return;
    connection->headed = connection->headed || connection->sock->input->size > connection->seen;
    connection->sock->_cb.read = on_read;
}

void connections_on_prepare(uv_prepare_t *prepare)
{
    struct http_thread *thread = prepare->data;

    while (!h2o_linklist_is_empty(&thread->ended)) {
        struct connection *connection = H2O_STRUCT_FROM_MEMBER(struct connection, ended, thread->ended.next);
        h2o_linklist_unlink(&connection->ended);
        read_first(connection);
    }
    uv_prepare_stop(prepare);
}

/* A reader whose window stays shut, or a host that has gone, is dropped by the kernel: libh2o has no write timeout. */
static void set_timeouts(int fd, int write_timeout_s)
{
    const int on = 1, idle_s = 30, interval_s = 10, count = 3;
    const unsigned timeout_ms = (unsigned)write_timeout_s * 1000;

    (void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout_ms, sizeof timeout_ms);
    (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof interval_s);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static bool may_accept(const struct http_config *config)
{
    if (atomic_fetch_add(&open_connections, 1) < config->max_connections)
        return true;
    atomic_fetch_sub(&open_connections, 1);
    return false;
}

static void serve(struct http_thread *thread, uv_tcp_t *tcp)
{
    struct connection *connection = h2o_mem_alloc(sizeof *connection);
    h2o_socket_t *sock = h2o_uv_socket_create((uv_stream_t *)tcp, on_tcp_freed);
    uv_os_fd_t fd = -1;

    (void)uv_fileno((uv_handle_t *)tcp, &fd);
    *connection =
        (struct connection){.thread = thread, .sock = sock, .fd = fd, .drain_fd = -1, .held = buf_make(MAX_HELD)};
    h2o_linklist_insert(&thread->connections, &connection->link);
    set_timeouts(fd, http_thread_config(thread)->write_timeout_s);
    sock->on_close.cb = on_socket_closed;
    sock->on_close.data = connection;
    thread->connection_count++;
    h2o_accept(&thread->accept, sock); /* reads, but has got nothing yet */
    connection->read = sock->_cb.read;
    read_first(connection);
}

/* Out of descriptors, most likely: whoever wants in stays in the kernel's line, and asking for him without end would
   cost a core and fill the log. */
static void accept_failed(int status)
{
    static atomic_llong last_ms;
    int64_t now_ms = clock_monotonic_ms();

    if (now_ms - atomic_load(&last_ms) >= 1000) {
        atomic_store(&last_ms, now_ms);
        log_write(LOG_WARN, "accept_failed", "reason=%s", uv_err_name(status));
    }
    uv_sleep(ACCEPT_PAUSE_MS);
}

void connection_on_accept(uv_stream_t *listener, int status)
{
    struct http_thread *thread = listener->data;
    uv_tcp_t *tcp;

    if (status != 0) {
        accept_failed(status);
        return;
    }
    tcp = h2o_mem_alloc(sizeof *tcp);
    uv_tcp_init(&thread->loop, tcp);
    if (uv_accept(listener, (uv_stream_t *)tcp) != 0 || !may_accept(http_thread_config(thread)))
        uv_close((uv_handle_t *)tcp, on_tcp_freed);
    else
        serve(thread, tcp);
}

struct connection *connection_of(h2o_req_t *req)
{
    h2o_socket_t *sock = req->conn->callbacks->get_socket ? req->conn->callbacks->get_socket(req->conn) : NULL;

    return sock ? sock->on_close.data : NULL;
}

enum upload_kind connection_upload_kind(h2o_req_t *req)
{
    struct connection *connection = connection_of(req);

    return connection ? connection->upload.kind : UPLOAD_NONE;
}

/* What the request takes of the connection's input: libh2o knows, and does not tell. */
static size_t len_of(const struct connection *connection, const h2o_req_t *req)
{
    const h2o_buffer_t *input = connection->sock->input;
    size_t len;

    if (connection->upload.kind != UPLOAD_NONE || (connection->upload.len && !req->entity.base))
        return connection->upload.len;
    if (req->entity.base)
        return (size_t)(req->entity.base + req->entity.len - input->bytes);
    len = raw_head_len((struct text){input->bytes, input->size}, 0);
    return len ? len : input->size;
}

void connection_hold(h2o_req_t *req, size_t from)
{
    struct connection *connection = connection_of(req);
    h2o_buffer_t *input = connection->sock->input;

    if (input->size <= from)
        return;
    if (!buf_add(&connection->held, input->bytes + from, input->size - from))
        req->http1_is_persistent = 0; /* nobody sends so much ahead */
    input->size = from;
}

void connection_release(struct connection *connection, size_t len)
{
    struct buf *held = &connection->held;

    if (!len)
        return;
    held->len -= len;
    memmove(held->bytes, held->bytes + len, held->len);
}

/* The next request of the connection, or its beginning, stands behind the one that ends. libh2o goes on with it at
   once, so its head is looked at now. */
static void give_back(struct connection *connection)
{
    h2o_socket_t *sock = connection->sock;
    struct buf *held = &connection->held;
    size_t from = sock->input->size;

    connection->headed = false;
    connection->seen = 0;
    connection->upload = (struct upload_head){0};
    if (!held->len)
        return;
    memcpy(h2o_buffer_reserve(&sock->input, held->len).base, held->bytes, held->len);
    sock->input->size += held->len;
    look_at_head(connection, sock->input->bytes + from, held->len);
    buf_done(held);
    *held = buf_make(MAX_HELD);
}

static void on_request_gone(void *memory)
{
    struct connection *connection = *(struct connection **)memory;

    connection->calls--;
    give_back(connection);
    if (!h2o_linklist_is_linked(&connection->ended))
        h2o_linklist_insert(&connection->thread->ended, &connection->ended);
    uv_prepare_start(&connection->thread->prepare, connections_on_prepare);
}

static int on_request(h2o_handler_t *handler, h2o_req_t *req)
{
    struct connection *connection = connection_of(req);

    (void)handler;
    if (connection) {
        *(struct connection **)h2o_mem_alloc_shared(&req->pool, sizeof connection, on_request_gone) = connection;
        connection->calls++;
        connection_hold(req, len_of(connection, req));
    }
    return -1; /* goes on to the next handler */
}

void connection_register(h2o_pathconf_t *path) { h2o_create_handler(path, sizeof(h2o_handler_t))->on_req = on_request; }

void connections_close(struct http_thread *thread, bool hard)
{
    for (h2o_linklist_t *l = thread->connections.next; l != &thread->connections; l = l->next) {
        struct connection *connection = H2O_STRUCT_FROM_MEMBER(struct connection, link, l);
        if (hard || connection->calls == 0)
            (void)shutdown(connection->fd, hard ? SHUT_RDWR : SHUT_RD); /* libh2o sees the end and closes it */
    }
}
