#pragma once
/* The session of a browser: a cookie of 40 random characters, of which only the SHA-256 is kept; over after 30 days
   without use. Changes made with it need a token that a page of another site cannot know: the MAC of its id. */
#include "base/crypto.h"
#include "db/query.h"
#include "db/rows.h"

#define WEB_SESSION_COOKIE "__Host-sid"

enum { WEB_SESSION_SECRET_ROOM = 44, WEB_SESSION_DAYS = 30, WEB_SESSIONS_PER_USER = 20 };
enum { WEB_SESSION_COOKIE_ROOM = 160, WEB_SESSION_CSRF_ROOM = BASE64URL_ROOM(SHA256_BYTES) };

/* A row of id, touch-is-due, and the user's id, is_admin, locale, time_zone, default_preset, theme; none: over or
 * unknown. */
struct query web_session_by_sha256(const unsigned char sha256[SHA256_BYTES]);
/* For touch-is-due: puts the end off again, at most once an hour; nobody waits for it, and it waits for nobody. */
struct query web_session_touch(struct uuid user, struct uuid id);
struct query web_session_delete(struct uuid user, struct uuid id);
/* All of the user's but id. */
struct query web_session_delete_others(struct uuid user, struct uuid id);
/* Those that are not over, last seen first: rows of id, created_at and last_seen_at, in the time zone by to_char's
   pattern. */
struct query web_sessions_for_page(struct uuid user, const char *time_zone, const char *pattern);

/* The value of Set-Cookie. secret "": the browser forgets the cookie. */
void web_session_cookie(struct text secret, char to[WEB_SESSION_COOKIE_ROOM]);

void web_session_csrf(struct mac *mac, struct uuid id, char to[WEB_SESSION_CSRF_ROOM]);
bool web_session_csrf_is_right(struct mac *mac, struct uuid id, struct text token);
