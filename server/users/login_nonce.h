#pragma once
/* Against signing people in as somebody else: another site could send its visitor's browser a form with the sign-in
   link of an account that is not the visitor's. So the page of a link leaves a random number in a cookie, and its form
   carries the MAC of that number and the link: only a browser that was shown this link's page can use the link. */
#include "base/crypto.h"
#include "base/text.h"

#define LOGIN_NONCE_COOKIE "__Host-login"

enum { LOGIN_NONCE_ROOM = 41, LOGIN_NONCE_COOKIE_ROOM = 128, LOGIN_NONCE_FIELD_ROOM = BASE64URL_ROOM(SHA256_BYTES) };

/* The number that the browser has, for links may be open in several of its tabs; otherwise a new one. */
void login_nonce_take(struct text cookie_header, char to[LOGIN_NONCE_ROOM]);
/* The value of Set-Cookie. "": the browser forgets the cookie. */
void login_nonce_cookie(const char *nonce, char to[LOGIN_NONCE_COOKIE_ROOM]);

/* What the form of a link carries. */
void login_nonce_field(struct mac *mac, const char *nonce, struct text link, char to[LOGIN_NONCE_FIELD_ROOM]);
bool login_nonce_is_right(struct mac *mac, struct text cookie_header, struct text link, struct text field);
