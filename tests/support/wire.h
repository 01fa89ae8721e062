#pragma once
/* A client that sends whatever bytes a test tells it to, and reads answers one by one; blocking, with a limit of 10 s.
 */
#include <stdbool.h>
#include <stddef.h>

struct wire_answer {
    int status; /* 0: the server closed the connection, or said nothing in time */
    char head[2048], body[4096];
};

struct wire {
    int fd;
    char input[16 * 1024]; /* what has come and was not read yet */
    size_t len;
};

void wire_open(struct wire *wire, int port);
void wire_close(struct wire *wire);
/* False: not everything, because the server has closed. */
bool wire_send(struct wire *wire, const char *bytes, size_t len);
void wire_say(struct wire *wire, const char *text);
/* The next answer; also a 100 is one. Lives until the next call. */
const struct wire_answer *wire_read(struct wire *wire);
/* Has the server closed the connection, without anything more? Waits for it. */
bool wire_ends(struct wire *wire);
bool wire_is_silent(struct wire *wire, int ms); /* nothing comes in the meantime, not even the end */
