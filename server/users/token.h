#pragma once
/* API tokens: "ais_" and 40 random characters, of which only the SHA-256 is kept. */
#include "db/query.h"
#include "db/rows.h"
#include "http/call.h"
#include "users/idempotency.h"
#include "json/json_out.h"

#define TOKEN_PREFIX "ais_"

enum { TOKEN_ROOM = 48, TOKEN_NAME_MAX = 64, TOKEN_NAME_ROOM = 4 * TOKEN_NAME_MAX + 1, TOKENS_PER_USER = 50 };
enum { TOKEN_DAYS_MAX = 3650, TOKENS_SHOWN = 100 };

struct token {
    struct uuid id;
    char name[TOKEN_NAME_ROOM];
    unsigned scopes;                                                                        /* of enum scope */
    char created_at[ROW_TIME_ROOM], last_used_at[ROW_TIME_ROOM], expires_at[ROW_TIME_ROOM]; /* "": never */
};

struct token_new {
    struct uuid id, user;
    const char *name;
    unsigned scopes;
    int64_t days; /* until it expires; 0: it does not */
    char secret[TOKEN_ROOM];
};

/* With an id and a secret of its own. */
struct token_new token_make(struct uuid user, const char *name, unsigned scopes, int64_t days);

/* Rows for token_from_row. Of a user, newest first, without revoked ones: after "" is the first page. */
struct query token_list_of_user(struct uuid user, struct uuid after, int64_t limit);
/* The same for a page, the newest TOKENS_SHOWN: before token_from_row's columns stand three texts, created_at,
   last_used_at and expires_at in the time zone and by to_char's pattern (NULL: never), and whether it has expired. */
struct query token_list_for_page(struct uuid user, const char *time_zone, const char *pattern);
/* No row: the user has TOKENS_PER_USER that work, or (several being made at once) a few more; or the key was taken. */
struct query token_insert(const struct token_new *token, const struct idempotency *key);
struct token token_from_row(struct row row);

/* A row with the id when it was the user's and not yet revoked. */
struct query token_revoke(struct uuid user, struct uuid id);

/* A row of id, scopes, use-is-due, and the user's id, is_admin, locale, time_zone, default_preset, theme; none:
 * revoked, expired, unknown. */
struct query token_by_sha256(const unsigned char sha256[32]);
/* For use-is-due: sets last_used_at at most once a minute; nobody waits for it, and it waits for nobody. */
struct query token_touch(struct uuid user, struct uuid id);

/* The members of the contract's Token; the object is the caller's. */
void token_write(struct json_out *out, const struct token *token);

/* The name of one scope ("read"), or 0. */
unsigned token_scope_named(struct text name);
/* "read,write,generate"; false: an unknown name, or none. */
bool token_scopes_read(struct text list, unsigned *ret);
