#include "events/event_hub.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "users/credential.h"

enum { LOOK_MS = 500, HEARTBEAT_MS = 15000, PAGE = 200, MAX_USERS_TEXT = 1 << 20 };

struct event_hub {
    struct db *db;
    struct event_bell *bell;
    struct list streams;
    uv_timer_t timer;
    uv_async_t rung;
    struct db_op *looking, *checking;
    bool look_again, stopped;
    char since_xid[EVENT_XID_ROOM]; /* "": not looked yet */
    int64_t next_heartbeat_ms;
    int handles_open;
};

/* One stream: reads page after page until it has everything. */

static void read_on(struct event_stream *s);
static void on_tick(uv_timer_t *timer);

static void write_event(struct event_stream *s, const struct event *event)
{
    CLEANUP(buf_done) struct buf text = buf_make(STREAM_MAX_PENDING);

    (void)buf_add_format(&text, "id: %" PRId64 "\nevent: %s\ndata: ", event->id, event->kind);
    (void)buf_add(&text, event->payload.at, event->payload.len);
    (void)buf_add_text(&text, "\n\n");
    (void)stream_write(&s->stream, (struct text){text.bytes, text.len});
    (void)text_copy(s->place.xid, sizeof s->place.xid, text_of(event->xid));
    s->place.id = event->id;
}

static void on_events(void *owner, const PGresult *rows, const struct err *err)
{
    struct event_stream *s = owner;

    s->reading = NULL;
    if (err) { /* the client comes back with its Last-Event-ID */
        stream_end(&s->stream);
        return;
    }
    for (int i = 0; i < rows_count(rows); i++) {
        struct event event = event_from_row(rows_at(rows, i));
        write_event(s, &event);
    }
    if (rows_count(rows) == PAGE || s->news)
        read_on(s);
}

static void read_on(struct event_stream *s)
{
    struct query q;

    s->news = s->reading != NULL;
    if (s->reading)
        return;
    q = events_behind(s->user, &s->place, PAGE);
    s->reading = db_run(s->hub->db, &q, on_events, s);
}

void event_hub_join(struct event_hub *hub, struct event_stream *s)
{
    s->hub = hub;
    if (hub->stopped) { /* its request came before that: nobody would end it but the deadline */
        stream_end(&s->stream);
        return;
    }
    list_add_last(&hub->streams, &s->link);
    if (!uv_is_active((uv_handle_t *)&hub->timer))
        uv_timer_start(&hub->timer, on_tick, LOOK_MS, LOOK_MS);
    read_on(s);
}

void event_hub_leave(struct event_stream *s)
{
    list_remove(&s->link);
    if (s->reading)
        db_cancel(s->reading);
    event_bell_give_place(s->hub->bell, s->user.text);
    stream_done(&s->stream);
}

/* All streams: who has news? */

static void look(struct event_hub *hub);

/* Those that this look did not ask about, because they came later or it was the first, may have missed something that
   the next one will not tell of: they read for themselves. */
static void tell_unasked(struct event_hub *hub, bool all)
{
    for (struct list *l = hub->streams.next; l != &hub->streams; l = l->next) {
        struct event_stream *s = LIST_ENTRY(l, struct event_stream, link);
        if (all || !s->asked)
            read_on(s);
    }
}

static void tell(struct event_hub *hub, struct text users)
{
    while (users.at && users.len) {
        struct text user = text_cut(&users, ',');
        for (struct list *l = hub->streams.next; l != &hub->streams; l = l->next) {
            struct event_stream *s = LIST_ENTRY(l, struct event_stream, link);
            if (text_equal(user, text_of(s->user.text)))
                read_on(s);
        }
    }
}

static void on_looked(void *owner, const PGresult *rows, const struct err *err)
{
    struct event_hub *hub = owner;
    bool first = !*hub->since_xid;
    struct row row;

    hub->looking = NULL;
    if (err)
        return; /* the next look asks for the same again */
    row = rows_at(rows, 0);
    tell_unasked(hub, first);
    (void)text_copy(hub->since_xid, sizeof hub->since_xid, row_piece(&row));
    tell(hub, row_piece(&row));
    if (hub->look_again)
        look(hub);
}

static void look(struct event_hub *hub)
{
    CLEANUP(buf_done) struct buf users = buf_make(MAX_USERS_TEXT);
    struct query q;

    hub->look_again = hub->looking != NULL;
    if (hub->looking || list_empty(&hub->streams))
        return;
    for (struct list *l = hub->streams.next; l != &hub->streams; l = l->next) {
        struct event_stream *s = LIST_ENTRY(l, struct event_stream, link);
        s->asked = buf_add_format(&users, "%c%s", users.len ? ',' : '{', s->user.text);
    }
    (void)buf_add_text(&users, "}");
    q = events_users_with_news(users.bytes, *hub->since_xid ? hub->since_xid : NULL);
    hub->looking = db_run(hub->db, &q, on_looked, hub);
}

/* A revoked token or an ended session ends its streams, too. */

static void on_checked(void *owner, const PGresult *rows, const struct err *err)
{
    struct event_hub *hub = owner;
    struct row row;
    struct text dead;

    hub->checking = NULL;
    if (err)
        return; /* the next heartbeat checks again */
    row = rows_at(rows, 0);
    dead = row_piece(&row);
    while (dead.at && dead.len) {
        struct text credential = text_cut(&dead, ',');
        for (struct list *l = hub->streams.next; l != &hub->streams; l = l->next) {
            struct event_stream *s = LIST_ENTRY(l, struct event_stream, link);
            if (text_equal(credential, text_of(s->credential.text)))
                stream_end(&s->stream);
        }
    }
}

static void check_credentials(struct event_hub *hub)
{
    CLEANUP(buf_done) struct buf ids = buf_make(MAX_USERS_TEXT);
    struct query q;

    if (hub->checking)
        return;
    (void)buf_add_text(&ids, "{");
    for (struct list *l = hub->streams.next; l != &hub->streams; l = l->next) {
        const struct event_stream *s = LIST_ENTRY(l, struct event_stream, link);
        if (s->credential.text[0])
            (void)buf_add_format(&ids, "%s%s", ids.len > 1 ? "," : "", s->credential.text);
    }
    (void)buf_add_text(&ids, "}");
    q = credentials_dead(ids.bytes);
    hub->checking = db_run(hub->db, &q, on_checked, hub);
}

/* A line that says nothing: only writing shows that a client has gone. */
static void heartbeat(struct event_hub *hub)
{
    int64_t now = clock_monotonic_ms();
    struct list *next;

    if (now < hub->next_heartbeat_ms)
        return;
    hub->next_heartbeat_ms = now + HEARTBEAT_MS;
    check_credentials(hub);
    for (struct list *l = hub->streams.next; l != &hub->streams; l = next) {
        next = l->next; /* writing may end the stream */
        (void)stream_write(&LIST_ENTRY(l, struct event_stream, link)->stream, TEXT(": still here\n\n"));
    }
}

/* Their places are free for others sooner than the next heartbeat would find out. */
static void end_abandoned(struct event_hub *hub)
{
    for (struct list *l = hub->streams.next; l != &hub->streams; l = l->next) {
        struct event_stream *s = LIST_ENTRY(l, struct event_stream, link);
        if (stream_reader_gone(&s->stream))
            stream_end(&s->stream);
    }
}

static void on_tick(uv_timer_t *timer)
{
    struct event_hub *hub = timer->data;

    if (list_empty(&hub->streams)) {
        uv_timer_stop(timer);
        hub->since_xid[0] = '\0'; /* nobody listens: begin anew with the next one */
        return;
    }
    end_abandoned(hub);
    heartbeat(hub);
    look(hub);
}

static void on_rung(uv_async_t *async) { look(async->data); }

struct event_hub *event_hub_open(uv_loop_t *loop, struct db *db, struct event_bell *bell)
{
    struct event_hub *hub = calloc(1, sizeof *hub);

    if (!hub)
        abort();
    *hub = (struct event_hub){.db = db, .bell = bell, .handles_open = 2};
    list_init(&hub->streams);
    uv_timer_init(loop, &hub->timer);
    uv_async_init(loop, &hub->rung, on_rung);
    hub->timer.data = hub->rung.data = hub;
    event_bell_add(bell, &hub->rung);
    return hub;
}

void event_hub_stop(struct event_hub *hub)
{
    hub->stopped = true;
    while (!list_empty(&hub->streams)) {
        struct event_stream *s = LIST_ENTRY(hub->streams.next, struct event_stream, link);
        list_remove(&s->link); /* ends now or, while bytes are on their way, soon */
        stream_end(&s->stream);
    }
}

static void on_closed(uv_handle_t *handle)
{
    struct event_hub *hub = handle->data;

    if (--hub->handles_open == 0)
        free(hub);
}

void event_hub_close(struct event_hub *hub)
{
    assert(list_empty(&hub->streams));
    if (hub->looking)
        db_cancel(hub->looking);
    if (hub->checking)
        db_cancel(hub->checking);
    event_bell_remove(hub->bell, &hub->rung);
    uv_close((uv_handle_t *)&hub->timer, on_closed);
    uv_close((uv_handle_t *)&hub->rung, on_closed);
}
