#pragma once
/* The files under static/, openapi.yaml, and the program of the reference page when it is installed ("vendor/…"), put
   into the program when it is built: as they are, and compressed by gzip and brotli where that makes them smaller.
   Their address has the hash of them all, so it may be kept for ever; they may name each other by relative addresses.
 */
#include "base/text.h"

struct bundle_file {
    const char *path;         /* "css/app.css" */
    const char *content_type; /* with charset where it is text */
    const char *hash;         /* of its bytes: 16 hexadecimal digits */
    struct text bytes;
    struct text gzip, brotli; /* at NULL: not smaller */
};

/* Of all files: 16 hexadecimal digits. */
const char *bundle_version(void);
/* NULL: there is none. */
const struct bundle_file *bundle_find(struct text path);
/* In turn; NULL behind the last. */
const struct bundle_file *bundle_at(int index);
