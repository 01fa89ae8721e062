#pragma once
/* A bucket of its own, for one test, on the S3 server that scripts/with-s3 has started. */
#include "fetch/fetch.h"
#include "storage/sigv4.h"
#include "storage/store_s3.h"

struct s3_bucket {
    struct store *store;
    struct text name; /* of the bucket, which is there */
    char name_room[64];
    struct err err;
};

/* The server's settings; endpoint NULL: S3_ENDPOINT. */
struct s3_config s3_bucket_config(const char *endpoint);

/* cmocka's set-up and tear-down; *state is a struct s3_bucket. */
int s3_bucket_open(void **state);
int s3_bucket_close(void **state);

/* Fails the test with bucket->err's words unless ok. */
void s3_bucket_must(struct s3_bucket *bucket, bool ok);
void s3_bucket_put(struct s3_bucket *bucket, const char *key, const char *bytes);

/* "bucket/key", of any key: what drivers take. Static. */
const char *s3_bucket_path(const struct s3_bucket *bucket, const char *key);

/* A presigned URL for the object, good for ttl_s from from_s. Static. */
const char *s3_bucket_url(const struct s3_bucket *bucket, const char *method, const char *key,
                          const struct sigv4_pair *headers, int header_count, int64_t from_s, int64_t ttl_s);

/* One request of a stranger to the server; type: of the body of a PUT, NULL: a GET. The caller ends the answer. */
struct fetch_response s3_bucket_ask(const char *url, const char *type, struct text body);

/* What lies there, by a presigned URL. */
struct fetch_response s3_bucket_get(const struct s3_bucket *bucket, const char *key);
