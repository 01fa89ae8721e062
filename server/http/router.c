#include "http/router.h"

#include <string.h>

#include "http/connection.h"
#include "http/raw_head.h"
#include "http/reply.h"

enum { MAX_HEADER_BYTES = 32 * 1024 };

/* Does the raw path fit the route's pattern? Fills params with what stands for each {…}; an empty one does not fit. */
static bool path_fits(struct text path, const char *pattern, struct text params[ROUTE_MAX_PARAMS])
{
    struct text rest = text_of(pattern);
    int count = 0;

    while (rest.at && path.at) {
        struct text want = text_cut(&rest, '/'), have = text_cut(&path, '/');
        if (text_equal(want, TEXT("{*}")))
            return true;
        if (want.len && want.at[0] == '{') {
            if (have.len == 0)
                return false;
            params[count++] = have;
        } else if (!text_equal(want, have)) {
            return false;
        }
    }
    return !rest.at && !path.at;
}

static bool method_fits(struct text method, const char *wanted)
{
    return text_equal(method, text_of(wanted)) || (text_equal(method, TEXT("HEAD")) && strcmp(wanted, "GET") == 0);
}

static struct next answer_err(struct call *call, enum err_kind kind, const char *code)
{
    struct err err;

    (void)err_set(&err, kind, code, "%s", call->route->path);
    return reply_err(call, &err);
}

static struct next no_route(struct call *call) { return reply_not_found(call); }
static struct next body_too_large(struct call *call) { return answer_err(call, ERR_TOO_LARGE, "body_too_large"); }
static struct next upload_too_large(struct call *call) { return answer_err(call, ERR_TOO_LARGE, "upload_too_large"); }
static struct next length_required(struct call *call) { return answer_err(call, ERR_LENGTH, "length_required"); }

static struct next unsound_head(struct call *call)
{
    call->req->http1_is_persistent = 0; /* what follows in the connection may be no request at all */
    return answer_err(call, ERR_BAD_REQUEST, "bad_request");
}

static struct next headers_too_large(struct call *call) { return answer_err(call, ERR_HEADERS, "headers_too_large"); }

static struct next wrong_method(struct call *call)
{
    struct text path = {call->req->path.base, call->req->path.len}, params[ROUTE_MAX_PARAMS];
    char allow[64] = "";

    path = text_cut(&path, '?');
    for (const struct route *r = http_thread_site(call->thread)->routes; r->method; r++)
        if (path_fits(path, r->path, params) && !strstr(allow, r->method))
            (void)snprintf(allow + strlen(allow), sizeof allow - strlen(allow), "%s%s%s", *allow ? ", " : "",
                           strcmp(r->method, "GET") == 0 ? "HEAD, " : "", r->method);
    reply_header(call, "allow", allow);
    return answer_err(call, ERR_METHOD, "method_not_allowed");
}

/* What is answered when no route of the table does; they count as "unmatched". */
static const struct route NO_ROUTE = {.path = "unmatched", .first = no_route};
static const struct route WRONG_METHOD = {.path = "unmatched", .first = wrong_method};
static const struct route BODY_TOO_LARGE = {.path = "unmatched", .first = body_too_large};
static const struct route UPLOAD_TOO_LARGE = {.path = "unmatched", .first = upload_too_large};
static const struct route LENGTH_REQUIRED = {.path = "unmatched", .first = length_required};
static const struct route UNSOUND_HEAD = {.path = "unmatched", .first = unsound_head};
static const struct route HEADERS_TOO_LARGE = {.path = "unmatched", .first = headers_too_large};

const struct route *router_find(const struct route *routes, struct text method, struct text path,
                                struct text params[ROUTE_MAX_PARAMS], bool *ret_same_path)
{
    path = text_cut(&path, '?');
    *ret_same_path = false;
    for (const struct route *r = routes; r->method; r++) {
        if (!path_fits(path, r->path, params))
            continue;
        if (method_fits(method, r->method))
            return r;
        *ret_same_path = true;
    }
    return NULL;
}

static const struct route *find(const struct route *routes, h2o_req_t *req, struct text params[ROUTE_MAX_PARAMS])
{
    struct text path = {req->path.base, req->path.len}, method = {req->method.base, req->method.len};
    bool same_path;
    const struct route *found = router_find(routes, method, path, params, &same_path);

    return found ? found : same_path ? &WRONG_METHOD : &NO_ROUTE;
}

static bool headers_fit(const h2o_req_t *req)
{
    size_t total = req->path.len;

    for (size_t i = 0; i < req->headers.size; i++)
        total += req->headers.entries[i].name->len + req->headers.entries[i].value.len;
    return total <= MAX_HEADER_BYTES;
}

/* The same route, unless the body that comes, or has come, is not to be taken. */
static const struct route *with_its_body(const struct route *route, h2o_req_t *req)
{
    if (!route->upload_limit)
        return route->body_limit && req->entity.len > route->body_limit ? &BODY_TOO_LARGE : route;
    switch (connection_upload_kind(req)) {
    case UPLOAD_TOO_LONG: return &UPLOAD_TOO_LARGE;
    case UPLOAD_CHUNKED: return &LENGTH_REQUIRED;
    case UPLOAD_NONE:
    case UPLOAD_COMES: break;
    }
    return req->entity.len > route->upload_limit ? &UPLOAD_TOO_LARGE : route;
}

void router_dispatch(struct http_thread *thread, h2o_req_t *req)
{
    struct text params[ROUTE_MAX_PARAMS] = {0};
    const struct route *route;

    if (!raw_head_is_sound(req))
        route = &UNSOUND_HEAD;
    else if (!headers_fit(req))
        route = &HEADERS_TOO_LARGE;
    else
        route = find(http_thread_site(thread)->routes, req, params);
    if (route->method)
        route = with_its_body(route, req);
    call_start(thread, req, route, params);
}
