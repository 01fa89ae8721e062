#include "web/styles_page.h"

#include <string.h>

#include "http/body.h"
#include "http/reply.h"
#include "web/styles_view.h"

const struct page styles_page = {"styles/index", &styles_view_type, PLACE_CREATE};

struct styles_state {
    struct style_reads reads; /* first */
    struct styles_query query;
};

static const struct query_field FIELDS[] = {
    QUERY_FIELD(QUERY_TEXT, struct styles_query, category, .max = STYLE_NAME_ROOM - 1),
    QUERY_FIELD(QUERY_TEXT, struct styles_query, q, .max = STYLE_QUERY_MAX),
    QUERY_FIELD(QUERY_UUID, struct styles_query, avatar),
    PAGE_FIELDS(struct styles_query),
    {0},
};

static struct next reply_page(struct call *call);

struct next styles_page_show(struct call *call)
{
    struct styles_state *state = call_state_make(call, sizeof *state);
    struct next refused;

    if (!body_query(call, FIELDS, &state->query, &refused))
        return refused;
    if (!styles_view_knows(call, state->query.category))
        return reply_not_found(call);
    return style_reads_begin(call, reply_page);
}

static struct next reply_page(struct call *call)
{
    const struct styles_state *state = call->state;

    return page_reply(call, 200, &styles_page, styles_view_make(call, &state->query, &state->reads));
}
