#include "db/pg.h"

#include <stdlib.h>
#include <string.h>

#include "db/session.h"

struct pg {
    char *url;
    PGconn *conn;
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

void pg_close(struct pg *pg)
{
    if (!pg)
        return;
    PQfinish(pg->conn);
    free(pg->url);
    free(pg);
}

static bool connect(struct pg *pg, struct err *reterr)
{
    const char *keywords[SESSION_PARAMS], *values[SESSION_PARAMS];

    if (pg->conn && PQstatus(pg->conn) == CONNECTION_OK)
        return true;
    if (pg->in_transaction)
        return err_set(reterr, ERR_BUSY, "database", "connection lost in a transaction");
    PQfinish(pg->conn);
    session_params(pg->url, keywords, values);
    pg->statements = (struct session_statements){0};
    pg->conn = PQconnectdbParams(keywords, values, 1);
    if (PQstatus(pg->conn) != CONNECTION_OK)
        return err_set(reterr, ERR_BUSY, "database", "%s", PQerrorMessage(pg->conn));
    if (!session_fault(pg->conn))
        return true;
    (void)err_set(reterr, ERR_BUSY, "database", "%s", session_fault(pg->conn));
    PQfinish(pg->conn);
    pg->conn = NULL;
    return false;
}

static bool is_fine(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);

    return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
}

/* result, or NULL and the error when it is one. */
static PGresult *checked(struct pg *pg, PGresult *result, struct err *reterr)
{
    if (is_fine(result))
        return result;
    if (PQstatus(pg->conn) != CONNECTION_OK)
        (void)err_set(reterr, ERR_BUSY, "database", "%s", PQerrorMessage(pg->conn));
    else
        *reterr = session_err(result);
    PQclear(result);
    return NULL;
}

static bool prepare(struct pg *pg, const struct query *q, const char *name, struct err *reterr)
{
    PGresult *result = checked(pg, PQprepare(pg->conn, name, q->sql, q->count, NULL), reterr);

    if (!result)
        session_forget(&pg->statements, q->sql);
    PQclear(result);
    return result != NULL;
}

PGresult *pg_run(struct pg *pg, const struct query *q, struct err *reterr)
{
    const char *values[QUERY_MAX_PARAMS];
    char name[SESSION_NAME_ROOM];
    bool is_new;

    if (!connect(pg, reterr))
        return NULL;
    session_values(q, values);
    session_statement(&pg->statements, q->sql, name, &is_new);
    if (is_new && !prepare(pg, q, name, reterr))
        return NULL;
    if (*name)
        return checked(pg, PQexecPrepared(pg->conn, name, q->count, values, NULL, NULL, 0), reterr);
    return checked(pg, PQexecParams(pg->conn, q->sql, q->count, NULL, values, NULL, NULL, 0), reterr);
}

bool pg_do(struct pg *pg, const struct query *q, struct err *reterr)
{
    PGresult *result = pg_run(pg, q, reterr);

    PQclear(result);
    return result != NULL;
}

bool pg_script(struct pg *pg, const char *sql, struct err *reterr)
{
    PGresult *result;

    if (!connect(pg, reterr))
        return false;
    result = checked(pg, PQexec(pg->conn, sql), reterr);
    PQclear(result);
    return result != NULL;
}

bool pg_begin(struct pg *pg, struct err *reterr)
{
    pg->in_transaction = pg_script(pg, "BEGIN", reterr);
    return pg->in_transaction;
}

bool pg_commit(struct pg *pg, struct err *reterr)
{
    PGresult *result = connect(pg, reterr) ? checked(pg, PQexec(pg->conn, "COMMIT"), reterr) : NULL;
    /* The COMMIT of a failed transaction "succeeds", as a ROLLBACK. */
    bool committed = result && strcmp(PQcmdStatus(result), "COMMIT") == 0;

    if (result && !committed)
        (void)err_set(reterr, ERR_INTERNAL, "internal", "committed a failed transaction");
    PQclear(result);
    pg->in_transaction = false;
    return committed;
}

void pg_rollback(struct pg *pg)
{
    if (!pg->in_transaction)
        return;
    pg->in_transaction = false;
    if (PQstatus(pg->conn) == CONNECTION_OK)
        PQclear(PQexec(pg->conn, "ROLLBACK"));
}
