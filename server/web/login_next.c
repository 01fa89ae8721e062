#include "web/login_next.h"

#include <stdio.h>
#include <string.h>

#include "http/cookie.h"
#include "http/query_string.h"
#include "http/reply.h"

#define COOKIE "__Host-next"
#define PICTURES "/images"

enum { COOKIE_ROOM = NEXT_PATH_MAX + 100, MINUTES = 30 };

/* The start page says nothing about where somebody was, and signing in leads away from the sign-in pages. */
static bool is_place(struct text path)
{
    return next_path_is_safe(path) && path.len > 1 && !text_starts(path, TEXT("/login")) &&
           !text_starts(path, TEXT("/auth/"));
}

bool login_next_read(const struct call *call, char to[NEXT_PATH_MAX + 1])
{
    if (query_string_find(call->query, "next", to, NEXT_PATH_MAX + 1) && is_place(text_of(to)))
        return true;
    *to = '\0';
    return false;
}

/* A safe path has no character that would have a meaning in a cookie. */
static void set_cookie(struct call *call, const char *path, int seconds)
{
    char cookie[COOKIE_ROOM];

    (void)snprintf(cookie, sizeof cookie, COOKIE "=%s; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=%d", path,
                   seconds);
    reply_header(call, "set-cookie", cookie);
}

void login_next_keep(struct call *call, const char *path) { set_cookie(call, path, MINUTES * 60); }

struct next login_next_go(struct call *call, const char *of_link)
{
    char path[NEXT_PATH_MAX + 1] = PICTURES;
    struct text kept;

    if (cookie_find(call_header(call, "cookie"), COOKIE, &kept)) {
        set_cookie(call, "", 0);
        if (is_place(kept))
            (void)text_copy(path, sizeof path, kept);
    }
    return reply_redirect(call, strcmp(of_link, "/") == 0 ? path : of_link);
}
