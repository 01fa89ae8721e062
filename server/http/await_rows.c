#include "http/await_rows.h"

#include "db/rows.h"
#include "http/reply.h"

static void on_rows(void *owner, const PGresult *rows, const struct err *err)
{
    struct call *call = owner;
    rows_fn then = (rows_fn)call->then;

    call_resumed(call);
    if (err)
        (void)reply_err(call, err);
    else
        (void)then(call, rows);
}

static void on_rows_or_null(void *owner, const PGresult *rows, const struct err *err)
{
    struct call *call = owner;

    call_resumed(call);
    (void)((rows_fn)call->then)(call, err ? NULL : rows);
}

static void cancel(void *op) { db_cancel(op); }

struct next await_rows_named(struct call *call, struct query query, rows_fn then, const char *step)
{
    call->then = (void (*)(void))then;
    return call_await(call, db_run(local_db(call->thread->local), &query, on_rows, call), cancel, step);
}

struct next await_rows_or_null_named(struct call *call, struct query query, rows_fn then, const char *step)
{
    call->then = (void (*)(void))then;
    return call_await(call, db_run(local_db(call->thread->local), &query, on_rows_or_null, call), cancel, step);
}

static void on_forget(void *memory) { rows_free(*(PGresult **)memory); }

const PGresult *rows_keep(struct call *call, const PGresult *rows)
{
    PGresult **kept = h2o_mem_alloc_shared(&call->req->pool, sizeof *kept, on_forget);

    *kept = rows_copy(rows);
    return *kept;
}
