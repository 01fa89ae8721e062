#pragma once
/* Results that wait: what was fetched and the store did not take is kept on this machine's own disk, one file for each
   picture, until it does; the provider keeps its copies for minutes. A folder may be shared by the processes of a
   machine; a struct spool by threads.
   Errors: spool_full (ERR_BUSY: no room within max_bytes), spool_missing (ERR_NOT_FOUND), spool_corrupt (ERR_UPSTREAM:
   the file is not what was written; it is thrown away), spool_failed (ERR_INTERNAL), and those of store.h. */
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"
#include "base/uuid.h"

struct spool;

/* dir's parent must be there. max_bytes 0: nothing more is taken, what is there is still found. NULL: *reterr. */
struct spool *spool_open(const char *dir, int64_t max_bytes, struct err *reterr);
void spool_close(struct spool *spool); /* NULL is fine */

/* The folder's own, made once and kept in dir/.name: what a row says of where a result waits. */
const char *spool_name(const struct spool *spool);

/* True once the bytes would survive a power failure. Several processes together may exceed max_bytes by what they put
   within ten seconds. */
bool spool_put(struct spool *spool, struct uuid id, struct text bytes, struct err *reterr);
/* Appends to *ret, up to its limit. What comes is what was put, by its SHA-256. */
bool spool_get(struct spool *spool, struct uuid id, struct buf *ret, struct err *reterr);
void spool_remove(struct spool *spool, struct uuid id);

/* Calls take for every file that is at least min_age_s old; it may remove it. What a killed process had not written to
   its end is thrown away on the way. */
void spool_each(struct spool *spool, int64_t min_age_s, void (*take)(void *owner, struct uuid id), void *owner);
/* True at the first call, and then once in every_s: for one thread, whichever asks. */
bool spool_due(struct spool *spool, int64_t every_s);
