/* The connection is CONNECTING, READY or BROKEN. Any failure of libpq goes through broken(): every batch in flight
   fails, the connection is dropped, and after a pause connect_start() runs again. */
#include "db/link.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"

enum { RETRY_MS = 250, CONNECT_TIMEOUT_MS = 5000 };

struct link {
    uv_loop_t *loop;
    const char *url;
    link_batch_fn done;
    void *owner;
    enum link_state state;
    PGconn *conn;
    uv_poll_t *poll; /* on the heap: closing is asynchronous, reconnecting is not */
    uv_poll_cb on_event;
    int fd, timeout_ms, in_flight;
    int events;          /* that poll waits for; starting it again with the same costs two system calls */
    bool unflushed;      /* something was sent since the last flush */
    struct list batches; /* in send order; the first is being answered */
    uv_timer_t timer;    /* pause while BROKEN, else the deadline of connecting or of the first batch */
    struct session_statements statements;
    bool complained; /* one log line per outage */
};

static void on_connect_event(uv_poll_t *poll, int status, int events);
static void on_ready_event(uv_poll_t *poll, int status, int events);
static void broken(struct link *link, const char *code, const char *reason);

static void on_free(uv_handle_t *handle) { free(handle); }

static void unwatch(struct link *link)
{
    if (!link->poll)
        return;
    link->events = 0;
    uv_poll_stop(link->poll); /* must happen before libpq closes the descriptor */
    uv_close((uv_handle_t *)link->poll, on_free);
    link->poll = NULL;
}

/* libpq may change its socket while connecting: follow it. */
static void watch(struct link *link, int events, uv_poll_cb on_event)
{
    int fd = PQsocket(link->conn);

    if (!link->poll || fd != link->fd) {
        unwatch(link);
        link->fd = fd;
        link->poll = malloc(sizeof *link->poll);
        if (!link->poll)
            abort();
        uv_poll_init(link->loop, link->poll, fd);
        link->poll->data = link;
    }
    if (events != link->events || on_event != link->on_event)
        uv_poll_start(link->poll, events, on_event);
    link->events = events;
    link->on_event = on_event;
}

/* At an error libuv has stopped watching: what watch() remembers is no longer so. */
static void note_poll_error(struct link *link, int status)
{
    if (status < 0)
        link->events = 0;
}

/* Connecting */

static void on_connect_timeout(uv_timer_t *timer) { broken(timer->data, "database", "connecting took too long"); }

static void connect_start(struct link *link)
{
    const char *keywords[SESSION_PARAMS], *values[SESSION_PARAMS];

    session_params(link->url, keywords, values);
    link->state = LINK_CONNECTING;
    link->statements = (struct session_statements){0};
    link->conn = PQconnectStartParams(keywords, values, 1);
    if (PQstatus(link->conn) == CONNECTION_BAD) {
        broken(link, "database", PQerrorMessage(link->conn));
        return;
    }
    uv_timer_start(&link->timer, on_connect_timeout, CONNECT_TIMEOUT_MS, 0);
    watch(link, UV_WRITABLE, on_connect_event);
}

static void on_pause_over(uv_timer_t *timer) { connect_start(timer->data); }

static void connected(struct link *link)
{
    const char *fault = session_fault(link->conn);

    if (fault) {
        broken(link, "database", fault);
        return;
    }
    if (PQsetnonblocking(link->conn, 1) != 0 || !PQenterPipelineMode(link->conn)) {
        broken(link, "database", PQerrorMessage(link->conn));
        return;
    }
    link->state = LINK_READY;
    if (link->complained)
        log_write(LOG_INFO, "database_back", "%s", "");
    link->complained = false;
    uv_timer_stop(&link->timer);
    watch(link, UV_READABLE, on_ready_event);
}

static void on_connect_event(uv_poll_t *poll, int status, int events)
{
    struct link *link = poll->data;

    note_poll_error(link, status); /* PQconnectPoll finds the error again, with a better message */
    (void)events;
    switch (PQconnectPoll(link->conn)) {
    case PGRES_POLLING_READING: watch(link, UV_READABLE, on_connect_event); return;
    case PGRES_POLLING_WRITING: watch(link, UV_WRITABLE, on_connect_event); return;
    case PGRES_POLLING_OK: connected(link); return;
    default: broken(link, "database", PQerrorMessage(link->conn)); return;
    }
}

/* Sending */

static void on_timeout(uv_timer_t *timer) { broken(timer->data, "timeout", "an operation took too long"); }

static void on_send_failed(uv_timer_t *timer)
{
    struct link *link = timer->data;

    broken(link, "database", PQerrorMessage(link->conn));
}

static struct batch *first_batch(struct link *link)
{
    return list_empty(&link->batches) ? NULL : LIST_ENTRY(link->batches.next, struct batch, link);
}

static void arm_timer(struct link *link)
{
    const struct batch *batch = first_batch(link);
    int64_t left;

    if (!batch) {
        uv_timer_stop(&link->timer);
        return;
    }
    left = LIST_ENTRY(batch->ops.next, struct db_op, link)->deadline_ms - clock_monotonic_ms();
    uv_timer_start(&link->timer, on_timeout, left > 0 ? (uint64_t)left : 0, 0);
}

static bool flush(struct link *link)
{
    int left = PQflush(link->conn);

    if (left < 0)
        return false;
    watch(link, left ? UV_READABLE | UV_WRITABLE : UV_READABLE, on_ready_event);
    return true;
}

static bool send_op(struct link *link, struct db_op *op)
{
    const char *values[QUERY_MAX_PARAMS];
    char name[SESSION_NAME_ROOM];
    bool is_new;

    session_values(&op->query, values);
    session_statement(&link->statements, op->query.sql, name, &is_new);
    op->replies = is_new ? 2 : 1;
    op->sent_ms = clock_monotonic_ms();
    if (is_new && !PQsendPrepare(link->conn, name, op->query.sql, op->query.count, NULL))
        return false;
    if (*name)
        return PQsendQueryPrepared(link->conn, name, op->query.count, values, NULL, NULL, 0);
    return PQsendQueryParams(link->conn, op->query.sql, op->query.count, NULL, values, NULL, NULL, 0);
}

static bool send_batch(struct link *link, struct batch *batch)
{
    for (struct list *l = batch->ops.next; l != &batch->ops; l = l->next)
        if (!send_op(link, LIST_ENTRY(l, struct db_op, link)))
            return false;
    return PQpipelineSync(link->conn);
}

void link_send(struct link *link, struct list *ops)
{
    struct batch *batch = malloc(sizeof *batch);

    assert(link->state == LINK_READY && !list_empty(ops));
    if (!batch)
        abort();
    *batch = (struct batch){0};
    list_init(&batch->ops);
    list_move_all(&batch->ops, ops);
    batch->next = LIST_ENTRY(batch->ops.next, struct db_op, link);
    list_add_last(&link->batches, &batch->link);
    link->in_flight++;
    if (link->in_flight == 1)
        arm_timer(link);
    link->unflushed = true;
    if (!send_batch(link, batch)) /* in the next turn: nothing calls back before it returns */
        uv_timer_start(&link->timer, on_send_failed, 0, 0);
}

void link_flush(struct link *link)
{
    if (!link->unflushed || link->state != LINK_READY)
        return;
    link->unflushed = false;
    if (!flush(link))
        uv_timer_start(&link->timer, on_send_failed, 0, 0);
}

/* Receiving: for each op its results, each followed by NULL; after the last op the sync. */

/* Of those that went out together the first one is named: which was the slow one only PostgreSQL knows. */
static void note_time(const struct batch *batch)
{
    const struct db_op *first = LIST_ENTRY(batch->ops.next, struct db_op, link);
    int others = -1;

    for (const struct list *l = batch->ops.next; l != &batch->ops; l = l->next)
        others++;
    session_note_time(first->query.name, clock_monotonic_ms() - first->sent_ms, others);
}

static void batch_over(struct link *link, struct batch *batch, bool ok)
{
    struct list ops;

    if (ok)
        note_time(batch);
    list_init(&ops);
    list_move_all(&ops, &batch->ops);
    list_remove(&batch->link);
    free(batch);
    link->in_flight--;
    link->done(link->owner, &ops, ok);
}

static void op_over(struct batch *batch)
{
    struct list *after = batch->next->link.next;

    if (--batch->next->replies == 0)
        batch->next = after == &batch->ops ? NULL : LIST_ENTRY(after, struct db_op, link);
}

static void take_error(struct link *link, struct batch *batch, const PGresult *result)
{
    struct db_op *op = batch->next ? batch->next : LIST_ENTRY(batch->ops.prev, struct db_op, link);

    batch->failed = true;
    if (batch->next && op->replies == 2)
        session_forget(&link->statements, op->query.sql);
    if (PQresultStatus(result) != PGRES_PIPELINE_ABORTED)
        op->err = session_err(result, op->query.name);
    else if (op->err.kind == ERR_NONE) /* else its own preparation failed, and that was said */
        (void)err_set(&op->err, ERR_BUSY, "database", "another statement of the batch failed");
}

/* Takes result over. */
static void take_result(struct link *link, struct batch *batch, PGresult *result)
{
    switch (PQresultStatus(result)) {
    case PGRES_TUPLES_OK:
    case PGRES_COMMAND_OK:
        if (batch->next && batch->next->replies == 1) {
            batch->next->rows = result;
            return;
        }
        break; /* of the preparation */
    case PGRES_PIPELINE_SYNC:
        PQclear(result);
        batch_over(link, batch, !batch->failed);
        arm_timer(link);
        return;
    default: take_error(link, batch, result);
    }
    PQclear(result);
}

static void on_ready_event(uv_poll_t *poll, int status, int events)
{
    struct link *link = poll->data;
    struct batch *batch;

    note_poll_error(link, status);
    (void)events;
    if (!PQconsumeInput(link->conn)) {
        broken(link, "database", PQerrorMessage(link->conn));
        return;
    }
    while (link->state == LINK_READY && (batch = first_batch(link)) && !PQisBusy(link->conn)) {
        PGresult *result = PQgetResult(link->conn);
        if (result)
            take_result(link, batch, result);
        else if (batch->next)
            op_over(batch);
    }
    if (link->state == LINK_READY && !flush(link))
        broken(link, "database", PQerrorMessage(link->conn));
}

/* Failing */

static void fail_batch(struct link *link, struct batch *batch, const char *code, const char *reason)
{
    for (struct list *l = batch->ops.next; l != &batch->ops; l = l->next) {
        struct db_op *op = LIST_ENTRY(l, struct db_op, link);
        op->alone = true; /* its outcome is unknown: it must not be repeated by itself */
        (void)err_set(&op->err, ERR_BUSY, code, "%s", reason);
    }
    batch_over(link, batch, false);
}

static void broken(struct link *link, const char *code, const char *reason)
{
    struct list failed;
    char why[200];

    (void)text_copy(why, sizeof why, (struct text){reason, strcspn(reason, "\n") % sizeof why});
    if (!link->complained)
        log_write(LOG_WARN, "database_lost", "reason=%s", LOG_QUOTE(why));
    link->complained = true;
    link->state = LINK_BROKEN;
    unwatch(link);
    PQfinish(link->conn);
    link->conn = NULL;
    list_init(&failed);
    list_move_all(&failed, &link->batches); /* callbacks may ask for more meanwhile */
    while (!list_empty(&failed))
        fail_batch(link, LIST_ENTRY(failed.next, struct batch, link), code, why);
    uv_timer_start(&link->timer, on_pause_over, RETRY_MS, 0);
}

struct link *link_open(uv_loop_t *loop, const char *url, int timeout_ms, link_batch_fn done, void *owner)
{
    struct link *link = calloc(1, sizeof *link);

    if (!link)
        abort();
    *link = (struct link){.loop = loop, .url = url, .done = done, .owner = owner, .fd = -1, .timeout_ms = timeout_ms};
    list_init(&link->batches);
    uv_timer_init(loop, &link->timer);
    link->timer.data = link;
    connect_start(link);
    return link;
}

static void on_closed(uv_handle_t *handle) { free(handle->data); }

void link_close(struct link *link)
{
    while (!list_empty(&link->batches))
        fail_batch(link, LIST_ENTRY(link->batches.next, struct batch, link), "database", "closing");
    unwatch(link);
    PQfinish(link->conn);
    uv_close((uv_handle_t *)&link->timer, on_closed);
}

enum link_state link_state_of(const struct link *link) { return link->state; }
int link_in_flight(const struct link *link) { return link->in_flight; }
