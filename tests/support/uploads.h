#pragma once
/* A server that takes uploads over real sockets, for the tests of http/upload.h: POST and PUT /up/{id} take one, and
   tell what they got; POST /refused takes none; POST /plain tells an ordinary body, GET /up/{id} says "get". */
#include <stdatomic.h>

#include "support/wire.h"

enum {
    UPLOADS_LIMIT = 3 << 20, /* bytes of one */
    UPLOADS_SPACE = 4 << 20, /* of all together */
    UPLOADS_IDLE_S = 3,
    UPLOADS_LONGEST_S = 8,
    UPLOADS_UNSEEN_MS = 100,
};

extern struct wire uploads_wire; /* the first connection */
extern char uploads_body[2 * UPLOADS_LIMIT];
extern atomic_int uploads_gone; /* requests that ended before their upload was there */
extern atomic_bool uploads_disk_full;
extern atomic_int uploads_unseen; /* how often libh2o's own function has come to stand in front, behind GET /unseen */

/* For cmocka's setup and teardown. */
int uploads_open(void **state);
int uploads_close(void **state);
int uploads_port(void);
void uploads_stop(int deadline_ms); /* before its time */

/* The head of an upload to /up/7 with an X-Name; more are further headers with their ends. Lives until the next call.
 */
const char *uploads_head(const char *method, size_t len, const char *more);
/* The next answer is about the first len bytes of uploads_body, and has lost nothing of the head. */
void uploads_answered(struct wire *from, size_t len);
/* The next answer is such a problem document, and ends the connection. */
void uploads_refused(struct wire *from, int status, const char *code);
