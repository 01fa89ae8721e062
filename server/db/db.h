#pragma once
/* The asynchronous executor of one loop: a few libpq connections in pipeline mode, some for reads, some for writes.
 *
 * Every operation finishes exactly once, through its callback, unless cancelled; never before db_run returns. What
 * waits for a connection goes out together, with one sync: writes share their commit (an answer means it is durable).
 * When one of them fails they are repeated one by one, so that nobody's fault is another's. Reads and writes have
 * connections of their own: a commit must not hold up the reads behind it. A query that is alone shares nothing.
 *
 * PostgreSQL gone: operations fail with ERR_BUSY "database" at once, and the connections come back by themselves. */
#include <libpq-fe.h>
#include <uv.h>

#include "base/err.h"
#include "db/query.h"

struct db;
struct db_op;

struct db_config {
    const char *url;
    int readers, writers; /* connections of each kind */
    int max_queued;       /* operations in flight or waiting, of each kind; over it: ERR_BUSY "busy" */
    int timeout_ms;       /* for one operation */
};

/* Exactly one of rows and err is non-NULL; both are borrowed during the call. */
typedef void (*db_done_fn)(void *owner, const PGresult *rows, const struct err *err);

/* config->url must outlive it. */
struct db *db_open(uv_loop_t *loop, const struct db_config *config);
/* What is still pending fails now. The loop must run until the handles are closed; then db is freed. */
void db_close(struct db *db);

struct db_op *db_run(struct db *db, const struct query *q, db_done_fn done, void *owner);
/* The owner is gone: done will not be called. The statement may still run. */
void db_cancel(struct db_op *op);

/* Can a read and a write be taken now? */
bool db_ready(const struct db *db);
