#pragma once
#include "base/buf.h"
#include "base/err.h"

/* The whole of a regular file "folder/name" (or just name when folder is NULL), up to the buffer's limit. */
bool file_read(const char *folder, const char *name, struct buf *ret, struct err *reterr);
