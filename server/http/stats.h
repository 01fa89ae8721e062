#pragma once
/* Counts and times of answered requests, by route; written by all threads, read by /metrics. */
#include <stdatomic.h>
#include <stdint.h>

#include "base/buf.h"

struct route;

enum { STATS_MAX_ROUTES = 128, STATS_BUCKETS = 10 };

struct http_stats;

struct http_stats *stats_open(const struct route *routes); /* routes live longer */
void stats_close(struct http_stats *stats);
/* A route that is not in the table (404, 405) counts under "unmatched". */
void stats_count(struct http_stats *stats, const struct route *route, int status, int64_t took_us);
/* Prometheus text: http_requests_total and the histogram http_request_duration_seconds. */
void stats_write(const struct http_stats *stats, struct buf *out);
