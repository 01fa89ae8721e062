#pragma once
/* What both executors need of one session with PostgreSQL: its settings, its prepared statements, its errors. */
#include <libpq-fe.h>
#include <stdbool.h>

#include "base/err.h"
#include "db/query.h"

/* For PQconnectStartParams and PQconnectdbParams (expand_dbname on): the server that url names, in UTC, with limits of
   time for connecting, for a statement, for a lock and for a vanished peer. */
enum { SESSION_PARAMS = 12 };
void session_params(const char *url, const char *keywords[SESSION_PARAMS], const char *values[SESSION_PARAMS]);

/* NULL: the new session has our settings. Else what is wrong, in words: a pooler may have ignored them. */
const char *session_fault(const PGconn *conn);

/* Prepared statements by the address of their SQL. */
enum { SESSION_MAX_STATEMENTS = 256, SESSION_NAME_ROOM = 16 };
struct session_statements {
    const char *sql[SESSION_MAX_STATEMENTS]; /* a hash table; an entry's place is its name */
    bool prepared[SESSION_MAX_STATEMENTS];
};
/* The name of the statement; *ret_new: it must be prepared first. "" when the table is full: parsed each time. */
void session_statement(struct session_statements *s, const char *sql, char name[SESSION_NAME_ROOM], bool *ret_new);

/* The server did not take the preparation: it must be sent again. */
void session_forget(struct session_statements *s, const char *sql);

void session_values(const struct query *q, const char *values[QUERY_MAX_PARAMS]);

/* What an error result means: kind and code for clients, the server's message for the log, behind the name of the
   statement (NULL: none). */
struct err session_err(const PGresult *result, const char *name);

/* A line in the log when the statement took long; with its commit, when it shared that with count others. */
void session_note_time(const char *name, int64_t took_ms, int others);
