#pragma once
/* Blocking HTTP for worker threads, over libcurl. One struct fetch per thread: it keeps that thread's connections.
 *
 * HTTP/1.1 only; no redirects, proxies, cookies, netrc or retries. https only, except to configured http origins when
 * loopback is allowed. Whatever comes back is capped while it arrives.
 *
 * libcurl sends a request again by itself when a reused connection closes without an answer (seen with 7.88.1). A
 * request that must not run twice is therefore fresh. */
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"

enum { FETCH_ORIGINS_MAX = 4, FETCH_HEADERS_MAX = 8 };

enum fetch_trust {
    FETCH_FAL,     /* the configured origins and nothing else */
    FETCH_MEDIA,   /* URLs that others gave us: https on port 443 of a listed host, at a public address */
    FETCH_STORAGE, /* the configured object store, or BUCKET. before its host; http when it was configured so */
    FETCH_CLASSES
};

struct fetch_config {
    const char *origins[FETCH_ORIGINS_MAX]; /* URLs; their paths do not matter; NULL: none */
    const char *media_hosts;                /* "fal.media,*.fal.media"; NULL: none */
    const char *storage;                    /* the object store's URL, its path does not matter; NULL: none */
    bool loopback;                          /* origins may be http, and media may come from them: a simulator's mode */
    const atomic_bool *stop;                /* true ends what is running within about a second; NULL: never */
};

struct fetch;
/* Copies the configuration, but not what stop points to. NULL: an origin is malformed, or http without loopback. */
struct fetch *fetch_open(const struct fetch_config *config, struct err *reterr);
void fetch_close(struct fetch *fetch); /* NULL is fine */

enum fetch_method { FETCH_GET, FETCH_POST, FETCH_PUT, FETCH_HEAD, FETCH_DELETE };

struct fetch_request {
    enum fetch_trust trust;
    enum fetch_method method;
    const char *url;
    const char *headers[FETCH_HEADERS_MAX]; /* "Name: value"; NULL ends */
    struct text body;                       /* POST and PUT; may be empty */
    int body_fd;                            /* with body_bytes > 0: PUT these bytes of a file instead of body */
    int64_t body_from, body_bytes;
    /* Takes a 2xx answer's body in pieces, up to max_bytes in all, instead of ret->body; false ends it (fetch_refused).
       Of other answers ret->body has up to 64 KiB. What was taken is whole only when FETCH_OK comes back. NULL: none.
     */
    bool (*take)(void *taker, const char *bytes, size_t len);
    void *taker;
    int connect_timeout_ms, timeout_ms; /* both > 0; timeout_ms is for everything together */
    size_t max_bytes;                   /* of the answer's body */
    bool fresh;                         /* own connection, neither reused before nor after */
    /* Asked on the open connection right before the first byte; false: FETCH_NOT_SENT, fetch_not_allowed. May be NULL.
     */
    bool (*may_send)(void *owner);
    void *owner;
};

struct fetch_response {
    int status; /* 0: none was read */
    char content_type[96];
    int retry_after_s;     /* 0: not given, at most a day */
    char request_id[64];   /* x-fal-request-id */
    char error_type[64];   /* x-fal-error-type */
    char timeout_type[32]; /* x-fal-request-timeout-type */
    bool needs_retry;      /* x-fal-needs-retry: 1 or true */
    int64_t length;        /* Content-Length, also of HEAD; -1: not given */
    char etag[80];         /* as sent, with its quotes */
    int64_t modified_s;    /* Last-Modified, since 1970; 0: not given */
    int64_t date_s;        /* Date: the server's clock; 0: not given */
    struct buf body;
};
void fetch_response_done(struct fetch_response *response);

enum fetch_outcome {
    FETCH_OK,        /* a whole answer, of whatever status */
    FETCH_NOT_SENT,  /* surely not one byte of the request reached the server's HTTP */
    FETCH_MAYBE_SENT /* anything else that went wrong */
};

/* Fills *ret in any case (the caller ends it with fetch_response_done). Errors name the host, never the URL:
   fetch_not_allowed, fetch_unreachable, fetch_timeout, fetch_too_large, fetch_stopped, fetch_failed, and
   fetch_refused (take returned false), fetch_body (ERR_INTERNAL: body_fd has fewer bytes, or cannot be read). */
enum fetch_outcome fetch_do(struct fetch *fetch, const struct fetch_request *request, struct fetch_response *ret,
                            struct err *reterr);
