#pragma once
/* What every answer of the simulator shares: who asks, what with, and the headers that fal.ai sends. */
#include "base/buf.h"
#include "falsim/sim.h"
#include "http/call.h"
#include "http/reply.h"
#include "http/stream.h"

/* The program's memory of each HTTP thread. */
struct local {
    struct sim *sim;
};

/* call->state of an answer that goes on (sim_stream.c, sim_broken.c). */
struct sim_going {
    struct call *call;
    struct stream stream;
    uv_timer_t *timer;
    /* sim_stream.c */
    struct uuid id;
    bool logs;
    int told_stage, told_position, told_logs, ticks;
    /* sim_broken.c */
    struct buf body;
    size_t sent, piece;
};

struct sim *sim_of(const struct call *call);
bool sim_is_method(const struct call *call, const char *method);

/* Is the caller's key fine? False: answered with fal.ai's 401. */
bool sim_authorized(struct call *call, struct next *refused);

/* The value of a query parameter, decoded; "" when absent. False: malformed, or no room. */
bool sim_query(const struct call *call, const char *name, char *to, size_t room);

struct next sim_reply(struct call *call, int status, struct text json);
struct next sim_reply_out(struct call *call, int status, const struct json_out *out); /* 500 on overflow */
struct next sim_reply_detail(struct call *call, int status, const char *detail);      /* {"detail": …} */

/* Runs a step later, on the call's own thread; never, when the client goes. */
struct next sim_later(struct call *call, int64_t ms, step_fn then);
/* Makes the call's state; its stream, timer and body are ended with the call. */
struct sim_going *sim_go_on(struct call *call);
/* tick finds the state in timer->data. */
void sim_start_timer(struct sim_going *going, uv_timer_cb tick, int every_ms);
