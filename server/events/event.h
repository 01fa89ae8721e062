#pragma once
/* What a user's open pages are told: a row for every change, written by a trigger (event_add in migrations/0010) in the
   transaction of the change. Generations and avatars are told of version by version, in their order, without a gap. */
#include "db/query.h"
#include "db/rows.h"

/* A place in a user's stream of events: behind (xid, id). xid is a transaction's id, or of one that came later. */
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
