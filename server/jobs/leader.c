#include "jobs/leader.h"

#include "base/clock.h"
#include "base/log.h"
#include "db/rows.h"

struct leader leader_make(const char *name) { return (struct leader){.name = name, .holder = uuid_make()}; }

static struct query claim(const struct leader *leader)
{
    struct query q = query_write_named(
        "INSERT INTO leaders AS l (name, holder, until) VALUES ($1, $2, now() + $3 * interval '1 second')"
        " ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until,"
        " epoch = l.epoch + (l.holder <> excluded.holder OR l.until <= now())::integer"
        " WHERE l.until <= now() OR (l.holder = excluded.holder AND l.epoch = $4)"
        " OR l.until > now() + 2 * $3 * interval '1 second' RETURNING epoch", /* the clock went back */
        "leader_keep");

    query_add_text(&q, leader->name);
    query_add_uuid(&q, leader->holder);
    query_add_int64(&q, LEADER_LEASE_S);
    query_add_int64(&q, leader->epoch);
    return q;
}

bool leader_keep(struct leader *leader, struct pg *pg, struct err *reterr)
{
    struct query q = claim(leader);
    CLEANUP(pg_clear) PGresult *rows = NULL;
    int64_t now_ms = clock_monotonic_ms(), before = leader->epoch; /* from before the statement: the lease is longer */
    struct row row;

    if (leader->epoch && now_ms - leader->renewed_ms < LEADER_RENEW_MS)
        return true;
    leader->epoch = 0;
    if (!(rows = pg_run(pg, &q, reterr)))
        return false;
    if (rows_count(rows) == 0)
        return err_set(reterr, ERR_CONFLICT, "not_leading", "another process leads");
    row = rows_at(rows, 0);
    leader->epoch = row_int64(&row);
    leader->renewed_ms = now_ms;
    if (leader->epoch != before)
        log_write(LOG_INFO, "leading", "name=%s epoch=%lld", leader->name, (long long)leader->epoch);
    return true;
}

void leader_release(struct leader *leader, struct pg *pg)
{
    struct query q = leader_query(
        leader, "UPDATE leaders SET until = now() WHERE holder = $1 AND epoch = $2 AND name = $3", __func__);
    struct err err;

    if (!leader->epoch)
        return;
    leader->epoch = 0;
    query_add_text(&q, leader->name);
    (void)pg_do(pg, &q, &err); /* else its time runs out by itself */
}

struct query leader_query(const struct leader *leader, const char *sql, const char *query_name)
{
    struct query q = query_write_named(sql, query_name);

    query_add_uuid(&q, leader->holder);
    query_add_int64(&q, leader->epoch);
    return q;
}
