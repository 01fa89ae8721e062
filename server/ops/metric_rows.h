#pragma once
/* Metrics that come out of the database as rows: (name, labels or '', value), all text, labels without braces and
   already escaped. A histogram's rows are named family_bucket, family_sum, family_count. */
#include <stddef.h>

#include "base/buf.h"
#include "db/rows.h"

struct metric_family {
    const char *name, *type, *help;
};

/* HELP, TYPE and samples of each family in turn, in the rows' order; rows of no family are left out. */
void metric_rows_write(const PGresult *rows, const struct metric_family *families, size_t count, struct buf *out);
/* For what a process counts itself. */
void metric_rows_head(struct buf *out, const char *name, const char *type, const char *help);
