#include "web/link_page.h"

#include "http/await_rows.h"
#include "http/cookie.h"
#include "http/reply.h"
#include "http/same_origin.h"
#include "local.h"
#include "users/csrf_form.h"
#include "users/login_link.h"
#include "users/login_nonce.h"
#include "users/web_session.h"
#include "web/login_next.h"

struct link_view {
    struct text name;
    char nonce[LOGIN_NONCE_FIELD_ROOM];
    bool again;       /* the button was pressed, but not on a page that this browser was shown */
    bool has_session; /* that signing in ends */
};

static const struct view_field FIELDS[] = {
    VIEW_FIELD(VIEW_TEXT, struct link_view, name),
    VIEW_FIELD(VIEW_CHARS, struct link_view, nonce),
    VIEW_FIELD(VIEW_BOOL, struct link_view, again),
    VIEW_FIELD(VIEW_BOOL, struct link_view, has_session),
    {0},
};
static const struct view_type TYPE = VIEW_TYPE(struct link_view, FIELDS);
const struct page link_page = {"login/link", &TYPE, PLACE_NONE};

static const struct view_field NO_FIELDS[] = {{0}};
static const struct view_type GONE_TYPE = {.name = "gone", .size = 1, .fields = NO_FIELDS};
const struct page link_gone_page = {"login/gone", &GONE_TYPE, PLACE_NONE};

static struct next got_link(struct call *call, const PGresult *rows);
static struct next got_link_again(struct call *call, const PGresult *rows);
static struct next got_session(struct call *call, const PGresult *rows);

static struct next reply_unkept(struct call *call, int status, const struct page *page, const void *data)
{
    reply_header(call, "cache-control", "private, no-store");
    return page_reply(call, status, page, data);
}

static struct next reply_gone(struct call *call) { return reply_unkept(call, 410, &link_gone_page, ""); }

static struct next reply_link(struct call *call, int status, const PGresult *rows)
{
    struct text session, cookies = call_header(call, "cookie");
    struct link_view view = {.again = status != 200};
    char nonce[LOGIN_NONCE_ROOM], cookie[LOGIN_NONCE_COOKIE_ROOM];
    struct row row = rows_at(rows, 0);

    view.name = row_piece(&row);
    view.has_session = cookie_find(cookies, WEB_SESSION_COOKIE, &session);
    if (!call_header(call, "accept-language").len)
        call->lang = lang_named(row_text(&row));
    login_nonce_take(cookies, nonce);
    login_nonce_field(local_of(call)->csrf_mac, nonce, call->params[0], view.nonce);
    login_nonce_cookie(nonce, cookie);
    reply_header(call, "set-cookie", cookie);
    return reply_unkept(call, status, &link_page, &view);
}

struct next link_page_show(struct call *call)
{
    return await_rows(call, login_link_by_secret(call->params[0]), got_link);
}

static struct next got_link(struct call *call, const PGresult *rows)
{
    return rows_count(rows) ? reply_link(call, 200, rows) : reply_gone(call);
}

struct next link_page_use(struct call *call)
{
    struct text old = TEXT(""), cookies = call_header(call, "cookie");
    char nonce[CSRF_TOKEN_ROOM], *secret;
    struct err err;

    if (!same_origin_asked(call)) {
        (void)err_set(&err, ERR_FORBIDDEN, "csrf_failed", "another site's form");
        return reply_err(call, &err);
    }
    if (!csrf_form_token(call, nonce) ||
        !login_nonce_is_right(local_of(call)->csrf_mac, cookies, call->params[0], text_of(nonce)))
        return await_rows(call, login_link_by_secret(call->params[0]), got_link_again);
    secret = call_state_make(call, WEB_SESSION_SECRET_ROOM);
    crypto_token("", secret, WEB_SESSION_SECRET_ROOM);
    (void)cookie_find(cookies, WEB_SESSION_COOKIE, &old);
    return await_rows(call, login_link_use(call->params[0], secret, old), got_session);
}

/* The cookie is too old, or the browser keeps none: whoever sits there may press the button once more. */
static struct next got_link_again(struct call *call, const PGresult *rows)
{
    return rows_count(rows) ? reply_link(call, 403, rows) : reply_gone(call);
}

static struct next got_session(struct call *call, const PGresult *rows)
{
    char session[WEB_SESSION_COOKIE_ROOM], nonce[LOGIN_NONCE_COOKIE_ROOM];
    struct row row;

    if (rows_count(rows) == 0)
        return reply_gone(call);
    row = rows_at(rows, 0);
    web_session_cookie(text_of(call->state), session);
    login_nonce_cookie("", nonce);
    reply_header(call, "set-cookie", session);
    reply_header(call, "set-cookie", nonce);
    return login_next_go(call, row_text(&row));
}
