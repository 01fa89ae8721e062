#pragma once
/* The HTTP server: one libh2o context on one libuv loop per thread, all on the same port (SO_REUSEPORT).
 *
 * libh2o 2.2.5's defaults are set here: no HTTP/2 (its packaged version predates the fixes for rapid reset), a body
 * limit, our own error documents, a limit of connections, and the kernel's write timeout (libh2o has none). */
#include <h2o.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <uv.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"

struct call;
struct next;
struct problem;
struct http_server;
struct http_stats;
struct http_thread;
struct local; /* what the program keeps for each thread: its connections to other services; defined by the program */
struct route;

enum { HTTP_MAX_THREADS = 64, HTTP_REQUEST_ID_ROOM = 33 };

struct http_config {
    const char *listen; /* "127.0.0.1:8080", "[::1]:0": port 0 takes a free one */
    int threads;
    int max_connections;                 /* over all threads; more are closed at once */
    size_t max_body;                     /* bytes; over it libh2o answers 413 without reading on */
    int request_timeout_s;               /* for headers and body together, and for an idle connection */
    int write_timeout_s;                 /* a reader that takes nothing for so long is dropped */
    const char *public_origin;           /* "https://aisha.example": for tests of where a browser's request came from */
    const char *upload_dir;              /* where uploads lie while they are read, on a disk; NULL: /var/tmp */
    int64_t upload_space;                /* bytes that all of them together may take there; 0: none */
    int upload_idle_s, upload_longest_s; /* 0: those of upload.h */
    /* Origins, a space between each, that pages may load pictures from and send photos to beside our own; NULL: none */
    const char *objects_origins;
};

/* What the program serves and does; all pointers live as long as the server. */
struct http_site {
    const struct route *routes; /* ends with an all-zero entry */
    /* Fills call->who for a route that is not public, then returns call_enter(call); or replies. NULL: all public. */
    struct next (*authenticate)(struct call *call);
    /* Answers an error of a request that a person's browser made for a page; call->who may be nobody. NULL: with a
       problem document, like all the others. */
    struct next (*problem_page)(struct call *call, const struct problem *problem);
    /* Files: GET {files_prefix}... is served from files_root when may_serve says so (404 else). NULL: no files. */
    const char *files_prefix, *files_root; /* "/files/", an existing folder */
    bool (*may_serve)(struct local *local, struct text path, struct text query);
    /* Called in each thread: before it serves, when it begins to stop, and after its last connection. */
    struct local *(*thread_start)(struct http_thread *thread, void *program, struct err *reterr);
    void (*thread_stopping)(struct http_thread *thread);
    void (*thread_end)(struct local *local); /* the loop still runs once to close handles */
    void *program;
};

struct http_thread {
    struct http_server *server;
    struct local *local;
    int index;
    uv_loop_t loop;
    h2o_context_t context;
    h2o_accept_ctx_t accept;
    uv_tcp_t listener;
    uv_async_t stop;
    uv_timer_t linger;                 /* while stopping: closes what is idle, then what is late */
    struct buf scratch;                /* a reply is written here; valid within one step */
    h2o_linklist_t connections, ended; /* of connection.c */
    int connection_count;
    uv_prepare_t prepare;
    h2o_linklist_t uploads; /* that are being read: of upload.c */
    uv_timer_t upload_clock;
    int64_t stop_deadline_ms; /* monotonic; 0: not stopping */
    uint64_t request_id_base, request_count;
};

/* Binds and starts the threads; returns when all serve. Errors say what to do ("port 8080 is in use"). */
struct http_server *http_server_start(const struct http_config *config, const struct http_site *site,
                                      struct err *reterr);
int http_server_port(const struct http_server *server);
/* Graceful: no new connections, running calls finish, at most deadline_ms; then frees everything.
   False: something was still running at the deadline and was cut off (memory is then left alone). */
bool http_server_stop(struct http_server *server, int deadline_ms);

const struct http_site *http_thread_site(const struct http_thread *thread);
const struct http_config *http_thread_config(const struct http_thread *thread);
struct http_stats *http_server_stats(struct http_server *server);
/* A new one: unique without a system call per request. */
void http_thread_request_id(struct http_thread *thread, char to[HTTP_REQUEST_ID_ROOM]);
bool http_thread_stopping(const struct http_thread *thread);

/* The parts that http_server_start is made of, for tests that drive handlers without sockets or OS threads
   (tests/support/loopback.h). make copies config and site; free wants all threads done. */
struct http_server *http_server_make(const struct http_config *config, const struct http_site *site);
void http_server_free(struct http_server *server);
void http_thread_init(struct http_thread *thread, struct http_server *server);
void http_thread_done(struct http_thread *thread);
