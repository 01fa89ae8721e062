#pragma once
/* Accepted sockets: counted, limited, with the kernel's write timeout, and closed when the server stops. */
#include <h2o.h>
#include <stdbool.h>

struct http_thread;

/* The listener's callback (data is the thread). */
void connection_on_accept(uv_stream_t *listener, int status);
/* A request of the connection is being answered / is over. Requests without a socket (tests) are left alone. */
void connection_call_began(h2o_req_t *req);
void connection_call_ended(h2o_req_t *req);
/* Ends those that answer nothing at the moment; all of them when hard. */
void connections_close(struct http_thread *thread, bool hard);
