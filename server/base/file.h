#pragma once
#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"

/* The whole of a regular file "folder/name" (or just name when folder is NULL), up to the buffer's limit. */
bool file_read(const char *folder, const char *name, struct buf *ret, struct err *reterr);

/* False, and *reterr says what errno does: ERR_BUSY file_full (no space), else ERR_INTERNAL file_failed. */
bool file_failed(const char *what, struct err *reterr);

/* A new file without a name, for the owner only: gone when it is closed, whatever happens. The folder must be there.
   -1: *reterr, as file_failed says it. The caller closes it. */
int file_unnamed(const char *folder, struct err *reterr);

/* All of it, from where the file stands, or from that offset, which leaves that as it is. False: errno says why, and
   some of it may have been written. */
bool file_write(int fd, struct text bytes);
bool file_write_at(int fd, struct text bytes, int64_t at);
