#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>

bool(err_set)(struct err *reterr, enum err_kind kind, const char *code, const char *fmt, ...)
{
    va_list args;

    reterr->kind = kind;
    (void)snprintf(reterr->code, sizeof reterr->code, "%s", code);
    va_start(args, fmt);
    (void)vsnprintf(reterr->detail, sizeof reterr->detail, fmt, args);
    va_end(args);
    return false;
}

int err_http_status(enum err_kind kind)
{
    static const int STATUS[] = {
        [ERR_NONE] = 200,      [ERR_BAD_REQUEST] = 400, [ERR_UNAUTHENTICATED] = 401,
        [ERR_PAYMENT] = 402,   [ERR_FORBIDDEN] = 403,   [ERR_NOT_FOUND] = 404,
        [ERR_METHOD] = 405,    [ERR_CONFLICT] = 409,    [ERR_GONE] = 410,
        [ERR_TOO_LARGE] = 413, [ERR_MEDIA_TYPE] = 415,  [ERR_INVALID] = 422,
        [ERR_RATE] = 429,      [ERR_HEADERS] = 431,     [ERR_INTERNAL] = 500,
        [ERR_UPSTREAM] = 502,  [ERR_BUSY] = 503,        [ERR_TIMEOUT] = 504,
        [ERR_SLOW] = 408,      [ERR_LENGTH] = 411,      [ERR_DISK] = 507,
    };

    return STATUS[kind];
}
