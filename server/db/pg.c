#include "db/pg.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fault_point.h"
#include "db/session.h"

enum { CONNECT_MS = 5000, STATEMENT_MS = 12000, SCRIPT_MS = 30 * 60 * 1000 };

struct pg {
    char *url;
    PGconn *conn; /* NULL: none */
    bool in_transaction;
    struct session_statements statements;
};

struct pg *pg_open(const char *url)
{
    struct pg *pg = calloc(1, sizeof *pg);

    if (!pg || !(pg->url = strdup(url)))
        abort();
    return pg;
}

static void drop(struct pg *pg)
{
    PQfinish(pg->conn);
    pg->conn = NULL;
}

void pg_close(struct pg *pg)
{
    if (!pg)
        return;
    drop(pg);
    free(pg->url);
    free(pg);
}

/* Waiting, with a limit */

/* Until the socket is ready; false: it is not at the deadline. Looked at once in any case: who was stopped meanwhile
   takes what has come. */
static bool await_socket(const PGconn *conn, short events, int64_t deadline_ms)
{
    struct pollfd socket = {PQsocket(conn), events, 0};

    for (;;) {
        int64_t left = deadline_ms - clock_monotonic_ms();
        int ready = poll(&socket, 1, left > 0 ? (int)left : 0);
        if (ready > 0 || socket.fd < 0) /* a broken one, too: libpq says what it is */
            return true;
        if (left <= 0)
            return false;
    }
}

/* Until PQgetResult does not wait. */
static bool await_result(PGconn *conn, int64_t deadline_ms)
{
    for (;;) {
        int unsent = PQflush(conn);
        if (unsent < 0 || !PQisBusy(conn))
            return true;
        if (!await_socket(conn, unsent ? POLLIN | POLLOUT : POLLIN, deadline_ms))
            return false;
        if (!PQconsumeInput(conn))
            return true;
    }
}

static bool is_fine(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);

    return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
}

/* The last result of what was sent, or its first error; NULL with the error when there was none in time. */
static PGresult *await_last(struct pg *pg, const char *name, int timeout_ms, struct err *reterr)
{
    int64_t deadline_ms = clock_monotonic_ms() + timeout_ms;
    PGresult *last = NULL, *next;

    while (await_result(pg->conn, deadline_ms)) {
        if (!(next = PQgetResult(pg->conn)))
            return last;
        if (last && !is_fine(last)) {
            PQclear(next);
            continue;
        }
        PQclear(last);
        last = next;
    }
    PQclear(last);
    (void)err_set(reterr, ERR_BUSY, "timeout", "%s: no answer within %d s", name, timeout_ms / 1000);
    drop(pg);
    return NULL;
}

static bool await_connection(PGconn *conn)
{
    int64_t deadline_ms = clock_monotonic_ms() + CONNECT_MS;
    PostgresPollingStatusType next = PGRES_POLLING_WRITING;

    if (PQstatus(conn) == CONNECTION_BAD)
        return true; /* as decided as it will be */
    while (next != PGRES_POLLING_OK && next != PGRES_POLLING_FAILED) {
        if (!await_socket(conn, next == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline_ms))
            return false;
        next = PQconnectPoll(conn);
    }
    return true;
}

/* Connecting */

static const char *connection_fault(PGconn *conn)
{
    if (!await_connection(conn))
        return "connecting took too long";
    if (PQstatus(conn) != CONNECTION_OK || PQsetnonblocking(conn, 1) != 0)
        return PQerrorMessage(conn);
    return session_fault(conn);
}

static bool connect(struct pg *pg, struct err *reterr)
{
    const char *keywords[SESSION_PARAMS], *values[SESSION_PARAMS], *fault;

    if (pg->conn && PQstatus(pg->conn) == CONNECTION_OK)
        return true;
    if (pg->in_transaction)
        return err_set(reterr, ERR_BUSY, "database", "connection lost in a transaction");
    drop(pg);
    session_params(pg->url, keywords, values);
    pg->statements = (struct session_statements){0};
    if (!(pg->conn = PQconnectStartParams(keywords, values, 1)))
        abort();
    if (!(fault = connection_fault(pg->conn)))
        return true;
    (void)err_set(reterr, ERR_BUSY, "database", "%s", fault);
    drop(pg);
    return false;
}

/* Running */

/* The result of what has just been sent (or could not be), or NULL and the error when it is one. */
static PGresult *finish(struct pg *pg, bool sent, const char *name, int timeout_ms, struct err *reterr)
{
    PGresult *result = NULL;

    *reterr = (struct err){0};
    if (sent && (result = await_last(pg, name ? name : "script", timeout_ms, reterr)) && is_fine(result))
        return result;
    if (reterr->kind == ERR_NONE && PQstatus(pg->conn) != CONNECTION_OK)
        (void)err_set(reterr, ERR_BUSY, "database", "%s", PQerrorMessage(pg->conn));
    else if (reterr->kind == ERR_NONE && result)
        *reterr = session_err(result, name);
    else if (reterr->kind == ERR_NONE)
        (void)err_set(reterr, ERR_INTERNAL, "internal", "%s: %s", name, PQerrorMessage(pg->conn));
    PQclear(result);
    return NULL;
}

/* A fault point: true when it is to fail, as a connection fails that is lost there. */
static bool is_cut(struct pg *pg, const char *name, const char *when, struct err *reterr)
{
    if (!FAULT_POINT("db", name, when))
        return false;
    drop(pg);
    return !err_set(reterr, ERR_BUSY, "database", "%s: a fault %s it", name, when);
}

static bool prepare(struct pg *pg, const struct query *q, const char *name, struct err *reterr)
{
    bool sent = PQsendPrepare(pg->conn, name, q->sql, q->count, NULL);
    PGresult *result = finish(pg, sent, q->name, STATEMENT_MS, reterr);

    if (!result)
        session_forget(&pg->statements, q->sql);
    PQclear(result);
    return result != NULL;
}

static PGresult *execute(struct pg *pg, const struct query *q, struct err *reterr)
{
    const char *values[QUERY_MAX_PARAMS];
    char name[SESSION_NAME_ROOM];
    bool is_new, sent;

    session_values(q, values);
    session_statement(&pg->statements, q->sql, name, &is_new);
    if (is_new && !prepare(pg, q, name, reterr))
        return NULL;
    if (*name)
        sent = PQsendQueryPrepared(pg->conn, name, q->count, values, NULL, NULL, 0);
    else
        sent = PQsendQueryParams(pg->conn, q->sql, q->count, NULL, values, NULL, NULL, 0);
    return finish(pg, sent, q->name, STATEMENT_MS, reterr);
}

PGresult *pg_run(struct pg *pg, const struct query *q, struct err *reterr)
{
    int64_t began_ms = clock_monotonic_ms();
    PGresult *result;

    if (!connect(pg, reterr) || is_cut(pg, q->name, "before", reterr) || !(result = execute(pg, q, reterr)))
        return NULL;
    session_note_time(q->name, clock_monotonic_ms() - began_ms, 0);
    if (!is_cut(pg, q->name, "after", reterr))
        return result;
    PQclear(result);
    return NULL;
}

bool pg_do(struct pg *pg, const struct query *q, struct err *reterr)
{
    PGresult *result = pg_run(pg, q, reterr);

    PQclear(result);
    return result != NULL;
}

/* Text of one or several statements; name may be NULL. */
static PGresult *run_text(struct pg *pg, const char *sql, const char *name, int timeout_ms, struct err *reterr)
{
    return finish(pg, PQsendQuery(pg->conn, sql), name, timeout_ms, reterr);
}

bool pg_script(struct pg *pg, const char *sql, struct err *reterr)
{
    PGresult *result;

    if (!connect(pg, reterr) || is_cut(pg, "pg_script", "before", reterr))
        return false;
    result = run_text(pg, sql, NULL, SCRIPT_MS, reterr);
    PQclear(result);
    return result && !is_cut(pg, "pg_script", "after", reterr);
}

bool pg_begin(struct pg *pg, struct err *reterr)
{
    PGresult *result = connect(pg, reterr) ? run_text(pg, "BEGIN", NULL, STATEMENT_MS, reterr) : NULL;

    PQclear(result);
    pg->in_transaction = result != NULL;
    return pg->in_transaction;
}

static bool commit(struct pg *pg, const char *name, struct err *reterr)
{
    int64_t began_ms = clock_monotonic_ms();
    PGresult *result = run_text(pg, "COMMIT", name, STATEMENT_MS, reterr);
    /* The COMMIT of a failed transaction "succeeds", as a ROLLBACK. */
    bool committed = result && strcmp(PQcmdStatus(result), "COMMIT") == 0;

    if (result && !committed)
        (void)err_set(reterr, ERR_INTERNAL, "internal", "%s: committed a failed transaction", name);
    session_note_time(name, clock_monotonic_ms() - began_ms, 0);
    PQclear(result);
    return committed;
}

bool pg_commit_named(struct pg *pg, const char *name, struct err *reterr)
{
    bool committed = connect(pg, reterr) && !is_cut(pg, name, "before", reterr) && commit(pg, name, reterr) &&
                     !is_cut(pg, name, "after", reterr);

    pg->in_transaction = false;
    return committed;
}

void pg_rollback(struct pg *pg)
{
    struct err err;

    if (!pg->in_transaction)
        return;
    pg->in_transaction = false;
    if (PQstatus(pg->conn) == CONNECTION_OK)
        PQclear(run_text(pg, "ROLLBACK", NULL, STATEMENT_MS, &err));
}
