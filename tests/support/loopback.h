#pragma once
/* Runs handlers without sockets and OS threads: a server of one thread in this one, and connections whose output is a
   buffer. The origin of the site is LOOPBACK_ORIGIN. Steps reach the database of local through local_db, which is
   defined here; with fake_db.h beside it no SQL runs. */
#include <h2o.h>
#include <stdbool.h>

#include "http/server.h"

#define LOOPBACK_ORIGIN "https://aisha.example"

struct loopback_server;
struct loopback;

/* site and local stay the caller's and live longer; site->thread_start and thread_end are not called. */
struct loopback_server *loopback_start(const struct http_site *site, struct local *local);
struct http_thread *loopback_thread(struct loopback_server *server);
void loopback_stop(struct loopback_server *server); /* after its connections */

struct loopback_message {
    const char *method, *path;
    const char *headers[16]; /* name, value, name, value, ..., NULL; names in lower case */
    const char *body;        /* NULL: none */
    bool slow;               /* the reader takes a piece only when loopback_take is called */
};

struct loopback *loopback_send(struct loopback_server *server, const struct loopback_message *message);
bool loopback_answered(const struct loopback *l);
int loopback_status(const struct loopback *l);
const char *loopback_body(const struct loopback *l); /* what has arrived of it */
/* The index-th value of a header of the answer; NULL: there are not so many. */
const char *loopback_header(const struct loopback *l, const char *name, int index);
void loopback_take(struct loopback *l);  /* the reader takes what was sent; nothing is fine */
void loopback_close(struct loopback *l); /* before the answer: what a vanished client looks like */
