#pragma once
/* One-time sign-in links: 40 random characters, of which only the SHA-256 is kept; good once, for 10 minutes, and only
   while it is its user's newest. */
#include "base/text.h"
#include "db/query.h"
#include "db/rows.h"
#include "users/next_path.h"
#include "json/json_out.h"

enum { LOGIN_LINK_SECRET_ROOM = 44, LOGIN_LINK_MINUTES = 10 };

struct login_link_new {
    struct uuid id, user;
    const char *next; /* a safe path (next_path.h) */
    char secret[LOGIN_LINK_SECRET_ROOM];
};

/* With an id and a secret of its own. */
struct login_link_new login_link_make(struct uuid user, const char *next);

/* Replaces the user's earlier link. A row of expires_at; none: no such user. */
struct query login_link_insert(const struct login_link_new *link);
/* A row of the user's name and locale while the link works; changes nothing. */
struct query login_link_by_secret(struct text secret);
/* Uses the link up and makes the session; old_session ("": none) ends, and so does what is beyond the limit of sessions
   of the user. A row of next; none: the link does not work (any more). */
struct query login_link_use(struct text secret, const char *session_secret, struct text old_session);

/* The contract's Link, the whole object. */
void login_link_write(struct json_out *out, const char *public_url, const char *secret, const char *expires_at);
