#include "support/uploads.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "http/connection.h"
#include "http/reply.h"
#include "http/upload.h"

atomic_int uploads_gone, uploads_unseen;
atomic_bool uploads_disk_full;
struct wire uploads_wire;
char uploads_body[2 * UPLOADS_LIMIT];

static struct http_server *server; /* NULL: stopped */

/* In place of the C library's: it has two names, by how the caller was compiled. */
ssize_t uploads_pwrite(int fd, const void *bytes, size_t len, off_t at) __asm__("pwrite");
ssize_t uploads_pwrite64(int fd, const void *bytes, size_t len, off_t at) __asm__("pwrite64");

ssize_t uploads_pwrite(int fd, const void *bytes, size_t len, off_t at)
{
    if (!atomic_load(&uploads_disk_full))
        return syscall(SYS_pwrite64, fd, bytes, len, at);
    errno = ENOSPC;
    return -1;
}

ssize_t uploads_pwrite64(int fd, const void *bytes, size_t len, off_t at) { return uploads_pwrite(fd, bytes, len, at); }

static uint32_t sum_of(const unsigned char *bytes, size_t len, uint32_t sum)
{
    for (size_t i = 0; i < len; i++)
        sum = sum * 31 + bytes[i];
    return sum;
}

/* In the server's thread: nothing that the call knows may lie in the buffer that bodies go through. */
static bool knows_itself(struct call *call)
{
    const h2o_buffer_t *input = call->req->conn->callbacks->get_socket(call->req->conn)->input;
    const char *const known[] = {call_header(call, "x-name").at, call->params[0].at, call->req->method.base,
                                 call->req->path.base, call->req->authority.base};

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i] >= input->bytes && known[i] < input->bytes + input->capacity)
            return false;
    return true;
}

static struct next got(struct call *call, const struct upload *upload)
{
    static _Thread_local unsigned char bytes[UPLOADS_LIMIT];
    struct text name = call_header(call, "x-name");
    char answer[200];

    call->on_gone = NULL;
    if (upload->bytes && pread(upload->fd, bytes, sizeof bytes, 0) != upload->bytes)
        return reply_bytes(call, 500, "text/plain", TEXT("the file is not as long"));
    (void)snprintf(answer, sizeof answer, "%lld %x %.*s %.*s%s", (long long)upload->bytes,
                   sum_of(bytes, (size_t)upload->bytes, 0), (int)name.len, name.at, (int)call->params[0].len,
                   call->params[0].at, knows_itself(call) ? "" : " lost");
    return reply_bytes(call, 200, "text/plain", text_of(answer));
}

static void on_gone(struct call *call)
{
    (void)call;
    atomic_fetch_add(&uploads_gone, 1);
}

static struct next take(struct call *call)
{
    call->on_gone = on_gone;
    return await_upload(call, got);
}

static struct next refuse(struct call *call) { return reply_not_found(call); }
static struct next say_get(struct call *call) { return reply_bytes(call, 200, "text/plain", TEXT("get")); }
static struct next say_body(struct call *call) { return reply_bytes(call, 200, "text/plain", call_body(call)); }

/* Behind the answer libh2o's function stands in front, as if the prepare handle had yet to run; it runs much later. */
static void on_late(uv_timer_t *timer)
{
    struct connection *connection = timer->data;

    uv_prepare_start(&connection->thread->prepare, connections_on_prepare);
    uv_close((uv_handle_t *)timer, NULL);
}

static void on_hide(uv_timer_t *timer)
{
    struct connection *connection = timer->data;

    connection->sock->_cb.read = connection->read;
    h2o_linklist_insert(&connection->thread->ended, &connection->ended);
    uv_timer_start(timer, on_late, 2 * UPLOADS_UNSEEN_MS, 0);
    atomic_fetch_add(&uploads_unseen, 1);
}

static struct next hide(struct call *call)
{
    static uv_timer_t timer;

    timer.data = connection_of(call->req);
    uv_timer_init(&call->thread->loop, &timer);
    uv_timer_start(&timer, on_hide, UPLOADS_UNSEEN_MS, 0);
    return reply_bytes(call, 200, "text/plain", TEXT("soon"));
}

static const struct route ROUTES[] = {
    {"GET", "/unseen", ACCESS_PUBLIC, 0, hide},
    {"GET", "/up/{id}", ACCESS_PUBLIC, 0, say_get},
    {"POST", "/up/{id}", ACCESS_PUBLIC, 0, take, .upload_limit = UPLOADS_LIMIT},
    {"PUT", "/up/{id}", ACCESS_PUBLIC, 0, take, .upload_limit = UPLOADS_LIMIT},
    {"POST", "/refused", ACCESS_PUBLIC, 0, refuse, .upload_limit = UPLOADS_LIMIT},
    {"POST", "/plain", ACCESS_PUBLIC, 100, say_body},
    {0},
};

int uploads_open(void **state)
{
    const struct http_config config = {.listen = "127.0.0.1:0",
                                       .threads = 1,
                                       .max_connections = 20,
                                       .max_body = 64 * 1024,
                                       .request_timeout_s = 10,
                                       .write_timeout_s = 10,
                                       .public_origin = "http://127.0.0.1",
                                       .upload_space = UPLOADS_SPACE,
                                       .upload_idle_s = UPLOADS_IDLE_S,
                                       .upload_longest_s = UPLOADS_LONGEST_S};
    const struct http_site site = {.routes = ROUTES};
    struct err err;

    (void)state;
    atomic_store(&uploads_gone, 0);
    atomic_store(&uploads_unseen, 0);
    server = http_server_start(&config, &site, &err);
    assert_non_null(server);
    wire_open(&uploads_wire, http_server_port(server));
    for (size_t i = 0; i < sizeof uploads_body; i++)
        uploads_body[i] = (char)(i * 7 + (i >> 8) * 13);
    return 0;
}

int uploads_close(void **state)
{
    (void)state;
    wire_close(&uploads_wire);
    if (server)
        uploads_stop(2000); /* nothing still runs */
    return 0;
}

void uploads_stop(int deadline_ms)
{
    assert_true(http_server_stop(server, deadline_ms));
    server = NULL;
}

int uploads_port(void) { return http_server_port(server); }

const char *uploads_head(const char *method, size_t len, const char *more)
{
    static char head[500];

    (void)snprintf(head, sizeof head, "%s /up/7?x=y HTTP/1.1\r\nHost: h\r\nX-Name: n\r\ncontent-Length: %zu\r\n%s\r\n",
                   method, len, more);
    return head;
}

void uploads_answered(struct wire *from, size_t len)
{
    const struct wire_answer *answer = wire_read(from);
    char wanted[200];

    (void)snprintf(wanted, sizeof wanted, "%zu %x n 7", len, sum_of((const unsigned char *)uploads_body, len, 0));
    if (answer->status != 200 || strcmp(answer->body, wanted) != 0)
        fail_msg("not \"%s\" but %s%s", wanted, answer->head, answer->body);
}

void uploads_refused(struct wire *from, int status, const char *code)
{
    const struct wire_answer *answer = wire_read(from);
    char wanted[80];

    (void)snprintf(wanted, sizeof wanted, "\"code\":\"%s\"", code);
    if (answer->status != status || !strstr(answer->body, wanted) || !strcasestr(answer->head, "connection: close") ||
        !strstr(answer->head, "application/problem+json"))
        fail_msg("not %d %s but %s%s", status, code, answer->head, answer->body);
}
