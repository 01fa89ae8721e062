#include "db/session.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"

enum { SLOW_MS = 1000 };

void session_params(const char *url, const char *keywords[SESSION_PARAMS], const char *values[SESSION_PARAMS])
{
    static const char *const PAIRS[][2] = {
        {"application_name", "aisha"},
        {"connect_timeout", "5"},
        {"keepalives_idle", "10"},
        {"keepalives_interval", "5"},
        {"keepalives_count", "3"},
        {"tcp_user_timeout", "15000"},
        {"client_encoding", "UTF8"},
        /* Who rests in a transaction for ten seconds is taken for dead, as by the heartbeat: its locks hold nobody up.
           Plans are made once: one that was made while its table was empty must not read it through when it is large.
         */
        {"options", "-c timezone=UTC -c datestyle=ISO -c statement_timeout=5000 -c lock_timeout=3000"
                    " -c idle_in_transaction_session_timeout=10000 -c jit=off -c plan_cache_mode=force_generic_plan"
                    " -c enable_seqscan=off"},
    };
    size_t count = sizeof PAIRS / sizeof *PAIRS;

    keywords[0] = "dbname"; /* expanded: may be a whole URL */
    values[0] = url;
    for (size_t i = 0; i < count; i++) {
        keywords[i + 1] = PAIRS[i][0];
        values[i + 1] = PAIRS[i][1];
    }
    keywords[count + 1] = values[count + 1] = NULL;
}

const char *session_fault(const PGconn *conn)
{
    const char *zone = PQparameterStatus(conn, "TimeZone");

    if (zone && strcmp(zone, "UTC") == 0)
        return NULL;
    return "the session's time zone is not UTC: a pooler drops our options; ALTER ROLE ... SET timezone = 'UTC'";
}

static unsigned hash(const char *sql) { return (unsigned)(((uintptr_t)sql >> 3) * 2654435761u >> 7); }

/* The entry of sql, or the free one where it belongs; -1 when there is neither. */
static int place(const struct session_statements *s, const char *sql)
{
    for (unsigned i = 0; i < SESSION_MAX_STATEMENTS; i++) {
        unsigned at = (hash(sql) + i) % SESSION_MAX_STATEMENTS;
        if (!s->sql[at] || s->sql[at] == sql)
            return (int)at;
    }
    return -1;
}

void session_statement(struct session_statements *s, const char *sql, char name[SESSION_NAME_ROOM], bool *ret_new)
{
    int at = place(s, sql);

    name[0] = '\0';
    *ret_new = false;
    if (at < 0)
        return;
    *ret_new = !s->prepared[at];
    s->sql[at] = sql;
    s->prepared[at] = true;
    (void)snprintf(name, SESSION_NAME_ROOM, "q%d", at);
}

void session_forget(struct session_statements *s, const char *sql)
{
    int at = place(s, sql);

    if (at >= 0)
        s->prepared[at] = false;
}

void session_values(const struct query *q, const char *values[QUERY_MAX_PARAMS])
{
    for (int i = 0; i < q->count; i++)
        values[i] = query_value(q, i);
}

/* The server's message for the log, without what it quotes of rows (that is in the details). */
static void describe(const PGresult *result, const char *name, char *to, size_t room)
{
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

    (void)snprintf(to, room, "%s%s%s", name ? name : "", name ? ": " : "",
                   message ? message : PQresultErrorMessage(result));
}

struct err session_err(const PGresult *result, const char *name)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    char message[200];
    struct err err;

    if (!state)
        state = "";
    describe(result, name, message, sizeof message);
    if (strcmp(state, "23505") == 0) /* unique_violation */
        (void)err_set(&err, ERR_CONFLICT, "already_exists", "%s", message);
    else if (strcmp(state, "57014") == 0 || strcmp(state, "55P03") == 0) /* statement or lock timeout */
        (void)err_set(&err, ERR_BUSY, "timeout", "%s", message);
    else if (strcmp(state, "26000") == 0) /* its preparation, sent for an operation before it, failed */
        (void)err_set(&err, ERR_BUSY, "database", "%s", message);
    else if (strncmp(state, "08", 2) == 0 || strncmp(state, "53", 2) == 0 || strncmp(state, "57", 2) == 0 ||
             strncmp(state, "40", 2) == 0) /* connection, resources, shutdown, serialisation */
        (void)err_set(&err, ERR_BUSY, "database", "%s", message);
    else
        (void)err_set(&err, ERR_INTERNAL, "internal", "%s: %s", state, message);
    return err;
}

void session_note_time(const char *name, int64_t took_ms, int others)
{
    if (took_ms >= SLOW_MS)
        log_write(LOG_WARN, "slow_statement", "statement=%s ms=%lld others=%d", name, (long long)took_ms, others);
}
