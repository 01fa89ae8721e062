#include "http/reply.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/fault_point.h"
#include "base/log.h"
#include "http/problem.h"
#include "http/status.h"
#include "http/upload.h"

static const struct next NEXT = {0};

static void add_header(h2o_req_t *req, const char *name, struct text value)
{
    h2o_add_header_by_str(&req->pool, &req->res.headers, name, strlen(name), 0, NULL, value.at, value.len);
}

/* The client gets no answer: what is written from now on goes nowhere. */
static void cut_off(struct call *call)
{
    h2o_socket_t *socket = call->req->conn->callbacks->get_socket(call->req->conn);

    if (socket)
        (void)shutdown(h2o_socket_get_fd(socket), SHUT_RDWR);
}

static void begin(struct call *call, int status)
{
    assert(!call->waiting && !call->answered && "answered twice, or while waiting");
    if (FAULT_POINT("answer", NULL, "before"))
        cut_off(call);
    call->answered = true;
    upload_leave(call);
    call->req->res.status = status;
    call->req->res.reason = status_reason(status);
    add_header(call->req, "x-request-id", text_of(call->request_id)); /* lives in the request's pool */
}

/* Behind what hands an answer to libh2o, which writes it at once; the request may be gone. */
static struct next answered(void)
{
    (void)FAULT_POINT("answer", NULL, "after");
    return NEXT;
}

struct next reply_bytes(struct call *call, int status, const char *content_type, struct text bytes)
{
    h2o_req_t *req = call->req;

    begin(call, status);
    h2o_add_header(&req->pool, &req->res.headers, H2O_TOKEN_CONTENT_TYPE, NULL, content_type, strlen(content_type));
    req->res.content_length = bytes.len;
    h2o_send_inline(req, bytes.at, bytes.len); /* copies; may free req and call before it returns */
    return answered();
}

struct next reply_static(struct call *call, const char *content_type, struct text bytes)
{
    static h2o_generator_t nothing_to_tell = {NULL, NULL};
    bool head = h2o_memis(call->req->input.method.base, call->req->input.method.len, H2O_STRLIT("HEAD"));
    h2o_iovec_t body = h2o_iovec_init(bytes.at, bytes.len);
    h2o_req_t *req = call->req;

    begin(call, 200);
    h2o_add_header(&req->pool, &req->res.headers, H2O_TOKEN_CONTENT_TYPE, NULL, content_type, strlen(content_type));
    req->res.content_length = bytes.len;
    h2o_start_response(req, &nothing_to_tell);
    h2o_send(req, &body, head ? 0 : 1, H2O_SEND_STATE_FINAL); /* may free req and call before it returns */
    return answered();
}

struct next reply_html(struct call *call, int status, struct text html)
{
    return reply_bytes(call, status, "text/html; charset=utf-8", html);
}

struct json_out reply_json_begin(struct call *call)
{
    buf_clear(&call->thread->scratch);
    return json_out_begin(&call->thread->scratch);
}

static struct next reply_json_as(struct call *call, int status, const char *content_type, struct json_out *out)
{
    struct err err;

    if (!out->overflow)
        return reply_bytes(call, status, content_type, (struct text){out->buf->bytes, out->buf->len});
    (void)err_set(&err, ERR_INTERNAL, "internal", "answer over %zu bytes", out->buf->limit);
    return reply_err(call, &err);
}

struct next reply_json(struct call *call, int status, struct json_out *out)
{
    return reply_json_as(call, status, "application/json", out);
}

struct next reply_no_content(struct call *call)
{
    begin(call, 204);
    h2o_send_inline(call->req, "", 0);
    return answered();
}

struct next reply_not_modified(struct call *call)
{
    begin(call, 304);
    h2o_send_inline(call->req, "", 0);
    return answered();
}

struct next reply_redirect(struct call *call, const char *location)
{
    reply_header(call, "location", location);
    return reply_bytes(call, 303, "text/plain; charset=utf-8", TEXT(""));
}

void reply_header(struct call *call, const char *name, const char *value)
{
    size_t name_len = strlen(name), value_len = strlen(value);
    char *copy = call_alloc(call, name_len + value_len + 2);

    memcpy(copy, name, name_len + 1);
    memcpy(copy + name_len + 1, value, value_len + 1);
    add_header(call->req, copy, (struct text){copy + name_len + 1, value_len});
}

/* A page's route, unless asked by what accepts no pages, or does not say what: every browser does. Or no route at all,
   asked for by a browser that wants to show something. */
static bool wants_page(const struct call *call)
{
    struct text path = {call->req->path.base, call->req->path.len}, accept = call_header(call, "accept");
    bool html = accept.len && memmem(accept.at, accept.len, "text/html", 9);

    if (call->route->method || text_starts(path, TEXT("/api/")))
        return call->route->page && (html || (accept.len && memmem(accept.at, accept.len, "*/*", 3)));
    return html;
}

static struct next reply_problem(struct call *call, const struct problem *problem)
{
    const struct http_site *site = http_thread_site(call->thread);

    if (site->problem_page && wants_page(call))
        return site->problem_page(call, problem);
    return reply_problem_document(call, problem);
}

struct next reply_problem_document(struct call *call, const struct problem *problem)
{
    struct json_out out = reply_json_begin(call);

    problem_write(&out, problem);
    return reply_json_as(call, problem->status, "application/problem+json", &out);
}

struct next reply_err(struct call *call, const struct err *err)
{
    int status = err_http_status(err->kind);
    const char *code = status == 500 && !message_exists(err->code) ? "internal" : err->code;

    if (status == 401)
        reply_header(call, "www-authenticate", "Bearer");
    if (status == 503)
        reply_header(call, "retry-after", "2");
    if (status >= 500)
        log_write(LOG_ERROR, "request_failed", "request=%s status=%d route=%s step=%s code=%s detail=%s",
                  call->request_id, status, call->route->path, call->step ? call->step : "first", err->code,
                  LOG_QUOTE(err->detail));
    return reply_problem(call, &(struct problem){status, code, call->lang, call->request_id, NULL});
}

struct next reply_too_many(struct call *call, const char *code, const char *policy, int limit, int retry_after_s)
{
    char value[80];
    struct err err;

    (void)snprintf(value, sizeof value, "\"%s\";q=%d", policy, limit);
    reply_header(call, "ratelimit-policy", value);
    (void)snprintf(value, sizeof value, "\"%s\";r=0;t=%d", policy, retry_after_s);
    reply_header(call, "ratelimit", value);
    (void)snprintf(value, sizeof value, "%d", retry_after_s);
    reply_header(call, "retry-after", value);
    (void)err_set(&err, ERR_RATE, code, "over %d %s", limit, policy);
    return reply_err(call, &err);
}

struct next reply_shortage(struct call *call, const struct err *err, int64_t needed, int64_t available)
{
    return reply_problem(call, &(struct problem){.status = err_http_status(err->kind),
                                                 .code = err->code,
                                                 .lang = call->lang,
                                                 .request_id = call->request_id,
                                                 .is_short = true,
                                                 .needed = needed,
                                                 .available = available});
}

struct next reply_blocked(struct call *call, const char *code, const char *category, const struct faults *faults)
{
    return reply_problem(call, &(struct problem){.status = 422,
                                                 .code = code,
                                                 .lang = call->lang,
                                                 .request_id = call->request_id,
                                                 .faults = faults,
                                                 .category = category});
}

struct next reply_suggestion(struct call *call, const struct err *err, const char *advice, struct text suggestion)
{
    return reply_problem(call, &(struct problem){.status = err_http_status(err->kind),
                                                 .code = err->code,
                                                 .lang = call->lang,
                                                 .request_id = call->request_id,
                                                 .advice = advice,
                                                 .suggestion = suggestion});
}

struct next reply_not_found(struct call *call)
{
    struct err err;

    (void)err_set(&err, ERR_NOT_FOUND, "not_found", "no such thing");
    return reply_err(call, &err);
}

struct next reply_faults(struct call *call, const struct faults *faults)
{
    return reply_problem(call, &(struct problem){422, "invalid", call->lang, call->request_id, faults});
}

struct next reply_query_faults(struct call *call, const struct faults *faults)
{
    return reply_problem(call, &(struct problem){400, "invalid_query", call->lang, call->request_id, faults});
}

void reply_stream_headers(struct call *call) { begin(call, 200); }
