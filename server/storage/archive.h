#pragma once
/* A ZIP archive of many files, one at a time in memory: stored, not deflated, with one fixed time, so that the same
   files make the same archive. Plain local headers: every reader takes it. */
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum { ARCHIVE_NAME_ROOM = 40 };

struct archive_file {
    char name[ARCHIVE_NAME_ROOM]; /* ASCII */
    int64_t bytes;                /* exactly */
};

/* Appends the file's bytes to *ret; false ends the archive with *reterr. */
typedef bool (*archive_load_fn)(void *owner, int index, struct buf *ret, struct err *reterr);

/* Writes it into the empty file fd. False: *reterr by load, or ERR_INTERNAL archive_failed, or ERR_BUSY archive_full.
 */
bool archive_write(int fd, const struct archive_file *files, int count, archive_load_fn load, void *owner,
                   int64_t *ret_bytes, struct err *reterr);
