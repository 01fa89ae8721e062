#include "jobs/sweep.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/log.h"
#include "db/rows.h"

enum { MAX_FAULTS = 3, MAX_DROPS = 200 };

bool sweep_goes_on(const struct sweep_tools *tools, struct err *reterr)
{
    if (atomic_load(tools->stop))
        return err_set(reterr, ERR_BUSY, "stopping", "the process ends");
    return leader_keep(tools->leader, tools->pg, reterr);
}

void sweep_found(struct sweep_look *look, const char *name)
{
    if (look->found++ == 0)
        (void)snprintf(look->first, sizeof look->first, "%s", name);
}

/* By statements */

static PGresult *find(const struct sweep_tools *tools, const struct sweep *sweep, const char *place, struct err *reterr)
{
    struct query q = query_read_named(sweep->find, sweep->name);

    query_add_text(&q, place);
    query_add_int64(&q, sweep->limit);
    return pg_run(tools->pg, &q, reterr);
}

static bool mend(const struct sweep_tools *tools, const struct sweep *sweep, const char *id, struct sweep_look *look,
                 struct err *reterr)
{
    struct query q = leader_query(tools->leader, sweep->mend, sweep->name);
    CLEANUP(pg_clear) PGresult *rows = NULL;

    query_add_text(&q, id);
    if (!(rows = pg_run(tools->pg, &q, reterr)))
        return false;
    look->mended += rows_count(rows) > 0 || rows_affected(rows) > 0;
    return true;
}

/* What cannot be mended does not hold up the others; but when nothing goes at all, the rest is for another time. */
static bool mend_or_say(const struct sweep_tools *tools, const struct sweep *sweep, const char *id,
                        struct sweep_look *look, int *faults)
{
    struct err err;

    if (mend(tools, sweep, id, look, &err)) {
        *faults = 0;
        return true;
    }
    log_write(LOG_WARN, "sweep_failed", "name=%s id=%s reason=%s", sweep->name, id, LOG_QUOTE(err.detail));
    return ++*faults < MAX_FAULTS;
}

static bool look_by_statements(const struct sweep_tools *tools, const struct sweep *sweep, struct sweep_look *look,
                               struct err *reterr)
{
    CLEANUP(pg_clear) PGresult *rows = find(tools, sweep, look->place, reterr);
    int count, faults = 0;
    bool going = true;

    if (!rows)
        return false;
    count = rows_count(rows);
    for (int i = 0; i < count && going; i++) {
        struct row row = rows_at(rows, i);
        (void)snprintf(look->place, sizeof look->place, "%s", row_text(&row));
        const char *id = row_text(&row);
        if (!row_bool(&row))
            continue;
        sweep_found(look, id);
        if (sweep->mend && !sweep_goes_on(tools, reterr))
            return false;
        going = !sweep->mend || mend_or_say(tools, sweep, id, look, &faults);
    }
    if (count < sweep->limit && going)
        *look->place = '\0';
    return true;
}

static bool look_by_dropping(const struct sweep_tools *tools, const struct sweep *sweep, struct sweep_look *look,
                             struct err *reterr)
{
    for (int i = 0; i < MAX_DROPS; i++) {
        struct query q = leader_query(tools->leader, sweep->drop, sweep->name);
        CLEANUP(pg_clear) PGresult *rows = pg_run(tools->pg, &q, reterr);
        if (!rows)
            return false;
        look->found += rows_affected(rows);
        look->mended = look->found;
        if (rows_affected(rows) == 0)
            break;
        if (!sweep_goes_on(tools, reterr))
            return false;
    }
    return true;
}

/* What is kept */

static bool load_place(const struct sweep_tools *tools, const struct sweep *sweep, struct sweep_look *look,
                       struct err *reterr)
{
    struct query q = query_read("SELECT place FROM sweeps WHERE name = $1");
    CLEANUP(pg_clear) PGresult *rows = NULL;
    struct row row;

    query_add_text(&q, sweep->name);
    if (!(rows = pg_run(tools->pg, &q, reterr)))
        return false;
    if (rows_count(rows) > 0) {
        row = rows_at(rows, 0);
        (void)snprintf(look->place, sizeof look->place, "%s", row_text(&row));
    }
    return true;
}

static bool save(const struct sweep_tools *tools, const struct sweep *sweep, const struct sweep_look *look,
                 struct err *reterr)
{
    struct query q =
        leader_query(tools->leader,
                     "WITH " SWEEP_LOCK " INSERT INTO sweeps AS s (name, place, found, mended, last_found, looked_at)"
                     " SELECT $3, $4, $5::bigint, $6, CASE WHEN $5::bigint > 0 THEN now() END, now() WHERE " SWEEP_LEADS
                     " ON CONFLICT (name) DO UPDATE SET place = excluded.place, found = s.found + excluded.found,"
                     " mended = s.mended + excluded.mended, last_found = coalesce(excluded.last_found, s.last_found),"
                     " looked_at = excluded.looked_at",
                     __func__);
    CLEANUP(pg_clear) PGresult *rows = NULL;

    query_add_text(&q, sweep->name);
    query_add_text(&q, look->place);
    query_add_int64(&q, look->found);
    query_add_int64(&q, look->mended);
    if (!(rows = pg_run(tools->pg, &q, reterr)))
        return false;
    return rows_affected(rows) == 1 || err_set(reterr, ERR_CONFLICT, "not_leading", "another process sweeps");
}

static void say(const struct sweep *sweep, const struct sweep_look *look)
{
    if (look->found && !sweep->quiet)
        log_write(LOG_WARN, "sweep_found", "name=%s count=%" PRId64 " mended=%" PRId64 " first=%s", sweep->name,
                  look->found, look->mended, LOG_QUOTE(look->first));
}

bool sweep_once(const struct sweep_tools *tools, const struct sweep *sweep, struct sweep_look *ret, struct err *reterr)
{
    bool ok;

    *ret = (struct sweep_look){0};
    if (!sweep_goes_on(tools, reterr) || !load_place(tools, sweep, ret, reterr))
        return false;
    if (sweep->look)
        ok = sweep->look(tools, sweep, ret, reterr);
    else if (sweep->drop)
        ok = look_by_dropping(tools, sweep, ret, reterr);
    else
        ok = look_by_statements(tools, sweep, ret, reterr);
    if (!ok)
        return false;
    say(sweep, ret);
    return save(tools, sweep, ret, reterr);
}
