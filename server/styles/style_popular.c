#include "styles/style_popular.h"

#include <stdlib.h>

/* From 30 days ago to the moment, along the index of generations by style. */
struct query style_popular_uses(const struct styles *styles)
{
    struct query q = query_read("SELECT template_id, count(*) FROM generations WHERE template_id = ANY ($1::text[])"
                                " AND created_at >= now() - interval '30 days' GROUP BY template_id");

    query_add_text(&q, styles_ids(styles));
    return q;
}

struct style_uses style_uses_from_rows(const struct styles *styles, const PGresult *rows)
{
    struct style_uses uses = {{0}};

    for (int i = 0; i < rows_count(rows); i++) {
        struct row row = rows_at(rows, i);
        const struct style *style = styles_find(styles, row_text(&row));
        if (style)
            uses.of[style->index] = row_int64(&row);
    }
    return uses;
}

struct ranked {
    const struct style *style;
    int64_t uses;
    int turn; /* the how-manieth of its group */
};

static int compare(const void *left, const void *right)
{
    const struct ranked *a = left, *b = right;

    if (a->uses != b->uses)
        return a->uses > b->uses ? -1 : 1;
    return a->turn != b->turn ? a->turn - b->turn : a->style->index - b->style->index;
}

int style_popular_order(const struct styles *styles, const struct style_uses *uses, const struct style *ret[STYLES_MAX])
{
    struct ranked all[STYLES_MAX];
    int count = styles_count(styles);

    for (int i = 0; i < count; i++) {
        const struct style *style = styles_at(styles, i);
        all[i] = (struct ranked){style, uses->of[i], 0};
        for (int j = 0; j < i; j++)
            all[i].turn += all[j].style->group == style->group;
    }
    qsort(all, (size_t)count, sizeof all[0], compare);
    for (int i = 0; i < count; i++)
        ret[i] = all[i].style;
    return count;
}
