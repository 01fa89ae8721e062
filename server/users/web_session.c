#include "users/web_session.h"

#include <stdio.h>

#include "users/user.h"

struct query web_session_by_sha256(const unsigned char sha256[SHA256_BYTES])
{
    struct query q = query_read("SELECT s.id, s.last_seen_at < now() - interval '1 hour',"
                                " u.id, u.is_admin, u.locale, u.time_zone, u.default_preset, u.theme,"
                                " " USER_VERSIONS("u") " FROM sessions s JOIN users u ON u.id = s.user_id"
                                                       " WHERE s.sha256 = $1 AND s.expires_at > now()");

    query_add_bytes(&q, sha256, SHA256_BYTES);
    return q;
}

struct query web_session_touch(struct uuid user, struct uuid id)
{
    struct query q = query_write("UPDATE sessions SET last_seen_at = now(), expires_at = now() + $3 * interval '1 day'"
                                 " WHERE user_id = $1 AND id = (SELECT id FROM sessions WHERE user_id = $1 AND id = $2"
                                 " AND last_seen_at < now() - interval '1 hour' FOR NO KEY UPDATE SKIP LOCKED)");

    query_add_uuid(&q, user);
    query_add_uuid(&q, id);
    query_add_int64(&q, WEB_SESSION_DAYS);
    return q;
}

struct query web_session_delete(struct uuid user, struct uuid id)
{
    struct query q = query_write("DELETE FROM sessions WHERE user_id = $1 AND id = $2");

    query_add_uuid(&q, user);
    query_add_uuid(&q, id);
    return q;
}

struct query web_session_delete_others(struct uuid user, struct uuid id)
{
    struct query q = query_write("DELETE FROM sessions WHERE user_id = $1 AND id IN"
                                 " (SELECT id FROM sessions WHERE user_id = $1 AND id <> $2 ORDER BY id FOR UPDATE)");

    query_add_uuid(&q, user);
    query_add_uuid(&q, id);
    return q;
}

struct query web_sessions_for_page(struct uuid user, const char *time_zone, const char *pattern)
{
    struct query q =
        query_read("SELECT id, to_char(created_at AT TIME ZONE $2, $3),"
                   " to_char(last_seen_at AT TIME ZONE $2, $3) FROM sessions WHERE user_id = $1 AND expires_at > now()"
                   " ORDER BY last_seen_at DESC LIMIT $4");

    query_add_uuid(&q, user);
    query_add_text(&q, time_zone);
    query_add_text(&q, pattern);
    query_add_int64(&q, WEB_SESSIONS_PER_USER);
    return q;
}

void web_session_cookie(struct text secret, char to[WEB_SESSION_COOKIE_ROOM])
{
    int seconds = secret.len ? WEB_SESSION_DAYS * 24 * 3600 : 0;

    (void)snprintf(to, WEB_SESSION_COOKIE_ROOM,
                   WEB_SESSION_COOKIE "=%.*s; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=%d", (int)secret.len,
                   secret.at, seconds);
}

void web_session_csrf(struct mac *mac, struct uuid id, char to[WEB_SESSION_CSRF_ROOM])
{
    unsigned char signature[SHA256_BYTES];

    mac_sign(mac, text_of(id.text), signature);
    base64url_write(signature, sizeof signature, to);
}

bool web_session_csrf_is_right(struct mac *mac, struct uuid id, struct text token)
{
    char right[WEB_SESSION_CSRF_ROOM];

    web_session_csrf(mac, id, right);
    return crypto_equal(token, text_of(right));
}
