#pragma once
/* Waiting for rows: the database as one of the things that a step can wait for. */
#include <libpq-fe.h>

#include "db/db.h"
#include "http/call.h"

typedef struct next (*rows_fn)(struct call *call, const PGresult *rows);

/* Runs the query and goes on with then(call, rows); an error answers the call. The step's name goes to the log when the
   wait was slow or failed. */
#define await_rows(call, query, then) await_rows_named(call, query, then, #then)
struct next await_rows_named(struct call *call, struct query query, rows_fn then, const char *step);

/* The same, but then(call, NULL) when there was an error: for steps that have an answer without the database. */
#define await_rows_or_null(call, query, then) await_rows_or_null_named(call, query, then, #then)
struct next await_rows_or_null_named(struct call *call, struct query query, rows_fn then, const char *step);

/* A copy of rows that lives as long as the request, for a step after the next wait. */
const PGresult *rows_keep(struct call *call, const PGresult *rows);

/* The connections of the call's thread; the program defines it for its struct local. */
struct db *local_db(struct local *local);
