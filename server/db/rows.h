#pragma once
/* Typed access to the rows of a PGresult (text format). Columns are read in SELECT order, each exactly once; reading
   more than were selected is a programmer's mistake. Texts are borrowed: they live as long as the result. */
#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/uuid.h"

struct row {
    const PGresult *result;
    int index;
    int column; /* next to read */
};

static inline int rows_count(const PGresult *rows) { return PQntuples(rows); }
static inline struct row rows_at(const PGresult *rows, int i) { return (struct row){rows, i, 0}; }
/* Rows touched by an INSERT, UPDATE or DELETE without RETURNING. */
int rows_affected(const PGresult *rows);

/* A copy that is the caller's, to be freed with rows_free; aborts when there is no memory. */
PGresult *rows_copy(const PGresult *rows);
void rows_free(PGresult *rows); /* NULL is fine */

bool row_is_null(const struct row *row); /* of the next column, without reading it */
void row_skip(struct row *row);
const char *row_text(struct row *row);         /* "" for NULL */
const char *row_text_or_null(struct row *row); /* NULL for NULL */
struct text row_piece(struct row *row);        /* with its length */
int64_t row_int64(struct row *row);            /* 0 for NULL */
uint64_t row_uint64(struct row *row);
double row_double(struct row *row);
bool row_bool(struct row *row);        /* false for NULL */
struct uuid row_uuid(struct row *row); /* "" for NULL */
/* A bytea of at most room bytes; the length, 0 for NULL or when longer. */
size_t row_bytes(struct row *row, void *to, size_t room);

enum { ROW_TIME_ROOM = 32 };
/* A timestamptz of a session in UTC as RFC 3339 ("2026-01-15T10:00:01.123456Z"); "" for NULL. */
void row_time(struct row *row, char to[ROW_TIME_ROOM]);
