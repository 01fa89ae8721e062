#pragma once
/* What the files of this driver share. */
#include "storage/s3_client.h"
#include "storage/store_driver.h"

struct store_s3 {
    struct store store; /* first: drivers are reached by it */
    struct s3_client *client;
};

static inline struct s3_client *s3_client_of(struct store *store) { return ((struct store_s3 *)store)->client; }

/* A PUT of the object at path ("bucket/key"), its type by its name. */
struct s3_call store_s3_put_call(const char *path);
/* s3_failed for who writes: nothing that is missing (the bucket, the upload) is the object. */
bool store_s3_cannot_write(const struct s3_answer *answer, const char *doing, const char *path, struct err *reterr);
/* One request and the judgement of its answer: true when it was done. */
bool store_s3_do(struct store *store, const struct s3_call *call, const char *doing, const char *path,
                 struct err *reterr);

bool store_s3_put_file(struct store *store, const char *path, int fd, int64_t bytes, struct err *reterr);
bool store_s3_size(struct store *store, const char *path, int64_t *ret, struct err *reterr);
bool store_s3_list(struct store *store, const char *bucket, const char *after, int limit, store_list_fn fn, void *owner,
                   struct err *reterr);
