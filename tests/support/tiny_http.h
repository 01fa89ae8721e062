#pragma once
/* A web server in a thread, over raw sockets, that answers exactly what a test tells it to: also half answers, none,
   and late ones. Up to 64 connections in its life, each in a thread; loopback only; a port of its own choice. */
#include <stdbool.h>
#include <stddef.h>

enum tiny_then {
    TINY_KEEP,  /* waits for a further request on the connection */
    TINY_CLOSE, /* closes behind the answer */
    TINY_DRIP,  /* sends one byte every 50 ms, then closes */
    TINY_HANG,  /* sends nothing and keeps the connection open until the other side closes it */
};

struct tiny_answer {
    const char *bytes; /* the whole answer as it goes over the wire; "" for none */
    enum tiny_then then;
    size_t len; /* of bytes, for those with NULs in them; 0: up to the NUL */
};

struct tiny_http;
struct tiny_http *tiny_open(void);
void tiny_close(struct tiny_http *tiny);

/* "http://127.0.0.1:PORT" */
const char *tiny_url(const struct tiny_http *tiny);

/* The next requests get these answers (copied), in order; the last one stays for all that follow. */
void tiny_will_answer(struct tiny_http *tiny, const struct tiny_answer *answers, int count);

/* How many requests have arrived whole, and on how many connections. */
int tiny_requests(struct tiny_http *tiny);
int tiny_connections(struct tiny_http *tiny);

/* The latest request as it came (head and body), cut to room. */
void tiny_last_request(struct tiny_http *tiny, char *to, size_t room);
