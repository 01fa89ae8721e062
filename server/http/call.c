#include "http/call.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "http/reply.h"
#include "http/stats.h"

enum { SLOW_WAIT_US = 250 * 1000 };

static const struct next NEXT = {0};

/* Runs when h2o drops the request: after the response, or earlier when the client has gone. */
static void on_request_gone(void *memory)
{
    struct call *call = memory;
    void *waiting = call->waiting;

    call->waiting = NULL;
    if (waiting)
        call->cancel(waiting);
    if (call->on_gone)
        call->on_gone(call);
    free(call->state);
    stats_count(http_server_stats(call->thread->server), call->route, call->answered ? call->req->res.status : 499,
                clock_monotonic_us() - call->started_us);
}

void call_start(struct http_thread *thread, h2o_req_t *req, const struct route *route, const struct text *params)
{
    struct call *call = h2o_mem_alloc_shared(&req->pool, sizeof *call, on_request_gone);
    struct text path = {req->path.base, req->path.len};

    memset(call, 0, sizeof *call);
    call->thread = thread;
    call->req = req;
    call->route = route;
    memcpy(call->params, params, sizeof call->params);
    (void)text_cut(&path, '?');
    call->query = path.at ? path : TEXT("");
    call->started_us = clock_monotonic_us();
    http_thread_request_id(thread, call->request_id);
    call->lang = lang_accepted(call_header(call, "accept-language"), LANG_RU);
    if (route->access == ACCESS_PUBLIC || !http_thread_site(thread)->authenticate)
        (void)route->first(call);
    else
        (void)http_thread_site(thread)->authenticate(call);
}

static unsigned scope_of(enum access access)
{
    switch (access) {
    case ACCESS_READ: return SCOPE_READ;
    case ACCESS_WRITE: return SCOPE_WRITE;
    case ACCESS_GENERATE: return SCOPE_GENERATE;
    case ACCESS_ADMIN: return SCOPE_ADMIN;
    case ACCESS_PUBLIC:
    case ACCESS_SERVICE: break;
    }
    return 0;
}

void call_speak_to(struct call *call)
{
    if (call->route->page || !call_header(call, "accept-language").len)
        call->lang = lang_named(call->who.locale);
}

struct next call_enter(struct call *call)
{
    unsigned needed = scope_of(call->route->access);
    struct err err;

    call_speak_to(call);
    if (call->route->access == ACCESS_SERVICE && call->who.kind != WHO_SERVICE) {
        (void)err_set(&err, ERR_FORBIDDEN, "service_only", "a user's credential");
        return reply_err(call, &err);
    }
    if ((call->who.scopes & needed) != needed) {
        (void)err_set(&err, ERR_FORBIDDEN, "scope_missing", "has %u, needs %u", call->who.scopes, needed);
        return reply_err(call, &err);
    }
    return call->route->first(call);
}

struct next call_await(struct call *call, void *op, void (*cancel)(void *op), const char *step)
{
    assert(!call->waiting && !call->answered && "one wait at a time, none after the answer");
    call->waiting = op;
    call->cancel = cancel;
    call->step = step;
    call->waiting_since_us = clock_monotonic_us();
    return NEXT;
}

void call_resumed(struct call *call)
{
    int64_t took_us = clock_monotonic_us() - call->waiting_since_us;

    call->waiting = NULL;
    if (took_us >= SLOW_WAIT_US)
        log_write(LOG_WARN, "slow_wait", "request=%s step=%s ms=%lld", call->request_id, call->step,
                  (long long)(took_us / 1000));
}

void *call_alloc(struct call *call, size_t len) { return h2o_mem_alloc_shared(&call->req->pool, len, NULL); }

char *call_text(struct call *call, struct text text)
{
    char *copy = call_alloc(call, text.len + 1);

    if (text.len)
        memcpy(copy, text.at, text.len);
    copy[text.len] = '\0';
    return copy;
}

void *call_state_make(struct call *call, size_t len)
{
    assert(!call->state);
    if (!(call->state = calloc(1, len))) /* not from the pool, which frees in any order: on_gone still needs it */
        abort();
    return call->state;
}

struct text call_header(const struct call *call, const char *name)
{
    ssize_t at = h2o_find_header_by_str(&call->req->headers, name, strlen(name), -1);

    if (at < 0)
        return TEXT("");
    return (struct text){call->req->headers.entries[at].value.base, call->req->headers.entries[at].value.len};
}

bool call_has_header(const struct call *call, const char *name)
{
    return h2o_find_header_by_str(&call->req->headers, name, strlen(name), -1) >= 0;
}

struct text call_body(const struct call *call)
{
    return call->req->entity.base ? (struct text){call->req->entity.base, call->req->entity.len} : TEXT("");
}

bool call_param_uuid(const struct call *call, int i, struct uuid *ret) { return uuid_read(call->params[i], ret); }
