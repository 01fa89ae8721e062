#pragma once
/* What a place for objects must be able to do, inside storage/ only. Names were checked before; the contracts are
   those of store.h. A driver's own state begins with its struct store. */
#include "storage/store.h"

enum { STORE_PATH_ROOM = STORE_BUCKET_MAX + 1 + STORE_KEY_MAX + 1 };

struct store_driver {
    void (*close)(struct store *store);
    bool (*put)(struct store *store, const char *path, struct text bytes, struct err *reterr);
    bool (*put_file)(struct store *store, const char *path, int fd, int64_t bytes, struct err *reterr);
    bool (*get)(struct store *store, const char *path, struct buf *ret, struct err *reterr);
    bool (*remove)(struct store *store, const char *path, struct err *reterr);
    bool (*size)(struct store *store, const char *path, int64_t *ret, struct err *reterr);
    bool (*list)(struct store *store, const char *bucket, const char *after, int limit, store_list_fn fn, void *owner,
                 struct err *reterr);
};

struct store {
    const struct store_driver *driver; /* path is "bucket/key" */
};

struct store *store_disk_open(const char *dir, struct err *reterr);
/* A bucket is the folder of that name in root. */
bool store_disk_list(int root, const char *bucket, const char *after, int limit, store_list_fn fn, void *owner,
                     struct err *reterr);
/* Has the last segment the name that a writer gives to its unfinished file? */
bool store_is_leftover(struct text key);
