#pragma once
/* What has become of generations, as metrics: counted in the database by trigger (0018_counts.sql), so they are exact,
   the same in every process, and survive them all. One statement over the counts alone; it costs the same however many
   generations there are. */
#include "base/buf.h"
#include "db/query.h"
#include "db/rows.h"

struct catalog;

enum { METRICS_NAMES_ROOM = 2048 };

/* Names that labels may have; whatever else old rows say is "other". text[] literals of the catalogue. */
struct metrics_names {
    char presets[METRICS_NAMES_ROOM], endpoints[METRICS_NAMES_ROOM];
};

void metrics_names_of(const struct catalog *catalog, struct metrics_names *ret);
struct query metrics_counts(const struct metrics_names *names); /* borrowed */
void metrics_counts_write(const PGresult *rows, struct buf *out);
