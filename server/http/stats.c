#include "http/stats.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "http/call.h"

enum { CLASSES = 5 };

/* Upper bounds, in µs; the last bucket has none. */
static const int64_t BOUNDS_US[STATS_BUCKETS - 1] = {100, 250, 1000, 5000, 25000, 100000, 500000, 1000000, 5000000};

struct route_stats {
    atomic_uint_fast64_t by_class[CLASSES]; /* 1xx and odd ones count as 5xx */
    atomic_uint_fast64_t buckets[STATS_BUCKETS];
    atomic_uint_fast64_t sum_us;
};

struct http_stats {
    const struct route *routes;
    int count;
    struct route_stats by_route[STATS_MAX_ROUTES + 1]; /* the last: unmatched */
};

struct http_stats *stats_open(const struct route *routes)
{
    struct http_stats *stats = calloc(1, sizeof *stats);

    if (!stats)
        abort();
    stats->routes = routes;
    while (routes[stats->count].method)
        stats->count++;
    assert(stats->count <= STATS_MAX_ROUTES);
    return stats;
}

void stats_close(struct http_stats *stats) { free(stats); }

static void add(atomic_uint_fast64_t *counter, uint64_t by)
{
    atomic_fetch_add_explicit(counter, by, memory_order_relaxed);
}

void stats_count(struct http_stats *stats, const struct route *route, int status, int64_t took_us)
{
    bool known = route >= stats->routes && route < stats->routes + stats->count;
    struct route_stats *r = &stats->by_route[known ? route - stats->routes : STATS_MAX_ROUTES];
    int class = status / 100 - 1, bucket = 0;

    while (bucket < STATS_BUCKETS - 1 && took_us > BOUNDS_US[bucket])
        bucket++;
    add(&r->by_class[class >= 0 && class < CLASSES ? class : CLASSES - 1], 1);
    add(&r->buckets[bucket], 1);
    add(&r->sum_us, (uint64_t)took_us);
}

static void write_counts(const struct route_stats *r, const char *method, const char *path, struct buf *out)
{
    for (int i = 0; i < CLASSES; i++)
        if (r->by_class[i])
            (void)buf_add_format(out, "http_requests_total{method=\"%s\",route=\"%s\",status=\"%dxx\"} %" PRIu64 "\n",
                                 method, path, i + 1, (uint64_t)r->by_class[i]);
}

static void write_histogram(const struct route_stats *r, const char *method, const char *path, struct buf *out)
{
    uint64_t total = 0;

    for (int i = 0; i < STATS_BUCKETS; i++) {
        char bound[32] = "+Inf";
        total += r->buckets[i];
        if (i < STATS_BUCKETS - 1)
            (void)snprintf(bound, sizeof bound, "%g", (double)BOUNDS_US[i] / 1e6);
        (void)buf_add_format(out,
                             "http_request_duration_seconds_bucket{method=\"%s\",route=\"%s\",le=\"%s\"} %" PRIu64 "\n",
                             method, path, bound, total);
    }
    (void)buf_add_format(out, "http_request_duration_seconds_sum{method=\"%s\",route=\"%s\"} %.6f\n", method, path,
                         (double)r->sum_us / 1e6);
    (void)buf_add_format(out, "http_request_duration_seconds_count{method=\"%s\",route=\"%s\"} %" PRIu64 "\n", method,
                         path, total);
}

static bool used(const struct route_stats *r)
{
    for (int i = 0; i < STATS_BUCKETS; i++)
        if (r->buckets[i])
            return true;
    return false;
}

typedef void (*write_fn)(const struct route_stats *, const char *method, const char *path, struct buf *);

static void write_all(const struct http_stats *stats, write_fn write, struct buf *out)
{
    for (int i = 0; i < stats->count; i++)
        if (used(&stats->by_route[i]))
            write(&stats->by_route[i], stats->routes[i].method, stats->routes[i].path, out);
    if (used(&stats->by_route[STATS_MAX_ROUTES]))
        write(&stats->by_route[STATS_MAX_ROUTES], "", "unmatched", out);
}

void stats_write(const struct http_stats *stats, struct buf *out)
{
    (void)buf_add_text(out, "# HELP http_requests_total Answered requests.\n# TYPE http_requests_total counter\n");
    write_all(stats, write_counts, out);
    (void)buf_add_text(out, "# HELP http_request_duration_seconds From the first step to the end of the answer.\n"
                            "# TYPE http_request_duration_seconds histogram\n");
    write_all(stats, write_histogram, out);
}
