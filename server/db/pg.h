#pragma once
/* The blocking executor, for worker threads and commands: one connection, one thread. It reconnects by itself between
   transactions. Whatever the server does, be it frozen: connecting fails after 5 s (without the time that looking up a
   host's name takes), a statement or COMMIT after 12 s, a script after half an hour; the connection is then closed.
   Before that the server's own limits end a statement that is merely slow (db/session.h). */
#include <libpq-fe.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "db/query.h"

struct pg;

/* Never fails: the first use connects. url is copied. */
struct pg *pg_open(const char *url);
void pg_close(struct pg *pg);

/* The rows, to be freed with PQclear; NULL: reterr is set. Inside a transaction that has failed, everything fails. */
PGresult *pg_run(struct pg *pg, const struct query *q, struct err *reterr);
/* For statements whose rows do not matter. */
bool pg_do(struct pg *pg, const struct query *q, struct err *reterr);

bool pg_begin(struct pg *pg, struct err *reterr);
/* False: not committed, or (connection lost meanwhile) unknown: look before acting again. */
#define pg_commit(pg, reterr) pg_commit_named((pg), __func__, (reterr))
bool pg_commit_named(struct pg *pg, const char *name, struct err *reterr); /* name: for logs and fault points */
void pg_rollback(struct pg *pg);                                           /* fine outside a transaction */

/* A script of several statements without parameters, for migrations. */
bool pg_script(struct pg *pg, const char *sql, struct err *reterr);

static inline void pg_clear(PGresult **rows) { PQclear(*rows); } /* for CLEANUP */
