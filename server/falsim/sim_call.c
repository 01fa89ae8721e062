#include "falsim/sim_call.h"

#include <stdlib.h>
#include <string.h>

struct sim *sim_of(const struct call *call) { return call->thread->local->sim; }

bool sim_is_method(const struct call *call, const char *method)
{
    struct text have = {call->req->method.base, call->req->method.len};

    return text_equal(have, text_of(method)) || (text_equal(have, TEXT("HEAD")) && strcmp(method, "GET") == 0);
}

bool sim_authorized(struct call *call, struct next *refused)
{
    const char *wanted = sim_of(call)->config.key;
    struct text secret = call_header(call, "authorization"), id;

    if (text_starts(secret, TEXT("Key "))) {
        secret = (struct text){secret.at + 4, secret.len - 4};
        if (wanted && text_equal(secret, text_of(wanted)))
            return true;
        id = text_cut(&secret, ':');
        if (id.len && secret.len && !wanted)
            return true;
        if (id.len && secret.len) {
            *refused = sim_reply_detail(call, 401, "No user found for Key ID and Secret");
            return false;
        }
    }
    *refused =
        sim_reply_detail(call, 401, "Invalid Key Authorization header format. Expected '<key_id>:<key_secret>'.");
    return false;
}

bool sim_query(const struct call *call, const char *name, char *to, size_t room)
{
    struct text rest = call->query;

    to[0] = '\0';
    while (rest.len) {
        struct text value = text_cut(&rest, '&'), key = text_cut(&value, '=');
        if (text_equal(key, text_of(name)))
            return text_percent_decode(value.at ? value : TEXT(""), to, room);
    }
    return true;
}

struct next sim_reply(struct call *call, int status, struct text json)
{
    return reply_bytes(call, status, "application/json", json);
}

struct next sim_reply_out(struct call *call, int status, const struct json_out *out)
{
    if (out->overflow)
        return sim_reply_detail(call, 500, "The answer is too large");
    return sim_reply(call, status, (struct text){out->buf->bytes, out->buf->len});
}

struct next sim_reply_detail(struct call *call, int status, const char *detail)
{
    CLEANUP(buf_done) struct buf body = buf_make(4096);
    struct json_out out = json_out_begin(&body);

    json_object(&out);
    json_key_text(&out, "detail", detail);
    json_end_object(&out);
    return sim_reply(call, status, (struct text){body.bytes, body.len});
}

struct later {
    uv_timer_t timer;
    struct call *call;
    step_fn then;
};

static void on_closed(uv_handle_t *handle) { free(handle->data); }

static void cancel_later(void *waiting)
{
    struct later *later = waiting;

    uv_close((uv_handle_t *)&later->timer, on_closed);
}

static void on_later(uv_timer_t *timer)
{
    struct later *later = timer->data;
    struct call *call = later->call;
    step_fn then = later->then;

    uv_close((uv_handle_t *)timer, on_closed);
    call_resumed(call);
    (void)then(call);
}

struct next sim_later(struct call *call, int64_t ms, step_fn then)
{
    struct later *later = calloc(1, sizeof *later);

    if (!later)
        abort();
    later->call = call;
    later->then = then;
    uv_timer_init(&call->thread->loop, &later->timer);
    later->timer.data = later;
    uv_timer_start(&later->timer, on_later, (uint64_t)ms, 0);
    return call_await(call, later, cancel_later, "later");
}

static void on_timer_closed(uv_handle_t *handle) { free(handle); }

static void on_call_gone(struct call *call)
{
    struct sim_going *going = call->state;

    if (going->timer)
        uv_close((uv_handle_t *)going->timer, on_timer_closed);
    stream_done(&going->stream);
    buf_done(&going->body);
}

struct sim_going *sim_go_on(struct call *call)
{
    struct sim_going *going = call_state_make(call, sizeof *going);

    going->call = call;
    call->on_gone = on_call_gone;
    return going;
}

void sim_start_timer(struct sim_going *going, uv_timer_cb tick, int every_ms)
{
    if (!(going->timer = malloc(sizeof *going->timer)))
        abort();
    uv_timer_init(&going->call->thread->loop, going->timer);
    going->timer->data = going;
    uv_timer_start(going->timer, tick, (uint64_t)every_ms, (uint64_t)every_ms);
}
