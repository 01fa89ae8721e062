#include "ops/metrics_counts.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "catalog/catalog.h"
#include "ops/metric_rows.h"

static void list(char to[METRICS_NAMES_ROOM], const char *name)
{
    size_t len = strlen(to);
    int written;

    assert(!strpbrk(name, "\"\\{},") && "names of the catalogue need no quoting");
    if (len) /* in place of the brace */
        len--;
    written = snprintf(to + len, METRICS_NAMES_ROOM - len, "%c%s}", len ? ',' : '{', name);
    assert(written > 0 && (size_t)written < METRICS_NAMES_ROOM - len && "the catalogue's names fit");
}

void metrics_names_of(const struct catalog *catalog, struct metrics_names *ret)
{
    const struct preset *preset;
    const struct endpoint *endpoint;

    ret->presets[0] = ret->endpoints[0] = '\0';
    for (int i = 0; (preset = catalog_preset_at(catalog, i)); i++)
        list(ret->presets, preset->name);
    for (int i = 0; (endpoint = catalog_endpoint_at(catalog, i)); i++)
        list(ret->endpoints, endpoint->id);
}

#define KNOWN(column, list) "CASE WHEN " column " = ANY(" list "::text[]) THEN " column " ELSE 'other' END"
#define COUNTS                                                                                                         \
    "c AS MATERIALIZED (SELECT avatar_type, " KNOWN("preset", "$1") " AS preset, " KNOWN(                              \
        "endpoint",                                                                                                    \
        "$2") " AS endpoint,"                                                                                          \
              " outcome, CASE WHEN error ~ '^[a-z0-9_]{0,40}$' THEN error ELSE 'other' END AS error, sum(count) AS "   \
              "count,"                                                                                                 \
              " sum(images) AS images, sum(quarantined) AS quarantined, sum(credits) AS credits, sum(took) AS took,"   \
              " buckets_sum(took_in) AS took_in, sum(waited) AS waited, buckets_sum(waited_in) AS waited_in,"          \
              " sum(letters) AS letters, buckets_sum(letters_in) AS letters_in FROM generation_counts"                 \
              " GROUP BY 1, 2, 3, 4, 5)"

#define WHERE_FROM "format('avatar_type=\"%s\",preset=\"%s\",endpoint=\"%s\"', avatar_type, preset, endpoint)"

/* name, labels, bounds, how many in each bucket, the sum of the values */
#define HISTOGRAMS                                                                                                     \
    "h AS (SELECT 'aisha_generation_duration_seconds' AS name, " WHERE_FROM                                            \
    " || format(',outcome=\"%s\"', outcome) AS labels, seconds_bounds() AS bounds, buckets_sum(took_in) AS buckets,"   \
    " sum(took) AS sum FROM c WHERE outcome IN ('completed', 'failed') GROUP BY labels"                                \
    " UNION ALL SELECT 'aisha_generation_wait_seconds', format('endpoint=\"%s\"', endpoint), seconds_bounds(),"        \
    " buckets_sum(waited_in), sum(waited) FROM c WHERE outcome <> 'late' GROUP BY endpoint"                            \
    " UNION ALL SELECT 'aisha_generation_prompt_letters', format('avatar_type=\"%s\"', avatar_type),"                  \
    " letters_bounds(), buckets_sum(letters_in), sum(letters) FROM c WHERE outcome <> 'late' GROUP BY avatar_type)"

#define BUCKETS                                                                                                        \
    "SELECT h.name || '_bucket', h.labels || format(',le=\"%s\"', CASE WHEN b.n > cardinality(h.bounds) THEN '+Inf'"   \
    " ELSE h.bounds[b.n]::text END), sum(b.count) OVER (PARTITION BY h.name, h.labels ORDER BY b.n)"                   \
    " FROM h, unnest(h.buckets) WITH ORDINALITY AS b (count, n)"                                                       \
    " UNION ALL SELECT name || '_sum', labels, round(sum::numeric, 3) FROM h"                                          \
    " UNION ALL SELECT name || '_count', labels, (SELECT sum(n) FROM unnest(buckets) n) FROM h"

#define COUNTERS                                                                                                       \
    "SELECT 'aisha_generations_total', " WHERE_FROM " || format(',outcome=\"%s\"', outcome), sum(count) FROM c"        \
    " GROUP BY 2 UNION ALL SELECT 'aisha_generation_errors_total', " WHERE_FROM " || format(',error=\"%s\"', error),"  \
    " sum(count) FROM c WHERE outcome = 'failed' GROUP BY 2"                                                           \
    " UNION ALL SELECT 'aisha_generation_images_total', " WHERE_FROM " || ',quarantined=\"false\"',"                   \
    " sum(images - quarantined) FROM c WHERE images > 0 GROUP BY 2"                                                    \
    " UNION ALL SELECT 'aisha_generation_images_total', " WHERE_FROM " || ',quarantined=\"true\"',"                    \
    " sum(quarantined) FROM c WHERE images > 0 GROUP BY 2"                                                             \
    " UNION ALL SELECT 'aisha_generation_credits_total', " WHERE_FROM ", sum(credits) FROM c WHERE credits > 0"        \
    " GROUP BY 2"

struct query metrics_counts(const struct metrics_names *names)
{
    struct query q = query_read("WITH " COUNTS ", " HISTOGRAMS " " COUNTERS " UNION ALL " BUCKETS);

    query_add_text(&q, names->presets);
    query_add_text(&q, names->endpoints);
    return q;
}

static const struct metric_family FAMILIES[] = {
    {"aisha_generations_total", "counter",
     "Generations that have ended; late: pictures that came after it had been counted as failed."},
    {"aisha_generation_errors_total", "counter", "Those that failed, by error code."},
    {"aisha_generation_images_total", "counter", "Pictures that were stored; quarantined: shown to nobody unblurred."},
    {"aisha_generation_credits_total", "counter", "Credits that were charged for them."},
    {"aisha_generation_duration_seconds", "histogram", "From the provider's beginning to the end."},
    {"aisha_generation_wait_seconds", "histogram", "From the wish to the provider's beginning."},
    {"aisha_generation_prompt_letters", "histogram", "Length of prompts in characters."},
};

void metrics_counts_write(const PGresult *rows, struct buf *out)
{
    metric_rows_write(rows, FAMILIES, sizeof FAMILIES / sizeof *FAMILIES, out);
}
