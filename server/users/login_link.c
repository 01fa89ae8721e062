#include "users/login_link.h"

#include "base/buf.h"
#include "base/crypto.h"
#include "users/web_session.h"

/* Two links made at the same moment do not see each other to replace: the newest one counts. */
#define LINK_WORKS                                                                                                     \
    "l.sha256 = $1 AND l.used_at IS NULL AND l.expires_at > now()"                                                     \
    " AND NOT EXISTS (SELECT 1 FROM login_links n WHERE n.user_id = l.user_id AND n.id > l.id)"

static void add_sha256(struct query *q, struct text secret)
{
    unsigned char sha256[SHA256_BYTES];

    crypto_sha256(secret, sha256);
    query_add_bytes(q, sha256, sizeof sha256);
}

struct login_link_new login_link_make(struct uuid user, const char *next)
{
    struct login_link_new link = {.id = uuid_make(), .user = user, .next = next};

    crypto_token("", link.secret, sizeof link.secret);
    return link;
}

struct query login_link_insert(const struct login_link_new *link)
{
    struct query q = query_write("WITH earlier AS (DELETE FROM login_links WHERE user_id = $2)"
                                 " INSERT INTO login_links (id, user_id, sha256, next, expires_at)"
                                 " SELECT $1, id, $3, $4, now() + $5 * interval '1 minute' FROM users WHERE id = $2"
                                 " RETURNING expires_at");

    query_add_uuid(&q, link->id);
    query_add_uuid(&q, link->user);
    add_sha256(&q, text_of(link->secret));
    query_add_text(&q, link->next);
    query_add_int64(&q, LOGIN_LINK_MINUTES);
    return q;
}

struct query login_link_by_secret(struct text secret)
{
    struct query q = query_read("SELECT u.name, u.locale FROM login_links l JOIN users u ON u.id = l.user_id"
                                " WHERE " LINK_WORKS);

    add_sha256(&q, secret);
    return q;
}

struct query login_link_use(struct text secret, const char *session_secret, struct text old_session)
{
    struct query q = query_write(
        "WITH used AS (UPDATE login_links l SET used_at = now() WHERE " LINK_WORKS " RETURNING l.user_id, l.next),"
        " made AS (INSERT INTO sessions (id, user_id, sha256, expires_at)"
        " SELECT $2, user_id, $3, now() + $4 * interval '1 day' FROM used),"
        " ended AS (DELETE FROM sessions s USING used WHERE s.sha256 = $5 OR s.user_id = used.user_id AND"
        " (s.expires_at <= now() OR s.id IN (SELECT id FROM sessions WHERE user_id = used.user_id"
        " ORDER BY last_seen_at DESC OFFSET $6)))"
        " SELECT next FROM used");

    add_sha256(&q, secret);
    query_add_uuid(&q, uuid_make());
    add_sha256(&q, text_of(session_secret));
    query_add_int64(&q, WEB_SESSION_DAYS);
    if (old_session.len)
        add_sha256(&q, old_session);
    else
        query_add_null(&q);
    query_add_int64(&q, WEB_SESSIONS_PER_USER - 1);
    return q;
}

void login_link_write(struct json_out *out, const char *public_url, const char *secret, const char *expires_at)
{
    CLEANUP(buf_done) struct buf url = buf_make(1024);

    (void)buf_add_format(&url, "%s/auth/link/%s", public_url, secret);
    json_object(out);
    json_key_text(out, "url", url.bytes);
    json_key_text(out, "expires_at", expires_at);
    json_end_object(out);
}
