#pragma once
/* The open event streams of one loop: one look at the database for all of them, a read for those that have news. */
#include "base/list.h"
#include "db/db.h"
#include "events/event.h"
#include "events/event_bell.h"
#include "http/stream.h"

struct event_hub;

/* One open stream; the state of its call. */
struct event_stream {
    struct stream stream;
    struct list link; /* in the hub */
    struct event_hub *hub;
    struct uuid user;
    struct uuid credential; /* that let it in: the stream ends with it; "": the service's */
    struct event_place place;
    struct db_op *reading; /* NULL: not at the moment */
    bool news;             /* came while reading */
    bool asked;            /* the last look was about it, too */
};

struct event_hub *event_hub_open(uv_loop_t *loop, struct db *db, struct event_bell *bell);
/* Ends all streams, also those that are joined from now on; the loop is about to stop. */
void event_hub_stop(struct event_hub *hub);
/* Nothing may be open. Freed when the loop has closed its handles. */
void event_hub_close(struct event_hub *hub);

/* The stream is open, user and place are set: from now on it is written to. */
void event_hub_join(struct event_hub *hub, struct event_stream *stream);
void event_hub_leave(struct event_stream *stream); /* from on_gone */
