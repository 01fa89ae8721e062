#include "web/logout_page.h"

#include "http/await_rows.h"
#include "http/body.h"
#include "http/reply.h"
#include "users/web_session.h"
#include "web/form.h"

static struct next ended(struct call *call, const PGresult *rows);

struct next logout_page_use(struct call *call)
{
    struct next refused;
    struct err err;

    if (call->who.kind != WHO_SESSION) {
        (void)err_set(&err, ERR_UNAUTHENTICATED, "unauthenticated", "no session to end");
        return reply_err(call, &err);
    }
    if (!body_no_query(call, &refused) || !form_empty(call, &refused))
        return refused;
    return await_rows(call, web_session_delete(call->who.user, call->who.credential), ended);
}

static struct next ended(struct call *call, const PGresult *rows)
{
    char cookie[WEB_SESSION_COOKIE_ROOM];

    (void)rows; /* none: ended by another tab meanwhile */
    web_session_cookie(TEXT(""), cookie);
    reply_header(call, "set-cookie", cookie);
    reply_header(call, "clear-site-data", "\"cache\", \"storage\"");
    return reply_redirect(call, "/login?done=signed_out");
}
