#include "support/loopback.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "http/await_cached.h"
#include "local.h"

enum { MAX_BODY = 64 * 1024, MAX_HEADER = 1024 };

struct loopback_server {
    struct http_server *server;
    struct http_thread thread;
};

struct loopback {
    h2o_conn_t super;
    h2o_ostream_t out;
    struct buf body;
    bool answered, slow, untaken;
    char header[MAX_HEADER]; /* that loopback_header returned last */
    h2o_req_t req;           /* last: h2o_init_request leaves the pool's memory alone */
};

struct db *local_db(struct local *local) { return local->db; }
struct cache *local_cache(struct local *local) { return local->cache; }

struct loopback_server *loopback_start(const struct http_site *site, struct local *local)
{
    struct http_config config = {.listen = "127.0.0.1:0", .threads = 1, .max_connections = 100, .max_body = MAX_BODY};
    struct loopback_server *server = calloc(1, sizeof *server);

    if (!server)
        abort();
    config.request_timeout_s = 10;
    config.write_timeout_s = 30;
    config.public_origin = LOOPBACK_ORIGIN;
    server->server = http_server_make(&config, site);
    http_thread_init(&server->thread, server->server);
    server->thread.local = local;
    local->thread = &server->thread;
    return server;
}

struct http_thread *loopback_thread(struct loopback_server *server) { return &server->thread; }

void loopback_stop(struct loopback_server *server)
{
    server->thread.local = NULL;
    http_thread_done(&server->thread);
    http_server_free(server->server);
    free(server);
}

static void on_send(h2o_ostream_t *out, h2o_req_t *req, h2o_iovec_t *bufs, size_t count, h2o_send_state_t state)
{
    struct loopback *l = H2O_STRUCT_FROM_MEMBER(struct loopback, out, out);

    for (size_t i = 0; i < count; i++)
        if (!buf_add(&l->body, bufs[i].base, bufs[i].len))
            abort();
    if (!h2o_send_state_is_in_progress(state))
        l->answered = true;
    else if (l->slow)
        l->untaken = true;
    else
        h2o_proceed_response(req);
}

void loopback_take(struct loopback *l)
{
    bool proceeds = l->untaken;

    l->untaken = false;
    if (proceeds)
        h2o_proceed_response(&l->req);
}

static socklen_t no_address(h2o_conn_t *conn, struct sockaddr *sa)
{
    (void)conn;
    (void)sa;
    return 0;
}

static void add_headers(h2o_req_t *req, const char *const *headers)
{
    for (; *headers; headers += 2)
        h2o_add_header_by_str(&req->pool, &req->headers, headers[0], strlen(headers[0]), 0, NULL, headers[1],
                              strlen(headers[1]));
}

struct loopback *loopback_send(struct loopback_server *server, const struct loopback_message *message)
{
    static const h2o_conn_callbacks_t CALLBACKS = {.get_sockname = no_address, .get_peername = no_address};
    h2o_context_t *context = &server->thread.context;
    struct loopback *l = (struct loopback *)h2o_create_connection(sizeof *l, context, context->globalconf->hosts,
                                                                  (struct timeval){0}, &CALLBACKS);

    memset((char *)l + sizeof l->super, 0, offsetof(struct loopback, req) - sizeof l->super);
    l->body = buf_make(16 * MAX_BODY);
    l->slow = message->slow;
    h2o_init_request(&l->req, &l->super, NULL);
    l->out.do_send = on_send;
    l->req._ostr_top = &l->out;
    l->req.version = 0x101;
    l->req.input.scheme = &H2O_URL_SCHEME_HTTP;
    l->req.input.method = h2o_iovec_init(message->method, strlen(message->method));
    l->req.input.path = h2o_iovec_init(message->path, strlen(message->path));
    if (message->body)
        l->req.entity = h2o_iovec_init(message->body, strlen(message->body));
    add_headers(&l->req, message->headers);
    h2o_process_request(&l->req);
    return l;
}

bool loopback_answered(const struct loopback *l) { return l->answered; }
int loopback_status(const struct loopback *l) { return l->answered ? l->req.res.status : 0; }
const char *loopback_body(const struct loopback *l) { return l->body.bytes ? l->body.bytes : ""; }

const char *loopback_header(const struct loopback *l, const char *name, int index)
{
    struct loopback *own = (struct loopback *)(uintptr_t)l;
    ssize_t at = -1;

    do
        at = h2o_find_header_by_str(&l->req.res.headers, name, strlen(name), at);
    while (at >= 0 && index-- > 0);
    if (at < 0)
        return NULL;
    if (!text_copy(own->header, sizeof own->header,
                   (struct text){l->req.res.headers.entries[at].value.base, l->req.res.headers.entries[at].value.len}))
        abort();
    return l->header;
}

void loopback_close(struct loopback *l)
{
    h2o_dispose_request(&l->req);
    buf_done(&l->body);
    free(l);
}
