#pragma once
/* AWS Signature Version 4 of requests to an S3-compatible store, in headers and in presigned URLs. Nothing is sent
   here. Names, values and paths are given as they are meant, not encoded: UTF-8, spaces, '+' and '%' are signed and
   written as the servers read them. One struct sigv4 per thread: it keeps the day's key. (Amazon S3 API reference,
   "Authenticating Requests: AWS Signature Version 4") */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

enum {
    SIGV4_PAIRS_MAX = 16, /* of query parameters and of headers, with the signature's own */
    SIGV4_SECRET_MAX = 200,
    SIGV4_DATE_ROOM = sizeof "20130524T000000Z",
    SIGV4_SIGNATURE_ROOM = 65,
    SIGV4_AUTHORIZATION_ROOM = 600,
    SIGV4_TTL_MAX_S = 7 * 24 * 3600
};

struct sigv4;
/* All copied; access_key, secret_key and region have 1 to SIGV4_SECRET_MAX bytes (asserted). */
struct sigv4 *sigv4_open(const char *access_key, const char *secret_key, const char *region);
void sigv4_close(struct sigv4 *sigv4); /* NULL is fine */

struct sigv4_pair {
    struct text name, value;
};

struct sigv4_request {
    const char *method;
    struct text host; /* as the Host header says it: with the port unless it is the scheme's own */
    struct text path; /* begins with '/' */
    const struct sigv4_pair *query;
    int query_count;
    const struct sigv4_pair *headers; /* further ones that are signed; names in lower case */
    int header_count;
    const char *payload; /* the body's SHA-256 in hexadecimal digits; not used for presigned URLs */
    int64_t now_s;       /* since 1970 */
};

/* The value of x-amz-date. */
void sigv4_date(int64_t now_s, char to[SIGV4_DATE_ROOM]);

/* The signature, in hexadecimal digits, of a canonical request that the caller has written; date as sigv4_date. */
void sigv4_sign(struct sigv4 *sigv4, const char *date, struct text canonical, char to[SIGV4_SIGNATURE_ROOM]);

/* The value of Authorization for a request that has also x-amz-date and x-amz-content-sha256 (= payload). False: there
   is no room for it, or there are too many pairs. */
bool sigv4_authorize(struct sigv4 *sigv4, const struct sigv4_request *request, char to[SIGV4_AUTHORIZATION_ROOM]);

/* What stands behind the host in the request's URL, as it must be on the wire. Returns its length; 0: no room. */
size_t sigv4_target(struct sigv4 *sigv4, const struct sigv4_request *request, char *to, size_t room);

/* A URL for whoever has it, from now_s for ttl_s seconds (1 to SIGV4_TTL_MAX_S, asserted). It must be used with the
   method and with exactly the headers that were signed. NUL terminated; returns its length; 0: no room. */
size_t sigv4_presign(struct sigv4 *sigv4, const struct sigv4_request *request, const char *scheme, int64_t ttl_s,
                     char *to, size_t room);
