#include "web/docs_page.h"

#include "http/reply.h"
#include "view/bundle.h"

/* The program of the reference page sets styles from its script, writes markup, and has small pictures in its style
   sheet: this page alone allows it that. */
#define POLICY                                                                                                         \
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "                  \
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

struct docs_view {
    bool has_reference; /* the program was installed when this one was built; without it there is a link */
};

static const struct view_field FIELDS[] = {VIEW_FIELD(VIEW_BOOL, struct docs_view, has_reference), {0}};
static const struct view_type TYPE = VIEW_TYPE(struct docs_view, FIELDS);

const struct page docs_page = {"docs", &TYPE, PLACE_NONE};

struct next docs_page_show(struct call *call)
{
    const struct docs_view view = {.has_reference = bundle_find(TEXT("vendor/swagger-ui-bundle.js")) != NULL};

    if (view.has_reference)
        reply_header(call, "content-security-policy", POLICY);
    return page_reply(call, 200, &docs_page, &view);
}
