#include "db/db.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fault_point.h"
#include "db/link.h"

enum {
    MAX_LINKS = 16,
    MAX_WRITES = 64, /* in one transaction */
    MAX_READS = 8,
    MAX_READ_BATCHES = 32, /* on one link */
    WAKE_MS = 50,
};

/* The links of one kind and what waits for them. */
struct pool {
    struct db *db;
    struct link *links[MAX_LINKS];
    int count;
    bool writes;
    struct list waiting;
    int pending; /* operations waiting or in flight */
};

struct db {
    struct db_config config;
    struct pool reads, writes;
    uv_prepare_t sender; /* sends what was queued during this turn of the loop, in one write */
    uv_timer_t waker;    /* turns the loop while something waits, so that what is overdue is noticed */
    int handles_open;
};

static void on_turn(uv_prepare_t *sender);

static void finish(struct pool *pool, struct db_op *op, const struct err *err)
{
    db_done_fn done = op->done;
    PGresult *rows = op->rows;
    struct err copy = err ? *err : (struct err){0};
    void *owner = op->owner;

    pool->pending--;
    free(op);
    if (done)
        done(owner, err ? NULL : rows, err ? &copy : NULL);
    PQclear(rows);
}

/* As if its connection was lost there. */
static void finish_cut(struct pool *pool, struct db_op *op, const char *when)
{
    struct err err;

    (void)err_set(&err, ERR_BUSY, "database", "%s: a fault %s it", op->query.name, when);
    finish(pool, op, &err);
}

static void finish_committed(struct pool *pool, struct db_op *op)
{
    if (FAULT_POINT("db", op->query.name, "after"))
        finish_cut(pool, op, "after");
    else
        finish(pool, op, NULL);
}

/* Back from a link: delivered, or repeated alone when a stranger in the same batch was at fault. */
static void on_batch(void *owner, struct list *ops, bool ok)
{
    struct pool *pool = owner;

    while (!list_empty(ops)) {
        struct db_op *op = LIST_ENTRY(ops->next, struct db_op, link);
        list_remove(&op->link);
        if (ok) {
            finish_committed(pool, op);
            continue;
        }
        if (op->alone) {
            finish(pool, op, &op->err);
            continue;
        }
        PQclear(op->rows);
        op->rows = NULL;
        op->err = (struct err){0};
        op->alone = true;
        list_add_last(&pool->waiting, &op->link);
        uv_prepare_start(&pool->db->sender, on_turn); /* it rests while nothing waits */
    }
}

static bool has_room(const struct pool *pool, const struct link *link)
{
    return link_state_of(link) == LINK_READY && link_in_flight(link) < (pool->writes ? 1 : MAX_READ_BATCHES);
}

static struct link *idlest(struct pool *pool)
{
    struct link *best = NULL;

    for (int i = 0; i < pool->count; i++)
        if (has_room(pool, pool->links[i]) && (!best || link_in_flight(pool->links[i]) < link_in_flight(best)))
            best = pool->links[i];
    return best;
}

/* The next transaction's worth of what waits: several that share a sync, and writes their commit, or one alone. May be
   nothing. */
static void take_batch(struct pool *pool, struct list *ops)
{
    for (int i = 0; i < (pool->writes ? MAX_WRITES : MAX_READS) && !list_empty(&pool->waiting); i++) {
        struct db_op *op = LIST_ENTRY(pool->waiting.next, struct db_op, link);
        if (op->alone && !list_empty(ops))
            return;
        list_remove(&op->link);
        if (FAULT_POINT("db", op->query.name, "before")) {
            finish_cut(pool, op, "before");
            continue;
        }
        list_add_last(ops, &op->link);
        if (op->alone)
            return;
    }
}

static bool any_usable(const struct pool *pool)
{
    for (int i = 0; i < pool->count; i++)
        if (link_state_of(pool->links[i]) != LINK_BROKEN)
            return true;
    return false;
}

static void fail_waiting(struct pool *pool)
{
    struct list failed;
    struct err err;

    (void)err_set(&err, ERR_BUSY, "database", "no connection");
    list_init(&failed);
    list_move_all(&failed, &pool->waiting); /* callbacks may ask for more */
    while (!list_empty(&failed)) {
        struct db_op *op = LIST_ENTRY(failed.next, struct db_op, link);
        list_remove(&op->link);
        finish(pool, op, &err);
    }
}

static void fail_overdue(struct pool *pool)
{
    int64_t now = clock_monotonic_ms();
    struct err err;

    (void)err_set(&err, ERR_BUSY, "timeout", "waited too long for a connection");
    while (!list_empty(&pool->waiting) && LIST_ENTRY(pool->waiting.next, struct db_op, link)->deadline_ms <= now) {
        struct db_op *op = LIST_ENTRY(pool->waiting.next, struct db_op, link);
        list_remove(&op->link);
        finish(pool, op, &err);
    }
}

/* The youngest beyond the limit: those that came first are served. */
static void fail_beyond_limit(struct pool *pool)
{
    struct err err;

    (void)err_set(&err, ERR_BUSY, "busy", "more than %d operations wait", pool->db->config.max_queued);
    while (pool->pending > pool->db->config.max_queued && !list_empty(&pool->waiting)) {
        struct db_op *op = LIST_ENTRY(pool->waiting.prev, struct db_op, link);
        list_remove(&op->link);
        finish(pool, op, &err);
    }
}

static void send_waiting(struct pool *pool)
{
    struct link *link;

    while (!list_empty(&pool->waiting) && (link = idlest(pool))) {
        struct list ops;
        list_init(&ops);
        take_batch(pool, &ops);
        if (!list_empty(&ops))
            link_send(link, &ops);
    }
    for (int i = 0; i < pool->count; i++)
        link_flush(pool->links[i]);
    if (!list_empty(&pool->waiting) && !any_usable(pool))
        fail_waiting(pool);
    else if (!list_empty(&pool->waiting)) {
        fail_overdue(pool);
        fail_beyond_limit(pool);
    }
}

static void on_wake(uv_timer_t *timer) { (void)timer; }

static void on_turn(uv_prepare_t *sender)
{
    struct db *db = sender->data;

    send_waiting(&db->reads);
    send_waiting(&db->writes);
    if (list_empty(&db->reads.waiting) && list_empty(&db->writes.waiting))
        uv_prepare_stop(sender);
    else if (!uv_is_active((uv_handle_t *)&db->waker))
        uv_timer_start(&db->waker, on_wake, WAKE_MS, 0);
}

struct db_op *db_run(struct db *db, const struct query *q, db_done_fn done, void *owner)
{
    struct pool *pool = q->writes ? &db->writes : &db->reads;
    size_t sizes[QUERY_MAX_PARAMS], total = sizeof(struct db_op);
    struct db_op *op;
    char *at;

    for (int i = 0; i < q->count; i++)
        total += sizes[i] = query_value(q, i) ? strlen(query_value(q, i)) + 1 : 0;
    op = malloc(total);
    if (!op)
        abort();
    *op = (struct db_op){.done = done, .owner = owner, .deadline_ms = clock_monotonic_ms() + db->config.timeout_ms};
    op->query.sql = q->sql;
    op->query.name = q->name;
    op->query.writes = q->writes;
    op->alone = q->alone;
    op->query.count = q->count;
    at = (char *)(op + 1);
    for (int i = 0; i < q->count; i++, at += sizes[i - 1])
        op->query.values[i] = sizes[i] ? memcpy(at, query_value(q, i), sizes[i]) : NULL;
    pool->pending++;
    list_add_last(&pool->waiting, &op->link);
    uv_prepare_start(&db->sender, on_turn);
    return op;
}

void db_cancel(struct db_op *op) { op->done = NULL; }

bool db_ready(const struct db *db)
{
    bool reads = false, writes = false;

    for (int i = 0; i < db->reads.count; i++)
        reads = reads || link_state_of(db->reads.links[i]) == LINK_READY;
    for (int i = 0; i < db->writes.count; i++)
        writes = writes || link_state_of(db->writes.links[i]) == LINK_READY;
    return reads && writes;
}

static void pool_open(struct pool *pool, struct db *db, uv_loop_t *loop, int count, bool writes)
{
    assert(count > 0 && count <= MAX_LINKS);
    *pool = (struct pool){.db = db, .count = count, .writes = writes};
    list_init(&pool->waiting);
    for (int i = 0; i < count; i++)
        pool->links[i] = link_open(loop, db->config.url, db->config.timeout_ms, on_batch, pool);
}

struct db *db_open(uv_loop_t *loop, const struct db_config *config)
{
    struct db *db = calloc(1, sizeof *db);

    if (!db)
        abort();
    db->config = *config;
    db->handles_open = 2;
    uv_prepare_init(loop, &db->sender);
    uv_timer_init(loop, &db->waker);
    db->sender.data = db->waker.data = db;
    pool_open(&db->reads, db, loop, config->readers, false);
    pool_open(&db->writes, db, loop, config->writers, true);
    return db;
}

static void on_closed(uv_handle_t *handle)
{
    struct db *db = handle->data;

    if (--db->handles_open == 0)
        free(db);
}

static void pool_close(struct pool *pool)
{
    for (int i = 0; i < pool->count; i++)
        link_close(pool->links[i]);
    fail_waiting(pool);
    assert(pool->pending == 0);
}

void db_close(struct db *db)
{
    pool_close(&db->reads);
    pool_close(&db->writes);
    uv_close((uv_handle_t *)&db->sender, on_closed);
    uv_close((uv_handle_t *)&db->waker, on_closed);
}
