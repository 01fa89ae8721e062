#pragma once
/* What a user's open pages are told: a row per change, written by the statement or transaction that makes the change.
 */
#include "db/query.h"
#include "db/rows.h"
#include "json/json_out.h"

/* For data-modifying statements of other domains: a WITH part that writes one event. The payload is the JSON of the
   contract's Event, made by the database from kind, id, action, status and progress (SQL expressions), for each row of
   the WITH part named source. */
#define EVENT_INSERT(source, kind, action, status, progress)                                                           \
    "INSERT INTO events (user_id, kind, ref, payload) SELECT user_id, '" kind "', id,"                                 \
    " json_build_object('type', '" kind "', 'id', id, 'action', '" action "', 'status', " status                       \
    ", 'progress', " progress ", 'at', to_char(now(), 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'))::text FROM " source

/* A place in a user's stream of events: behind (xid, id). */
enum { EVENT_XID_ROOM = 24 };
struct event_place {
    char xid[EVENT_XID_ROOM];
    int64_t id;
};

/* Texts are borrowed from the row. */
struct event {
    int64_t id;
    const char *xid, *kind;
    struct text payload;
};

/* One row: xid, id, whether there is such an event of the user; without one (or last_id 0) the place is now. */
struct query events_place(struct uuid user, int64_t last_id);
struct query events_behind(struct uuid user, const struct event_place *place, int64_t limit);
struct event event_from_row(struct row row);
/* One row: the place up to which this answer knows everything, and those of users (a uuid[] literal) that have events
   from since_xid (NULL: from now) up to it, with commas between. */
struct query events_users_with_news(const char *users, const char *since_xid);
