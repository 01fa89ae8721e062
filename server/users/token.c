#include "users/token.h"

#include "base/crypto.h"
#include "users/user.h"

#define TOKEN_COLUMNS "id, name, scopes, created_at, last_used_at, expires_at"

static const struct {
    const char *name;
    unsigned scope;
} SCOPES[] = {{"read", SCOPE_READ}, {"write", SCOPE_WRITE}, {"generate", SCOPE_GENERATE}, {"admin", SCOPE_ADMIN}};

enum { SCOPE_COUNT = sizeof SCOPES / sizeof *SCOPES };

struct token_new token_make(struct uuid user, const char *name, unsigned scopes, int64_t days)
{
    struct token_new token = {.id = uuid_make(), .user = user, .name = name, .scopes = scopes, .days = days};

    crypto_token(TOKEN_PREFIX, token.secret, sizeof token.secret);
    return token;
}

struct query token_list_of_user(struct uuid user, struct uuid after, int64_t limit)
{
    struct query q = query_read("SELECT " TOKEN_COLUMNS " FROM api_tokens WHERE user_id = $1 AND revoked_at IS NULL"
                                " AND id < coalesce($2::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')"
                                " ORDER BY id DESC LIMIT $3");

    query_add_uuid(&q, user);
    query_add_uuid(&q, after);
    query_add_int64(&q, limit);
    return q;
}

struct query token_list_for_page(struct uuid user, const char *time_zone, const char *pattern)
{
    struct query q = query_read("SELECT to_char(created_at AT TIME ZONE $2, $3), to_char(last_used_at AT TIME ZONE $2,"
                                " $3), to_char(expires_at AT TIME ZONE $2, $3), coalesce(expires_at <= now(), false),"
                                " " TOKEN_COLUMNS " FROM api_tokens WHERE user_id = $1 AND revoked_at IS NULL"
                                " ORDER BY id DESC LIMIT $4");

    query_add_uuid(&q, user);
    query_add_text(&q, time_zone);
    query_add_text(&q, pattern);
    query_add_int64(&q, TOKENS_SHOWN);
    return q;
}

#define KEY_INSERT IDEMPOTENCY_INSERT("room", "$2", "$8", "$9", "$1")

struct query token_insert(const struct token_new *token, const struct idempotency *key)
{
    struct query q = query_write("WITH room AS MATERIALIZED (SELECT WHERE (SELECT count(*) FROM api_tokens"
                                 " WHERE user_id = $2 AND revoked_at IS NULL"
                                 " AND (expires_at IS NULL OR expires_at > now())) < $7),"
                                 " key AS (" KEY_INSERT ")"
                                 " INSERT INTO api_tokens (id, user_id, sha256, name, scopes, expires_at)"
                                 " SELECT $1, $2, $3, $4, $5, now() + $6 * interval '1 day' FROM room"
                                 " WHERE $8::text IS NULL OR EXISTS (SELECT FROM key) RETURNING " TOKEN_COLUMNS);
    unsigned char sha256[SHA256_BYTES];

    crypto_sha256(text_of(token->secret), sha256);
    query_add_uuid(&q, token->id);
    query_add_uuid(&q, token->user);
    query_add_bytes(&q, sha256, sizeof sha256);
    query_add_text(&q, token->name);
    query_add_int64(&q, token->scopes);
    if (token->days)
        query_add_int64(&q, token->days);
    else
        query_add_null(&q);
    query_add_int64(&q, TOKENS_PER_USER);
    idempotency_add(&q, key);
    return q;
}

struct token token_from_row(struct row row)
{
    struct token token = {.id = row_uuid(&row)};

    (void)text_copy(token.name, sizeof token.name, row_piece(&row));
    token.scopes = (unsigned)row_int64(&row);
    row_time(&row, token.created_at);
    row_time(&row, token.last_used_at);
    row_time(&row, token.expires_at);
    return token;
}

struct query token_revoke(struct uuid user, struct uuid id)
{
    struct query q = query_write("UPDATE api_tokens SET revoked_at = now()"
                                 " WHERE user_id = $1 AND id = $2 AND revoked_at IS NULL RETURNING id");

    query_add_uuid(&q, user);
    query_add_uuid(&q, id);
    return q;
}

struct query token_by_sha256(const unsigned char sha256[SHA256_BYTES])
{
    struct query q = query_read(
        "SELECT t.id, t.scopes, coalesce(t.last_used_at < now() - interval '1 minute', true),"
        " u.id, u.is_admin, u.locale, u.time_zone, u.default_preset, u.theme,"
        " " USER_VERSIONS("u") " FROM api_tokens t JOIN users u ON u.id = t.user_id"
                               " WHERE t.sha256 = $1"
                               " AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > now())");

    query_add_bytes(&q, sha256, SHA256_BYTES);
    return q;
}

struct query token_touch(struct uuid user, struct uuid id)
{
    struct query q = query_write("UPDATE api_tokens SET last_used_at = now() WHERE user_id = $1 AND id ="
                                 " (SELECT id FROM api_tokens WHERE user_id = $1 AND id = $2"
                                 " AND coalesce(last_used_at < now() - interval '1 minute', true)"
                                 " FOR NO KEY UPDATE SKIP LOCKED)");

    query_add_uuid(&q, user);
    query_add_uuid(&q, id);
    return q;
}

static void write_time(struct json_out *out, const char *key, const char *time)
{
    json_key_text(out, key, *time ? time : NULL);
}

void token_write(struct json_out *out, const struct token *token)
{
    json_key_text(out, "id", token->id.text);
    json_key_text(out, "name", token->name);
    json_key(out, "scopes");
    json_array(out);
    for (int i = 0; i < SCOPE_COUNT; i++)
        if (token->scopes & SCOPES[i].scope)
            json_text(out, text_of(SCOPES[i].name));
    json_end_array(out);
    write_time(out, "created_at", token->created_at);
    write_time(out, "last_used_at", token->last_used_at);
    write_time(out, "expires_at", token->expires_at);
}

unsigned token_scope_named(struct text name)
{
    for (int i = 0; i < SCOPE_COUNT; i++)
        if (text_equal(name, text_of(SCOPES[i].name)))
            return SCOPES[i].scope;
    return 0;
}

bool token_scopes_read(struct text list, unsigned *ret)
{
    *ret = 0;
    while (list.at) {
        unsigned scope = token_scope_named(text_trim(text_cut(&list, ',')));
        if (!scope)
            return false;
        *ret |= scope;
    }
    return *ret != 0;
}
