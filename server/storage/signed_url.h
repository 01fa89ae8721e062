#pragma once
/* Links to stored files that anybody may follow until they expire:
       {public_url}/files/{bucket}/{key}?expires={unix seconds}&signature={22 characters of base64url}
   One signature is good for all files of one picture: those whose keys have the same stem, the key up to the first
   '.' or '_' of its last segment ("2026/11/20/ID" of 2026/11/20/ID.jpg and of 2026/11/20/ID_small.webp).
   signature = the first 128 bits of HMAC-SHA256(key, bucket "/" stem "\n" expires). */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/crypto.h"
#include "base/text.h"
#include "storage/store.h"

enum { SIGNED_URL_PUBLIC_MAX = 200, SIGNED_URL_ROOM = SIGNED_URL_PUBLIC_MAX + STORE_BUCKET_MAX + STORE_KEY_MAX + 80 };

/* Signed once, written for every file of the picture. */
struct signed_url {
    int64_t expires; /* seconds since 1970 */
    char query[64];  /* "?expires=…&signature=…" */
    size_t query_len;
};

/* What is signed of a key; empty when its last segment begins with '.' or '_'. */
struct text signed_url_stem(struct text key);

/* Valid for at least ttl_s (> 0) from now_s, until the next full hour after that: the same picture has the same URL
   for an hour, which is what makes it cacheable. key is any key of the picture; bucket and key are valid (asserted:
   they are our own) and the last segment begins neither with '.' nor '_'. mac belongs to the calling thread. */
struct signed_url signed_url_make(struct mac *mac, struct text bucket, struct text key, int64_t now_s, int64_t ttl_s);
/* The expires that it gets. */
int64_t signed_url_expiry(int64_t now_s, int64_t ttl_s);

/* The URL of one file, NUL terminated; returns its length. key shares the stem of the one that was signed. public_url
   has no '/' at its end and at most SIGNED_URL_PUBLIC_MAX bytes (asserted). */
size_t signed_url_write(const struct signed_url *url, struct text public_url, struct text bucket, struct text key,
                        char to[SIGNED_URL_ROOM]);

enum signed_url_verdict { SIGNED_URL_OK, SIGNED_URL_EXPIRED, SIGNED_URL_BAD };

/* path is what follows "/files/", before any percent-decoding; query is what follows '?', without it. Exactly what
   signed_url_write makes is accepted: no percent signs, no other parameter or order. SIGNED_URL_EXPIRED: it was good
   once. On SIGNED_URL_OK, *bucket and *key are parts of path. Time does not depend on how wrong a signature is. */
enum signed_url_verdict signed_url_check(struct mac *mac, struct text path, struct text query, int64_t now_s,
                                         struct text *bucket, struct text *key);
