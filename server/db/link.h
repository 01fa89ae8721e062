#pragma once
/* One pipelined connection to PostgreSQL, for db.c alone. */
#include "base/list.h"
#include "db/db.h"
#include "db/session.h"

struct db_op {
    struct list link;
    db_done_fn done; /* NULL: cancelled */
    void *owner;
    int64_t deadline_ms; /* monotonic */
    int64_t sent_ms;     /* monotonic; the latest time */
    bool alone;          /* its own transaction: asked for, or because a batch with it failed */
    int replies;         /* still to come before the next op's */
    PGresult *rows;      /* kept until the commit */
    struct err err;
    struct query query; /* its texts are behind the op, in the same allocation */
};

/* Operations that share one sync, that is one transaction. */
struct batch {
    struct list link;
    struct list ops;    /* all of it */
    struct db_op *next; /* whose replies come next; NULL: the sync's */
    bool failed;
};

enum link_state { LINK_CONNECTING, LINK_READY, LINK_BROKEN };

struct link;
/* All of a batch's ops in ops, results or errors in them: committed when ok. */
typedef void (*link_batch_fn)(void *owner, struct list *ops, bool ok);

struct link *link_open(uv_loop_t *loop, const char *url, int timeout_ms, link_batch_fn done, void *owner);
void link_close(struct link *link); /* asynchronous: freed when its handles are */
enum link_state link_state_of(const struct link *link);
int link_in_flight(const struct link *link); /* batches */
/* Takes the ops over; they go out with one sync, at the next link_flush: what is sent in one turn shares its write. The
   link must be READY. Failing to send breaks the link, and the batch comes back through done later. */
void link_send(struct link *link, struct list *ops);
void link_flush(struct link *link);
