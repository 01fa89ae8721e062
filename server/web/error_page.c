#include "web/error_page.h"

#include <stdio.h>
#include <string.h>

#include "http/await_rows.h"
#include "http/cookie.h"
#include "http/problem.h"
#include "http/same_origin.h"
#include "local.h"
#include "users/access.h"
#include "users/next_path.h"
#include "users/web_session.h"
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
    bool is_ours;                          /* 5xx */
};

static const struct view_field FIELDS[] = {
    VIEW_FIELD(VIEW_INT64, struct error_view, status),    VIEW_FIELD(VIEW_TEXT, struct error_view, title),
    VIEW_FIELD(VIEW_TEXT, struct error_view, advice),     VIEW_FIELD(VIEW_STRING, struct error_view, request_id),
    VIEW_FIELD(VIEW_STRING, struct error_view, typed),    VIEW_FIELD(VIEW_CHARS, struct error_view, again_path),
    VIEW_FIELD(VIEW_CHARS, struct error_view, back_path), VIEW_FIELD(VIEW_CHARS, struct error_view, sign_in_path),
    VIEW_FIELD(VIEW_BOOL, struct error_view, is_ours),    {0},
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

static struct next reply_page(struct call *call, const struct problem *problem)
{
    struct text advice, title = message_parts(problem->code, problem->lang, &advice);
    bool is_foreign = strcmp(problem->code, "csrf_failed") == 0 && !same_origin_asked(call);
    const char *code = is_foreign ? "foreign" : problem->code;
    struct error_view view = {
        .status = problem->status,
        .title = find_words(call, "title", code, title),
        .advice = find_words(call, "advice", code, advice.at ? advice : TEXT("")),
        .request_id = problem->request_id,
        .typed = typed_in(call),
        .is_ours = problem->status >= 500,
    };

    find_ways(call, problem, &view);
    return page_reply(call, problem->status, &error_page, &view);
}

/* An address that is none of ours is nobody's page: who asks for it was not looked at yet. */

struct unknown_visitor {
    struct problem problem;
    char code[sizeof((struct err *)0)->code];
};

static struct next got_session(struct call *call, const PGresult *rows_or_null)
{
    struct unknown_visitor *visitor = call->state;

    access_recognise(call, rows_or_null);
    visitor->problem.lang = call->lang;
    return reply_page(call, &visitor->problem);
}

static struct next ask_who(struct call *call, const struct problem *problem, struct text session)
{
    struct unknown_visitor *visitor = call_state_make(call, sizeof *visitor);
    unsigned char sha256[SHA256_BYTES];

    visitor->problem = *problem;
    (void)text_copy(visitor->code, sizeof visitor->code, text_of(problem->code));
    visitor->problem.code = visitor->code;
    visitor->problem.faults = NULL;
    crypto_sha256(session, sha256);
    return await_rows_or_null(call, web_session_by_sha256(sha256), got_session);
}

struct next error_page_reply(struct call *call, const struct problem *problem)
{
    struct text session;

    if (!call->route->method && !call->state &&
        cookie_find(call_header(call, "cookie"), WEB_SESSION_COOKIE, &session) && session.len)
        return ask_who(call, problem, session);
    return reply_page(call, problem);
}
