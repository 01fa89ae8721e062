#pragma once
/* What the database knows of the work under way, as metrics: gauges of what is there, counters of what was found. One
   statement, each of whose parts reads what is open, never what is over: a million finished generations cost nothing.
 */
#include "base/buf.h"
#include "db/query.h"
#include "db/rows.h"
#include "ops/metrics_counts.h"

/* job_kinds: those that the program knows, a text[] literal, borrowed; jobs of others count as kind "unknown". */
struct query metrics_work(const char *job_kinds, const struct metrics_names *names); /* borrowed */
void metrics_work_write(const PGresult *rows, struct buf *out);
