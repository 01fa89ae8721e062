#pragma once
/* Signed requests to an S3-compatible store. They may be made by several threads; connections are kept between them.
 *
 * Every request may be sent again without harm. It is, up to four times within its time, with 100 ms to 2 s in between,
 * after a broken or refused connection, the answers 429 and 500 to 504, and codes that say the same (s3_client.c). The
 * payload's SHA-256 is signed: what was damaged on its way is refused by the server, and sent again.
 * When the server finds our clock wrong, requests are signed by the server's from then on (event s3_clock_skew).
 *
 * Errors are those of store.h; neither they nor the log have the address, the keys or the query. */
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"
#include "fetch/fetch.h"
#include "storage/sigv4.h"

enum { S3_BODY_MAX = 64 * 1024 * 1024 }; /* of a call, in memory */

struct s3_config {
    const char *endpoint; /* as s3_endpoint.h reads it */
    const char *region, *access_key, *secret_key;
    bool path_style;
    const atomic_bool *stop; /* true ends what is running within about a second; NULL: never */
};

struct s3_client;
/* Copies all but what stop points to. NULL: *reterr (s3_endpoint). */
struct s3_client *s3_client_open(const struct s3_config *config, struct err *reterr);
void s3_client_close(struct s3_client *client); /* NULL is fine; no call is under way */
/* The region that requests are signed for. */
const char *s3_client_region(const struct s3_client *client);

struct s3_call {
    enum fetch_method method;
    struct text bucket, key; /* key empty: the bucket itself */
    const struct sigv4_pair *query;
    int query_count;
    const char *content_type;      /* of the body; NULL: none */
    const char *cache_control;     /* kept with the object; NULL: none */
    bool with_md5;                 /* Content-MD5 of body, which settings of buckets need */
    struct text body;              /* or: */
    int body_fd;                   /* with body_bytes > 0: PUT these bytes of a file */
    int64_t body_from, body_bytes; /* the file does not change meanwhile */
    size_t max_bytes;              /* of the answer; 0: 64 KiB */
};

struct s3_answer {
    struct fetch_response response;
    char code[64]; /* of an <Error>; "" when it had none */
    int tries;     /* after which it came */
};
void s3_answer_done(struct s3_answer *answer);
bool s3_answer_ok(const struct s3_answer *answer); /* 2xx, and no <Error> in it */

/* True: an answer that another try would not make better, of whatever status. False: there was none, *reterr says why
   (storage_failed, storage_too_large). Fills *ret in any case: the caller ends it with s3_answer_done. */
bool s3_call(struct s3_client *client, const struct s3_call *call, struct s3_answer *ret, struct err *reterr);

/* The error that stands for an answer: storage_missing (404), storage_full (no space, over a quota), storage_failed.
   Returns false. */
bool s3_failed(const struct s3_answer *answer, const char *doing, const char *path, struct err *reterr);
