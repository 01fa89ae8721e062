#pragma once
/* Accepted sockets: counted, limited, with the kernel's write timeout, and closed when the server stops.
 *
 * What libh2o reads of one passes here first: the body of an upload is kept from it (upload_head.h), and what came
 * behind a request waits until that one is answered. */
#include <h2o.h>
#include <stdbool.h>

#include "base/buf.h"
#include "http/upload_head.h"

struct http_thread;
struct upload_wait;

struct connection {
    h2o_linklist_t link;  /* in its thread's list */
    h2o_linklist_t ended; /* in its thread's list of those where a request has ended in this turn of the loop */
    struct http_thread *thread;
    h2o_socket_t *sock; /* NULL: closed */
    h2o_socket_cb read; /* libh2o's own, which ours calls */
    int fd;
    int calls;    /* being answered: 0 or 1 in HTTP/1 */
    int drain_fd; /* -1, or another descriptor of the socket, to be drained when libh2o has closed its own (drain.h) */
    bool headed;  /* the head of the request is there, and upload is about it */
    size_t seen;  /* bytes of a head that is not there yet */
    struct upload_head upload;
    struct upload_wait *wait; /* reads the body of the upload at the moment */
    struct buf held;          /* what came behind the head of an upload, or behind any other request */
};

/* The listener's callback (data is the thread). */
void connection_on_accept(uv_stream_t *listener, int status);
/* The one of a path's handlers that comes first: it answers nothing. */
void connection_register(h2o_pathconf_t *path);
/* The thread's prepare handle (data is the thread). */
void connections_on_prepare(uv_prepare_t *prepare);
/* NULL: the request has no socket (tests). */
struct connection *connection_of(h2o_req_t *req);
enum upload_kind connection_upload_kind(h2o_req_t *req); /* without a socket: UPLOAD_NONE */
/* Takes what stands behind the first from bytes of the input, for later. For requests with a socket. */
void connection_hold(h2o_req_t *req, size_t from);
/* Forgets the first len bytes of what is held. */
void connection_release(struct connection *connection, size_t len);
/* Ends those that answer nothing at the moment; all of them when hard. */
void connections_close(struct http_thread *thread, bool hard);
