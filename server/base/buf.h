#pragma once
/* Growing byte buffer with a hard limit, always NUL terminated (bytes is NULL while nothing was added).
   The one owner calls buf_done; growing may move the bytes. */
#include <stdbool.h>
#include <stddef.h>

#define CLEANUP(fn) __attribute__((cleanup(fn)))

struct buf {
    char *bytes;
    size_t len, room, limit; /* bytes */
};

struct buf buf_make(size_t limit);
bool buf_add(struct buf *b, const void *bytes, size_t len); /* false: over the limit, nothing added */
bool buf_add_text(struct buf *b, const char *text);
bool buf_add_format(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Room for len more bytes, to be written at bytes + len by the caller, who then adds to len. NULL: over the limit. */
char *buf_reserve(struct buf *b, size_t len);
void buf_clear(struct buf *b); /* keeps the memory */
void buf_done(struct buf *b);
