#include "web/error_page.h"

#include <stdio.h>
#include <string.h>

#include "http/problem.h"
#include "http/same_origin.h"
#include "local.h"
#include "users/next_path.h"
#include "view/texts.h"
#include "web/form_typed.h"

enum { PATH_ROOM = NEXT_PATH_MAX + 1 };

struct error_view {
    int64_t status;
    struct text title, advice;
    const char *request_id;
    const char *typed;                     /* the description of a form that was refused; "": none */
    char again_path[PATH_ROOM];            /* where to try once more; "": there is no use in that */
    char back_path[PATH_ROOM];             /* the page of ours where the reader came from; "": unknown */
    char sign_in_path[3 * PATH_ROOM + 16]; /* "": need not sign in */
    bool is_ours, is_missing;              /* 5xx; 404 */
};

static const struct view_field FIELDS[] = {
    VIEW_FIELD(VIEW_INT64, struct error_view, status),
    VIEW_FIELD(VIEW_TEXT, struct error_view, title),
    VIEW_FIELD(VIEW_TEXT, struct error_view, advice),
    VIEW_FIELD(VIEW_STRING, struct error_view, request_id),
    VIEW_FIELD(VIEW_STRING, struct error_view, typed),
    VIEW_FIELD(VIEW_CHARS, struct error_view, again_path),
    VIEW_FIELD(VIEW_CHARS, struct error_view, back_path),
    VIEW_FIELD(VIEW_CHARS, struct error_view, sign_in_path),
    VIEW_FIELD(VIEW_BOOL, struct error_view, is_ours),
    VIEW_FIELD(VIEW_BOOL, struct error_view, is_missing),
    {0},
};
static const struct view_type TYPE = VIEW_TYPE(struct error_view, FIELDS);

const struct page error_page = {"error", &TYPE, PLACE_NONE};

static bool is_post(const struct call *call)
{
    return text_equal((struct text){call->req->method.base, call->req->method.len}, TEXT("POST"));
}

static const char *typed_in(struct call *call)
{
    struct text type = call_header(call, "content-type");

    if (!is_post(call) || !same_origin_asked(call) ||
        !text_equal_ignoring_case(text_trim(text_cut(&type, ';')), TEXT("application/x-www-form-urlencoded")))
        return "";
    return form_typed(call, "prompt");
}

bool error_page_saves_text(struct call *call) { return *typed_in(call) != '\0'; }

/* Only what a link may name: a path can look like another site's address ("//evil.example"). */
static void copy_path(struct text path, char to[PATH_ROOM])
{
    if (!next_path_is_safe(path) || !text_copy(to, PATH_ROOM, path))
        *to = '\0';
}

static void find_back(const struct call *call, char to[PATH_ROOM])
{
    struct text referer = call_header(call, "referer"), origin;

    origin = text_of(http_thread_config(call->thread)->public_origin);
    if (text_starts(referer, origin))
        copy_path((struct text){referer.at + origin.len, referer.len - origin.len}, to);
}

static void find_ways(const struct call *call, const struct problem *problem, struct error_view *view)
{
    struct text path = {call->req->path.base, call->req->path.len};
    char encoded[3 * PATH_ROOM];

    find_back(call, view->back_path);
    if (!is_post(call) && (problem->status >= 500 || problem->status == 429))
        copy_path(path, view->again_path);
    if (text_equal(text_of(view->back_path), path))
        *view->back_path = '\0';
    if (problem->status != 401)
        return;
    if (!text_percent_encode(text_of(view->back_path), encoded, sizeof encoded))
        *encoded = '\0';
    (void)snprintf(view->sign_in_path, sizeof view->sign_in_path, "/login%s%s", *encoded ? "?next=" : "", encoded);
}

/* The catalogue's word for people, where it has one: those of base/messages.h speak to programs as well. */
static struct text find_words(const struct call *call, const char *kind, const char *code, struct text otherwise)
{
    const struct texts *texts = local_of(call)->texts;
    char key[80];

    (void)snprintf(key, sizeof key, "error.%s_%s", kind, code);
    return texts_has(texts, key) ? text_of(texts_get(texts, call->lang, key)) : otherwise;
}

struct next error_page_reply(struct call *call, const struct problem *problem)
{
    struct text advice = text_of(message_title(problem->code, problem->lang)), title = text_cut(&advice, '|');
    bool is_foreign = strcmp(problem->code, "csrf_failed") == 0 && !same_origin_asked(call);
    const char *code = is_foreign ? "foreign" : problem->code;
    struct error_view view = {
        .status = problem->status,
        .title = find_words(call, "title", code, title),
        .advice = find_words(call, "advice", code, advice.at ? advice : TEXT("")),
        .request_id = problem->request_id,
        .typed = typed_in(call),
        .is_ours = problem->status >= 500,
        .is_missing = problem->status == 404,
    };

    find_ways(call, problem, &view);
    return page_reply(call, problem->status, &error_page, &view);
}
