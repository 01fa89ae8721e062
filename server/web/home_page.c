#include "web/home_page.h"

#include "http/cookie.h"
#include "http/reply.h"
#include "users/web_session.h"

/* Whether the session still works is seen at the next step. */
struct next home_page_show(struct call *call)
{
    struct text session;
    bool has_session = cookie_find(call_header(call, "cookie"), WEB_SESSION_COOKIE, &session);

    return reply_redirect(call, has_session ? "/images" : "/login");
}
