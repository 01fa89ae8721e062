#include "http/plain_errors.h"

#include <stdio.h>
#include <string.h>

#include "http/problem.h"
#include "http/server.h"
#include "http/status.h"

enum { BODY_ROOM = 2048 };

struct replaced_body {
    h2o_ostream_t super;
    h2o_iovec_t body;
};

static const char *code_of(int status)
{
    switch (status) {
    case 404: return "not_found";
    case 405: return "method_not_allowed";
    case 413: return "body_too_large";
    case 416: return "range_not_satisfiable";
    case 417: return "expectation_failed";
    default: return status >= 500 ? "internal" : "bad_request";
    }
}

static bool is_plain_error(const h2o_req_t *req)
{
    ssize_t at = h2o_find_header(&req->res.headers, H2O_TOKEN_CONTENT_TYPE, -1);
    const h2o_iovec_t *type = at < 0 ? NULL : &req->res.headers.entries[at].value;

    return req->res.status >= 400 && type && h2o_memis(type->base, type->len < 10 ? type->len : 10, "text/plain", 10);
}

static void on_send(h2o_ostream_t *self, h2o_req_t *req, h2o_iovec_t *bufs, size_t count, h2o_send_state_t state)
{
    struct replaced_body *replaced = (struct replaced_body *)self;
    bool head = h2o_memis(req->input.method.base, req->input.method.len, H2O_STRLIT("HEAD"));

    (void)bufs; /* libh2o's own words */
    (void)count;
    h2o_ostream_send_next(self, req, &replaced->body, head ? 0 : 1, state);
}

static h2o_iovec_t document(h2o_req_t *req, const char *id)
{
    CLEANUP(buf_done) struct buf buf = buf_make(BODY_ROOM);
    struct json_out out = json_out_begin(&buf);
    ssize_t at = h2o_find_header_by_str(&req->headers, H2O_STRLIT("accept-language"), -1);
    struct text accept = {at < 0 ? "" : req->headers.entries[at].value.base,
                          at < 0 ? 0 : req->headers.entries[at].value.len};

    problem_write(
        &out, &(struct problem){req->res.status, code_of(req->res.status), lang_accepted(accept, LANG_RU), id, NULL});
    return h2o_strdup(&req->pool, buf.bytes, buf.len);
}

static void add_literal(h2o_req_t *req, const char *name, const char *value)
{
    h2o_add_header_by_str(&req->pool, &req->res.headers, name, strlen(name), 0, NULL, value, strlen(value));
}

/* The one that our guard has set, or a new one. */
static const char *request_id(h2o_req_t *req)
{
    ssize_t at = h2o_find_header_by_str(&req->res.headers, H2O_STRLIT("x-request-id"), -1);
    char *id = h2o_mem_alloc_pool(&req->pool, HTTP_REQUEST_ID_ROOM);

    if (at >= 0 &&
        text_copy(id, HTTP_REQUEST_ID_ROOM,
                  (struct text){req->res.headers.entries[at].value.base, req->res.headers.entries[at].value.len}))
        return id;
    http_thread_request_id(H2O_STRUCT_FROM_MEMBER(struct http_thread, context, req->conn->ctx), id);
    add_literal(req, "x-request-id", id);
    return id;
}

/* An error may keep the headers of the file that was asked for: not how long that may be kept. */
static void drop_header(h2o_req_t *req, const char *name)
{
    ssize_t at = h2o_find_header_by_str(&req->res.headers, name, strlen(name), -1);

    if (at >= 0)
        (void)h2o_delete_header(&req->res.headers, at);
}

static void on_setup(h2o_filter_t *self, h2o_req_t *req, h2o_ostream_t **slot)
{
    if (is_plain_error(req)) {
        struct replaced_body *replaced = (struct replaced_body *)h2o_add_ostream(req, sizeof *replaced, slot);
        replaced->super.do_send = on_send;
        replaced->body = document(req, request_id(req));
        req->res.content_length = replaced->body.len;
        req->res.reason = status_reason(req->res.status);
        drop_header(req, "cache-control");
        h2o_set_header(&req->pool, &req->res.headers, H2O_TOKEN_CONTENT_TYPE, H2O_STRLIT("application/problem+json"),
                       1);
        slot = &replaced->super.next;
    }
    h2o_setup_next_ostream(req, slot);
    (void)self;
}

void plain_errors_register(h2o_pathconf_t *path)
{
    h2o_filter_t *filter = h2o_create_filter(path, sizeof *filter);

    filter->on_setup_ostream = on_setup;
}
