#pragma once
/* The connection of one event loop to Redis: commands go out in one write per turn of the loop, answers come back in
 * order.
 *
 * Redis is a cache here, so nobody waits for it: while it is away every question is refused at once, a question that
 * is not answered within REDIS_PATIENCE_MS fails, and so do all that stand behind it, for the connection is dropped. (A
 * loop that was busy for so long reads for some milliseconds what has come meanwhile, and then no longer.) It comes
 * back by itself, after 0.1 s at first, then after twice as long each time, 5 s at most.
 *
 * hiredis 0.14 writes the commands and reads the answers; the socket is libuv's. (hiredis' own asynchronous half looks
 * up names in the loop, has no time limits, swallows errors of its poll handle, and aborts the process when a server
 * sends an answer that nobody asked for.) */
#include <stdbool.h>
#include <uv.h>

#include "base/text.h"
#include "redis/redis_url.h"

enum {
    REDIS_PATIENCE_MS = 25,
    REDIS_MAX_WAITING = 256,       /* questions at a time */
    REDIS_MAX_WORDS = 8,           /* of a command */
    REDIS_MAX_ANSWER = 512 * 1024, /* bytes; a longer one drops the connection */
    REDIS_MAX_UNSENT = 4 << 20,    /* bytes */
};

enum redis_answer_kind {
    REDIS_ANSWER_NONE,    /* no connection, or too late */
    REDIS_ANSWER_REFUSED, /* an error, whose words are the text */
    REDIS_ANSWER_NIL,
    REDIS_ANSWER_TEXT, /* also a status */
    REDIS_ANSWER_NUMBER,
};

struct redis_answer {
    enum redis_answer_kind kind;
    struct text text; /* borrowed during the call */
    int64_t number;
};

struct redis_link;
struct redis_question;

typedef void (*redis_done_fn)(void *owner, const struct redis_answer *answer);

/* Connects by itself. url is copied. */
struct redis_link *redis_link_open(uv_loop_t *loop, const struct redis_url *url);
/* What still waits fails now; nothing is called afterwards. The loop must run until the handles are closed; then link
   is freed. NULL is fine. */
void redis_link_close(struct redis_link *link);
bool redis_link_ready(const struct redis_link *link);

/* Words are copied. NULL: refused at once, done will not be called; link may be NULL. Else done (it may be NULL, too)
   is called exactly once, never before this returns, unless the question is cancelled. */
struct redis_question *redis_link_ask(struct redis_link *link, int count, const struct text *words, redis_done_fn done,
                                      void *owner);
/* The owner is gone: done will not be called. */
void redis_question_cancel(struct redis_question *question);
