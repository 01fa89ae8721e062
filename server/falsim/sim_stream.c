#include "falsim/sim_stream.h"

#include <string.h>

#include "falsim/sim_status.h"
#include "falsim/sim_table.h"

enum { TICK_MS = 50, TICKS_PER_PING = 40, MAX_EVENT = 256 * 1024 };

/* Writes what is new; true when the request has ended or is gone. Called with the lock held. */
static bool tell(struct sim_going *self, const struct sim_request *r, struct buf *event)
{
    struct json_out out = json_out_begin(event);
    int position = r->stage == STAGE_QUEUED ? sim_table_position(sim_of(self->call)->table, r) : 0;
    int logs = sim_status_log_count(r);

    if ((int)r->stage == self->told_stage && position == self->told_position &&
        (!self->logs || logs == self->told_logs))
        return false;
    (void)buf_add_text(event, "data: ");
    sim_status_write(sim_of(self->call), &out, r, self->logs, self->told_logs);
    (void)buf_add_text(event, "\n\n");
    self->told_stage = (int)r->stage;
    self->told_position = position;
    self->told_logs = logs;
    return r->stage == STAGE_DONE;
}

static void on_tick(uv_timer_t *timer)
{
    CLEANUP(buf_done) struct buf event = buf_make(MAX_EVENT);
    struct sim_going *self = timer->data;
    struct sim_table *table = sim_of(self->call)->table;
    struct sim_request *request;
    bool last;

    sim_table_lock(table);
    request = sim_table_find(table, text_of(self->id.text));
    last = !request || tell(self, request, &event) || http_thread_stopping(self->call->thread);
    sim_table_unlock(table);
    if (++self->ticks % TICKS_PER_PING == 0)
        (void)buf_add_text(&event, ": ping\n\n");
    if (event.len && !stream_write(&self->stream, (struct text){event.bytes, event.len}))
        last = true;
    if (!last)
        return;
    uv_timer_stop(timer);
    stream_end(&self->stream); /* the call may be gone now */
}

struct next sim_stream_status(struct call *call, struct text base, struct text id)
{
    struct sim_table *table = sim_of(call)->table;
    struct sim_request *request;
    struct sim_going *self;
    struct uuid found = {""};
    char logs[8];

    sim_table_lock(table);
    request = sim_table_find(table, id);
    if (request && (!text_equal(sim_app_of(text_of(request->endpoint_id)), sim_app_of(base)) ||
                    sim_request_expired(sim_of(call), request)))
        request = NULL;
    if (request)
        found = request->id;
    sim_table_unlock(table);
    if (!request)
        return sim_reply(call, 404, TEXT("{\"status\":\"NOT_FOUND\"}"));
    (void)sim_query(call, "logs", logs, sizeof logs);
    self = sim_go_on(call);
    self->id = found;
    self->logs = strcmp(logs, "1") == 0 || strcmp(logs, "true") == 0;
    self->told_stage = self->told_position = -1;
    reply_header(call, "x-fal-request-id", self->id.text);
    sim_start_timer(self, on_tick, TICK_MS);
    return stream_open(call, &self->stream, "text/event-stream");
}
