#include "events/events_api.h"

#include "events/event_hub.h"
#include "http/await_rows.h"
#include "http/body.h"
#include "http/reply.h"
#include "local.h"

enum { RETRY_AFTER_S = 10 };

static struct next got_place(struct call *call, const PGresult *rows);
static void on_gone(struct call *call);

/* GET /api/v1/events - the place to begin at, then whatever comes. */

static bool read_last_id(struct call *call, int64_t *ret, struct next *refused)
{
    struct text header = call_header(call, "last-event-id");
    struct err err;

    *ret = 0;
    if (!header.len || text_int64(header, 0, INT64_MAX, ret))
        return true;
    (void)err_set(&err, ERR_BAD_REQUEST, "last_event_id_invalid", "not an id");
    *refused = reply_err(call, &err);
    return false;
}

struct next events_stream(struct call *call)
{
    struct next refused;
    int64_t last_id;

    if (!body_no_query(call, &refused) || !read_last_id(call, &last_id, &refused))
        return refused;
    call_state_make(call, sizeof(struct event_stream));
    ((struct event_stream *)call->state)->place.id = last_id;
    return await_rows(call, events_place(call->who.user, last_id), got_place);
}

static struct next got_place(struct call *call, const PGresult *rows)
{
    struct event_stream *s = call->state;
    struct local *local = local_of(call);
    bool asked = s->place.id != 0, known;
    struct row row = rows_at(rows, 0);
    struct next opened;

    (void)text_copy(s->place.xid, sizeof s->place.xid, row_piece(&row));
    s->place.id = row_int64(&row);
    known = row_bool(&row);
    s->user = call->who.user;
    s->credential = call->who.credential;
    if (!event_bell_take_place(local->event_bell, s->user.text, EVENTS_MAX_STREAMS))
        return reply_too_many(call, "too_many_streams", "streams", EVENTS_MAX_STREAMS, RETRY_AFTER_S);
    s->hub = local->events;
    list_init(&s->link);
    call->on_gone = on_gone;
    reply_header(call, "x-accel-buffering", "no"); /* proxies must pass events on as they come */
    opened = stream_open(call, &s->stream, "text/event-stream");
    (void)stream_write(&s->stream, TEXT("retry: 2000\n\n"));
    if (asked && !known)
        (void)stream_write(&s->stream, TEXT("event: resync\ndata: {}\n\n"));
    event_hub_join(local->events, s);
    return opened;
}

static void on_gone(struct call *call) { event_hub_leave(call->state); }
