#include "web/error_page.h"

#include "http/problem.h"
#include "web/page.h"

struct error_view {
    int64_t status;
    struct text title, advice;
    const char *request_id;
    bool is_ours; /* 5xx: the number helps us to find it */
    bool may_reload;
};

static const struct view_field FIELDS[] = {
    VIEW_FIELD(VIEW_INT64, struct error_view, status),
    VIEW_FIELD(VIEW_TEXT, struct error_view, title),
    VIEW_FIELD(VIEW_TEXT, struct error_view, advice),
    VIEW_FIELD(VIEW_STRING, struct error_view, request_id),
    VIEW_FIELD(VIEW_BOOL, struct error_view, is_ours),
    VIEW_FIELD(VIEW_BOOL, struct error_view, may_reload),
    {0},
};
static const struct view_type TYPE = VIEW_TYPE(struct error_view, FIELDS);

const struct page error_page = {"error", &TYPE, PLACE_NONE};

struct next error_page_reply(struct call *call, const struct problem *problem)
{
    struct text advice = text_of(message_title(problem->code, problem->lang)), title = text_cut(&advice, '|');
    const struct error_view view = {
        .status = problem->status,
        .title = title,
        .advice = advice.at ? advice : TEXT(""),
        .request_id = problem->request_id,
        .is_ours = problem->status >= 500,
        .may_reload = problem->status >= 500 || problem->status == 429,
    };

    return page_reply(call, problem->status, &error_page, &view);
}
