#pragma once
/* Where an S3-compatible store is, and where in it an object lies: in the path (http://host/bucket/key) or in the name
   of the host (http://bucket.host/key). */
#include <stdbool.h>

#include "base/err.h"
#include "base/text.h"
#include "storage/store.h"

enum { S3_HOST_ROOM = 320, S3_PATH_ROOM = 1 + STORE_BUCKET_MAX + 1 + 1024 + 1 };

struct s3_endpoint {
    char scheme[8];          /* "http" or "https" */
    char host[S3_HOST_ROOM]; /* with the port unless it is the scheme's own: what the Host header says */
    bool path_style;
};

/* url: scheme, host and port alone. False: s3_endpoint (ERR_INVALID). */
bool s3_endpoint_read(const char *url, bool path_style, struct s3_endpoint *ret, struct err *reterr);

struct s3_place {
    char host[S3_HOST_ROOM + STORE_BUCKET_MAX + 1];
    char path[S3_PATH_ROOM]; /* not encoded */
};

/* key "": the bucket itself. False: the key has more than 1024 bytes, which no store takes. */
bool s3_endpoint_place(const struct s3_endpoint *endpoint, struct text bucket, struct text key, struct s3_place *ret);
