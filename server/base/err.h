#pragma once
/* One error value for the whole program: small, by value, owns nothing. */
#include <stdbool.h>

enum err_kind {
    ERR_NONE = 0,
    ERR_BAD_REQUEST,     /* 400: the request itself is malformed */
    ERR_UNAUTHENTICATED, /* 401 */
    ERR_PAYMENT,         /* 402: too few credits */
    ERR_FORBIDDEN,       /* 403 */
    ERR_NOT_FOUND,       /* 404: missing, or somebody else's */
    ERR_METHOD,          /* 405 */
    ERR_SLOW,            /* 408: the client sends nothing any more */
    ERR_CONFLICT,        /* 409: the state of things does not allow it */
    ERR_GONE,            /* 410 */
    ERR_LENGTH,          /* 411 */
    ERR_TOO_LARGE,       /* 413 */
    ERR_MEDIA_TYPE,      /* 415 */
    ERR_INVALID,         /* 422: well-formed, but a value is wrong */
    ERR_RATE,            /* 429: too much at once, retry later */
    ERR_HEADERS,         /* 431 */
    ERR_INTERNAL,        /* 500: our fault; details go to the log only */
    ERR_UPSTREAM,        /* 502: somebody else's fault, maybe retry */
    ERR_BUSY,            /* 503: a queue is full or a dependency is down, retry later */
    ERR_TIMEOUT,         /* 504 */
    ERR_DISK,            /* 507: ours is full */
};

struct err {
    enum err_kind kind;
    char code[40];    /* stable, machine readable: "avatar_not_ready"; also the key of its text for people */
    char detail[200]; /* for the log only: never shown to a client */
};

/* Fills *reterr and returns false, so that callers can write: return err_set(...). */
bool err_set(struct err *reterr, enum err_kind kind, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* The same, with the `false` where the optimiser sees it: else it warns of what only a success would have set. */
static inline bool err_failed(bool set)
{
    (void)set;
    return false;
}
#define err_set(...) err_failed(err_set(__VA_ARGS__))

/* The HTTP status that stands for this kind of error. */
int err_http_status(enum err_kind kind);
