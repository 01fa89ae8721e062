#include "http/headers.h"

#include <stdio.h>
#include <string.h>

#include "http/server.h"

struct line {
    struct text name, value;
};

#define LINE(name, value)                                                                                              \
    {                                                                                                                  \
        {name, sizeof(name) - 1}, { value, sizeof(value) - 1 }                                                         \
    }

/* Everything that a page loads is a file of ours, but for what lies in the store of objects; its scripts write no
   markup; nobody shows it in a frame. */
#define PAGE_POLICY(objects)                                                                                           \
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'" objects "; connect-src 'self'" objects   \
    "; manifest-src 'self'; form-action 'self'; base-uri 'none'; "                                                     \
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

/* With no-referrer browsers would post forms as from nowhere. Kept by the browser for its back button alone. */
static const struct line PAGE[] = {
    LINE("x-content-type-options", "nosniff"),
    LINE("referrer-policy", "same-origin"),
    LINE("cross-origin-opener-policy", "same-origin"),
    LINE("cross-origin-resource-policy", "same-origin"),
    LINE("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    LINE("cache-control", "private, no-cache"),
    {{0}, {0}},
};

/* Opened by itself it may do nothing at all. */
static const struct line BYTES[] = {
    LINE("content-security-policy", "default-src 'none'; frame-ancestors 'none'; sandbox"),
    LINE("x-content-type-options", "nosniff"),
    LINE("referrer-policy", "no-referrer"),
    LINE("cross-origin-resource-policy", "same-origin"),
    LINE("cache-control", "private, no-store"),
    {{0}, {0}},
};

/* A year; without the subdomains, which are not ours to speak for. */
static const struct line HTTPS = LINE("strict-transport-security", "max-age=31536000");

static void add_unless_set(h2o_req_t *req, const struct line *line)
{
    struct text name = line->name, value = line->value;

    if (h2o_find_header_by_str(&req->res.headers, name.at, name.len, -1) < 0)
        h2o_add_header_by_str(&req->pool, &req->res.headers, name.at, name.len, 0, NULL, value.at, value.len);
}

static void add_page_policy(h2o_req_t *req, const char *objects)
{
    struct line policy = LINE("content-security-policy", PAGE_POLICY(""));

    if (objects) {
        size_t room = policy.value.len + 2 * (strlen(objects) + 1) + 1;
        char *to = h2o_mem_alloc_pool(&req->pool, room);
        (void)snprintf(to, room, PAGE_POLICY(" %s"), objects, objects);
        policy.value = text_of(to);
    }
    add_unless_set(req, &policy);
}

static bool is_page(const h2o_req_t *req)
{
    ssize_t at = h2o_find_header(&req->res.headers, H2O_TOKEN_CONTENT_TYPE, -1);
    const h2o_iovec_t *type = at < 0 ? NULL : &req->res.headers.entries[at].value;

    return type && text_starts((struct text){type->base, type->len}, TEXT("text/html"));
}

static void on_setup(h2o_filter_t *self, h2o_req_t *req, h2o_ostream_t **slot)
{
    const struct http_thread *thread = H2O_STRUCT_FROM_MEMBER(struct http_thread, context, req->conn->ctx);
    const struct http_config *config = http_thread_config(thread);
    bool page = is_page(req);

    (void)self;
    if (page)
        add_page_policy(req, config->objects_origins);
    for (const struct line *line = page ? PAGE : BYTES; line->name.at; line++)
        add_unless_set(req, line);
    if (text_starts(text_of(config->public_origin), TEXT("https://")))
        add_unless_set(req, &HTTPS);
    h2o_setup_next_ostream(req, slot);
}

void headers_register(h2o_pathconf_t *path)
{
    h2o_filter_t *filter = h2o_create_filter(path, sizeof *filter);

    filter->on_setup_ostream = on_setup;
}
