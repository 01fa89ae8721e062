#include "events/event.h"

/* An event is taken only when no transaction older than its place can still commit: then (xid, id) is an order in which
   nothing appears behind one's back. */
#define SETTLED "pg_snapshot_xmin(pg_current_snapshot())"

struct query events_place(struct uuid user, int64_t last_id)
{
    struct query q = query_read("SELECT COALESCE(e.xid, " SETTLED ")::text, COALESCE(e.id, 0), e.id IS NOT NULL"
                                " FROM (SELECT 1) one LEFT JOIN events e ON e.id = $2 AND e.user_id = $1"
                                " AND e.xid < " SETTLED);

    query_add_uuid(&q, user);
    query_add_int64(&q, last_id);
    return q;
}

struct query events_behind(struct uuid user, const struct event_place *place, int64_t limit)
{
    /* "ORDER BY xid" alone would mean the text that is selected: 999 behind 1000. */
    struct query q =
        query_read("SELECT id, xid::text, kind, payload FROM events WHERE user_id = $1"
                   " AND (xid, id) > ($2::xid8, $3) AND xid < " SETTLED " ORDER BY events.xid, events.id LIMIT $4");

    query_add_uuid(&q, user);
    query_add_text(&q, place->xid);
    query_add_int64(&q, place->id);
    query_add_int64(&q, limit);
    return q;
}

struct query events_users_with_news(const char *users, const char *since_xid)
{
    struct query q = query_read("SELECT " SETTLED "::text, COALESCE((SELECT string_agg(DISTINCT user_id::text, ',')"
                                " FROM events WHERE user_id = ANY($1::uuid[]) AND xid >= COALESCE($2::xid8, " SETTLED
                                ") AND xid < " SETTLED "), '')");

    query_add_text(&q, users);
    query_add_text(&q, since_xid);
    return q;
}

struct event event_from_row(struct row row)
{
    struct event event = {.id = row_int64(&row)};

    event.xid = row_text(&row);
    event.kind = row_text(&row);
    event.payload = row_piece(&row);
    return event;
}
