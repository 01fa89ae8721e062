#pragma once
/* Rows as bytes, to be kept outside, and rows again from such bytes, which may be anything by then.
 *
 * Two numbers of 4 bytes, columns and rows, then every value, row by row: its length plus one in 4 bytes, 0 for NULL,
 * and its text. Numbers have the lowest byte first. Columns have no names: rows are read by their order (rows.h). */
#include <libpq-fe.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/text.h"

enum { ROWS_PACK_MAX_COLUMNS = 64, ROWS_PACK_MAX_ROWS = 1000 };

/* Adds them to what is there. False: too many, or over the limit of the buffer; to is then as it was. */
bool rows_pack(const PGresult *rows, struct buf *to);

/* Takes them from the beginning of *rest. The result is the caller's (rows_free). NULL: these are none; *rest is then
   anywhere. */
PGresult *rows_unpack(struct text *rest);
