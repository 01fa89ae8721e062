#include "styles/style_results.h"

#include <assert.h>
#include <math.h>

struct query style_results_of(const char *ids, int64_t days)
{
    struct query q = query_read(
        "WITH made AS MATERIALIZED (SELECT id, user_id, template_id, template_variant, status, error_code"
        " FROM generations WHERE template_id = ANY ($1::text[]) AND created_at >= now() - make_interval(days => $2)),"
        " seen AS (SELECT m.template_id, m.template_variant, count(*) AS images,"
        " count(*) FILTER (WHERE i.is_favorite) AS favorited, count(*) FILTER (WHERE i.deleted_at IS NOT NULL) AS "
        "deleted"
        " FROM made m JOIN images i ON i.generation_id = m.id GROUP BY 1, 2)"
        " SELECT m.template_id, m.template_variant, count(*), count(*) FILTER (WHERE m.status = 'completed'),"
        " count(*) FILTER (WHERE m.status = 'failed' AND m.error_code NOT IN ('moderation_blocked', 'nsfw_result')),"
        " count(*) FILTER (WHERE m.status = 'failed' AND m.error_code IN ('moderation_blocked', 'nsfw_result')),"
        " count(*) FILTER (WHERE m.status = 'cancelled'), count(DISTINCT m.user_id),"
        " coalesce(max(s.images), 0), coalesce(max(s.favorited), 0), coalesce(max(s.deleted), 0)"
        " FROM made m LEFT JOIN seen s ON s.template_id = m.template_id"
        " AND s.template_variant IS NOT DISTINCT FROM m.template_variant"
        " GROUP BY m.template_id, m.template_variant ORDER BY m.template_id, m.template_variant");

    query_add_text(&q, ids);
    query_add_int64(&q, days);
    return q;
}

struct style_result style_result_from_row(struct row row)
{
    struct style_result r;

    r.template_id = row_text(&row);
    r.variant = row_text_or_null(&row);
    r.started = row_int64(&row);
    r.completed = row_int64(&row);
    r.failed = row_int64(&row);
    r.blocked = row_int64(&row);
    r.cancelled = row_int64(&row);
    r.users = row_int64(&row);
    r.images = row_int64(&row);
    r.favorited = row_int64(&row);
    r.deleted = row_int64(&row);
    return r;
}

struct style_rate style_rate_of(int64_t hits, int64_t of)
{
    static const double Z = 1.959963984540054; /* the 97.5th hundredth of the normal distribution */
    double n = (double)of, p, centre, half, scale;

    assert(hits >= 0 && hits <= of);
    if (of == 0)
        return (struct style_rate){0, 0, 1};
    p = (double)hits / n;
    scale = 1 + Z * Z / n;
    centre = (p + Z * Z / (2 * n)) / scale;
    half = Z * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n)) / scale;
    return (struct style_rate){p, fmax(0, centre - half), fmin(1, centre + half)};
}
