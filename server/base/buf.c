#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct buf buf_make(size_t limit) { return (struct buf){.limit = limit}; }

char *buf_reserve(struct buf *b, size_t len)
{
    if (len > b->limit - b->len)
        return NULL;
    if (b->len + len + 1 > b->room) {
        b->room = 2 * (b->len + len + 1);
        b->bytes = realloc(b->bytes, b->room);
        if (!b->bytes)
            abort();
    }
    return b->bytes + b->len;
}

bool buf_add(struct buf *b, const void *bytes, size_t len)
{
    char *at = buf_reserve(b, len);

    if (!at)
        return false;
    if (len)
        memcpy(at, bytes, len);
    b->len += len;
    b->bytes[b->len] = '\0';
    return true;
}

bool buf_add_text(struct buf *b, const char *text) { return buf_add(b, text, strlen(text)); }

bool buf_add_format(struct buf *b, const char *fmt, ...)
{
    va_list args;
    char *at;
    int len;

    va_start(args, fmt);
    len = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (len < 0 || !(at = buf_reserve(b, (size_t)len)))
        return false;
    va_start(args, fmt);
    (void)vsnprintf(at, (size_t)len + 1, fmt, args);
    va_end(args);
    b->len += (size_t)len;
    return true;
}

void buf_clear(struct buf *b)
{
    b->len = 0;
    if (b->bytes)
        b->bytes[0] = '\0';
}

void buf_done(struct buf *b)
{
    free(b->bytes);
    *b = (struct buf){0};
}
