#include "support/fake_db.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_COLUMNS = 40 };

struct db_op {
    db_done_fn done;
    void *owner;
    bool cancelled;
};

static struct {
    struct db_op pending, aside;
    const char *sql, *aside_sql;
    char *values[QUERY_MAX_PARAMS];
    bool waits;
    int count, cancelled;
} fake;

static void forget_values(void)
{
    for (int i = 0; i < fake.count; i++)
        free(fake.values[i]);
    fake.count = 0;
}

void fake_db_reset(void)
{
    assert(!fake.waits && "the test before left a query unanswered");
    forget_values();
    fake.sql = fake.aside_sql = NULL;
    fake.cancelled = 0;
}

struct db_op *db_run(struct db *db, const struct query *q, db_done_fn done, void *owner)
{
    (void)db;
    if (!done) {
        fake.aside_sql = q->sql;
        return &fake.aside;
    }
    assert(!fake.waits && "the test must answer the previous query first");
    forget_values();
    fake.sql = q->sql;
    fake.count = q->count;
    for (int i = 0; i < q->count; i++)
        fake.values[i] = query_value(q, i) ? strdup(query_value(q, i)) : NULL;
    fake.pending = (struct db_op){.done = done, .owner = owner};
    fake.waits = true;
    return &fake.pending;
}

void db_cancel(struct db_op *op)
{
    assert(op == &fake.pending && fake.waits);
    fake.waits = false;
    fake.cancelled++;
}

struct db *db_open(uv_loop_t *loop, const struct db_config *config)
{
    (void)loop;
    (void)config;
    return NULL;
}

void db_close(struct db *db) { (void)db; }
bool db_ready(const struct db *db) { return db == NULL; }

bool fake_db_waits(void) { return fake.waits; }
const char *fake_db_sql(void) { return fake.sql ? fake.sql : ""; }
const char *fake_db_aside(void) { return fake.aside_sql; }
int fake_db_cancelled(void) { return fake.cancelled; }

const char *fake_db_value(int i)
{
    assert(i >= 0 && i < fake.count && "the query has not so many parameters");
    return fake.values[i];
}

static void finish(const PGresult *result, const struct err *err)
{
    assert(fake.waits && "nobody waits for an answer");
    fake.waits = false; /* the callback may ask for more */
    fake.pending.done(fake.pending.owner, result, err);
}

void fake_db_answer(PGresult *result)
{
    finish(result, NULL);
    PQclear(result);
}

void fake_db_fail(enum err_kind kind, const char *code)
{
    struct err err;

    (void)err_set(&err, kind, code, "made up by the test");
    finish(NULL, &err);
}

PGresult *fake_rows(int columns, int rows, const char *const values[])
{
    PGresult *result = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    PGresAttDesc columns_of[MAX_COLUMNS] = {0};

    assert(columns <= MAX_COLUMNS);
    for (int c = 0; c < columns; c++)
        columns_of[c].name = (char *)(uintptr_t) "column";
    PQsetResultAttrs(result, columns, columns_of);
    for (int i = 0; i < rows * columns; i++)
        PQsetvalue(result, i / columns, i % columns, (char *)(uintptr_t)values[i],
                   values[i] ? (int)strlen(values[i]) : -1);
    return result;
}
