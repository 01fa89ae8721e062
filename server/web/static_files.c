#include "web/static_files.h"

#include <stdio.h>
#include <string.h>

#include "http/accept_encoding.h"
#include "http/etag.h"
#include "http/reply.h"
#include "view/bundle.h"

static enum encoding choose(const struct call *call, const struct bundle_file *file)
{
    unsigned available = (file->gzip.at ? 1u << ENCODING_GZIP : 0) | (file->brotli.at ? 1u << ENCODING_BROTLI : 0);

    return encoding_accepted(call_header(call, "accept-encoding"), available);
}

static struct text bytes_of(const struct bundle_file *file, enum encoding encoding)
{
    switch (encoding) {
    case ENCODING_GZIP: return file->gzip;
    case ENCODING_BROTLI: return file->brotli;
    default: return file->bytes;
    }
}

static struct next reply_file(struct call *call, const struct bundle_file *file, const char *caching)
{
    enum encoding encoding = choose(call, file);
    const char *name = encoding_name(encoding);
    char tag[32];

    (void)snprintf(tag, sizeof tag, "\"%s%s%s\"", file->hash, name ? "-" : "", name ? name : "");
    reply_header(call, "etag", tag);
    reply_header(call, "cache-control", caching);
    if (file->gzip.at || file->brotli.at)
        reply_header(call, "vary", "accept-encoding");
    if (etag_is_known(call_header(call, "if-none-match"), text_of(tag)))
        return reply_not_modified(call);
    if (name)
        reply_header(call, "content-encoding", name);
    return reply_static(call, file->content_type, bytes_of(file, encoding));
}

/* What stands behind "/static/{version}/". */
static struct text path_in_bundle(const struct call *call)
{
    struct text path = {call->req->path.base, call->req->path.len}, rest = path;

    path = text_cut(&rest, '?');
    for (int i = 0; i < 3; i++)
        (void)text_cut(&path, '/');
    return path;
}

struct next static_show(struct call *call)
{
    const struct bundle_file *file = bundle_find(path_in_bundle(call));
    bool is_todays = text_equal(call->params[0], text_of(bundle_version()));

    if (!file)
        return reply_not_found(call);
    return reply_file(call, file, is_todays ? "public, max-age=31536000, immutable" : "no-store");
}

/* Under a name that stays the same. */
static struct next reply_named(struct call *call, const char *path)
{
    const struct bundle_file *file = bundle_find(text_of(path));

    return file ? reply_file(call, file, "public, max-age=300") : reply_not_found(call);
}

struct next static_show_favicon(struct call *call) { return reply_named(call, "icons/icon-180.png"); }
struct next static_show_robots(struct call *call) { return reply_named(call, "robots.txt"); }
struct next static_show_contract(struct call *call) { return reply_named(call, "openapi.yaml"); }
