#include "http/upload.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "http/connection.h"
#include "http/reply.h"
#include "http/upload_space.h"

enum { TICK_MS = 1000, PIECE = 8 * 1024 /* read at once, 32 times in a turn: others wait */ };

static const char DEFAULT_DIR[] = "/var/tmp"; /* /tmp may be memory */
static const char CONTINUE[] = "HTTP/1.1 100 Continue\r\n\r\n";

/* In the request's pool. */
struct upload_wait {
    struct upload upload;
    h2o_linklist_t link; /* in its thread's uploads, while it reads */
    struct call *call;
    struct connection *connection;
    struct uuid user;
    int64_t left, reserved; /* bytes: still to come; of the space for uploads */
    int64_t began_ms, moved_ms;
};

static void stop_reading(struct upload_wait *wait)
{
    wait->connection->wait = NULL;
    h2o_linklist_unlink(&wait->link);
    h2o_socket_read_stop(wait->connection->sock);
}

/* The wait is over, and took the client's time: not one to complain about. */
static struct call *resume(struct upload_wait *wait)
{
    stop_reading(wait);
    wait->call->waiting_since_us = clock_monotonic_us();
    call_resumed(wait->call);
    return wait->call;
}

struct closing {
    uv_fs_t req;
    struct uuid user;
    int64_t reserved;
};

static void on_closed(uv_fs_t *req)
{
    struct closing *closing = H2O_STRUCT_FROM_MEMBER(struct closing, req, req);

    uv_fs_req_cleanup(req);
    upload_space_give_back(closing->user, closing->reserved);
    free(closing);
}

/* On a thread of the pool: freeing 100 MB takes longer than a loop may. The pool may be busy for long, and until then
   the file takes its space. */
static void close_file(const struct upload_wait *wait)
{
    struct closing *closing = malloc(sizeof *closing);

    if (!closing)
        abort();
    *closing = (struct closing){.user = wait->user, .reserved = wait->reserved};
    if (uv_fs_close(&wait->call->thread->loop, &closing->req, wait->upload.fd, on_closed) != 0)
        abort();
}

/* Comes before the call hears of it: what is youngest in a pool goes first. */
static void on_request_gone(void *memory)
{
    struct upload_wait *wait = memory;

    if (wait->connection && wait->connection->wait == wait) {
        stop_reading(wait);
        wait->call->waiting = NULL;
    }
    if (wait->upload.fd >= 0)
        close_file(wait);
    else if (wait->reserved)
        upload_space_give_back(wait->user, wait->reserved);
}

static bool reserve(struct call *call, struct upload_wait *wait, int64_t bytes, struct err *reterr)
{
    int64_t space = http_thread_config(call->thread)->upload_space;

    wait->user = call->who.user;
    if (!upload_space_take(wait->user, bytes, space))
        return err_set(reterr, ERR_BUSY, "busy", "uploads take too much of their %lld bytes", (long long)space);
    wait->reserved = bytes;
    return true;
}

bool upload_file_failed(struct err *reterr)
{
    if (reterr->kind == ERR_BUSY)
        (void)err_set(reterr, ERR_DISK, "upload_no_space", "no space for uploads is left");
    return false;
}

static bool open_file(struct call *call, struct upload_wait *wait, struct err *reterr)
{
    const char *dir = http_thread_config(call->thread)->upload_dir;

    wait->upload.fd = file_unnamed(dir ? dir : DEFAULT_DIR, reterr);
    return wait->upload.fd >= 0 || upload_file_failed(reterr);
}

/* Takes what belongs to the body; *ret is how much that was. */
static bool store(struct upload_wait *wait, struct text bytes, size_t *ret, struct err *reterr)
{
    size_t len = bytes.len < (size_t)wait->left ? bytes.len : (size_t)wait->left;

    *ret = len;
    if (!file_write_at(wait->upload.fd, (struct text){bytes.at, len}, wait->upload.bytes))
        return file_failed("an upload's file", reterr) || upload_file_failed(reterr);
    wait->upload.bytes += (int64_t)len;
    wait->left -= (int64_t)len;
    return true;
}

static void fail(struct upload_wait *wait, const struct err *err) { (void)reply_err(resume(wait), err); }

/* The body is there: what follows in the connection is the next request. */
static struct next whole(struct upload_wait *wait, upload_fn then)
{
    wait->connection->upload.kind = UPLOAD_NONE;
    return then(wait->call, &wait->upload);
}

/* The input keeps nothing but the head, which libh2o takes away when the request is answered. */
static void on_body(h2o_socket_t *sock, const char *read_err)
{
    struct connection *connection = sock->on_close.data;
    struct upload_wait *wait = connection->wait;
    size_t head = connection->upload.len, taken;
    struct text bytes = {sock->input->bytes + head, sock->input->size - head};
    struct err err;

    if (read_err) {
        connection->read(sock, read_err); /* libh2o closes it, and that ends the wait */
        return;
    }
    wait->moved_ms = clock_monotonic_ms();
    if (!store(wait, bytes, &taken, &err)) {
        fail(wait, &err);
        return;
    }
    connection_hold(wait->call->req, head + taken);
    sock->input->size = head;
    if (wait->left == 0)
        (void)whole(wait, (upload_fn)resume(wait)->then);
}

static int64_t or_default(int s, int standard_s) { return (s ? s : standard_s) * INT64_C(1000); }

static void on_tick(uv_timer_t *timer)
{
    struct http_thread *thread = timer->data;
    const struct http_config *config = http_thread_config(thread);
    int64_t idle_ms = or_default(config->upload_idle_s, UPLOAD_IDLE_S);
    int64_t longest_ms = or_default(config->upload_longest_s, UPLOAD_LONGEST_S), now_ms = clock_monotonic_ms();

    for (h2o_linklist_t *l = thread->uploads.next, *next; l != &thread->uploads; l = next) {
        struct upload_wait *wait = H2O_STRUCT_FROM_MEMBER(struct upload_wait, link, l);
        struct err err;
        next = l->next;
        if (now_ms - wait->moved_ms < idle_ms && now_ms - wait->began_ms < longest_ms)
            continue;
        (void)err_set(&err, ERR_SLOW, "upload_too_slow", "%lld bytes missing", (long long)wait->left);
        fail(wait, &err);
    }
    if (h2o_linklist_is_empty(&thread->uploads))
        uv_timer_stop(timer);
}

/* Into a buffer that is empty: there was no other answer. A client that does not get it sends the body all the same,
   some time later. */
static void send_continue(const struct connection *connection)
{
    (void)!send(connection->fd, CONTINUE, sizeof CONTINUE - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void cancel(void *op) { stop_reading(op); }

static struct next read_on(struct call *call, struct upload_wait *wait, const char *step)
{
    struct connection *connection = wait->connection;
    struct http_thread *thread = call->thread;

    if (connection->upload.expects && wait->upload.bytes == 0)
        send_continue(connection);
    if (h2o_linklist_is_empty(&thread->uploads))
        uv_timer_start(&thread->upload_clock, on_tick, TICK_MS, TICK_MS);
    h2o_linklist_insert(&thread->uploads, &wait->link);
    wait->began_ms = wait->moved_ms = clock_monotonic_ms();
    connection->wait = wait;
    (void)h2o_buffer_reserve(&connection->sock->input, PIECE);
    h2o_socket_read_start(connection->sock, on_body);
    return call_await(call, wait, cancel, step);
}

static struct upload_wait *wait_make(struct call *call)
{
    struct upload_wait *wait = h2o_mem_alloc_shared(&call->req->pool, sizeof *wait, on_request_gone);

    *wait = (struct upload_wait){.upload.fd = -1, .call = call};
    return wait;
}

/* A body that libh2o has read, because it came through no socket (tests), or in a turn of the loop with more than a
   thousand others. */
static struct next take_entity(struct call *call, struct upload_wait *wait, upload_fn then)
{
    struct text body = call_body(call);
    struct err err;
    size_t taken;

    wait->left = (int64_t)body.len;
    if (body.len &&
        (!reserve(call, wait, wait->left, &err) || !open_file(call, wait, &err) || !store(wait, body, &taken, &err)))
        return reply_err(call, &err);
    return then(call, &wait->upload);
}

struct next await_upload_named(struct call *call, upload_fn then, const char *step)
{
    struct connection *connection = connection_of(call->req);
    struct upload_wait *wait = wait_make(call);
    struct err err;
    size_t taken;

    if (!connection || connection->upload.kind == UPLOAD_NONE)
        return take_entity(call, wait, then);
    assert(connection->upload.kind == UPLOAD_COMES && "the router answers the others");
    wait->connection = connection;
    wait->left = connection->upload.bytes;
    if (!reserve(call, wait, wait->left, &err) || !open_file(call, wait, &err) ||
        !store(wait, (struct text){connection->held.bytes, connection->held.len}, &taken, &err))
        return reply_err(call, &err);
    connection_release(connection, taken);
    if (wait->left == 0)
        return whole(wait, then);
    call->then = (void (*)(void))then;
    return read_on(call, wait, step);
}

void upload_leave(struct call *call)
{
    struct connection *connection = connection_of(call->req);

    if (!connection || connection->upload.kind == UPLOAD_NONE)
        return;
    call->req->http1_is_persistent = 0;
    connection->drain_fd = fcntl(connection->fd, F_DUPFD_CLOEXEC, 0); /* -1: the client may lose the answer */
}
