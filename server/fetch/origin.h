#pragma once
/* Scheme, host and port of a URL, read by the same parser that later connects. */
#include <stdbool.h>

#include "base/text.h"

struct origin {
    char scheme[8]; /* "http" or "https" */
    char host[256]; /* as libcurl will connect to it: "0x7f.1" reads as "127.0.0.1" */
    int port;       /* the scheme's own when the URL names none */
};

/* False: not an http(s) URL, has a user or password in it, or control characters, spaces or a fragment. */
bool origin_read(const char *url, struct origin *ret);
bool origin_equal(const struct origin *a, const struct origin *b);

/* Does the host stand in a list like "fal.media,*.fal.media"? "*." stands for one or more labels, never for none. */
bool origin_host_listed(const struct origin *origin, struct text list);
