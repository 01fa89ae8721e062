#include "http/await_rows.h"

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

static void cancel(void *op) { db_cancel(op); }

struct next await_rows_named(struct call *call, struct query query, rows_fn then, const char *step)
{
    call->then = (void (*)(void))then;
    return call_await(call, db_run(local_db(call->thread->local), &query, on_rows, call), cancel, step);
}
