#include "http/connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "http/server.h"

enum { ACCEPT_PAUSE_MS = 10 };

struct connection {
    h2o_linklist_t link; /* in its thread's list */
    struct http_thread *thread;
    int fd;
    int calls; /* being answered: 0 or 1 in HTTP/1 */
};

static atomic_int open_connections; /* of the process: one limit for all threads */

static void on_tcp_freed(uv_handle_t *handle) { free(handle); }

static void on_socket_closed(void *data)
{
    struct connection *connection = data;

    connection->thread->connection_count--;
    atomic_fetch_sub(&open_connections, 1);
    h2o_linklist_unlink(&connection->link);
    free(connection);
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
    *connection = (struct connection){.thread = thread, .fd = fd};
    h2o_linklist_insert(&thread->connections, &connection->link);
    set_timeouts(fd, http_thread_config(thread)->write_timeout_s);
    sock->on_close.cb = on_socket_closed;
    sock->on_close.data = connection;
    thread->connection_count++;
    h2o_accept(&thread->accept, sock);
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

static struct connection *connection_of(h2o_req_t *req)
{
    h2o_socket_t *sock = req->conn->callbacks->get_socket ? req->conn->callbacks->get_socket(req->conn) : NULL;

    return sock ? sock->on_close.data : NULL;
}

void connection_call_began(h2o_req_t *req)
{
    struct connection *connection = connection_of(req);

    if (connection)
        connection->calls++;
}

void connection_call_ended(h2o_req_t *req)
{
    struct connection *connection = connection_of(req);

    if (connection)
        connection->calls--;
}

void connections_close(struct http_thread *thread, bool hard)
{
    for (h2o_linklist_t *l = thread->connections.next; l != &thread->connections; l = l->next) {
        struct connection *connection = H2O_STRUCT_FROM_MEMBER(struct connection, link, l);
        if (hard || connection->calls == 0)
            (void)shutdown(connection->fd, hard ? SHUT_RDWR : SHUT_RD); /* libh2o sees the end and closes it */
    }
}
