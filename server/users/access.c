#include "users/access.h"

#include "db/db.h"
#include "http/await_rows.h"
#include "http/cookie.h"
#include "http/reply.h"
#include "local.h"
#include "users/access_inside.h"
#include "users/token.h"
#include "users/web_session.h"

enum { MAX_SECRET = 1024 };

static struct next by_bearer(struct call *call, struct text authorization);
static struct next got_token(struct call *call, const PGresult *rows);

struct next access_refuse(struct call *call, enum err_kind kind, const char *code)
{
    struct err err;

    (void)err_set(&err, kind, code, "refused");
    return reply_err(call, &err);
}

bool access_read_user(struct row *row, struct who *who)
{
    bool is_admin;

    who->user = row_uuid(row);
    is_admin = row_bool(row);
    (void)text_copy(who->locale, sizeof who->locale, row_piece(row));
    (void)text_copy(who->time_zone, sizeof who->time_zone, row_piece(row));
    (void)text_copy(who->default_preset, sizeof who->default_preset, row_piece(row));
    (void)text_copy(who->theme, sizeof who->theme, row_piece(row));
    who->history_version = row_int64(row);
    who->taste_version = row_int64(row);
    return is_admin;
}

struct next access_authenticate(struct call *call)
{
    struct text authorization = call_header(call, "authorization"), session;

    if (authorization.len)
        return by_bearer(call, authorization);
    if (cookie_find(call_header(call, "cookie"), WEB_SESSION_COOKIE, &session))
        return access_by_session(call, session);
    return access_refuse(call, ERR_UNAUTHENTICATED, "unauthenticated");
}

static bool is_service(const struct local *local, const unsigned char sha256[SHA256_BYTES])
{
    return local->has_service_token && crypto_equal((struct text){(const char *)sha256, SHA256_BYTES},
                                                    (struct text){(const char *)local->service_sha256, SHA256_BYTES});
}

static struct next by_bearer(struct call *call, struct text authorization)
{
    struct text secret = authorization, scheme = text_cut(&secret, ' ');
    unsigned char sha256[SHA256_BYTES];

    secret = secret.at ? text_trim(secret) : TEXT("");
    if (!text_equal_ignoring_case(scheme, TEXT("Bearer")) || !secret.len)
        return access_refuse(call, ERR_UNAUTHENTICATED, "unauthenticated");
    if (secret.len > MAX_SECRET)
        return access_refuse(call, ERR_UNAUTHENTICATED, "token_invalid");
    crypto_sha256(secret, sha256);
    if (is_service(local_of(call), sha256))
        return access_by_service(call);
    if (!text_starts(secret, TEXT(TOKEN_PREFIX)))
        return access_refuse(call, ERR_UNAUTHENTICATED, "token_invalid");
    return await_rows(call, token_by_sha256(sha256), got_token);
}

static struct next got_token(struct call *call, const PGresult *rows)
{
    struct who *who = &call->who;
    struct row row;
    bool touch;

    if (rows_count(rows) == 0)
        return access_refuse(call, ERR_UNAUTHENTICATED, "token_invalid");
    row = rows_at(rows, 0);
    who->kind = WHO_TOKEN;
    who->credential = row_uuid(&row);
    who->scopes = (unsigned)row_int64(&row);
    touch = row_bool(&row);
    if (!access_read_user(&row, who))
        who->scopes &= ~(unsigned)SCOPE_ADMIN; /* who is no admin any more has tokens from before */
    if (touch) {
        struct query q = token_touch(who->user, who->credential);
        (void)db_run(local_of(call)->db, &q, NULL, NULL);
    }
    return call_enter(call);
}

const char *access_source(const struct call *call)
{
    return call->who.kind == WHO_SERVICE ? "telegram" : call->who.kind == WHO_SESSION ? "web" : "api";
}
