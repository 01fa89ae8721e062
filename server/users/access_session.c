#include "users/access_inside.h"

#include <string.h>

#include "db/db.h"
#include "http/await_rows.h"
#include "http/cookie.h"
#include "http/reply.h"
#include "http/same_origin.h"
#include "local.h"
#include "users/access.h"
#include "users/csrf_form.h"
#include "users/web_session.h"

enum { MAX_COOKIE = 200 };

static struct next got_session(struct call *call, const PGresult *rows);

struct next access_by_session(struct call *call, struct text secret)
{
    unsigned char sha256[SHA256_BYTES];

    if (!secret.len || secret.len > MAX_COOKIE)
        return access_refuse(call, ERR_UNAUTHENTICATED, "token_invalid");
    crypto_sha256(secret, sha256);
    return await_rows(call, web_session_by_sha256(sha256), got_session);
}

static bool is_safe(const struct call *call) { return strcmp(call->route->method, "GET") == 0; } /* or HEAD */

/* A page of ours sends its token in the header, or, from a form, in the body. In a form with files it is a part of what
   has not been read yet: the route's own steps judge it, before they look at anything else (photos/photo_receive.h). */
static bool csrf_is_right(struct call *call)
{
    struct text token = text_trim(call_header(call, "x-csrf-token"));
    char in_form[CSRF_TOKEN_ROOM];

    if (call->route->page && call->route->upload_limit)
        return same_origin_asked(call);
    if (!token.len && csrf_form_token(call, in_form))
        token = text_of(in_form);
    return same_origin_asked(call) && web_session_csrf_is_right(local_of(call)->csrf_mac, call->who.credential, token);
}

/* The cookie lives as long as the session, whose end is put off now. */
static void touch_session(struct call *call)
{
    struct query q = web_session_touch(call->who.user, call->who.credential);
    char cookie[WEB_SESSION_COOKIE_ROOM];
    struct text secret;

    (void)db_run(local_of(call)->db, &q, NULL, NULL);
    if (cookie_find(call_header(call, "cookie"), WEB_SESSION_COOKIE, &secret)) {
        web_session_cookie(secret, cookie);
        reply_header(call, "set-cookie", cookie);
    }
}

/* Is the session's end to be put off? */
static bool take_session(struct call *call, struct row row)
{
    struct who *who = &call->who;
    bool touch;

    who->kind = WHO_SESSION;
    who->credential = row_uuid(&row);
    touch = row_bool(&row);
    who->scopes = ACCESS_EVERYDAY;
    if (access_read_user(&row, who))
        who->scopes |= SCOPE_ADMIN;
    call_speak_to(call);
    return touch;
}

void access_recognise(struct call *call, const PGresult *rows)
{
    if (rows && rows_count(rows))
        (void)take_session(call, rows_at(rows, 0));
}

static struct next got_session(struct call *call, const PGresult *rows)
{
    bool touch;

    if (rows_count(rows) == 0)
        return access_refuse(call, ERR_UNAUTHENTICATED, "token_invalid");
    touch = take_session(call, rows_at(rows, 0));
    if (!is_safe(call) && !csrf_is_right(call))
        return access_refuse(call, ERR_FORBIDDEN, "csrf_failed");
    if (touch && is_safe(call))
        touch_session(call);
    return call_enter(call);
}
