#include "web/login_page.h"

#include "http/await_rows.h"
#include "http/cookie.h"
#include "http/reply.h"
#include "users/web_session.h"
#include "web/login_next.h"

struct login_view {
    bool has_next; /* signing in leads back to where the reader was */
};

static const struct view_field FIELDS[] = {VIEW_FIELD(VIEW_BOOL, struct login_view, has_next), {0}};
static const struct view_type TYPE = VIEW_TYPE(struct login_view, FIELDS);
const struct page login_page = {"login/index", &TYPE, PLACE_NONE};

static struct next got_session(struct call *call, const PGresult *rows_or_null);

static struct next reply_login(struct call *call)
{
    char next[NEXT_PATH_MAX + 1];
    struct login_view view = {.has_next = login_next_read(call, next)};

    if (view.has_next)
        login_next_keep(call, next);
    reply_header(call, "cache-control", "private, no-store"); /* it sets a cookie */
    return page_reply(call, 200, &login_page, &view);
}

struct next login_page_show(struct call *call)
{
    unsigned char sha256[SHA256_BYTES];
    struct text session;

    if (!cookie_find(call_header(call, "cookie"), WEB_SESSION_COOKIE, &session) || !session.len)
        return reply_login(call);
    crypto_sha256(session, sha256);
    return await_rows_or_null(call, web_session_by_sha256(sha256), got_session);
}

/* Without the database nobody can be let in, but everybody can read the page. */
static struct next got_session(struct call *call, const PGresult *rows_or_null)
{
    char next[NEXT_PATH_MAX + 1], cookie[WEB_SESSION_COOKIE_ROOM];

    if (!rows_or_null)
        return reply_login(call);
    if (rows_count(rows_or_null))
        return reply_redirect(call, login_next_read(call, next) ? next : "/images");
    web_session_cookie(TEXT(""), cookie); /* it is over: nobody need look for it again */
    reply_header(call, "set-cookie", cookie);
    return reply_login(call);
}
