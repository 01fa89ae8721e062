#include "http/files.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "http/connection.h"
#include "http/etag.h"
#include "http/headers.h"
#include "http/plain_errors.h"
#include "http/raw_head.h"
#include "http/server.h"

struct guard {
    h2o_handler_t super;
    const struct http_site *site;
};

static void add_literal(h2o_req_t *req, const char *name, const char *value)
{
    h2o_add_header_by_str(&req->pool, &req->res.headers, name, strlen(name), 0, NULL, value, strlen(value));
}

static void add_request_id(h2o_req_t *req)
{
    struct http_thread *thread = H2O_STRUCT_FROM_MEMBER(struct http_thread, context, req->conn->ctx);
    char *id = h2o_mem_alloc_pool(&req->pool, HTTP_REQUEST_ID_ROOM);

    http_thread_request_id(thread, id);
    add_literal(req, "x-request-id", id);
}

/* "&download=1" behind an address: its bytes are to be kept as a file, not shown. */
static bool cut_download(struct text *query)
{
    static const struct text DOWNLOAD = {"&download=1", 11};

    if (query->len < DOWNLOAD.len || memcmp(query->at + query->len - DOWNLOAD.len, DOWNLOAD.at, DOWNLOAD.len) != 0)
        return false;
    query->len -= DOWNLOAD.len;
    return true;
}

/* The name is the last piece of a path that may be served: nothing in it could end the quotes or the line. */
static void add_disposition(h2o_req_t *req, struct text path)
{
    const char *name = memrchr(path.at, '/', path.len);
    size_t len = (size_t)(path.at + path.len - name - 1), room = len + sizeof "attachment; filename=\"aisha-\"";
    char *value = h2o_mem_alloc_pool(&req->pool, room);

    (void)snprintf(value, room, "attachment; filename=\"aisha-%.*s\"", (int)len, name + 1);
    add_literal(req, "content-disposition", value);
}

static bool may_serve(const struct guard *guard, h2o_req_t *req)
{
    struct http_thread *thread = H2O_STRUCT_FROM_MEMBER(struct http_thread, context, req->conn->ctx);
    struct text path = {req->path.base, req->path.len}, query = path;
    size_t prefix = strlen(guard->site->files_prefix);
    bool download, may;

    path = text_cut(&query, '?');
    download = cut_download(&query);
    may = path.len > prefix && !memchr(path.at, '%', path.len) /* then normalized = raw */ &&
          guard->site->may_serve(thread->local, (struct text){path.at + prefix, path.len - prefix},
                                 query.at ? query : TEXT(""));
    if (may && download)
        add_disposition(req, path);
    return may;
}

/* libh2o compares If-None-Match with its tag as a whole: of a list, of "*" and of weak tags we leave it the one that
   fits. The form of the tag is libh2o's. */

static void single_out_tag(const struct guard *guard, h2o_req_t *req)
{
    ssize_t at = h2o_find_header(&req->headers, H2O_TOKEN_IF_NONE_MATCH, -1);
    struct text rest = {req->path.base, req->path.len}, key;
    char path[PATH_MAX], tag[64];
    h2o_iovec_t *value;
    struct stat file;

    if (at < 0)
        return;
    value = &req->headers.entries[at].value;
    key = text_cut(&rest, '?');
    key = (struct text){key.at + strlen(guard->site->files_prefix), key.len - strlen(guard->site->files_prefix)};
    (void)snprintf(path, sizeof path, "%s/%.*s", guard->site->files_root, (int)key.len, key.at);
    if (stat(path, &file) != 0)
        return;
    (void)snprintf(tag, sizeof tag, "\"%08x-%zx\"", (unsigned)file.st_mtime, (size_t)file.st_size);
    if (etag_is_known((struct text){value->base, value->len}, text_of(tag)))
        *value = h2o_strdup(&req->pool, tag, SIZE_MAX);
}

/* libh2o sends as many ranges as are asked for, over each other, too: 10 KB of them made 80 MB of a 40 KB picture.
   Of several the whole file is sent, once (RFC 9110, 14.2). */
static void drop_ranges(h2o_req_t *req)
{
    ssize_t at;

    while ((at = h2o_find_header(&req->headers, H2O_TOKEN_RANGE, -1)) >= 0 &&
           memchr(req->headers.entries[at].value.base, ',', req->headers.entries[at].value.len))
        (void)h2o_delete_header(&req->headers, at);
}

/* -1: on to the file handler. */
static int on_req(h2o_handler_t *self, h2o_req_t *req)
{
    const struct guard *guard = (const struct guard *)self;

    if (!raw_head_is_sound(req)) {
        req->http1_is_persistent = 0; /* what follows in the connection may be no request at all */
        h2o_send_error_400(req, "Bad Request", "bad request", 0);
        return 0;
    }
    if (!may_serve(guard, req)) {
        h2o_send_error_404(req, "Not Found", "not found", 0);
        return 0;
    }
    single_out_tag(guard, req);
    drop_ranges(req);
    add_request_id(req);
    add_literal(req, "cache-control", "private, max-age=86400, immutable");
    return -1;
}

void files_register(h2o_hostconf_t *host, const struct http_site *site)
{
    static const char *const NO_INDEX[] = {NULL};
    h2o_pathconf_t *path = h2o_config_register_path(host, site->files_prefix, 0);
    struct guard *guard;

    connection_register(path);
    guard = (struct guard *)h2o_create_handler(path, sizeof *guard);
    guard->super.on_req = on_req;
    guard->site = site;
    (void)h2o_file_register(path, site->files_root, (const char **)(uintptr_t)NO_INDEX, NULL, 0);
    headers_register(path);
    plain_errors_register(path);
}
