#include "jobs/object_trash.h"

#include "base/log.h"
#include "db/pg.h"
#include "db/rows.h"
#include "storage/store.h"

enum { EVERY_S = 20, PAGE = 500, MAX_FAULTS = 3 };

static bool forget(const struct sweep_tools *tools, const char *bucket, const char *key, struct err *reterr)
{
    struct query q = query_write("DELETE FROM object_trash WHERE bucket = $1 AND object_key = $2");

    query_add_text(&q, bucket);
    query_add_text(&q, key);
    return pg_do(tools->pg, &q, reterr);
}

/* False: not now. */
static bool empty_row(const struct sweep_tools *tools, const char *bucket, const char *key, struct err *reterr)
{
    return store_delete(tools->store, text_of(bucket), text_of(key), reterr) && forget(tools, bucket, key, reterr);
}

/* One that cannot be deleted does not keep the others; several in a row are a fault of the store. */
static bool empty(const struct sweep_tools *tools, const struct sweep *sweep, const PGresult *rows,
                  struct sweep_look *look, struct err *reterr)
{
    int faults = 0;

    for (int i = 0; i < rows_count(rows); i++) {
        struct row row = rows_at(rows, i);
        const char *bucket = row_text(&row), *key = row_text(&row);
        if (!sweep_goes_on(tools, reterr))
            return false;
        sweep_found(look, key);
        if (empty_row(tools, bucket, key, reterr)) {
            look->mended++;
            faults = 0;
        } else if (++faults == MAX_FAULTS) {
            return false;
        } else {
            log_write(LOG_WARN, "sweep_failed", "name=%s reason=%s", sweep->name, LOG_QUOTE(reterr->detail));
        }
    }
    return true;
}

static bool look_through(const struct sweep_tools *tools, const struct sweep *sweep, struct sweep_look *look,
                         struct err *reterr)
{
    struct query q =
        query_read("SELECT bucket, object_key FROM object_trash WHERE due_at <= now() ORDER BY due_at LIMIT $1");
    CLEANUP(pg_clear) PGresult *rows = NULL;

    query_add_int64(&q, sweep->limit);
    rows = pg_run(tools->pg, &q, reterr);
    return rows && empty(tools, sweep, rows, look, reterr);
}

const struct sweep OBJECT_TRASH = {
    .name = "object_trash", .every_s = EVERY_S, .limit = PAGE, .quiet = true, .look = look_through};
