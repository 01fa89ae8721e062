#pragma once
/* Objects in an S3-compatible store. Written whole and checked by the server against their SHA-256; files above 64 MiB
 * in parts of 16 MiB, which are thrown away when they cannot all be sent. Calls last up to a minute, longer for large
 * objects. The store may be used by several threads.
 *
 * Listings have objects alone. What a killed writer leaves there are unfinished uploads, which no key names: a rule
 * that store_s3_make_bucket gives the bucket ends them after a day (MinIO does so by itself). */
#include "storage/s3_client.h"
#include "storage/store.h"

/* Nothing is asked of the server yet. NULL: *reterr (s3_endpoint). */
struct store *store_s3_open(const struct s3_config *config, struct err *reterr);

/* What a bucket got: settings that its server does not know are left out. */
struct s3_bucket_report {
    bool made;      /* it was not there before */
    bool cors;      /* pages of that origin may GET, HEAD and PUT by presigned URLs */
    bool lifecycle; /* unfinished uploads end by themselves */
};

/* Makes sure that the bucket is there, for pages of origin ("https://a.example"; NULL: of none), and says what it has
   got. Rules of its own that it has for lifecycle stay. store is one of store_s3_open. False: storage_failed. */
bool store_s3_make_bucket(struct store *store, struct text bucket, const char *origin, struct s3_bucket_report *ret,
                          struct err *reterr);
