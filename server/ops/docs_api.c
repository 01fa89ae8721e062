#include "ops/docs_api.h"

#include "http/reply.h"
#include "local.h"
#include "ops/docs.h"

/* The reference page sets styles from its script, and has small pictures in its style sheet. */
static const char PAGE_POLICY[] = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
                                  "img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
                                  "frame-ancestors 'none'";

static struct next reply_file(struct call *call, struct text name)
{
    const struct docs_file *file = docs_find(local_of(call)->docs, name);

    if (!file)
        return reply_not_found(call);
    reply_header(call, "content-security-policy", PAGE_POLICY);
    reply_header(call, "cache-control", "public, max-age=300");
    return reply_bytes(call, 200, file->content_type, file->bytes);
}

struct next docs_home(struct call *call) { return reply_file(call, TEXT("home.html")); }
struct next docs_contract(struct call *call) { return reply_file(call, TEXT("openapi.yaml")); }
struct next docs_page(struct call *call) { return reply_file(call, TEXT("docs.html")); }
struct next docs_asset(struct call *call) { return reply_file(call, call->params[0]); }
