#include "users/login_nonce.h"

#include <stdio.h>

#include "http/cookie.h"

enum { MINUTES = 30 /* somebody may be called away between the page and its button */ };

static bool is_nonce(struct text t)
{
    for (size_t i = 0; i < t.len; i++)
        if (!((t.at[i] >= 'a' && t.at[i] <= 'z') || (t.at[i] >= 'A' && t.at[i] <= 'Z') ||
              (t.at[i] >= '0' && t.at[i] <= '9')))
            return false;
    return t.len == LOGIN_NONCE_ROOM - 1;
}

static bool find(struct text cookie_header, struct text *ret)
{
    return cookie_find(cookie_header, LOGIN_NONCE_COOKIE, ret) && is_nonce(*ret);
}

void login_nonce_take(struct text cookie_header, char to[LOGIN_NONCE_ROOM])
{
    struct text had;

    if (find(cookie_header, &had))
        (void)text_copy(to, LOGIN_NONCE_ROOM, had);
    else
        crypto_token("", to, LOGIN_NONCE_ROOM);
}

void login_nonce_cookie(const char *nonce, char to[LOGIN_NONCE_COOKIE_ROOM])
{
    (void)snprintf(to, LOGIN_NONCE_COOKIE_ROOM,
                   LOGIN_NONCE_COOKIE "=%s; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=%d", nonce,
                   *nonce ? MINUTES * 60 : 0);
}

void login_nonce_field(struct mac *mac, const char *nonce, struct text link, char to[LOGIN_NONCE_FIELD_ROOM])
{
    unsigned char both[2 * SHA256_BYTES], signature[SHA256_BYTES];

    crypto_sha256(text_of(nonce), both);
    crypto_sha256(link, both + SHA256_BYTES);
    mac_sign(mac, (struct text){(const char *)both, sizeof both}, signature);
    base64url_write(signature, sizeof signature, to);
}

bool login_nonce_is_right(struct mac *mac, struct text cookie_header, struct text link, struct text field)
{
    char nonce[LOGIN_NONCE_ROOM], right[LOGIN_NONCE_FIELD_ROOM];
    struct text had;

    if (!find(cookie_header, &had) || !text_copy(nonce, sizeof nonce, had))
        return false;
    login_nonce_field(mac, nonce, link, right);
    return crypto_equal(field, text_of(right));
}
