#pragma once
/* A query is a value: SQL text plus text-format parameters. Domain code makes it; an executor runs it: db.h in the
   loops of the server, pg.h in worker threads. Text parameters are borrowed until the executor's function returns. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/uuid.h"

enum { QUERY_MAX_PARAMS = 32, QUERY_INLINE_BYTES = 512 };

struct query {
    const char *sql;  /* static text: its address names the prepared statement */
    const char *name; /* static: of the function that made it; for logs and fault points */
    bool writes;      /* goes to a connection for writes, and may share its commit with others */
    bool alone;       /* never shares its transaction */
    int count;
    const char *values[QUERY_MAX_PARAMS]; /* borrowed, NULL for NULL; or INLINE */
    uint16_t inline_at[QUERY_MAX_PARAMS]; /* where an inline value begins */
    uint16_t inline_used;
    char inline_bytes[QUERY_INLINE_BYTES];
};

#define query_read(sql) query_read_named((sql), __func__)
#define query_write(sql) query_write_named((sql), __func__)
struct query query_read_named(const char *sql, const char *name);
/* One statement that must be correct when it shares a transaction with strangers' statements (which is rolled back and
   repeated one by one when any of them fails): no locks that two of them could take in different order. */
struct query query_write_named(const char *sql, const char *name);
/* For a statement that locks rows which others lock too, such as an account's: a transaction of its own, so that what
   it waits for never waits for what a stranger in the same transaction holds. */
void query_alone(struct query *q);

void query_add_text(struct query *q, const char *value); /* borrowed; NULL is NULL */
void query_add_null(struct query *q);
void query_add_int64(struct query *q, int64_t value);
void query_add_uint64(struct query *q, uint64_t value);
void query_add_double(struct query *q, double value);
void query_add_bool(struct query *q, bool value);
void query_add_uuid(struct query *q, struct uuid value);              /* copied; "" is NULL */
void query_add_bytes(struct query *q, const void *bytes, size_t len); /* bytea, copied; at most 64 bytes */

/* The i-th value, as text; NULL for NULL. Points into q or to the borrowed text. */
const char *query_value(const struct query *q, int i);

/* For a query that is run later: its borrowed texts move into memory of their own, which is the caller's to free when
   the query is not needed any more. */
char *query_keep(struct query *q);
