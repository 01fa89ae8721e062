#pragma once
/* Ends a connection whose client may still be sending: its answer is out, and what comes is read and thrown away, up to
   1 MiB and 2 s. A socket that is closed with unread bytes resets the connection, and the client loses the answer. */
#include <stdbool.h>
#include <uv.h>

/* Owns fd. Calls done(owner) once, later. False: it cannot, has closed fd and calls nothing. */
bool drain_start(uv_loop_t *loop, int fd, void (*done)(void *owner), void *owner);
