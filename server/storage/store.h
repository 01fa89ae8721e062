#pragma once
/* The object store: named bytes in buckets, written whole and read whole. A struct store may be used by several
   threads and several processes may share one place; whoever writes last wins, readers see one version or the other.
   Calls block: they belong to workers, or to files small enough.
   Errors: storage_key (ERR_INVALID, nothing was touched), storage_missing (ERR_NOT_FOUND), storage_full (ERR_BUSY: no
   free space), storage_too_large (ERR_TOO_LARGE: more than the reader's limit), storage_failed (ERR_INTERNAL). */
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"

enum { STORE_BUCKET_MAX = 63, STORE_KEY_MAX = 200 };

struct store;

/* 1 to STORE_BUCKET_MAX of a-z, 0-9 and '-', no '-' at the ends: what every S3 takes too. */
bool store_bucket_ok(struct text bucket);
/* 1 to STORE_KEY_MAX of A-Z, a-z, 0-9, '.', '_', '-' in segments between '/'; no segment is empty, "." or "..". */
bool store_key_ok(struct text key);

/* On local disk, objects are files dir/bucket/key; dir and folders are made as needed, for the owner only. There an
   object may not lie under another one's name ("a" and "a/b"). A process killed while it writes leaves a file whose
   name begins with '~', which no key can name. NULL: *reterr says why. */
struct store *store_open(const char *dir, struct err *reterr);
void store_close(struct store *store); /* NULL is fine */

/* True once the bytes would survive a power failure. Replaces what was there. */
bool store_put(struct store *store, struct text bucket, struct text key, struct text bytes, struct err *reterr);
/* The same, with the bytes [0, bytes) of a file. */
bool store_put_file(struct store *store, struct text bucket, struct text key, int fd, int64_t bytes,
                    struct err *reterr);
/* Appends to *ret, whose limit is the most that is read. On failure *ret is as before. */
bool store_get(struct store *store, struct text bucket, struct text key, struct buf *ret, struct err *reterr);
/* True when the object is gone, whether it was there or not. */
bool store_delete(struct store *store, struct text bucket, struct text key, struct err *reterr);
/* Bytes of the object; storage_missing when there is none. */
bool store_size(struct store *store, struct text bucket, struct text key, int64_t *ret, struct err *reterr);
/* False with *ret untouched only when it could not be found out. */
bool store_exists(struct store *store, struct text bucket, struct text key, bool *ret, struct err *reterr);

/* An object that is there, or what a killed writer left: its key then names no object, and only store_discard takes it.
 */
struct store_entry {
    struct text key;          /* borrowed during the call */
    int64_t bytes, written_s; /* since 1970, by the clock of the place */
    bool leftover;
};

typedef void (*store_list_fn)(void *owner, const struct store_entry *entry);
/* Up to limit (> 0) entries of a bucket whose keys come behind after ("" for all; any text), in the order of the keys'
   bytes. Fewer than limit are the last ones. fn may not use the store. A bucket that is not there has none. */
bool store_list(struct store *store, struct text bucket, const char *after, int limit, store_list_fn fn, void *owner,
                struct err *reterr);
/* Deletes a leftover by its key; whatever does not have the name of one is refused: storage_key. */
bool store_discard(struct store *store, struct text bucket, struct text key, struct err *reterr);
